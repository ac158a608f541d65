"""Disputes that turn, in part, out of order, or against money that is gone: what the sandbox does not play."""

import pytest

from common.models import AuditRecord
from orders.models import DisputeAllocation
from payments.enums import DisputeReason, Liability
from payments.enums import DisputeStatus as D
from payments.models import Dispute, DisputeEvent
from payments.services import DisputeContradiction
from payouts.models import SellerDebt
from reconciliation.selectors import local_findings
from tests.orders.books import balances
from tests.orders.desk import Desk
from tests.orders.disputed import sellers, sold, three_shares, transferred
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
MINE = ("seller_", "commission", "disputed", "dispute_", "late_payments")


def _sound() -> None:
    assert [str(finding) for finding in local_findings()] == []


@pytest.mark.parametrize("reason", [DisputeReason.NOT_RECEIVED, DisputeReason.FRAUDULENT])
def test_lost_and_then_won_everybody_has_what_they_bore(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch, reason: DisputeReason
) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    desk = Desk(monkeypatch, order, reason)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500, fee=2000)
    assert desk.settle(D.LOST).lost_minor == 10500
    _sound()
    dispute = desk.settle(D.WON, reinstated=10500, fee=0)
    assert (dispute.status, dispute.lost_minor) == ("won", 0)
    assert balances() == at_rest
    desk.settle()
    assert balances() == at_rest, "told twice is won once"
    _sound()


def test_won_and_then_lost_is_a_second_withdrawal(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_AS_DESCRIBED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500, fee=2000)
    desk.settle(D.WON, reinstated=10500, fee=0)
    dispute = desk.settle(D.LOST, withdrawn=21000, fee=2000)
    assert (dispute.lost_minor, dispute.undecided_minor) == (10500, 0)
    assert balances(*MINE) == {"dispute_fees:EUR": 2000}
    references = {row.reference for row in DisputeAllocation.objects.all()}
    assert references == {dispute.public_id, f"{dispute.public_id}:2"}
    _sound()


def test_reopened_it_asks_again_and_keeps_back_again(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)
    desk.settle(D.WON, reinstated=10500)
    dispute = desk.settle(D.NEEDS_RESPONSE, withdrawn=21000)
    assert (dispute.closed_at, dispute.can_be_answered) == (None, True)
    assert balances("disputed") == {"disputed:EUR": 10500}
    _sound()
    desk.settle(D.WON, reinstated=21000)
    assert balances() == at_rest
    assert list(DisputeEvent.objects.order_by("id").values_list("event", flat=True)) == [
        "opened", "won", "reopened", "won",
    ]  # fmt: skip
    _sound()


@pytest.mark.parametrize("liability", list(Liability))
def test_a_settlement_in_the_middle_is_split_the_same_way(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch, liability: Liability
) -> None:
    reason = DisputeReason.NOT_RECEIVED if liability == Liability.ARTISAN else DisputeReason.FRAUDULENT
    order = sold(stripe, three_shares())
    anna, ben, cleo = sellers(order)
    desk = Desk(monkeypatch, order, reason)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)
    # 60.00 of 105.00 come back: 25.72, 17.14 and 17.14 of 45.00, 30.00 and 30.00; commission rounded down.
    dispute = desk.settle(D.LOST, reinstated=6000)
    assert dispute.lost_minor == 4500
    rows = list(DisputeAllocation.objects.order_by("id"))
    assert [row.returned_minor for row in rows] == [2572, 1714, 1714]
    shares = {anna: 2572 - 228, ben: 1714 - 145, cleo: 1714 - 171}
    if liability == Liability.ARTISAN:
        assert balances("seller_") == {f"seller_held:{name}:EUR": -minor for name, minor in shares.items()}
        assert sum(balances("seller_", "commission").values()) == -6000
        assert balances("dispute_losses") == {}
    else:
        assert sum(balances("seller_").values()) == -9545
        assert balances("dispute_losses") == {"dispute_losses:EUR": 4500}
    _sound()


def test_a_dispute_of_more_than_remains_is_ours_above_it(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, amount=10700, withdrawn=10700)
    assert sum(DisputeAllocation.objects.values_list("amount_minor", flat=True)) == 10500
    desk.settle(D.LOST)
    assert balances(*MINE) == {"dispute_losses:EUR": 200}
    _sound()


def test_two_disputes_of_one_capture_share_what_there_is(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sold(stripe, three_shares())
    first = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    first.settle(D.NEEDS_RESPONSE, amount=8000, withdrawn=8000)
    second = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    second.settle(D.NEEDS_RESPONSE, amount=4000, withdrawn=4000)
    assert sum(DisputeAllocation.objects.values_list("amount_minor", flat=True)) == 10500
    second.settle(D.LOST)
    assert balances("dispute_losses") == {"dispute_losses:EUR": 1500}
    monkeypatch.setattr("payments.services.dispute.dispute_desk_of", lambda _: first)
    first.settle(D.WON, reinstated=8000)
    _sound()


def test_a_share_that_was_brought_back_is_paid_out_anew_when_the_dispute_turns(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch, run_outbox: RunOutbox
) -> None:
    order = sold(stripe, [(new_product(new_artisan(shipping=(500, 0)), price=4000), 1)])
    [anna] = sellers(order)
    transferred(order)
    run_outbox()
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=4500)
    desk.settle(D.LOST)
    run_outbox()
    assert SellerDebt.objects.get().recovered_minor == 4100
    desk.settle(D.WON, reinstated=4500)
    assert balances("seller_", "commission") == {f"seller_held:{anna}:EUR": -4100, "commission:EUR": -400}
    _sound()


def test_a_finding_that_was_read_before_a_newer_one_was_recorded_is_read_again(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)

    def somebody_else() -> None:
        desk.settle(D.WON, reinstated=10500)

    desk.during = somebody_else
    dispute = desk.settle()
    assert (dispute.status, desk.look_ups) == ("won", 4)
    assert list(DisputeEvent.objects.order_by("id").values_list("event", flat=True)) == ["opened", "won"]
    _sound()


@pytest.mark.parametrize(
    "figures", [{"withdrawn": 9000}, {"withdrawn": 10500, "reinstated": 10600}], ids=["untaken", "more than taken"]
)
def test_figures_that_contradict_what_was_told_are_for_a_person(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch, figures: dict[str, int]
) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)
    before = balances()
    with pytest.raises(DisputeContradiction):
        desk.settle(D.LOST, **figures)
    assert balances() == before
    assert Dispute.objects.get().status == "needs_response"


def test_a_status_that_nothing_leads_to_moves_no_status_but_its_money_counts(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.FRAUDULENT)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)
    desk.settle(D.LOST)
    dispute = desk.settle(D.UNDER_REVIEW, fee=2000)
    assert (dispute.status, dispute.fee_minor) == ("lost", 2000)
    assert balances("dispute_fees") == {"dispute_fees:EUR": 2000}
    _sound()


def test_a_fee_that_changes_is_undone_and_booked_anew(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.FRAUDULENT)
    for fee in (2000, 500, 0, 1500):
        desk.settle(D.NEEDS_RESPONSE, withdrawn=10500, fee=fee)
        assert balances("dispute_fees") == ({"dispute_fees:EUR": fee} if fee else {})
        _sound()
    told = AuditRecord.objects.filter(event_type__startswith="dispute.fee").order_by("id")
    assert list(told.values_list("amount_minor", flat=True)) == [2000, -1500, -500, 1500]


def test_who_bears_it_is_settled_by_the_reason_at_the_end(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sold(stripe, three_shares())
    desk = Desk(monkeypatch, order, DisputeReason.NOT_RECEIVED)
    desk.settle(D.NEEDS_RESPONSE, withdrawn=10500)
    dispute = desk.settle(D.LOST, reason=DisputeReason.FRAUDULENT)
    # The reason of the last news before the decision counts, not one that came with it.
    assert dispute.liability == "artisan"
    assert balances("dispute_losses") == {}
    _sound()
