"""Persist: transfer reversals are written down, with the debts they are for, before anything is sent."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet, Sum

from common import audit, context, outbox
from common.ids import new_public_id
from payments import services as payments
from payments.enums import RequestKind
from payouts.enums import ReversalStatus
from payouts.models import SellerDebt, ShareDebit, Transfer, TransferReversal
from payouts.services.items import left_of_parts
from payouts.services.locking import lock_debts_of, lock_done_transfers, lock_parts

_UNDER_WAY = (ReversalStatus.REQUESTED, ReversalStatus.UNKNOWN)


def collect_debt(*, reference: str, now: dt.datetime) -> int:
    """From now on, transfers are reversed for what artisans owe because of this refund or dispute.

    In the caller's transaction, with the order's lock held: a lost dispute, after `credit_parts` has given back what
    the artisan is not liable for. Returns how many reversals were asked for; they are sent after commit. Again, or
    where nothing is owed: none.
    """
    debits = list(ShareDebit.objects.filter(reference=reference, debt__collects=False).order_by("id"))
    if not debits:
        return 0
    lock_parts(seller_order_references=[debit.seller_order_reference for debit in debits])
    debts = [debt for debt in lock_debts_of(debits=debits).values() if not debt.collects]
    for debt in debts:
        debt.collects, debt.updated_at = True, now
        debt.save(update_fields=["collects", "updated_at"])
    return len(request_reversals(debts, now=now))


def request_reversals(
    debts: Sequence[SellerDebt], *, now: dt.datetime, only: Transfer | None = None
) -> list[TransferReversal]:
    """Writes down reversals for what is open of these debts, as far as transfers still hold something of their parts.

    A transfer pays several parts of orders: of each no more is asked back than was sent for it. The debts and their
    parts' payables are locked. `only` limits it to one transfer. What no transfer can give back stays open and is
    netted.
    """
    if not any(debt.open_minor for debt in debts):
        return []
    parts = {debt.seller_order_reference for debt in debts}
    transfers = [only] if only is not None else lock_done_transfers(seller_order_references=parts)
    coming = under_way(debts)
    leaving = Counter(_sums(TransferReversal.objects.filter(transfer__in=transfers), "transfer_id"))
    left = left_of_parts(transfers, parts=parts)
    reversals = []
    for debt in debts:
        missing_minor = debt.open_minor - coming.get(debt.pk, 0)
        for transfer in transfers:
            place = (transfer.pk, debt.seller_order_reference)
            left_minor = transfer.amount_minor - transfer.reversed_minor - leaving[transfer.pk]
            amount_minor = min(missing_minor, left_minor, left.get(place, 0))
            if amount_minor > 0:
                reversals.append(_request(debt, transfer, amount_minor, now))
                leaving[transfer.pk] += amount_minor
                left[place] -= amount_minor
                missing_minor -= amount_minor
    return reversals


def under_way(debts: Iterable[SellerDebt]) -> dict[int, int]:
    """Minor units that reversals are bringing back at this moment, by the debt's id; debts without one are left out."""
    return _sums(TransferReversal.objects.filter(debt__in=list(debts)), "debt_id")


def _sums(reversals: "QuerySet[TransferReversal]", column: str) -> dict[int, int]:
    open_ones = reversals.filter(status__in=_UNDER_WAY).values_list(column)
    return dict(open_ones.annotate(together=Sum("amount_minor")).order_by(column))


def _request(debt: SellerDebt, transfer: Transfer, amount_minor: int, now: dt.datetime) -> TransferReversal:
    reversal = TransferReversal.objects.create(
        public_id=new_public_id("trr"), transfer=transfer, debt=debt, amount_minor=amount_minor,
        currency=debt.currency, created_at=now, updated_at=now,
    )  # fmt: skip
    payments.prepare(
        kind=RequestKind.TRANSFER_REVERSAL,
        processor=transfer.processor,
        subject=reversal.public_id,
        body={
            "reversal": reversal.public_id,
            "transfer": str(transfer.processor_transfer_id),
            "amount_minor": amount_minor,
            "currency": debt.currency,
            "trace_id": context.current().trace_id,
        },
        now=now,
    )
    audit.record(
        event_type="transfer_reversal.requested", outcome="requested", subject=reversal.public_id,
        amount=reversal.amount, artisan=debt.artisan.public_id, processor=transfer.processor,
        processor_id=str(transfer.processor_transfer_id), command=f"collect:{debt.reference}",
    )  # fmt: skip
    outbox.enqueue(
        task="payouts.tasks.send_reversal",
        kwargs={"reversal": reversal.public_id},
        key=f"send_reversal:{reversal.public_id}",
    )
    return reversal
