"""The end of a debt that nothing recovers: the artisan is asked to settle it, and at last it is written off."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import F

from common import audit, context, outbox
from common.money import Money
from payouts.contracts import NothingToWriteOff, ReasonMissing, UnknownDebt
from payouts.models import DebtWriteOff, SellerDebt
from payouts.services import books
from payouts.services.reverse import under_way

_REASON_LENGTH = 300
_REOPENED = "A credit gave the artisan what had been written off."


def write_off_debt(*, debt_reference: str, reason: str, now: dt.datetime) -> Money:
    """By staff with the permission `payouts.write_off_debt`, checked by the caller: we bear what is open of the debt.

    What a transfer reversal is bringing back at this moment stays open. Returns how much it was. Raises UnknownDebt,
    ReasonMissing, and NothingToWriteOff where nothing is open.
    """
    with (
        audit.refusals(event_type="debt.write_off_refused", subject=debt_reference, command="write_off_debt"),
        transaction.atomic(),
    ):
        words = " ".join(reason.split())
        if not 0 < len(words) <= _REASON_LENGTH:
            raise ReasonMissing()
        debt = _lock(debt_reference)
        amount_minor = debt.open_minor - under_way([debt]).get(debt.pk, 0)
        if amount_minor <= 0:
            raise NothingToWriteOff()
        debt.forgiven_minor += amount_minor
        _write(debt, amount_minor, words, now)
    return Money(amount_minor, debt.currency)


def reopen_debt(*, debt_reference: str, amount_minor: int, now: dt.datetime) -> None:
    """What was written off is owed again, because a credit has given it to the artisan a second time.

    Left in the outbox by `credit_parts`: its own transaction posts to the same accounts, and a transaction posts to an
    artisan's accounts once. Never more than was written off.
    """
    with transaction.atomic():
        debt = _lock(debt_reference)
        amount_minor = min(amount_minor, written_off_minor(debt))
        if amount_minor <= 0:
            return
        debt.forgiven_minor -= amount_minor
        _write(debt, -amount_minor, _REOPENED, now)


def written_off_minor(debt: SellerDebt) -> int:
    """What of a locked debt is written off now, minor units."""
    return sum(debt.write_offs.values_list("amount_minor", flat=True))


def remind_of_debts(*, now: dt.datetime, limit: int = 200) -> int:
    """By the schedule: asks artisans by letter to settle what they have owed for long, once for each debt.

    Not what is kept for an undecided dispute. One letter for all debts of an artisan; returns how many letters.
    """
    with transaction.atomic():
        debts = list(
            SellerDebt.objects.select_for_update(skip_locked=True)
            .filter(
                collects=True,
                reminded_at__isnull=True,
                created_at__lte=now - settings.DEBT_LETTER_AFTER,
                amount_minor__gt=F("recovered_minor") + F("forgiven_minor"),
            )
            .order_by("id")[:limit]
        )
        SellerDebt.objects.filter(id__in=[debt.pk for debt in debts]).update(reminded_at=now, updated_at=now)
        newest = {debt.artisan_id: debt for debt in debts}
        for debt in newest.values():
            outbox.enqueue(
                task="payouts.tasks.send_debt_letter",
                kwargs={"artisan_id": debt.artisan_id},
                key=f"debt-letter:{debt.public_id}",
            )
    return len(newest)


def _lock(debt_reference: str) -> SellerDebt:
    debt = SellerDebt.objects.select_for_update(of=("self",)).select_related("artisan").filter(
        public_id=debt_reference
    ).first()  # fmt: skip
    if debt is None:
        raise UnknownDebt()
    return debt


def _write(debt: SellerDebt, amount_minor: int, reason: str, now: dt.datetime) -> None:
    debt.updated_at = now
    debt.save(update_fields=["forgiven_minor", "updated_at"])
    work = context.current()
    write_off = DebtWriteOff.objects.create(
        debt=debt, number=debt.write_offs.count() + 1, amount_minor=amount_minor, reason=reason, actor=work.actor,
        trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip
    audit.record(
        event_type="debt.written_off" if amount_minor > 0 else "debt.reopened", outcome="succeeded",
        subject=debt.public_id, amount=Money(abs(amount_minor), debt.currency), artisan=debt.artisan.public_id,
        command="write_off_debt" if amount_minor > 0 else "reopen_debt",
    )  # fmt: skip
    books.post([books.write_off_entry(write_off, debt, now=now)])
