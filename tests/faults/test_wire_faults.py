"""The wire fails at every call of a purchase: each time one charge, one order, and books that agree with the world."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from common.clock import now as clock_now
from common.models import OutboxMessage
from orders.models import Order
from orders.services import expire_orders, settle_open_payments, settle_order
from payments.contracts import OutcomeUnknown, ProcessorError
from payments.models import Payment, ProcessorRequest, Refund
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, three_artisans
from tests.orders.wire import Wire

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_broker")]

CREATE = "^/v1/payment_intents$"
RETRIEVE = "^/v1/payment_intents/pi_[A-Za-z0-9]+$"
REFUND = "^/v1/refunds$"
# kind of fault -> more about it
FAULTS = {
    "answer lost": {"kind": "answer_lost"},
    "500, nothing done": {"kind": "error_500"},
    "500, all done": {"kind": "error_500", "carried_out": True},
    "500, not kept under the key": {"kind": "error_500", "stored": False},
    "429": {"kind": "rate_limited_429"},
    "reset": {"kind": "reset"},
}
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())


@contextmanager
def _perhaps_refused() -> Iterator[None]:
    """What a buyer would see as "we don't know yet" or "try again in a moment"."""
    try:
        yield
    except ProcessorError:
        return


def _confirmed(order: Order) -> str:
    """The client secret, confirming again as a patient buyer does, minutes apart."""
    now = clock_now()
    for attempt in range(8):
        with _perhaps_refused():
            found = confirm(order, now=now + dt.timedelta(minutes=2 * attempt)).found
            assert found is not None
            return found.client_secret
    raise AssertionError("the buyer never got to pay")


def _swept(order: Order) -> Order:
    """The sweeper comes again and again, as it does; the order as it then is."""
    at = clock_now()
    for minutes in (2, 5, 10, 20):
        settle_open_payments(now=at + dt.timedelta(minutes=minutes))
    order.refresh_from_db()
    return order


@faults
def test_creating_the_payment(stripe: Wire, fault: dict[str, object]) -> None:
    order = check_out(three_artisans())
    stripe.fault(path=CREATE, **fault)  # type: ignore[arg-type]
    stripe.pay(_confirmed(order))
    settle_order(order_id=order.id, source="browser", now=clock_now())
    charged_once(stripe, order)
    everything_agrees(stripe)
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()


def test_creating_the_payment_with_the_look_up_lost_too(stripe: Wire) -> None:
    order = check_out(three_artisans())
    stripe.fault("answer_lost", CREATE)
    stripe.fault("reset", CREATE, method="GET")
    with pytest.raises(OutcomeUnknown):
        confirm(order)
    assert Payment.objects.get().status == "unknown"
    assert len(stripe.intents(order.public_id)) == 1
    order = _swept(order)
    assert (order.status, Payment.objects.get().status) == ("awaiting_payment", "requires_payment_method")
    stripe.pay(_confirmed(order))
    settle_order(order_id=order.id, source="browser", now=clock_now())
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_a_payment_that_never_reached_the_processor_ends_with_the_offer(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    stripe.fault("reset", "^/v1/", method="", times=50)
    with pytest.raises(OutcomeUnknown):
        confirm(order)
    assert expire_orders(now=order.expires_at) == 1
    stripe.clear_faults()
    run_outbox()
    assert Payment.objects.get().status == "canceled"
    assert stripe.intents(order.public_id) == []
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (1, 0)
    everything_agrees(stripe)


def test_the_answer_to_the_charge_itself_is_lost(stripe: Wire) -> None:
    """The browser's confirmation got no answer: the buyer has paid and doesn't know."""
    order = check_out(three_artisans())
    secret = _confirmed(order)
    stripe.fault("answer_lost", "/confirm$")
    with pytest.raises(requests.ConnectionError):
        stripe.pay(secret)
    order = _swept(order)
    charged_once(stripe, order)
    everything_agrees(stripe)


@faults
def test_asking_what_became_of_the_payment(stripe: Wire, fault: dict[str, object]) -> None:
    order = check_out(three_artisans())
    stripe.pay(_confirmed(order))
    stripe.fault(path=RETRIEVE, method="GET", times=2, **fault)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(ProcessorError):
            settle_order(order_id=order.id, source="browser", now=clock_now())
    assert balances() == {}
    order = _swept(order)
    charged_once(stripe, order)
    everything_agrees(stripe)


@faults
def test_giving_late_money_back(stripe: Wire, run_outbox: RunOutbox, fault: dict[str, object]) -> None:
    product = new_product(price=4000, stock=1)
    late = check_out([(product, 1)])
    secret = _confirmed(late)
    assert expire_orders(now=late.expires_at) == 1
    product.stock_on_hand = 0
    product.save()
    stripe.pay(secret)
    settle_order(order_id=late.id, source="browser", now=clock_now())
    stripe.fault(path=REFUND, **fault)  # type: ignore[arg-type]
    for _ in range(6):
        with _perhaps_refused():
            run_outbox()
    assert not OutboxMessage.objects.filter(status="waiting").exists()
    late.refresh_from_db()
    assert (late.status, Refund.objects.get().status) == ("refunded", "succeeded")
    [charge] = stripe.charges(late.public_id)
    assert (charge["amount"], charge["amount_refunded"]) == (4500, 4500)
    assert len(stripe.summary()["refunds"]) == 1
    assert balances("late_payments", "seller_held", "commission") == {}
    everything_agrees(stripe)


def test_the_processor_is_away_for_the_whole_evening(stripe: Wire, run_outbox: RunOutbox) -> None:
    """Paid, then nothing answers for longer than the offer lasts; the goods are still there afterwards."""
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    stripe.pay(_confirmed(order))
    stripe.fault("reset", "^/v1/", method="", times=500)
    at = clock_now()
    for minutes in range(1, 40, 3):
        settle_open_payments(now=at + dt.timedelta(minutes=minutes))
        expire_orders(now=at + dt.timedelta(minutes=minutes))
    with _perhaps_refused():
        run_outbox()
    order.refresh_from_db()
    assert order.status == "expired"
    stripe.clear_faults()
    settle_open_payments(now=at + dt.timedelta(hours=3))
    run_outbox()
    charged_once(stripe, order)
    everything_agrees(stripe)
