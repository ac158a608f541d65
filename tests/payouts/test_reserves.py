"""Reserves: kept back of released shares, due again after a time, and there for refunds, disputes and debts."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from common.models import OutboxMessage
from common.money import Money
from ledger.journals import SellerPlaces
from payouts import services
from payouts.contracts import NothingToWriteOff, ReasonMissing, UnknownDebt
from payouts.emails.debts import send_debt_letter
from payouts.models import DebtWriteOff, Payable, Reserve, ReserveDebit, ReserveRelease, SellerDebt
from payouts.selectors import totals_of_artisan
from tests.payouts.fake import INSUFFICIENT, FakeTransfers
from tests.payouts.hub import (
    HOLD,
    MINUTE,
    NOW,
    audited,
    books,
    connected_artisan,
    credit,
    debit,
    keeps_back,
    released,
    run,
    sell,
    send_reversals,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MONTH = 30 * DAY


def four(places: SellerPlaces) -> tuple[int, int, int, int]:
    """Held, payable, reserved, receivable."""
    return (
        places.held.amount_minor,
        places.payable.amount_minor,
        places.reserved.amount_minor,
        places.receivable.amount_minor,
    )


def status_and_left(payable: Payable) -> tuple[str, int]:
    payable.refresh_from_db()
    return payable.status, payable.left.amount_minor


def test_a_part_of_a_released_share_is_kept_back_and_due_after_its_time() -> None:
    artisan = keeps_back(connected_artisan())
    [payable] = released([(artisan, 1509)], now=NOW)
    reserve = Reserve.objects.get()
    assert (reserve.payable, reserve.amount_minor, reserve.status, reserve.release_at) == (
        payable, 150, "held", NOW + MONTH
    )  # fmt: skip
    assert status_and_left(payable) == ("released", 1359)
    assert [(event.event, event.amount_minor, event.reference) for event in payable.events.order_by("id")] == [
        ("hold_over", 0, ""), ("reserved", -150, reserve.public_id)
    ]  # fmt: skip
    seller = artisan.public_id
    assert books() == {
        "stripe_clearing": 1609, "commission": 100, f"seller_payable:{seller}": 1359, f"seller_reserved:{seller}": 150
    }  # fmt: skip

    assert services.release_reserves(now=NOW + MONTH - MINUTE) == 0
    assert services.release_reserves(now=NOW + MONTH) == 1
    assert services.release_reserves(now=NOW + MONTH) == 0
    reserve.refresh_from_db()
    release = ReserveRelease.objects.get()
    assert (reserve.status, reserve.left.amount_minor, release.reason) == ("released", 0, "time_over")
    again = release.payable
    assert (again.status, again.left, again.origin_reference, again.seller_order_reference) == (
        "released", Money(150, "EUR"), release.public_id, payable.seller_order_reference
    )  # fmt: skip
    assert books()[f"seller_payable:{seller}"] == 1509
    assert audited(reserve.public_id) == [("reserve.withheld", "succeeded"), ("reserve.released", "succeeded")]
    assert Reserve.objects.count() == 1, "nothing is kept back of what was kept back"


@pytest.mark.parametrize(("share_minor", "bps", "kept"), [(1, 5000, 0), (3, 5000, 1), (99, 100, 0), (100, 100, 1)])
def test_a_reserve_is_rounded_down(share_minor: int, bps: int, kept: int) -> None:
    artisan = keeps_back(connected_artisan(), bps=bps)
    released([(artisan, share_minor)], now=NOW)
    assert sum(Reserve.objects.values_list("amount_minor", flat=True)) == kept
    assert books()[f"seller_payable:{artisan.public_id}"] == share_minor - kept


def test_only_whom_the_policy_says_and_only_from_then_on() -> None:
    artisan, other = connected_artisan(), connected_artisan()
    released([(artisan, 1000), (other, 1000)], now=NOW)
    keeps_back(artisan)
    assert not Reserve.objects.exists()
    released([(artisan, 1000), (other, 1000)], now=NOW)
    assert [reserve.artisan for reserve in Reserve.objects.all()] == [artisan]


def test_releasing_with_reserves_takes_the_same_number_of_statements_for_one_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    artisans = [keeps_back(connected_artisan()) for _ in range(6)]
    sell([(artisans[0], 100)], now=NOW)
    # Those of a release, the policies, and update, history, reserves and audit of what is kept back.
    with django_assert_num_queries(13):
        assert services.release_due(now=NOW + HOLD) == 1
    sell([(artisan, 100) for artisan in artisans], now=NOW)
    with django_assert_num_queries(13):
        assert services.release_due(now=NOW + HOLD) == 6


def test_what_is_owed_is_kept_before_a_reserve_is(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    [first] = released([(artisan, 1500)], now=NOW)
    run()
    debit(first, 400, collects=False)
    keeps_back(artisan)
    [second] = released([(artisan, 1000)], now=NOW)
    assert status_and_left(second) == ("released", 540)
    assert Reserve.objects.get().amount_minor == 60


# ---- refunds and disputes ------------------------------------------------------------------------------------------


def test_a_refund_after_the_payout_is_taken_from_the_parts_own_reserve_first(processor: FakeTransfers) -> None:
    artisan = keeps_back(connected_artisan(), bps=2000)
    first, other = released([(artisan, 1000), (artisan, 1000)], now=NOW)
    assert run().succeeded == 1
    assert four(debit(first, 150)) == (0, 0, 150, 0)
    reserve = Reserve.objects.get(payable=first)
    assert (reserve.left.amount_minor, reserve.debited_minor, reserve.status) == (50, 150, "held")
    assert four(debit(first, 90, reference="ref_2")) == (0, 0, 50, 40)
    reserve.refresh_from_db()
    assert (reserve.left.amount_minor, reserve.status) == (0, "released")
    # What is kept back of another part is not touched by the debit; the transfer is asked back for the rest.
    assert Reserve.objects.get(payable=other).left.amount_minor == 200
    assert send_reversals() == ["succeeded"]
    kept = f"seller_reserved:{artisan.public_id}"
    assert books() == {"stripe_clearing": 640, "commission": 200, "refunds_in_transit": 240, kept: 200}


def test_what_is_here_is_taken_before_the_reserve_is() -> None:
    artisan = keeps_back(connected_artisan(), bps=2000)
    [payable] = released([(artisan, 1000)], now=NOW)
    assert four(debit(payable, 900)) == (0, 800, 100, 0)
    assert status_and_left(payable) == ("canceled", 0)
    assert services.release_reserves(now=NOW + MONTH) == 1
    assert Payable.objects.get(status="released").left.amount_minor == 100


def test_what_came_out_of_a_reserve_is_put_back_into_it(processor: FakeTransfers) -> None:
    artisan = keeps_back(connected_artisan(), bps=2000)
    [payable] = released([(artisan, 1000)], now=NOW)
    run()
    debit(payable, 300, reference="dsp_1", collects=False)
    assert four(credit(payable, 250, reference="dsp_1", by="dsp_1:w1")) == (0, 0, 150, 100)
    assert four(credit(payable, 50, reference="dsp_1", by="dsp_1:w2")) == (0, 0, 50, 0)
    reserve = Reserve.objects.get()
    assert (reserve.left.amount_minor, reserve.debited_minor, reserve.status) == (200, 0, "held")
    assert [row.amount_minor for row in ReserveDebit.objects.order_by("id")] == [200, -150, -50]
    assert services.release_reserves(now=NOW + MONTH) == 1
    assert run(NOW + MONTH).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [800, 200]
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_what_is_put_back_after_the_reserves_time_is_due_with_the_next_run(processor: FakeTransfers) -> None:
    artisan = keeps_back(connected_artisan(), bps=2000)
    [payable] = released([(artisan, 1000)], now=NOW)
    run()
    debit(payable, 200)
    later = NOW + MONTH + DAY
    assert services.release_reserves(now=later) == 0
    assert four(credit(payable, 200, now=later)) == (0, 0, 200, 0)
    assert services.release_reserves(now=later) == 1


# ---- debts ---------------------------------------------------------------------------------------------------------


def test_any_reserve_of_the_artisan_serves_a_debt_that_nothing_else_covers(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    [gone] = released([(artisan, 1000)], now=NOW)
    keeps_back(artisan, bps=5000)
    released([(artisan, 600)], now=NOW)
    run()
    [second] = released([(artisan, 400)], now=NOW)
    debit(gone, 600, collects=False)
    assert services.recover_debts(now=NOW) == 1
    # The released 200 first, then both reserves, the oldest first: 300 and 100 of 200.
    debt = SellerDebt.objects.get()
    assert (debt.open_minor, status_and_left(second)) == (0, ("canceled", 0))
    assert [(reserve.left.amount_minor, reserve.status) for reserve in Reserve.objects.order_by("id")] == [
        (0, "released"), (100, "held")
    ]  # fmt: skip
    assert [(one.amount_minor, one.reason, one.reference) for one in ReserveRelease.objects.order_by("id")] == [
        (300, "debt", debt.public_id), (100, "debt", debt.public_id)
    ]  # fmt: skip
    assert {one.payable.status for one in ReserveRelease.objects.all()} == {"canceled"}
    seller = artisan.public_id
    assert books() == {
        "stripe_clearing": 1000, "commission": 300, "refunds_in_transit": 600, f"seller_reserved:{seller}": 100
    }  # fmt: skip
    assert services.recover_debts(now=NOW) == 0


def test_a_reserve_is_left_alone_while_a_reversal_brings_the_debt_back(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    [gone] = released([(artisan, 1000)], now=NOW)
    run()
    keeps_back(artisan)
    released([(artisan, 1000)], now=NOW)
    run()
    debit(gone, 600, collects=True)
    assert services.recover_debts(now=NOW) == 0
    processor.refuse_reversal = lambda _: INSUFFICIENT
    assert send_reversals() == ["failed"]
    assert services.recover_debts(now=NOW) == 1
    assert SellerDebt.objects.get().open_minor == 500


def test_nobodys_reserve_pays_for_somebody_else(processor: FakeTransfers) -> None:
    artisan, other = connected_artisan(), keeps_back(connected_artisan())
    [gone] = released([(artisan, 1000)], now=NOW)
    run()
    released([(other, 1000)], now=NOW)
    debit(gone, 600, collects=False)
    assert services.recover_debts(now=NOW) == 0
    assert Reserve.objects.get().left.amount_minor == 100


def test_staff_end_a_reserve_early() -> None:
    artisan = keeps_back(connected_artisan())
    released([(artisan, 1000)], now=NOW)
    reserve = Reserve.objects.get()
    assert services.end_reserves(reserve_ids=[reserve.pk], now=NOW) == 1
    assert services.end_reserves(reserve_ids=[reserve.pk], now=NOW) == 0
    assert ReserveRelease.objects.get().reason == "staff"
    assert books()[f"seller_payable:{artisan.public_id}"] == 1000


def test_pages_see_what_is_kept_back(processor: FakeTransfers) -> None:
    artisan = keeps_back(connected_artisan())
    [payable] = released([(artisan, 1000)], now=NOW)
    run()
    debit(payable, 40)
    totals = totals_of_artisan(artisan_id=artisan.pk)["EUR"]
    assert (totals.reserved, totals.transferred, totals.earned) == (
        Money(60, "EUR"), Money(900, "EUR"), Money(960, "EUR")
    )  # fmt: skip


# ---- the end of a debt ---------------------------------------------------------------------------------------------


def owing(minor: int = 600) -> Payable:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, minor, collects=False)
    return payable


def test_a_debt_that_nobody_pays_is_written_off(processor: FakeTransfers) -> None:
    payable = owing()
    debt = SellerDebt.objects.get()
    for reason in (" ", "x" * 301):
        with pytest.raises(ReasonMissing):
            services.write_off_debt(debt_reference=debt.public_id, reason=reason, now=NOW)
    written = services.write_off_debt(debt_reference=debt.public_id, reason="Closed the workshop", now=NOW)
    assert written == Money(600, "EUR")
    debt.refresh_from_db()
    assert (debt.open_minor, debt.forgiven_minor) == (0, 600)
    assert books() == {"stripe_clearing": 100, "commission": 100, "refunds_in_transit": 600, "goodwill": 600}
    assert audited(debt.public_id)[-1] == ("debt.written_off", "succeeded")
    with pytest.raises(NothingToWriteOff):
        services.write_off_debt(debt_reference=debt.public_id, reason="Again", now=NOW)
    with pytest.raises(UnknownDebt):
        services.write_off_debt(debt_reference="deb_none", reason="None", now=NOW)
    totals = totals_of_artisan(artisan_id=payable.artisan_id)["EUR"]
    assert (totals.owed.amount_minor, totals.written_off.amount_minor, totals.earned.amount_minor) == (0, 600, 400)


def test_what_a_reversal_is_bringing_back_is_not_written_off(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600)
    with pytest.raises(NothingToWriteOff):
        services.write_off_debt(
            debt_reference=SellerDebt.objects.get().public_id, reason="Closed the workshop", now=NOW
        )


def test_what_was_written_off_is_owed_again_when_the_artisan_gets_it_a_second_time(processor: FakeTransfers) -> None:
    payable = owing()
    debt = SellerDebt.objects.get()
    services.write_off_debt(debt_reference=debt.public_id, reason="Closed the workshop", now=NOW)
    assert four(credit(payable, 500)) == (500, 0, 0, 0)
    [message] = OutboxMessage.objects.filter(task="payouts.tasks.reopen_debt")
    assert message.kwargs == {"debt": debt.public_id, "amount_minor": 500}
    services.reopen_debt(debt_reference=debt.public_id, amount_minor=500, now=NOW)
    debt.refresh_from_db()
    assert (debt.open_minor, books()["goodwill"]) == (500, 100)
    services.release_due(now=NOW + HOLD)
    debt.refresh_from_db()
    assert debt.open_minor == 0
    assert run(NOW + HOLD).requested == 0, "the artisan had it before"
    assert [row.amount_minor for row in DebtWriteOff.objects.order_by("id")] == [600, -500]
    # Never more than was written off.
    services.reopen_debt(debt_reference=debt.public_id, amount_minor=500, now=NOW)
    assert DebtWriteOff.objects.latest("id").amount_minor == -100
    services.reopen_debt(debt_reference=debt.public_id, amount_minor=500, now=NOW)
    assert DebtWriteOff.objects.count() == 3


def test_an_artisan_who_has_owed_for_long_is_asked_once_to_settle_it(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600)
    debit(payable, 100, reference="dsp_1", collects=False)
    processor.refuse_reversal = lambda _: INSUFFICIENT
    send_reversals()
    assert services.remind_of_debts(now=NOW + 30 * DAY - MINUTE) == 0
    assert services.remind_of_debts(now=NOW + 30 * DAY) == 1
    assert services.remind_of_debts(now=NOW + 60 * DAY) == 0
    [message] = OutboxMessage.objects.filter(task="payouts.tasks.send_debt_letter")
    send_debt_letter(**message.kwargs)
    [letter] = mail.outbox
    assert letter.subject == "You owe us €6.00"
    assert letter.to == [payable.artisan.owner.email]
    assert payable.order_reference in letter.body


def test_no_letter_is_sent_once_nothing_is_owed(processor: FakeTransfers) -> None:
    payable = owing()
    credit(payable, 600)
    send_debt_letter(artisan_id=payable.artisan_id)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM payouts_reserve",
        "UPDATE payouts_reserve SET amount_minor = amount_minor + 1",
        "UPDATE payouts_reserve SET released_minor = amount_minor",
        "UPDATE payouts_reserve SET debited_minor = amount_minor + 1",
        "UPDATE payouts_reserve SET status = 'released'",
        "UPDATE payouts_reservedebit SET amount_minor = 1",
        "DELETE FROM payouts_reserverelease",
        "DELETE FROM payouts_debtwriteoff",
    ],
)
def test_postgresql_keeps_reserves(statement: str, processor: FakeTransfers) -> None:
    owing()
    services.write_off_debt(debt_reference=SellerDebt.objects.get().public_id, reason="Closed", now=NOW)
    artisan = keeps_back(connected_artisan())
    [payable] = released([(artisan, 1000)], now=NOW)
    services.release_reserves(now=NOW + MONTH)
    [payable] = released([(artisan, 1000)], now=NOW)
    debit(payable, 910, reference="ref_2")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
