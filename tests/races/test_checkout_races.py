"""Buyers, tabs, webhooks and sweepers at the same moment, on real PostgreSQL and over the wire: nothing twice."""

import datetime as dt
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, StockReservation
from catalog.services.stock import OutOfStock
from common import idempotency
from common.clock import now as clock_now
from common.models import IdempotencyKey
from orders.models import Order, OrderEvent
from orders.services import cancel_checkout, expire_orders, settle_open_payments, settle_order, settle_payment
from orders.services.settle import Settled
from payments.contracts import ProcessorUnavailable
from payments.models import Capture, Payment
from payouts.models import Payable
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import ADDRESS, check_out, confirm, fill_cart, new_guest, new_product, three_artisans
from tests.orders.wire import Wire
from tests.races.at_once import at_once, kinds

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker", "no_throttle"),
]


def _paid_at_the_processor(stripe: Wire, product: Product | None = None) -> tuple[Order, Settled]:
    order = check_out([(product, 1)] if product else three_artisans())
    settled = confirm(order)
    assert settled.found is not None
    stripe.pay(settled.found.client_secret)
    return order, settled


def test_twenty_buyers_want_the_last_piece(stripe: Wire) -> None:
    product = new_product(price=4000, stock=1)
    buyers = [new_guest() for _ in range(20)]
    for buyer in buyers:
        fill_cart(buyer, [(product, 1)])

    def buy(buyer: Any) -> Order:
        order = check_out(buyer=buyer)
        found = confirm(order).found
        assert found is not None
        stripe.pay(found.client_secret)
        return settle_order(order_id=order.id, source="browser", now=clock_now()).order

    results = at_once([partial(buy, buyer) for buyer in buyers])
    assert kinds(results) == {"Order": 1, "OutOfStock": 19}
    assert all(error.product_ids == (product.public_id,) for error in results if isinstance(error, OutOfStock))
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (0, 0)
    assert (Order.objects.count(), StockReservation.objects.count(), Capture.objects.count()) == (1, 1, 1)
    charged_once(stripe, Order.objects.get())
    everything_agrees(stripe)


def test_buyers_of_overlapping_baskets_don_t_block_each_other_for_ever() -> None:
    goods = [new_product(stock=10) for _ in range(4)]
    buyers = [new_guest() for _ in range(12)]
    for number, buyer in enumerate(buyers):
        fill_cart(buyer, [(product, 1) for product in (goods if number % 2 else goods[::-1])])
    results = at_once([partial(check_out, buyer=buyer) for buyer in buyers])
    assert kinds(results) == {"Order": 10, "OutOfStock": 2}
    assert set(Product.objects.values_list("stock_reserved", flat=True)) == {10}


def test_the_same_cart_checked_out_in_twenty_tabs_is_one_offer() -> None:
    buyer, product = new_guest(), new_product(stock=50)
    fill_cart(buyer, [(product, 2)])
    results = at_once([partial(check_out, buyer=buyer) for _ in range(20)])
    assert kinds(results) == {"Order": 20}
    assert Order.objects.filter(status="awaiting_payment").count() == 1
    product.refresh_from_db()
    assert product.stock_reserved == 2


def test_the_same_checkout_confirmed_twenty_times_is_one_payment(stripe: Wire) -> None:
    order = check_out(three_artisans())
    results = at_once([partial(confirm, order) for _ in range(20)])
    assert set(kinds(results)) <= {"Settled", "ProcessorUnavailable"}, results
    assert len(stripe.intents(order.public_id)) == 1
    assert Payment.objects.count() == 1
    secrets = {result.found.client_secret for result in results if isinstance(result, Settled) and result.found}
    assert len(secrets) <= 1
    assert not any(isinstance(result, ProcessorUnavailable) and not str(result) for result in results)
    found = confirm(order).found
    assert found is not None
    assert {found.client_secret} >= secrets
    stripe.pay(found.client_secret)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_webhook_return_page_and_sweeper_at_once_are_one_sale(stripe: Wire) -> None:
    order, settled = _paid_at_the_processor(stripe)
    payment = settled.payment
    assert payment is not None
    later = clock_now() + dt.timedelta(minutes=2)

    def webhook() -> Settled:
        return settle_payment(
            processor="stripe",
            processor_payment_id=str(payment.processor_payment_id),
            payment_reference=payment.public_id,
            source="webhook",
            now=clock_now(),
        )

    page = partial(settle_order, order_id=order.id, source="browser", now=clock_now())
    works: list[Callable[[], Any]] = [webhook, page] * 8
    results = at_once([*works, *[partial(settle_open_payments, now=later)] * 2])
    assert set(kinds(results)) == {"Settled", "int"}, results
    assert OrderEvent.objects.filter(event="paid").count() == 1
    assert (Capture.objects.count(), Payable.objects.count()) == (1, 3)
    fee = Capture.objects.get().fee_minor
    assert fee is not None
    assert balances("commission", "stripe_clearing") == {"commission:EUR": -1600, "stripe_clearing:EUR": 17094 - fee}
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_the_same_idempotency_key_twenty_times_is_one_order(stripe: Wire) -> None:
    client = Client()
    product = new_product(stock=50)
    body = {"product_id": product.public_id, "quantity": 2}
    cart = client.post("/api/v1/cart/items", body, content_type="application/json").json()
    cookies = client.cookies

    def post(path: str, document: object, key: str) -> Any:
        tab = Client()
        tab.cookies = cookies
        return tab.post(path, json.dumps(document), content_type="application/json", headers={"Idempotency-Key": key})

    document = {"email": "ada@example.org", "cart_hash": cart["hash"], "shipping_address": ADDRESS}
    answers = at_once([partial(post, "/api/v1/checkouts", document, "the-same-key-for-all")] * 20)
    _one_answer(answers, 201)
    order = Order.objects.get()
    assert Product.objects.get().stock_reserved == 2

    url = f"/api/v1/checkouts/{order.public_id}/confirm"
    answers = at_once([partial(post, url, {"quote_hash": order.quote_hash}, "another-key-for-all")] * 20)
    # The secret in this answer is kept nowhere, so a late one is worked off again, and finds the same payment.
    _one_answer(answers, 200, is_kept=False)
    assert len(stripe.intents(order.public_id)) == 1
    assert IdempotencyKey.objects.count() == 2


def _one_answer(answers: list[Any], status: int, *, is_kept: bool = True) -> None:
    """One and the same answer for all, or "ask again in a moment"."""
    assert {answer.status_code for answer in answers} <= {status, 409}, [answer.content for answer in answers]
    done = [answer for answer in answers if answer.status_code == status]
    assert all(answer.json() == done[0].json() for answer in done)
    fresh = [answer for answer in done if "Idempotent-Replayed" not in answer.headers]
    assert len(fresh) == 1 if is_kept else fresh
    waiting = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert waiting <= {idempotency.RequestInFlight.code}


@pytest.mark.parametrize("attempt", range(3))
def test_expiry_against_settlement_has_one_winner_and_the_money_is_accounted_for(
    stripe: Wire, run_outbox: RunOutbox, attempt: int
) -> None:
    product = new_product(stock=1)
    order, _ = _paid_at_the_processor(stripe, product)
    settle = partial(settle_order, order_id=order.id, source="browser", now=clock_now())
    expire = partial(expire_orders, now=order.expires_at)
    works: list[Callable[[], Any]] = [expire, settle, expire, settle]
    results = at_once(works)
    assert set(kinds(results)) == {"Settled", "int"}, results
    run_outbox()
    settle()
    charged_once(stripe, order)
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (0, 0)
    everything_agrees(stripe)


def test_canceling_against_paying_ends_in_a_sale_or_a_refund_and_in_nothing_between(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    product = new_product(stock=5)
    orders = []
    works: list[Callable[[], Any]] = []
    for _ in range(5):
        order = check_out([(product, 1)])
        found = confirm(order).found
        assert found is not None
        orders.append(order)
        works += [
            partial(cancel_checkout, order_id=order.id, now=clock_now()),
            partial(_pay_and_settle, stripe, order, found.client_secret),
        ]
    at_once(works)
    run_outbox()
    for order in orders:
        settle_order(order_id=order.id, source="sweeper", now=clock_now())
    run_outbox()
    statuses = [Order.objects.get(id=order.id).status for order in orders]
    assert set(statuses) <= {"paid", "refunded", "canceled"}, statuses
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (5 - statuses.count("paid"), 0)
    everything_agrees(stripe)


def _pay_and_settle(stripe: Wire, order: Order, secret: str) -> Settled:
    stripe.pay(secret)
    return settle_order(order_id=order.id, source="browser", now=clock_now())


def test_two_sweepers_ask_after_each_payment_once_and_settle_all(stripe: Wire) -> None:
    orders = [_paid_at_the_processor(stripe, new_product())[0] for _ in range(6)]
    later = clock_now() + dt.timedelta(minutes=2)
    asked = at_once([partial(settle_open_payments, now=later)] * 4)
    assert sum(asked) == 6
    assert set(Payment.objects.values_list("look_ups", flat=True)) == {1}
    for order in orders:
        charged_once(stripe, order)
    everything_agrees(stripe)


def test_two_expiry_sweepers_end_each_order_once(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(stock=8)
    orders = [check_out([(product, 1)]) for _ in range(8)]
    due = max(order.expires_at for order in orders)
    ended = at_once([partial(expire_orders, now=due)] * 4)
    assert sum(ended) == 8
    assert OrderEvent.objects.filter(event="expired").count() == 8
    product.refresh_from_db()
    assert product.stock_reserved == 0
    run_outbox()
    everything_agrees(stripe)
