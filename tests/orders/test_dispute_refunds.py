"""Refunds and disputes of the same money: neither is paid twice, nobody is debited twice."""

import pytest

from common.clock import now as clock_now
from common.money import Money
from orders.contracts.refund import AmountOnly, EverythingLeft, RefundWhileDisputed
from orders.models import DisputeAllocation, Order
from orders.services import DisputeWaits, cancel_checkout, request_refund, send_refund, settle_order
from payments.enums import DisputeReason, RefundReason
from payments.enums import DisputeStatus as D
from payments.models import Dispute, Refund
from reconciliation.selectors import local_findings
from tests.orders.books import balances, everything_agrees
from tests.orders.desk import Desk
from tests.orders.disputed import decided, escalated, news, opened, sellers, sold, three_shares
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
MINE = ("seller_", "commission", "disputed", "dispute_losses", "refunds_in_transit", "goodwill")


def _refund(order: Order, minor: int | None = None) -> Refund:
    wish = EverythingLeft() if minor is None else AmountOnly(Money(minor, order.currency))
    return request_refund(
        order_id=order.id, wish=wish, reason=RefundReason.RETURNED, note="", initiator="staff:1", now=clock_now()
    )


def test_nothing_is_refunded_while_it_is_disputed(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, amount=1000)
    news(dispute)
    with pytest.raises(RefundWhileDisputed):
        _refund(order)
    assert not Refund.objects.exists()
    decided(stripe, dispute, won=True)
    news(dispute)
    _refund(order)
    run_outbox()
    assert balances(*MINE) == {}
    everything_agrees(stripe)


def test_an_inquiry_may_be_answered_by_paying_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    inquiry = opened(stripe, order, inquiry=True)
    news(inquiry)
    _refund(order)
    run_outbox()
    assert news(inquiry).status == "inquiry_closed"
    assert balances(*MINE) == {}
    everything_agrees(stripe)


def test_a_dispute_after_a_partial_refund_is_about_the_rest(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    _refund(order, 6000)
    run_outbox()
    dispute = opened(stripe, order, reason="product_not_received")
    assert news(dispute).amount_minor == 4500
    assert sum(DisputeAllocation.objects.values_list("amount_minor", flat=True)) == 4500
    assert balances("seller_held") == {}
    decided(stripe, dispute, won=False)
    news(dispute)
    assert balances(*MINE) == {}, "every artisan has given back the share, and we the commission, exactly once"
    everything_agrees(stripe)


def test_what_was_lost_can_not_be_refunded_once_more(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, reason="product_not_received", amount=8000)
    news(dispute)
    decided(stripe, dispute, won=False)
    news(dispute)
    before = balances()
    refund = _refund(order)
    assert refund.amount_minor == 2500, "never more than was captured, refunds and disputes together"
    # Stripe pays nothing back of a charge that was charged back; everybody has back what was taken for it.
    run_outbox()
    refund.refresh_from_db()
    assert (refund.status, refund.withdrawn_at is not None) == ("failed", True)
    assert balances() == before
    everything_agrees(stripe)


def test_a_refund_under_way_when_the_dispute_opens_debits_nobody_twice(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    anna, ben, cleo = sellers(order)
    refund = _refund(order)
    dispute = opened(stripe, order, reason="product_not_received")
    news(dispute)
    assert DisputeAllocation.objects.count() == 0, "all of it is being paid back already"
    assert balances("seller_") == {}
    everything_agrees(stripe)
    # The processor refuses to pay back what is disputed; the shares come back, and are kept back from then on.
    run_outbox()
    refund.refresh_from_db()
    assert (refund.status, refund.withdrawn_at is not None) == ("failed", True)
    assert sum(balances("seller_held").values()) == -9545
    news(dispute)
    assert balances("seller_") == {
        f"seller_disputed:{anna}:EUR": -4100,
        f"seller_disputed:{ben}:EUR": -2745,
        f"seller_disputed:{cleo}:EUR": -2700,
    }
    everything_agrees(stripe)
    decided(stripe, dispute, won=False)
    news(dispute)
    assert balances(*MINE) == {}
    everything_agrees(stripe)


def test_a_dispute_is_not_booked_as_lost_while_a_refund_of_it_has_no_answer(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = sold(stripe, three_shares())
    _refund(order, 3000)
    dispute = opened(stripe, order, reason="product_not_received")
    decided(stripe, dispute, won=False)
    with pytest.raises(DisputeWaits):
        news(dispute)
    recorded = Dispute.objects.get()
    assert (recorded.status, recorded.withdrawn_minor, recorded.lost_minor) == ("under_review", 10500, 0)
    everything_agrees(stripe)
    run_outbox()
    assert news(dispute).lost_minor == 10500
    assert balances(*MINE) == {}
    everything_agrees(stripe)


def test_a_dispute_after_everything_was_paid_back_is_our_loss(
    stripe: Wire, run_outbox: RunOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sold(stripe, three_shares())
    _refund(order)
    run_outbox()
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)
    assert balances("seller_") == {}
    desk.settle(D.LOST)
    assert balances(*MINE) == {"dispute_losses:EUR": 10500}
    assert [str(finding) for finding in local_findings()] == []


def test_an_inquiry_is_escalated_for_what_was_not_paid_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    inquiry = opened(stripe, order, inquiry=True, reason="product_not_received")
    news(inquiry)
    _refund(order, 4500)
    run_outbox()
    escalated(stripe, inquiry)
    assert news(inquiry).withdrawn_minor == 6000
    decided(stripe, inquiry, won=False)
    news(inquiry)
    assert balances(*MINE) == {}
    everything_agrees(stripe)


def _late(stripe: Wire) -> Order:
    """Paid after it was canceled: owed back, and the refund is written down and not sent."""
    order = check_out([(new_product(price=4500), 1)])
    secret = confirm(order).found.client_secret  # type: ignore[union-attr]
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(secret)
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def test_a_disputed_late_payment_does_what_we_owed_and_is_nobodys_loss(stripe: Wire) -> None:
    order = _late(stripe)
    amount = order.total_minor
    assert balances("late_payments") == {"late_payments:EUR": -amount}
    dispute = opened(stripe, order)
    news(dispute)
    assert balances("late_payments", "disputed") == {"late_payments:EUR": -amount, "disputed:EUR": amount}
    everything_agrees(stripe)
    decided(stripe, dispute, won=False)
    with pytest.raises(DisputeWaits):
        news(dispute)
    send_refund(refund_id=Refund.objects.get().id, source="task", now=clock_now())
    order.refresh_from_db()
    assert order.status == "refund_failed"
    news(dispute)
    assert balances("late_payments", "disputed", "dispute_losses", "seller_") == {}
    everything_agrees(stripe)


def test_a_won_dispute_of_a_late_payment_leaves_it_owed(stripe: Wire) -> None:
    order = _late(stripe)
    dispute = opened(stripe, order)
    news(dispute)
    decided(stripe, dispute, won=True)
    news(dispute)
    assert balances("late_payments", "disputed") == {"late_payments:EUR": -order.total_minor}
    everything_agrees(stripe)


def test_a_late_payment_that_is_disputed_after_it_was_paid_back_is_our_loss(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = _late(stripe)
    send_refund(refund_id=Refund.objects.get().id, source="task", now=clock_now())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=order.total_minor)
    desk.settle(D.LOST)
    assert balances("late_payments", "dispute_losses") == {"dispute_losses:EUR": order.total_minor}
    # In a second round it comes back: it is ours.
    desk.settle(D.WON, reinstated=order.total_minor)
    assert balances("late_payments", "dispute_losses", "disputed") == {}
    assert [str(finding) for finding in local_findings()] == []


def test_a_late_payment_lost_and_then_won_is_owed_again(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = _late(stripe)
    opened(stripe, order)  # so that the processor refuses the refund
    send_refund(refund_id=Refund.objects.get().id, source="task", now=clock_now())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.LOST, withdrawn=order.total_minor)
    assert balances("late_payments") == {}
    desk.settle(D.WON, reinstated=order.total_minor)
    assert balances("late_payments", "dispute_losses") == {"late_payments:EUR": -order.total_minor}
    assert [str(finding) for finding in local_findings()] == []
