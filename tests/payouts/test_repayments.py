"""An artisan pays what they owe to our bank account: recorded once, with its line of the bank's statement."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from catalog.models import Artisan
from common.clock import now as clock_now
from common.models import OutboxMessage
from common.money import Money
from orders.selectors.seller_statements import statement_between
from payouts import services
from payouts.contracts import (
    NothingToRepay,
    ReasonMissing,
    ReferenceTaken,
    RepaymentRefused,
    RepaymentTooLarge,
    UnknownRepayment,
)
from payouts.models import DebtRecovery, DebtRepayment, SellerDebt
from payouts.selectors import totals_of_artisan
from payouts.tasks import send_repayment_letter
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import HOLD, NOW, audited, books, connected_artisan, credit, debit, released, run, sell
from tests.payouts.test_admin import staff_client

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def owing(*amounts: int) -> Artisan:
    """An artisan who was paid 10.00 for each of these, and owes so much of each."""
    artisan = connected_artisan()
    payables = [released([(artisan, 1000)], now=NOW)[0] for _ in amounts]
    run()
    for number, (payable, minor) in enumerate(zip(payables, amounts, strict=True)):
        debit(payable, minor, reference=f"ref_{number}", collects=False)
    return artisan


def record(artisan: Artisan, minor: int, *, line: str = "B-1", **more: Any) -> DebtRepayment:
    given: dict[str, Any] = {"received_on": TODAY, "now": NOW, **more}
    return services.record_repayment(
        artisan_id=artisan.pk, amount=Money(minor, "EUR"), bank_reference=line, **given
    )  # fmt: skip


def open_of(artisan: Artisan) -> list[int]:
    return [debt.open_minor for debt in SellerDebt.objects.filter(artisan=artisan).order_by("id")]


def receivable(artisan: Artisan) -> int:
    return books().get(f"seller_receivable:{artisan.public_id}", 0)


def test_what_arrives_at_our_bank_pays_the_oldest_debt_first(processor: FakeTransfers) -> None:
    artisan = owing(600, 300)
    repayment = record(artisan, 700, line="  B  1 ")
    assert (repayment.bank_reference, repayment.status, repayment.actor) == ("B 1", "recorded", "system")
    assert open_of(artisan) == [0, 200]
    assert (books()["bank"], receivable(artisan)) == (700, 200)
    assert audited(repayment.public_id) == [("debt.repaid", "succeeded")]
    totals = totals_of_artisan(artisan_id=artisan.pk)["EUR"]
    assert (totals.owed.amount_minor, totals.repaid.amount_minor, totals.earned.amount_minor) == (200, 700, 1100)


def test_debts_of_undecided_disputes_are_paid_last(processor: FakeTransfers) -> None:
    artisan = owing(600, 300)
    SellerDebt.objects.filter(reference="ref_1").update(collects=True)
    record(artisan, 400)
    assert open_of(artisan) == [500, 0]


def test_the_same_line_of_the_bank_is_recorded_once(processor: FakeTransfers) -> None:
    artisan, other = owing(600), owing(600)
    first = record(artisan, 600)
    assert record(artisan, 600).pk == first.pk, "though nothing is owed any more"
    for who, minor, day in ((artisan, 599, TODAY), (other, 600, TODAY), (artisan, 600, TODAY - dt.timedelta(days=1))):
        with pytest.raises(ReferenceTaken, match=first.public_id):
            record(who, minor, received_on=day)
    assert (DebtRepayment.objects.count(), books()["bank"]) == (1, 600)


def test_no_more_is_recorded_than_is_owed(processor: FakeTransfers) -> None:
    artisan = owing(600)
    with pytest.raises(RepaymentTooLarge, match=r"€6\.00 is owed"):
        record(artisan, 601)
    with pytest.raises(NothingToRepay):
        services.record_repayment(
            artisan_id=artisan.pk, amount=Money(1, "USD"), bank_reference="B-1", received_on=TODAY, now=NOW
        )
    assert audited("B-1") == [("debt.repayment_refused", "refused")] * 2
    assert not DebtRepayment.objects.exists()


def test_what_a_reversal_is_bringing_back_is_not_to_be_paid(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600)
    assert services.repayable_of(artisan_id=payable.artisan_id) == {}
    with pytest.raises(NothingToRepay):
        record(payable.artisan, 600)


@pytest.mark.parametrize(
    ("minor", "line", "day"),
    [(0, "B-1", TODAY), (-5, "B-1", TODAY), (5, " ", TODAY), (5, "x" * 141, TODAY), (5, "B-1", TODAY + HOLD)],
)
def test_figures_that_can_not_be_are_refused(minor: int, line: str, day: dt.date, processor: FakeTransfers) -> None:
    artisan = owing(600)
    with pytest.raises(RepaymentRefused):
        record(artisan, minor, line=line, received_on=day)


def test_what_was_recorded_by_mistake_is_owed_again_and_the_line_can_be_recorded_anew(
    processor: FakeTransfers,
) -> None:
    artisan, right = owing(600, 300), owing(800)
    wrong = record(artisan, 700)
    for reason in (" ", "x" * 301):
        with pytest.raises(ReasonMissing):
            services.undo_repayment(repayment_reference=wrong.public_id, reason=reason, now=NOW)
    with pytest.raises(UnknownRepayment):
        services.undo_repayment(repayment_reference="rpy_none", reason="x", now=NOW)
    for _ in range(2):
        undone = services.undo_repayment(repayment_reference=wrong.public_id, reason="Another artisan's", now=NOW)
        assert (undone.status, undone.undone_by, undone.undone_reason) == ("undone", "system", "Another artisan's")
    assert open_of(artisan) == [600, 300]
    assert [row.amount_minor for row in DebtRecovery.objects.order_by("id")] == [600, 100, -600, -100]
    assert (books().get("bank", 0), receivable(artisan)) == (0, 900)
    assert record(right, 700).pk != wrong.pk
    assert (books()["bank"], receivable(right)) == (700, 100)
    assert [event for event, _ in audited(wrong.public_id)].count("debt.repayment_undone") == 1


def test_a_dispute_that_is_won_after_it_was_paid_back_gives_the_artisan_the_money(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600, reference="dsp_1", collects=False)
    record(payable.artisan, 600)
    places = credit(payable, 600, reference="dsp_1")
    assert (places.held.amount_minor, places.receivable.amount_minor) == (600, 0)
    assert receivable(payable.artisan) == 0


def test_what_is_paid_back_is_not_kept_from_the_next_sale(processor: FakeTransfers) -> None:
    artisan = owing(600)
    record(artisan, 600)
    sell([(artisan, 1000)], now=NOW)
    services.release_due(now=NOW + HOLD)
    run(NOW + HOLD)
    assert [made.amount.amount_minor for made in processor.made] == [1000, 1000]


def test_the_artisans_statement_tells_of_it(processor: FakeTransfers) -> None:
    artisan = owing(600)
    repayment = record(artisan, 400)
    services.undo_repayment(repayment_reference=repayment.public_id, reason="Mistake", now=NOW)
    at = clock_now()
    statement = statement_between(artisan, "EUR", at - dt.timedelta(days=1), at, is_complete=True)
    told = [(entry.text, entry.amount.amount_minor) for entry in statement.entries[-2:]]
    assert told == [
        ("You paid it to our bank account: what you owed is less", 400),
        ("A payment to our bank account was recorded by mistake: owed again", -400),
    ]
    assert statement.closing.owed == Money(600, "EUR")


def test_the_artisan_is_told_what_arrived_and_what_is_left(processor: FakeTransfers) -> None:
    artisan = owing(600)
    repayment = record(artisan, 400, line="SEPA-77")
    services.undo_repayment(repayment_reference=repayment.public_id, reason="It was rent.", now=NOW)
    messages = OutboxMessage.objects.filter(task="payouts.tasks.send_repayment_letter").order_by("id")
    assert [message.kwargs for message in messages] == [{"repayment_id": repayment.pk}] * 2
    send_repayment_letter(repayment_id=repayment.pk)
    send_repayment_letter(repayment_id=record(artisan, 600, line="SEPA-78").pk)
    undone, received = mail.outbox
    assert (undone.subject, undone.to) == ("€4.00 were recorded by mistake", [artisan.owner.email])
    assert "It was rent." in undone.body
    assert "You owe us €6.00 now." in undone.body
    assert received.subject == "We have received €6.00"
    assert "SEPA-78" in received.body
    assert "You owe us nothing any more." in received.body


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM payouts_debtrepayment",
        "UPDATE payouts_debtrepayment SET amount_minor = amount_minor + 1",
        "UPDATE payouts_debtrepayment SET bank_reference = 'B-2'",
        "UPDATE payouts_debtrepayment SET status = 'undone'",
        "UPDATE payouts_debtrecovery SET amount_minor = 1",
        "INSERT INTO payouts_debtrecovery (debt_id, number, amount_minor, occurred_at)"
        " SELECT id, 9, 1, now() FROM payouts_sellerdebt",
    ],
)
def test_postgresql_keeps_repayments(statement: str, processor: FakeTransfers) -> None:
    record(owing(600), 600)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_staff_record_it_on_the_page_of_a_debt_and_undo_it(processor: FakeTransfers) -> None:
    artisan = owing(600)
    debt = SellerDebt.objects.get()
    page = reverse("admin:payouts_sellerdebt_repay", args=[debt.pk])
    of_debt = reverse("admin:payouts_sellerdebt_change", args=[debt.pk])
    viewer, _ = staff_client("view_sellerdebt", "view_debtrepayment")
    assert viewer.get(page).status_code == 403
    assert "Record a bank transfer" not in viewer.get(of_debt).content.decode()
    client, user = staff_client("view_sellerdebt", "view_debtrepayment", "view_debtrecovery", "record_repayment")
    assert "Record a bank transfer" in client.get(of_debt).content.decode()
    assert 'value="6.00"' in client.get(page).content.decode()
    given = {"amount": "6.01", "received_on": "2026-11-20", "bank_reference": "B-1"}
    assert "€6.00 is owed and not on its way back" in client.post(page, given).content.decode()
    assert "such as 12.50" in client.post(page, {**given, "amount": "6,0x"}).content.decode()
    answer = client.post(page, {**given, "amount": "6.00"}, follow=True)
    repayment = DebtRepayment.objects.get()
    assert (repayment.actor, repayment.received_on, open_of(artisan)) == (
        f"staff:{user.pk}", dt.date(2026, 11, 20), [0]
    )  # fmt: skip
    shown = answer.content.decode()
    assert "€6.00 of" in shown
    assert "debt_repaid:" in shown
    assert "debt_repaid:" in client.get(of_debt).content.decode()
    undo = reverse("admin:payouts_debtrepayment_undo", args=[repayment.pk])
    assert viewer.get(undo).status_code == 403
    assert "B-1" in client.get(undo).content.decode()
    shown = client.post(undo, {"reason": "Rent"}, follow=True).content.decode()
    assert "debt_repayment_undone:" in shown
    assert f"{user.full_name or user.email} (staff:{user.pk}): Rent" in shown
    assert open_of(artisan) == [600]
    assert "debt_repayment_undone:" in client.get(of_debt).content.decode()
