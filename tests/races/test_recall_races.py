"""A refund asked back, from several sides at one moment, on real PostgreSQL: never more than it was, never twice."""

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest

from common.clock import now as clock_now
from orders.models import Order, Recall, RecallConsent
from orders.selectors.orders import access_key_of
from orders.services import (
    decline_recall,
    expire_orders,
    look_after_recalls,
    settle_order,
    settle_refund,
    withdraw_recall,
)
from payments.models import Payment, Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.recalls import agreed, asked_back, pay, refunded
from tests.orders.refunds import paid
from tests.orders.shop import confirm, new_artisan, new_guest, new_product
from tests.orders.test_refunds import REFUND_FAILS_LATER
from tests.orders.wire import VISA, Wire
from tests.races.at_once import at_once, kinds

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker", "no_throttle"),
]
OWN = ("commission", "goodwill", "seller", "late_payments", "refunds_in_transit")


def _refunded(stripe: Wire, run_outbox: RunOutbox, card: str = VISA) -> Refund:
    artisan = new_artisan(shipping=(0, 0))
    return refunded(paid(stripe, [(new_product(artisan, price=10_000), 1)], card=card), run_outbox)


@pytest.fixture
def refund(stripe: Wire, run_outbox: RunOutbox) -> Refund:
    """€100.00 that the buyer has."""
    return _refunded(stripe, run_outbox)


def _either(stripe: Wire, run_outbox: RunOutbox, order: Order) -> str:
    """However it ended: paid and booked once, or all of the money is back."""
    settle_order(order_id=order.id, source="webhook", now=clock_now())
    run_outbox()
    order.refresh_from_db()
    recall = Recall.objects.get()
    everything_agrees(stripe)
    if recall.status == "paid":
        assert order.status == "paid"
        assert sum(balances(*OWN).values()) == -10_000
    else:
        assert order.status == ("paid" if recall.status == "returned" else "refunded")
        assert balances("commission", "goodwill", "seller", "late_payments") == {}
    return str(recall.status)


def test_twenty_of_staff_ask_at_once_for_60_of_100(stripe: Wire, refund: Refund) -> None:
    results = at_once([partial(asked_back, refund, 6000) for _ in range(20)])
    assert kinds(results) == {"Recall": 1, "RecallTooLarge": 19}
    assert Recall.objects.get().amount_minor == 6000
    everything_agrees(stripe)


def test_the_same_buyer_agrees_twenty_times_at_once(stripe: Wire, refund: Refund) -> None:
    recall, buyer = asked_back(refund), new_guest()
    results = at_once([partial(agreed, recall, buyer=buyer) for _ in range(20)])
    assert kinds(results) == {"Order": 20}
    assert {order.id for order in results} == {Order.objects.get(recall=recall).id}
    assert RecallConsent.objects.count() == 1


def test_many_browsers_agree_at_once_and_one_offer_is_left(stripe: Wire, refund: Refund) -> None:
    recall = asked_back(refund)
    results = at_once([partial(agreed, recall) for _ in range(8)])
    assert kinds(results) == {"Order": 8}
    assert Order.objects.filter(recall=recall, status="awaiting_payment").count() == 1
    assert Order.objects.filter(recall=recall, status="canceled").count() == 7
    everything_agrees(stripe)


@pytest.mark.parametrize("ends", ["decline", "withdraw", "expire"])
def test_a_payment_and_the_end_of_the_request_at_once(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund, ends: str
) -> None:
    asked_at = clock_now() - dt.timedelta(days=14) + dt.timedelta(minutes=1)
    recall = asked_back(refund, now=asked_at if ends == "expire" else clock_now())
    order = agreed(recall)
    pay(stripe, order)

    def end() -> object:
        now = clock_now()
        if ends == "decline":
            key = access_key_of(recall.public_id)
            return decline_recall(public_id=recall.public_id, buyer=new_guest(), access_key=key, now=now)
        if ends == "withdraw":
            return withdraw_recall(recall_id=recall.id, now=now)
        later = now + dt.timedelta(hours=1)
        return expire_orders(now=later) + look_after_recalls(now=later)

    results = at_once([end, *_settled_twice(order), end])
    assert set(kinds(results)) <= {"Recall", "Settled", "RecallOver", "PaymentRunning", "int"}, results
    assert _either(stripe, run_outbox, order) in ("paid", "declined", "withdrawn", "expired")


def test_a_payment_and_the_bouncing_of_the_refund_at_once(stripe: Wire, run_outbox: RunOutbox) -> None:
    refund = _refunded(stripe, run_outbox, REFUND_FAILS_LATER)
    recall = asked_back(refund)
    order = agreed(recall)
    pay(stripe, order)
    stripe.advance(60)
    bounces = partial(
        settle_refund, processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook",
        now=clock_now(),
    )  # fmt: skip
    results = at_once([bounces, *_settled_twice(order), bounces])
    assert not [result for result in results if isinstance(result, Exception)], results
    assert _either(stripe, run_outbox, order) in ("void", "returned")
    assert balances(*OWN) == {"refunds_in_transit:EUR": -10_000}, "the refund is owed still, and nothing else"
    assert Payment.objects.get(order_reference=order.public_id).status == "succeeded"


def _settled_twice(order: Order) -> list[Callable[[], object]]:
    return [partial(settle_order, order_id=order.id, source=who, now=clock_now()) for who in ("webhook", "browser")]


def test_a_payment_is_not_lost_while_another_browser_agrees(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    recall = asked_back(refund)
    order = agreed(recall)
    pay(stripe, order)
    at_once([partial(settle_order, order_id=order.id, source="webhook", now=clock_now()), partial(agreed, recall)])
    order.refresh_from_db()
    run_outbox()
    order.refresh_from_db()
    everything_agrees(stripe)
    recall.refresh_from_db()
    assert (recall.status, order.status) in {("paid", "paid"), ("asked", "refunded")}


def test_two_payments_of_two_browsers_at_once_are_one_payment_back(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    recall = asked_back(refund)
    first = agreed(recall)
    found = confirm(first).found
    assert found is not None
    second = agreed(recall)
    pay(stripe, second)
    stripe.pay(found.client_secret)
    at_once([
        partial(settle_order, order_id=order.id, source="webhook", now=clock_now()) for order in (first, second, first)
    ])  # fmt: skip
    run_outbox()
    assert sorted(Order.objects.filter(recall=recall).values_list("status", flat=True)) == ["paid", "refunded"]
    assert sum(balances(*OWN).values()) == -10_000
    everything_agrees(stripe)
