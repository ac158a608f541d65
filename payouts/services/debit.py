"""Take away from what artisans are owed, because of a refund or a dispute."""

import datetime as dt
from collections.abc import Sequence

from common import audit
from common.ids import new_public_id
from common.money import Money
from ledger.journals import SellerPlaces
from payouts.contracts import PartAmount, ReferenceTaken, ShareExceeded
from payouts.enums import PayableEdge, PayableStatus
from payouts.models import Payable, SellerDebt, ShareDebit
from payouts.services.history import take_from_payable
from payouts.services.locking import lock_parts
from payouts.services.reserves import note_debit, take_from_reserves
from payouts.services.reverse import request_reversals


def debit_parts(*, parts: Sequence[PartAmount], reference: str, collects: bool, now: dt.datetime) -> list[SellerPlaces]:
    """Takes each part's amount from what its artisan is owed; returns where it was taken from, in the same order.

    In the caller's transaction. The caller holds the order's lock and afterwards posts one entry that debits the
    places returned. Taken from what is on hold, then from what is released, then from what is kept back of this very
    part as a reserve (decision 14); what has left already, or is being transferred at this moment, is owed by the
    artisan from now on. Whatever becomes of a transfer that is under way: carried out, it can be reversed; refused, the
    debt is kept from the payable before it is sent again.

    `collects` asks at once for reversals of the transfers concerned; without it (a dispute that is not decided) the
    debt is only netted against what else is due to the artisan, until `collect_debt`.

    The same reference and part again: the same places, and nothing is taken. Raises ReferenceTaken if the amount is
    another, UnknownPayable for a part of which nothing is owed, ShareExceeded if more would be taken of a part, over
    all references and less what was given back, than the artisan's share as it was sold (or the part's `at_most`).
    """
    payables = lock_parts(seller_order_references=[part.seller_order_reference for part in parts])
    debits = list(ShareDebit.objects.filter(seller_order_reference__in=payables).order_by("id"))
    known = {debit.seller_order_reference: debit for debit in debits if debit.reference == reference}
    places, debts = [], []
    for part in parts:
        of_part, debit = payables[part.seller_order_reference], known.get(part.seller_order_reference)
        if debit is None:
            _check_share(part, of_part[0], debits)
            debit, debt = _take(part, of_part, reference, collects, now)
            debts += [debt] if debt is not None else []
        elif debit.amount != part.amount:
            raise ReferenceTaken(f"{debit.amount} of {part.seller_order_reference} were taken for {reference}")
        places.append(places_of(debit, of_part[0].artisan.public_id))
    if collects and debts:
        request_reversals(debts, now=now)
    return places


def places_of(debit: ShareDebit, seller: str) -> SellerPlaces:
    """What `debit_parts` returned for it."""
    return SellerPlaces(
        seller=seller,
        held=Money(debit.held_minor, debit.currency),
        payable=Money(debit.payable_minor, debit.currency),
        reserved=Money(debit.reserved_minor, debit.currency),
        receivable=Money(debit.receivable_minor, debit.currency),
    )


def _check_share(part: PartAmount, sold: Payable, debits: Sequence[ShareDebit]) -> None:
    """`sold` is the part's payable of the sale: its first."""
    taken_minor = sum(
        debit.amount_minor - debit.credited_minor
        for debit in debits
        if debit.seller_order_reference == part.seller_order_reference
    )
    left = (part.at_most or sold.amount) - Money(taken_minor, sold.currency)
    if not Money.zero(left.currency) < part.amount or left < part.amount:
        raise ShareExceeded(f"{part.amount} of {part.seller_order_reference}, of which {left} are left")


def _take(
    part: PartAmount, payables: Sequence[Payable], reference: str, collects: bool, now: dt.datetime
) -> tuple[ShareDebit, SellerDebt | None]:
    missing_minor, taken = part.amount.amount_minor, {PayableStatus.HELD: 0, PayableStatus.RELEASED: 0}
    for status in taken:
        for payable in payables:
            amount_minor = min(missing_minor, payable.left.amount_minor) if payable.status == status else 0
            if amount_minor:
                take_from_payable(
                    payable, amount_minor, part=PayableEdge.DEBITED, whole=PayableEdge.DEBITED_WHOLE,
                    reference=reference, now=now,
                )  # fmt: skip
                taken[status] += amount_minor
                missing_minor -= amount_minor
    reserved = take_from_reserves(payables, missing_minor, now=now)
    reserved_minor = sum(amount_minor for _, amount_minor in reserved)
    missing_minor -= reserved_minor
    sold = payables[0]
    debit = ShareDebit.objects.create(
        seller_order_reference=part.seller_order_reference, reference=reference, artisan=sold.artisan,
        amount_minor=part.amount.amount_minor, currency=part.amount.currency,
        held_minor=taken[PayableStatus.HELD], payable_minor=taken[PayableStatus.RELEASED],
        reserved_minor=reserved_minor, receivable_minor=missing_minor, created_at=now, updated_at=now,
    )  # fmt: skip
    note_debit(debit, reserved, reference=reference, now=now)
    audit.record(
        event_type="share.debited", outcome="succeeded", subject=part.seller_order_reference, amount=part.amount,
        artisan=sold.artisan.public_id, command=f"debit:{reference}",
    )  # fmt: skip
    return debit, _open_debt(debit, sold, collects, now) if missing_minor else None


def _open_debt(debit: ShareDebit, sold: Payable, collects: bool, now: dt.datetime) -> SellerDebt:
    debt = SellerDebt.objects.create(
        public_id=new_public_id("deb"), debit=debit, artisan=sold.artisan, order_reference=sold.order_reference,
        seller_order_reference=debit.seller_order_reference, reference=debit.reference,
        amount_minor=debit.receivable_minor, currency=debit.currency, collects=collects, created_at=now,
        updated_at=now,
    )  # fmt: skip
    audit.record(
        event_type="debt.opened", outcome="succeeded", subject=debt.public_id, amount=debt.amount,
        artisan=sold.artisan.public_id, command=f"debit:{debit.reference}",
    )  # fmt: skip
    return debt
