"""A late payment whose refund comes back again and again: staff send it until it arrives, or say how it was paid."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from common.clock import now as clock_now
from common.models import AuditRecord
from orders.contracts.refund import InvalidRefund, RefundInTheWay
from orders.models import Order
from orders.services import cancel_checkout, resend_refund, settle_order, settle_otherwise, settle_refund
from payments.models import Refund, RefundEvent
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, new_user
from tests.orders.test_refunds import REFUND_FAILS_LATER
from tests.orders.wire import Wire
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _late(stripe: Wire) -> Order:
    """25.00 paid after the order was canceled, with a card that takes no refunds."""
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(found.client_secret, REFUND_FAILS_LATER)
    return settle_order(order_id=order.id, source="webhook", now=clock_now()).order


def _news(refund_id: str | None) -> None:
    settle_refund(processor="stripe", processor_refund_id=str(refund_id), source="webhook", now=clock_now())


def _bounces(stripe: Wire) -> Refund:
    stripe.advance(60)
    refund = Refund.objects.get()
    _news(refund.processor_refund_id)
    refund.refresh_from_db()
    assert (refund.status, balances("late_payments")) == ("failed", {"late_payments:EUR": -2500})
    return refund


def _failed_twice(stripe: Wire, run_outbox: RunOutbox) -> tuple[Order, Refund]:
    order = _late(stripe)
    run_outbox()
    refund = _bounces(stripe)
    resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    run_outbox()
    refund = _bounces(stripe)
    order.refresh_from_db()
    assert (order.status, refund.attempt) == ("refund_failed", 2)
    return order, refund


def _dashboard(stripe: Wire, order: Order, amount: int | None = None) -> str:
    [charge] = stripe.charges(order.public_id)
    return str(stripe.dashboard_refund(charge["id"], amount)["id"])


def _otherwise(refund: Refund, reference: str) -> Refund:
    return settle_otherwise(refund_id=refund.id, reference=reference, source="staff", now=clock_now())


def test_a_late_payment_whose_refund_failed_twice_is_sent_again(stripe: Wire, run_outbox: RunOutbox) -> None:
    order, refund = _failed_twice(stripe, run_outbox)
    resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    run_outbox()
    order.refresh_from_db()
    refund.refresh_from_db()
    assert (order.status, refund.status, refund.attempt) == ("refunded", "succeeded", 3)
    assert balances("late_payments") == {}
    assert len(stripe.summary()["refunds"]) == 3
    everything_agrees(stripe)


def test_a_refund_made_in_the_dashboard_ends_the_late_refund_that_failed_twice(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order, refund = _failed_twice(stripe, run_outbox)
    made = _dashboard(stripe, order)
    for _ in range(2):
        _news(made)
    order.refresh_from_db()
    refund.refresh_from_db()
    assert (order.status, refund.status, refund.processor_refund_id) == ("refunded", "succeeded", made)
    assert balances("late_payments", "unallocated_refunds") == {}
    assert list(RefundEvent.objects.order_by("-id").values_list("event", "source")[:2]) == [
        ("paid_back", "webhook"), ("resent", "webhook")
    ]  # fmt: skip
    everything_agrees(stripe)
    refund = _bounces(stripe)
    order.refresh_from_db()
    assert (order.status, refund.attempt) == ("refund_failed", 3)
    everything_agrees(stripe)


def test_staff_say_that_a_late_payment_was_paid_back_from_the_bank(stripe: Wire, run_outbox: RunOutbox) -> None:
    order, refund = _failed_twice(stripe, run_outbox)
    last = refund.processor_refund_id
    fees = balances("processor_fees")["processor_fees:EUR"]
    _otherwise(refund, " SEPA 2026-11-21/7 ")
    order.refresh_from_db()
    refund.refresh_from_db()
    assert (order.status, refund.status, refund.attempt) == ("refunded", "succeeded", 3)
    assert balances() == {
        "stripe_clearing:EUR": 2500 - fees, "processor_fees:EUR": fees, "paid_otherwise:EUR": -2500
    }  # fmt: skip
    [told] = AuditRecord.objects.filter(event_type="refund.paid_otherwise")
    assert (told.subject, told.amount_minor, told.processor_id) == (refund.public_id, 2500, "SEPA 2026-11-21/7")
    everything_agrees(stripe)
    # News of the attempts that failed change nothing any more, and it is paid once.
    _news(last)
    with pytest.raises(RefundInTheWay):
        _otherwise(refund, "SEPA 2026-11-21/8")
    with pytest.raises(RefundInTheWay):
        resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    refund.refresh_from_db()
    assert (refund.status, balances("paid_otherwise")) == ("succeeded", {"paid_otherwise:EUR": -2500})
    everything_agrees(stripe)


def test_a_refund_that_was_booked_as_fitting_no_order_becomes_the_one_that_failed(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    """Its news came while ours counted as sent, and nothing told it from any other."""
    order, refund = _failed_twice(stripe, run_outbox)
    made = _dashboard(stripe, order)
    Refund.objects.update(status="succeeded")
    _news(made)
    Refund.objects.update(status="failed")
    assert balances("late_payments", "unallocated_refunds") == {
        "late_payments:EUR": -2500, "unallocated_refunds:EUR": 2500
    }  # fmt: skip
    _otherwise(refund, made)
    order.refresh_from_db()
    refund.refresh_from_db()
    assert (order.status, refund.status, refund.processor_refund_id) == ("refunded", "succeeded", made)
    assert balances("late_payments", "unallocated_refunds", "paid_otherwise") == {}
    everything_agrees(stripe)


@pytest.mark.parametrize("reference", ["", "   ", "x" * 81])
def test_paid_otherwise_needs_a_reference(stripe: Wire, run_outbox: RunOutbox, reference: str) -> None:
    _, refund = _failed_twice(stripe, run_outbox)
    with pytest.raises(InvalidRefund):
        _otherwise(refund, reference)
    assert balances("paid_otherwise") == {}
    refused = AuditRecord.objects.filter(event_type="refund.refused", command="settle_otherwise")
    assert list(refused.values_list("outcome", "subject", "failure_code")) == [
        ("refused", refund.public_id, InvalidRefund.code)
    ]


def test_a_refund_of_another_payment_does_not_end_this_one(stripe: Wire, run_outbox: RunOutbox) -> None:
    _, refund = _failed_twice(stripe, run_outbox)
    theirs = _dashboard(stripe, _late(stripe), 1000)
    # Theirs counts as sent, so what was made in the dashboard fits nothing.
    Refund.objects.exclude(id=refund.id).update(status="succeeded")
    _news(theirs)
    assert balances("unallocated_refunds") == {"unallocated_refunds:EUR": 1000}
    with pytest.raises(InvalidRefund, match="another payment"):
        _otherwise(refund, theirs)
    refund.refresh_from_db()
    assert (refund.status, balances("paid_otherwise")) == ("failed", {})
    assert balances("late_payments", "unallocated_refunds") == {
        "late_payments:EUR": -5000, "unallocated_refunds:EUR": 1000
    }  # fmt: skip


def test_staff_end_it_on_the_page_of_the_order(stripe: Wire, run_outbox: RunOutbox) -> None:
    order, refund = _failed_twice(stripe, run_outbox)
    user = new_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["refund_order", "view_order"]))
    desk = Client()
    desk.force_login(user)
    page = reverse("admin:orders_order_refund", args=[order.id])
    shown = desk.get(page).content.decode()
    assert ("Send again" in shown, "Paid back in another way" in shown, "Give up" in shown) == (True, True, False)
    answer = desk.post(page, {"otherwise": refund.public_id, "paid_by": ""}, follow=True).content.decode()
    assert "with which reference" in answer
    desk.post(page, {"otherwise": refund.public_id, "paid_by": "SEPA 7"})
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    shown = desk.get(page).content.decode()
    assert ("Paid back in another way" in shown, f"late_refund_otherwise:{refund.public_id}" in shown) == (False, True)
    assert f"late_refund_bounced:{refund.public_id}:2" in shown
    assert AuditRecord.objects.get(event_type="refund.paid_otherwise").actor.endswith(str(user.pk))


def _refused_because_part_was_given(stripe: Wire, run_outbox: RunOutbox, *parts_minor: int) -> tuple[Order, list[str]]:
    """Somebody gives parts of 25.00 that came late back in the dashboard, before our refund of the whole is sent."""
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(found.client_secret)
    order = settle_order(order_id=order.id, source="webhook", now=clock_now()).order
    made = [_dashboard(stripe, order, part_minor) for part_minor in parts_minor]
    with pytest.raises(RefundInTheWay):
        _news(made[0])
    run_outbox()
    assert Refund.objects.get().status == "failed"
    return order, made


def test_part_of_a_late_payment_given_back_in_the_dashboard_counts_and_the_rest_follows_by_itself(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order, [made] = _refused_because_part_was_given(stripe, run_outbox, 1000)
    for _ in range(2):
        _news(made)
    assert balances("late_payments", "unallocated_refunds") == {"late_payments:EUR": -1500}
    everything_agrees(stripe)
    run_outbox()
    order.refresh_from_db()
    whole, part, rest = Refund.objects.order_by("id")
    assert (whole.status, whole.can_be_resent, whole.can_be_paid_otherwise) == ("failed", False, False)
    assert (part.status, part.amount_minor, part.reason, part.processor_refund_id) == (
        "succeeded", 1000, whole.reason, made
    )  # fmt: skip
    assert (rest.status, rest.amount_minor, rest.reason) == ("succeeded", 1500, whole.reason)
    assert (order.status, whole.capture.refunded_minor) == ("refunded", 2500)
    assert balances("late_payments", "unallocated_refunds") == {}
    everything_agrees(stripe)


def test_several_parts_of_a_late_payment_in_the_dashboard_leave_nothing_unallocated(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order, [first, second] = _refused_because_part_was_given(stripe, run_outbox, 1000, 300)
    _news(first)
    with pytest.raises(RefundInTheWay):
        _news(second)
    run_outbox()  # the rest of 15.00, of which 3.00 are gone
    _news(second)
    run_outbox()
    order.refresh_from_db()
    given = [(refund.amount_minor, refund.status) for refund in Refund.objects.order_by("id")]
    assert given == [
        (2500, "failed"), (1000, "succeeded"), (1500, "failed"), (300, "succeeded"), (1200, "succeeded")
    ]  # fmt: skip
    assert (order.status, Refund.objects.earliest("id").capture.refunded_minor) == ("refunded", 2500)
    assert balances("late_payments", "unallocated_refunds") == {}
    everything_agrees(stripe)


def test_a_part_that_helped_after_ours_came_back_counts_and_the_rest_is_sent(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order, refund = _failed_twice(stripe, run_outbox)
    _news(_dashboard(stripe, order, 400))
    run_outbox()
    order.refresh_from_db()
    assert sorted(Refund.objects.exclude(id=refund.id).values_list("amount_minor", "status")) == [
        (400, "succeeded"), (2100, "succeeded")
    ]  # fmt: skip
    assert (order.status, balances("late_payments", "unallocated_refunds")) == ("refunded", {})
    everything_agrees(stripe)


def test_a_part_booked_as_fitting_no_order_is_allocated_once_staff_name_it(stripe: Wire, run_outbox: RunOutbox) -> None:
    """Its news came while ours counted as sent."""
    order, refund = _failed_twice(stripe, run_outbox)
    made = _dashboard(stripe, order, 400)
    Refund.objects.update(status="succeeded")
    _news(made)
    Refund.objects.update(status="failed")
    assert balances("unallocated_refunds") == {"unallocated_refunds:EUR": 400}
    _otherwise(refund, made)
    run_outbox()
    order.refresh_from_db()
    assert (order.status, balances("late_payments", "unallocated_refunds", "paid_otherwise")) == ("refunded", {})
    everything_agrees(stripe)


@pytest.mark.django_db(transaction=True)
def test_news_of_a_part_four_times_at_once_ask_for_the_rest_once(stripe: Wire, run_outbox: RunOutbox) -> None:
    order, [made] = _refused_because_part_was_given(stripe, run_outbox, 1000)
    results = at_once([lambda: _news(made)] * 4)
    assert results == [None] * 4
    run_outbox()
    order.refresh_from_db()
    assert [refund.amount_minor for refund in Refund.objects.order_by("id")] == [2500, 1000, 1500]
    assert (order.status, balances("late_payments", "unallocated_refunds")) == ("refunded", {})
    everything_agrees(stripe)
