"""A whole stack is hurt while somebody buys: webhooks twice, late, early, never; worker, broker and database down."""

import time

import pytest
import requests

from common.models import OutboxMessage
from identity.models import AccountMail
from orders.models import Order
from payments.models import Capture, Payment
from payouts.models import Payable
from tests.faults.live import Shopper, until
from tests.orders.books import charged_once, everything_agrees
from tests.orders.wire import Wire
from tests.support.live import LiveStack

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def _paid(order: Order) -> bool:
    order.refresh_from_db()
    return order.status == "paid"


def _sold_once(order: Order, wire: Wire) -> None:
    until(lambda: _paid(order), what="the sale")
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
    until(lambda: order.public_id in live_stack.mails() or "paid" in live_stack.mails(), what="the receipt")


def test_a_database_that_restarts(live_stack: LiveStack, shopper: Shopper, wire: Wire) -> None:
    order, secret = shopper.order()
    live_stack.restart("postgres")
    wire.pay(secret)
    until(lambda: _paid_despite_a_lost_connection(order), what="the sale")
    _sold_once(order, wire)
    assert shopper.settle(order).status_code == 200


def test_a_mail_server_that_is_down_delays_a_letter_and_nothing_else(live_stack: LiveStack) -> None:
    email = f"grace-{time.time_ns()}@example.org"
    live_stack.kill("sandbox")  # which is the mail server here
    visitor = requests.Session()
    visitor.get(f"{live_stack.url}/accounts/signup/", timeout=30)
    answer = visitor.post(
        f"{live_stack.url}/accounts/signup/",
        data={
            "full_name": "Grace",
            "email": email,
            "password1": "a-long-enough-word",
            "csrfmiddlewaretoken": visitor.cookies["csrftoken"],
        },
        headers={"Referer": f"{live_stack.url}/accounts/signup/"},
        timeout=30,
    )
    assert "Look into your mail" in answer.text
    until(lambda: AccountMail.objects.filter(email=email).exists(), what="the letter's row")
    until(lambda: OutboxMessage.objects.filter(status="waiting", attempts__gte=1).exists(), what="a first try in vain")
    live_stack.start_part("sandbox")
    until(lambda: email in live_stack.mails(), what="the letter")
    until(lambda: not AccountMail.objects.filter(email=email).exists(), what="its end")


def _paid_despite_a_lost_connection(order: Order) -> bool:
    from django.db import InterfaceError, OperationalError, connection

    try:
        return _paid(order)
    except (OperationalError, InterfaceError):
        connection.close()
        return False
