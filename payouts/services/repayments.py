"""What artisans pay to our bank account for what they owe us: recorded by staff, and undone if that was a mistake."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max

from common import audit, context, outbox
from common.ids import new_public_id
from common.money import Money, total
from payouts.contracts import (
    NothingToRepay,
    ReasonMissing,
    ReferenceTaken,
    RepaymentRefused,
    RepaymentTooLarge,
    UnknownRepayment,
)
from payouts.enums import RepaymentEdge, RepaymentStatus
from payouts.models import DebtRecovery, DebtRepayment, SellerDebt
from payouts.services import books
from payouts.services.locking import lock_debts, lock_open_debts
from payouts.services.reverse import under_way
from payouts.transitions import repayment_after

_REASON_LENGTH, _REFERENCE_LENGTH = 300, 140


def record_repayment(
    *, artisan_id: int, amount: Money, bank_reference: str, received_on: dt.date, now: dt.datetime
) -> DebtRepayment:
    """By staff with the permission `payouts.record_repayment`, checked by the caller: an artisan's transfer arrived.

    `bank_reference` is the line of our bank's statement, by which the reconciliation finds it: its number or its
    reference. It is recorded once: again with the same figures, the same repayment is returned. The amount goes to the
    artisan's debts in its currency, first those that we have asked to be paid and then those of undecided disputes,
    oldest first; never to what a transfer reversal is bringing back at this moment. Raises RepaymentRefused for a
    reference, an amount or a date that can't be, NothingToRepay, RepaymentTooLarge, and ReferenceTaken where the line
    was recorded with other figures.
    """
    reference = " ".join(bank_reference.split())
    with (
        audit.refusals(event_type="debt.repayment_refused", subject=reference[:40], command="record_repayment"),
        transaction.atomic(),
    ):
        _check(amount, reference, received_on, now)
        debts = [
            debt for debt in lock_open_debts(artisan_ids=[artisan_id]) if debt.currency == amount.currency
        ]  # fmt: skip
        known = _known(reference)
        if known is None:
            shares = _shares(debts, amount)
            known = _insert(artisan_id, amount, reference, received_on, now)
            if known is not None:
                _record(known, shares, now)
                return known
            known = _known(reference)
            assert known is not None  # noqa: S101 for the types: `_insert` has found it
        if (known.artisan_id, known.amount, known.received_on) != (artisan_id, amount, received_on):
            raise ReferenceTaken(
                f"The line {reference} of the bank was recorded as {known.public_id}: {known.amount} of"
                f" {known.artisan.name}, received on {known.received_on}"
            )
        return known


def undo_repayment(*, repayment_reference: str, reason: str, now: dt.datetime) -> DebtRepayment:
    """By staff with the permission `payouts.record_repayment`: it was recorded by mistake, and is owed again.

    The entry in the books is reversed, and the line of the bank may be recorded anew. Once undone, it stays so: again,
    nothing happens. Raises UnknownRepayment, ReasonMissing.
    """
    with (
        audit.refusals(event_type="debt.repayment_undo_refused", subject=repayment_reference, command="undo_repayment"),
        transaction.atomic(),
    ):
        words = " ".join(reason.split())
        if not 0 < len(words) <= _REASON_LENGTH:
            raise ReasonMissing()
        paid = DebtRecovery.objects.filter(repayment__public_id=repayment_reference, amount_minor__gt=0)
        debts = lock_debts(debt_ids=paid.values_list("debt_id", flat=True))
        repayment = (
            DebtRepayment.objects.select_for_update(of=("self",))
            .select_related("artisan")
            .filter(public_id=repayment_reference)
            .first()
        )
        if repayment is None:
            raise UnknownRepayment()
        if repayment.status == RepaymentStatus.UNDONE:
            return repayment
        repayment.status = repayment_after(repayment.status, RepaymentEdge.UNDONE)
        repayment.undone_at = repayment.updated_at = now
        repayment.undone_by, repayment.undone_reason = context.current().actor, words
        repayment.save(update_fields=["status", "undone_at", "undone_by", "undone_reason", "updated_at"])
        minor_of = dict(paid.values_list("debt_id", "amount_minor"))
        _recover(repayment, [(debt, -minor_of[debt.pk]) for debt in debts], now)
        books.undo_repayment(repayment, now=now)
        _tell(repayment, "debt.repayment_undone", "undo_repayment")
    return repayment


def repayable_of(*, artisan_id: int) -> dict[str, Money]:
    """By currency: what an artisan may pay to our bank account now, for the page that records it. No locks."""
    debts = list(SellerDebt.objects.filter(artisan_id=artisan_id).order_by("id"))
    coming = under_way(debts)
    sums: dict[str, int] = {}
    for debt in debts:
        sums[debt.currency] = sums.get(debt.currency, 0) + debt.open_minor - coming.get(debt.pk, 0)
    return {currency: Money(minor, currency) for currency, minor in sums.items() if minor}


def _check(amount: Money, reference: str, received_on: dt.date, now: dt.datetime) -> None:
    if amount.amount_minor <= 0:
        raise RepaymentRefused("The amount must be above zero.")
    if not 0 < len(reference) <= _REFERENCE_LENGTH:
        raise RepaymentRefused(f"Please give the reference of the bank's line, at most {_REFERENCE_LENGTH} characters.")
    if received_on > now.date():
        raise RepaymentRefused("The bank can't have booked it on a day that has not come.")


def _known(reference: str) -> DebtRepayment | None:
    recorded = DebtRepayment.objects.filter(bank_reference=reference, status=RepaymentStatus.RECORDED)
    return recorded.select_related("artisan").first()


def _shares(debts: Sequence[SellerDebt], amount: Money) -> list[tuple[SellerDebt, int]]:
    """What of the amount goes to which debt, minor units. Raises NothingToRepay, RepaymentTooLarge."""
    coming = under_way(debts)
    open_minor = {debt.pk: debt.open_minor - coming.get(debt.pk, 0) for debt in debts}
    owed = total((Money(minor, amount.currency) for minor in open_minor.values()), amount.currency)
    if not owed:
        raise NothingToRepay()
    if owed < amount:
        raise RepaymentTooLarge(
            f"{owed} is owed and not on its way back already. Record that much, and send back what was paid too much."
        )
    left_minor, shares = amount.amount_minor, []
    for debt in sorted(debts, key=lambda one: (not one.collects, one.pk)):
        minor = min(left_minor, open_minor[debt.pk])
        left_minor -= minor
        if minor:
            shares.append((debt, minor))
    return shares


def _insert(
    artisan_id: int, amount: Money, reference: str, received_on: dt.date, now: dt.datetime
) -> DebtRepayment | None:
    """None where somebody else has recorded the same line for another artisan in this very moment."""
    work = context.current()
    try:
        with transaction.atomic():
            return DebtRepayment.objects.create(
                public_id=new_public_id("rpy"), artisan_id=artisan_id, amount_minor=amount.amount_minor,
                currency=amount.currency, bank_reference=reference, received_on=received_on, actor=work.actor,
                trace_id=work.trace_id, created_at=now, updated_at=now,
            )  # fmt: skip
    except IntegrityError:
        if _known(reference) is None:
            raise
        return None


def _record(repayment: DebtRepayment, shares: Sequence[tuple[SellerDebt, int]], now: dt.datetime) -> None:
    _recover(repayment, shares, now)
    books.post([books.repayment_entry(repayment, now=now)])
    _tell(repayment, "debt.repaid", "record_repayment")


def _recover(repayment: DebtRepayment, shares: Iterable[tuple[SellerDebt, int]], now: dt.datetime) -> None:
    """Makes each debt smaller by its minor units; below zero: larger again. The debts are locked."""
    for debt, minor in shares:
        debt.recovered_minor += minor
        debt.updated_at = now
        debt.save(update_fields=["recovered_minor", "updated_at"])
        last = debt.recoveries.aggregate(last=Max("number"))["last"] or 0
        DebtRecovery.objects.create(
            debt=debt, number=last + 1, repayment=repayment, amount_minor=minor, occurred_at=now
        )  # fmt: skip


def _tell(repayment: DebtRepayment, event: str, command: str) -> None:
    audit.record(
        event_type=event, outcome="succeeded", subject=repayment.public_id, amount=repayment.amount,
        artisan=repayment.artisan.public_id, command=f"{command}:{repayment.bank_reference}"[:80],
    )  # fmt: skip
    outbox.enqueue(
        task="payouts.tasks.send_repayment_letter",
        kwargs={"repayment_id": repayment.pk},
        key=f"repayment:{repayment.public_id}:{repayment.status}",
    )
