"""Give back what was taken from artisans: the refund is not made, the dispute was won, or the platform bears it."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from common import audit, outbox
from common.money import Money
from ledger.journals import SellerPlaces
from payouts.contracts import PartAmount, ReferenceTaken, ShareExceeded, UnknownDebit
from payouts.enums import PayableStatus
from payouts.models import Payable, SellerDebt, ShareCredit, ShareDebit
from payouts.services.debts import written_off_minor
from payouts.services.history import give_to_payable
from payouts.services.locking import lock_debts_of, lock_parts
from payouts.services.reserves import put_back_into_reserves
from payouts.services.reverse import under_way
from payouts.services.supplement import add_supplementary


def credit_parts(
    *, parts: Sequence[PartAmount], reference: str, now: dt.datetime, credit_reference: str = ""
) -> list[SellerPlaces]:
    """Gives each part's amount of the debit `reference` back; returns where it went, in the same order.

    In the caller's transaction. The caller holds the order's lock and afterwards posts one entry that credits the
    places returned. First what is still owed of the debit's debt is forgiven, but not what a transfer reversal is
    bringing back at this moment; what came out of a reserve goes back into it; the rest goes to a payable of the part
    that is still here and was debited, or else to a supplementary one on hold.

    A debit is given back once for each `credit_reference` (the debit's own reference unless one is given, for who has
    more than one reason): again, the same places are returned. Raises ReferenceTaken if the amount is another,
    UnknownDebit where nothing was taken, ShareExceeded for more than was taken and not given back.
    """
    given_by = credit_reference or reference
    payables = lock_parts(seller_order_references=[part.seller_order_reference for part in parts])
    # Kept by the locks of their parts. With locks of their own they would be waited for at the commit of whoever nets
    # one debt twice: PostgreSQL then checks the debt's foreign key to its debit anew.
    found = ShareDebit.objects.filter(seller_order_reference__in=payables, reference=reference)
    debits = {debit.seller_order_reference: debit for debit in found.order_by("id")}
    debts = lock_debts_of(debits=debits.values())
    known = {
        credit.debit_id: credit for credit in ShareCredit.objects.filter(debit__in=debits.values(), reference=given_by)
    }
    places = []
    for part in parts:
        of_part, debit = payables[part.seller_order_reference], debits.get(part.seller_order_reference)
        if debit is None:
            raise UnknownDebit(f"nothing was taken from {part.seller_order_reference} for {reference}")
        credit = known.get(debit.pk)
        if credit is None:
            credit = _give(debit, debts.get(debit.pk), of_part, part.amount, given_by, now)
        elif Money(credit.amount_minor, debit.currency) != part.amount:
            raise ReferenceTaken(f"{credit.amount_minor} of {part.seller_order_reference} were given for {given_by}")
        places.append(_places(credit, debit.currency, of_part[0].artisan.public_id))
    return places


def _give(
    debit: ShareDebit,
    debt: SellerDebt | None,
    payables: Sequence[Payable],
    amount: Money,
    given_by: str,
    now: dt.datetime,
) -> ShareCredit:
    left = debit.amount - Money(debit.credited_minor, debit.currency)
    if not Money.zero(left.currency) < amount or left < amount:
        raise ShareExceeded(f"{amount} are to be given back of {left} taken for {debit}")
    missing_minor = amount.amount_minor
    forgiven_minor = _forgive(debt, missing_minor, now) if debt is not None else 0
    missing_minor -= forgiven_minor
    reserved_minor = put_back_into_reserves(debit, missing_minor, reference=given_by, now=now)
    missing_minor -= reserved_minor
    _reopen(debt, missing_minor, given_by)
    given = {PayableStatus.HELD: 0, PayableStatus.RELEASED: 0}
    for status in given:
        for payable in payables:
            amount_minor = min(missing_minor, payable.debited_minor) if payable.status == status else 0
            if amount_minor:
                give_to_payable(payable, amount_minor, reference=given_by, now=now)
                given[status] += amount_minor
                missing_minor -= amount_minor
    sold = payables[0]
    if missing_minor:
        add_supplementary(
            like=sold, amount_minor=missing_minor, origin_reference=_origin(sold, given_by),
            hold_until=sold.hold_until, now=now,
        )  # fmt: skip
        given[PayableStatus.HELD] += missing_minor
    debit.credited_minor += amount.amount_minor
    debit.updated_at = now
    debit.save(update_fields=["credited_minor", "updated_at"])
    audit.record(
        event_type="share.credited", outcome="succeeded", subject=debit.seller_order_reference, amount=amount,
        artisan=sold.artisan.public_id, command=f"credit:{given_by}",
    )  # fmt: skip
    return ShareCredit.objects.create(
        debit=debit, reference=given_by, amount_minor=amount.amount_minor, held_minor=given[PayableStatus.HELD],
        payable_minor=given[PayableStatus.RELEASED], reserved_minor=reserved_minor, receivable_minor=forgiven_minor,
        created_at=now,
    )  # fmt: skip


def _origin(sold: Payable, given_by: str) -> str:
    """What makes a supplementary payable. A dispute may give back several debits of one part: the next are numbered."""
    known = Payable.objects.filter(
        Q(origin_reference=given_by) | Q(origin_reference__startswith=f"{given_by}:"),
        seller_order_reference=sold.seller_order_reference,
    ).count()
    return f"{given_by}:{known + 1}" if known else given_by


def _forgive(debt: SellerDebt, at_most_minor: int, now: dt.datetime) -> int:
    """Takes off what is owed and not on its way back; returns how much, minor units."""
    amount_minor = min(at_most_minor, debt.open_minor - under_way([debt]).get(debt.pk, 0))
    if amount_minor:
        debt.forgiven_minor += amount_minor
        debt.updated_at = now
        debt.save(update_fields=["forgiven_minor", "updated_at"])
        audit.record(
            event_type="debt.forgiven", outcome="succeeded", subject=debt.public_id,
            amount=Money(amount_minor, debt.currency), artisan=debt.artisan.public_id,
            command=f"credit:{debt.reference}",
        )  # fmt: skip
    return amount_minor


def _reopen(debt: SellerDebt | None, given_minor: int, given_by: str) -> None:
    """What was written off, and is given to the artisan now as if it had been paid, is owed again right after this."""
    again_minor = min(written_off_minor(debt), given_minor) if debt is not None else 0
    if debt is not None and again_minor:
        outbox.enqueue(
            task="payouts.tasks.reopen_debt",
            kwargs={"debt": debt.public_id, "amount_minor": again_minor},
            key=f"reopen:{debt.public_id}:{given_by}",
        )


def _places(credit: ShareCredit, currency: str, seller: str) -> SellerPlaces:
    return SellerPlaces(
        seller=seller,
        held=Money(credit.held_minor, currency),
        payable=Money(credit.payable_minor, currency),
        reserved=Money(credit.reserved_minor, currency),
        receivable=Money(credit.receivable_minor, currency),
    )
