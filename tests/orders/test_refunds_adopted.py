"""Refunds that somebody made in the processor's dashboard, and refunds of payments that never became the sale."""

import pytest
from django.core import mail

from common.clock import now as clock_now
from common.models import AuditRecord
from orders.contracts.refund import GoodwillWish, Items, NothingToRefund, RefundInTheWay
from orders.models import Order
from orders.selectors.refunds import refunds_of
from orders.services import cancel_checkout, send_refund, settle_order, settle_payment, settle_refund
from payments.contracts import UnknownPayment, UnknownRefund
from payments.models import Capture, Payment, Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, paid, split_of
from tests.orders.shop import check_out, confirm, new_artisan, new_product, three_artisans
from tests.orders.test_refunds import EUR, REFUND_FAILS_LATER
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _dashboard(stripe: Wire, order: Order, amount: int | None = None) -> str:
    [charge] = stripe.charges(order.public_id)
    return str(stripe.dashboard_refund(charge["id"], amount)["id"])


def _news(refund_id: str) -> None:
    settle_refund(processor="stripe", processor_refund_id=refund_id, source="webhook", now=clock_now())


def test_a_refund_from_the_dashboard_is_adopted_once_and_split_over_what_is_left(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = paid(stripe, three_artisans())
    made = _dashboard(stripe, order, 10_000)
    for _ in range(3):
        _news(made)
    [refund] = Refund.objects.all()
    assert (refund.amount_minor, refund.status, refund.initiator, refund.reason) == (
        10_000, "succeeded", "processor", "processor"
    )  # fmt: skip
    assert [row[:2] for row in split_of(refund)] == [
        ("goods", 2925), ("shipping", 351), ("goods", 5847), ("shipping", 293), ("goods", 584)
    ]  # fmt: skip
    assert balances("refunds_in_transit", "unallocated_refunds") == {}
    assert list(refund.events.values_list("event", "source")) == [("paid_back", "webhook")]
    everything_agrees(stripe)
    run_outbox()
    assert [message.subject for message in mail.outbox if "refunded" in message.subject] == ["We have refunded €100.00"]
    assert [view.amount for view in refunds_of(order)] == [EUR(10_000)]


def test_what_comes_back_of_an_adopted_refund_is_owed_to_the_buyer(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=4000), 1)], card=REFUND_FAILS_LATER)
    made = _dashboard(stripe, order)
    _news(made)
    stripe.advance(60)
    _news(made)
    _news(made)
    assert Refund.objects.get().status == "failed"
    assert balances("refunds_in_transit") == {"refunds_in_transit:EUR": -4000}
    everything_agrees(stripe)


def test_one_that_came_back_before_we_heard_of_it_moved_nothing(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)], card=REFUND_FAILS_LATER)
    made = _dashboard(stripe, order)
    stripe.advance(60)
    _news(made)
    assert (Refund.objects.count(), Capture.objects.get().refunded_minor) == (0, 0)
    everything_agrees(stripe)


def test_refund_event_before_the_payment_is_linked_settles_the_payment_first(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    Payment.objects.update(processor_payment_id=None)  # the answer to our own request is still on its way
    made = _dashboard(stripe, order, 1000)
    _news(made)
    order.refresh_from_db()
    assert order.status == "paid"
    assert [(refund.amount_minor, refund.status) for refund in Refund.objects.all()] == [(1000, "succeeded")]
    everything_agrees(stripe)


def test_a_refund_of_a_payment_that_is_not_ours_is_left_alone(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)])
    made = _dashboard(stripe, order, 1000)
    Payment.objects.update(processor_payment_id="pi_of_another_shop")
    Capture.objects.update(processor_charge_id="ch_of_another_shop")
    with pytest.raises(UnknownPayment):
        _news(made)
    assert not Refund.objects.exists()


def test_a_refund_that_names_one_of_ours_that_we_do_not_have_is_not_adopted(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)])
    refund = ask(order)
    send_refund(refund_id=refund.id, source="task", now=clock_now())
    refund.refresh_from_db()
    Refund.objects.update(public_id="ref_another")
    with pytest.raises(UnknownRefund):
        _news(str(refund.processor_refund_id))


def test_racing_with_our_own_request_it_waits_until_ours_is_refused(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    ours = ask(order, Items(goodwill=[GoodwillWish(EUR(6000))]))
    made = _dashboard(stripe, order, 6000)
    with pytest.raises(RefundInTheWay):
        _news(made)
    run_outbox()
    ours.refresh_from_db()
    assert (ours.status, ours.withdrawn_at is not None) == ("failed", True)
    _news(made)
    [adopted] = Refund.objects.filter(initiator="processor")
    assert adopted.amount_minor == 6000
    assert Capture.objects.get().refunded_minor == 6000
    assert balances("unallocated_refunds", "refunds_in_transit", "goodwill") == {}
    everything_agrees(stripe)


def test_more_than_remains_is_left_to_staff_and_seen(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)], card=REFUND_FAILS_LATER)
    ask(order, Items(goodwill=[GoodwillWish(EUR(6000))]))
    run_outbox()
    stripe.advance(60)
    _news(str(Refund.objects.get().processor_refund_id))
    made = _dashboard(stripe, order)  # staff pay all back there, though 60.00 are owed here still
    _news(made)
    _news(made)
    assert [refund.amount_minor for refund in Refund.objects.order_by("id")] == [6000, 4000]
    assert balances("unallocated_refunds", "refunds_in_transit") == {
        "unallocated_refunds:EUR": 6000, "refunds_in_transit:EUR": -6000
    }  # fmt: skip
    [alert] = AuditRecord.objects.filter(event_type="refund.unallocated")
    assert (alert.outcome, alert.amount_minor, alert.processor_id) == ("refused", 6000, made)
    everything_agrees(stripe)
    stripe.advance(60)
    _news(made)
    assert balances("unallocated_refunds", "refunds_in_transit") == {"refunds_in_transit:EUR": -10_000}
    [told] = AuditRecord.objects.filter(event_type="refund.unallocated_returned")
    assert (told.outcome, told.amount_minor, told.processor_id) == ("succeeded", 6000, made)
    everything_agrees(stripe)


# ---- payments that never became the sale -----------------------------------------------------------------------------


def _late(stripe: Wire) -> Order:
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(found.client_secret)
    return settle_order(order_id=order.id, source="webhook", now=clock_now()).order


def _duplicate(stripe: Wire) -> Order:
    """Paid, and paid once more by another payment object of the same order."""
    order = paid(stripe, [(new_product(), 1)])
    other = check_out([(new_product(), 1)])
    found = confirm(other).found
    assert found is not None
    Payment.objects.filter(order_reference=other.public_id).update(
        order_reference=order.public_id, quote_hash=order.quote_hash, channel="hosted"
    )
    stripe.pay(found.client_secret)
    settle_payment(
        processor="stripe", processor_payment_id=found.processor_payment_id, payment_reference=None, source="webhook",
        now=clock_now(),
    )  # fmt: skip
    order.refresh_from_db()
    return order


def test_refund_of_a_duplicate_charge_leaves_the_good_order_alone(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = _duplicate(stripe)
    [late] = Refund.objects.all()
    assert (order.status, late.reason, late.amount_minor) == ("paid", "duplicate", 2500)
    assert balances("late_payments") == {"late_payments:EUR": -2500}
    history = order.events.count()
    run_outbox()
    late.refresh_from_db()
    order.refresh_from_db()
    assert (late.status, order.status, order.events.count()) == ("succeeded", "paid", history)
    assert balances("late_payments", "refunds_in_transit") == {}
    [told] = [message for message in mail.outbox if "refunded" in message.subject]
    assert "paid already" in str(told.body)
    everything_agrees(stripe)
    assert ask(order).amount_minor == 2500, "the sale itself can still be paid back, whole"
    with pytest.raises(NothingToRefund):
        ask(order)
    run_outbox()
    everything_agrees(stripe)


def test_a_late_payment_that_staff_pay_back_in_the_dashboard_is_paid_back_once(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = _late(stripe)
    made = _dashboard(stripe, order)
    _news(made)
    order.refresh_from_db()
    [refund] = Refund.objects.all()
    assert (order.status, refund.status, refund.processor_refund_id) == ("refunded", "succeeded", made)
    run_outbox()
    assert len(stripe.summary()["refunds"]) == 1
    assert balances("late_payments", "unallocated_refunds") == {}
    everything_agrees(stripe)
