"""A whole stack is hurt while somebody buys: webhooks twice, late, early, never; worker, broker and database down."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from catalog.models import Product
from orders.models import Order
from payments.models import Capture, Payment
from payouts.models import Payable
from tests.orders.books import charged_once, everything_agrees
from tests.orders.shop import ADDRESS
from tests.orders.wire import Wire
from tests.support.live import LiveStack

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PATIENCE_SECONDS = 60


class Shopper:
    """A guest's browser that speaks to the shop over HTTP."""

    def __init__(self, live: LiveStack, wire: Wire) -> None:
        self.live, self.wire = live, wire
        self.http = requests.Session()
        self.http.get(f"{live.url}/checkout/", timeout=30)
        self.key = 0

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        self.key += 1
        headers = {
            "X-CSRFToken": self.http.cookies.get("csrftoken", ""),
            "Referer": self.live.url + "/checkout/",
            "Idempotency-Key": f"key-{id(self)}-{self.key}",
        }
        return self.http.request(method, f"{self.live.url}/api/v1{path}", json=body, headers=headers, timeout=40)

    def order(self) -> tuple[Order, str]:
        """A confirmed checkout of goods of three artisans, and the secret to pay it with."""
        goods = Product.objects.filter(currency="EUR", is_published=True, stock_on_hand__gt=5).order_by(
            "artisan_id", "id"
        )
        for product in goods.distinct("artisan_id")[:3]:
            answer = self.call("POST", "/cart/items", {"product_id": product.public_id, "quantity": 1})
            assert answer.status_code == 200, answer.text
            cart = answer.json()
        made = self.call(
            "POST",
            "/checkouts",
            {"email": "ada@example.org", "cart_hash": cart["hash"], "shipping_address": ADDRESS},
        )
        assert made.status_code == 201, made.text
        confirmed = self.call(
            "POST", f"/checkouts/{made.json()['id']}/confirm", {"quote_hash": made.json()["quote"]["hash"]}
        )
        assert confirmed.status_code == 200, confirmed.text
        order = Order.objects.get(public_id=made.json()["id"])
        return order, confirmed.json()["payment"]["client_secret"]

    def settle(self, order: Order) -> requests.Response:
        return self.call("POST", f"/checkouts/{order.public_id}/settle", {})


@pytest.fixture
def wire(live_stack: LiveStack) -> Wire:
    return Wire(live_stack.sandbox.url)


@pytest.fixture
def shopper(live_stack: LiveStack, wire: Wire) -> Shopper:
    return Shopper(live_stack, wire)


def _until(condition: Callable[[], bool], *, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE_SECONDS} s"
        time.sleep(0.2)


def _paid(order: Order) -> bool:
    order.refresh_from_db()
    return order.status == "paid"


def _sold_once(order: Order, wire: Wire) -> None:
    _until(lambda: _paid(order), what="the sale")
    charged_once(wire, order)
    assert Capture.objects.filter(payment__order_reference=order.public_id).count() == 1
    assert Payable.objects.filter(order_reference=order.public_id).count() == order.seller_orders.count()
    everything_agrees(wire)


def test_a_webhook_alone_and_three_times(shopper: Shopper, wire: Wire) -> None:
    wire.webhooks("deliver", duplicate=2)
    order, secret = shopper.order()
    wire.pay(secret)
    _sold_once(order, wire)


def test_webhooks_that_come_late_and_in_the_wrong_order(shopper: Shopper, wire: Wire) -> None:
    wire.webhooks("hold")
    order, secret = shopper.order()
    wire.pay(secret, "4000000000000002")
    wire.pay(secret)
    assert shopper.settle(order).json()["status"] == "paid"
    assert wire.release(order="reverse") >= 3
    wire.idle()
    _sold_once(order, wire)


def test_a_webhook_that_comes_before_the_answer_to_the_request(shopper: Shopper, wire: Wire) -> None:
    """The answer to creating the payment is slow, and its first event is there before it."""
    wire.fault("slow", "^/v1/payment_intents$", seconds=1.5)
    order, secret = shopper.order()
    wire.pay(secret)
    _sold_once(order, wire)


def test_a_webhook_that_never_comes(shopper: Shopper, wire: Wire) -> None:
    wire.webhooks("drop")
    order, secret = shopper.order()
    wire.pay(secret)
    # The sweeper asks a minute after the offer; the test does not wait for the minute.
    Payment.objects.filter(order_reference=order.public_id).update(next_look_up_at=order.created_at)
    _sold_once(order, wire)
    assert Payment.objects.get(order_reference=order.public_id).events.filter(source="sweeper").exists()


def test_a_worker_that_is_killed_comes_back_to_its_work(live_stack: LiveStack, shopper: Shopper, wire: Wire) -> None:
    order, secret = shopper.order()
    live_stack.kill("worker")
    wire.pay(secret)
    wire.idle()
    order.refresh_from_db()
    assert order.status == "awaiting_payment"
    live_stack.start_part("worker")
    _sold_once(order, wire)


def test_a_broker_that_is_emptied_loses_nothing(live_stack: LiveStack, shopper: Shopper, wire: Wire) -> None:
    order, secret = shopper.order()
    live_stack.stop_part("worker")
    wire.pay(secret)
    wire.idle()
    live_stack.empty_broker()
    live_stack.start_part("worker")
    _sold_once(order, wire)
    _until(lambda: order.public_id in live_stack.mails() or "paid" in live_stack.mails(), what="the receipt")


def test_a_database_that_restarts(live_stack: LiveStack, shopper: Shopper, wire: Wire) -> None:
    order, secret = shopper.order()
    live_stack.restart("postgres")
    wire.pay(secret)
    _until(lambda: _paid_despite_a_lost_connection(order), what="the sale")
    _sold_once(order, wire)
    assert shopper.settle(order).status_code == 200


def _paid_despite_a_lost_connection(order: Order) -> bool:
    from django.db import InterfaceError, OperationalError, connection

    try:
        return _paid(order)
    except (OperationalError, InterfaceError):
        connection.close()
        return False
