"""The locks of payouts, in their one order.

Runs, payables by id, debts by id, reserves by id, payouts, transfers, reversals, requests, the books. Policies and the
switch are locked by whoever changes them, before anything else.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.contracts import UnknownPayable, UnknownTransfer
from payouts.enums import PayableStatus, ReserveStatus, TransferStatus
from payouts.models import Payable, Payout, PayoutItem, Reserve, SellerDebt, ShareDebit, Transfer, TransferReversal

_TO_NET = """
    SELECT DISTINCT debt.artisan_id
    FROM payouts_sellerdebt debt
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(amount_minor), 0) AS minor FROM payouts_transferreversal
        WHERE debt_id = debt.id AND status IN ('requested', 'unknown')
    ) coming ON true
    WHERE debt.amount_minor > debt.recovered_minor + debt.forgiven_minor
      AND debt.amount_minor - debt.recovered_minor - debt.forgiven_minor > coming.minor
      AND (
        EXISTS (SELECT 1 FROM payouts_payable payable WHERE payable.artisan_id = debt.artisan_id
                AND payable.currency = debt.currency AND payable.status = 'released')
        OR EXISTS (SELECT 1 FROM payouts_reserve reserve WHERE reserve.artisan_id = debt.artisan_id
                   AND reserve.currency = debt.currency AND reserve.status = 'held')
      )
    ORDER BY debt.artisan_id LIMIT %s
"""


def lock_held_payables(*, now: dt.datetime, limit: int) -> list[Payable]:
    """Held ones whose hold is over and that nobody else has in hand."""
    return list(
        Payable.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("artisan")
        .filter(status=PayableStatus.HELD, hold_until__lte=now)
        .order_by("hold_until", "id")[:limit]
    )


def lock_payables(*, payable_ids: Sequence[int]) -> list[Payable]:
    """The given ones, waiting for whoever has them in hand."""
    return list(
        Payable.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(id__in=payable_ids)
        .order_by("id")
    )


def lock_parts(*, seller_order_references: Sequence[str]) -> dict[str, list[Payable]]:
    """All payables of some parts of orders, by part, each in the order of accrual. Raises UnknownPayable."""
    payables = (
        Payable.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(seller_order_reference__in=seller_order_references)
        .order_by("id")
    )
    parts: dict[str, list[Payable]] = {reference: [] for reference in seller_order_references}
    for payable in payables:
        parts[payable.seller_order_reference].append(payable)
    for reference, found in parts.items():
        if not found:
            raise UnknownPayable(f"nothing is owed for {reference}")
    return parts


def lock_open_debts(*, artisan_ids: Iterable[int]) -> list[SellerDebt]:
    """What these artisans still owe, oldest first."""
    return list(
        SellerDebt.objects.select_for_update()
        .filter(artisan_id__in=sorted(artisan_ids), amount_minor__gt=F("recovered_minor") + F("forgiven_minor"))
        .order_by("id")
    )


def lock_debts(*, debt_ids: Iterable[int]) -> list[SellerDebt]:
    """The given ones, settled or not."""
    return list(SellerDebt.objects.select_for_update().filter(id__in=list(debt_ids)).order_by("id"))


def lock_released_payables(*, artisan_ids: Iterable[int]) -> list[Payable]:
    """What is due to these artisans, but for what a run has in hand."""
    return list(
        Payable.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("artisan")
        .filter(artisan_id__in=list(artisan_ids), status=PayableStatus.RELEASED)
        .order_by("id")
    )


def find_artisans_to_net(*, limit: int) -> list[int]:
    """Artisans who owe us something that no reversal is bringing back, and have something to net it with. No locks."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_NET, [limit])
        return [int(row[0]) for row in cursor.fetchall()]


def lock_debts_to_collect(*, seller_order_references: Iterable[str]) -> list[SellerDebt]:
    """What is owed because of these parts, and to be brought back by reversals, oldest first."""
    return list(
        SellerDebt.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(
            seller_order_reference__in=list(seller_order_references),
            collects=True,
            amount_minor__gt=F("recovered_minor") + F("forgiven_minor"),
        )
        .order_by("id")
    )


def lock_debts_of(*, debits: Iterable[ShareDebit]) -> dict[int, SellerDebt]:
    """The debts that these debits led to, by the debit's id."""
    found = SellerDebt.objects.select_for_update().filter(debit__in=list(debits)).order_by("id")
    return {debt.debit_id: debt for debt in found}


def lock_reserves_due(*, now: dt.datetime, limit: int) -> list[Reserve]:
    """Reserves whose time is over and that nobody else has in hand."""
    return list(
        Reserve.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("payable__artisan")
        .filter(status=ReserveStatus.HELD, release_at__lte=now)
        .order_by("release_at", "id")[:limit]
    )


def lock_reserves_of_artisans(*, artisan_ids: Iterable[int]) -> list[Reserve]:
    """What is kept back of these artisans' shares, oldest first."""
    return list(
        Reserve.objects.select_for_update(of=("self",))
        .select_related("payable__artisan")
        .filter(artisan_id__in=sorted(artisan_ids), status=ReserveStatus.HELD)
        .order_by("id")
    )


def lock_reserves_of_payables(payables: Sequence[Payable]) -> list[Reserve]:
    """What is kept back of these payables, oldest first."""
    return list(
        Reserve.objects.select_for_update(of=("self",))
        .filter(payable__in=payables, status=ReserveStatus.HELD)
        .order_by("id")
    )


def lock_done_transfers(*, seller_order_references: Iterable[str]) -> list[Transfer]:
    """The transfers, carried out, of payouts that hold something of these parts. Their payables are locked already."""
    of_parts = PayoutItem.objects.filter(payable__seller_order_reference__in=list(seller_order_references))
    return list(
        Transfer.objects.select_for_update(of=("self",))
        .select_related("payout")
        .filter(payout__in=of_parts.values("payout"), status=TransferStatus.SUCCEEDED)
        .order_by("id")
    )


@dataclass(frozen=True, slots=True)
class LockedTransfer:
    """A transfer with its payout and the payout's artisan, and what it is for: all their rows are locked."""

    transfer: Transfer
    payables: list[Payable]

    @property
    def payout(self) -> Payout:
        return self.transfer.payout

    @property
    def parts(self) -> list[str]:
        """The parts of orders that it pays something of."""
        return list(dict.fromkeys(payable.seller_order_reference for payable in self.payables))


def lock_transfer(*, reference: str) -> LockedTransfer:
    """Payables, payout and transfer, in this order. Raises UnknownTransfer."""
    known = Transfer.objects.filter(public_id=reference).values_list("id", "payout_id").first()
    if known is None:
        raise UnknownTransfer()
    payables = lock_payables_of_payout(payout_id=known[1])
    return LockedTransfer(_transfer(transfer_id=known[0], payout_id=known[1]), payables)


def lock_payables_of_payout(*, payout_id: int) -> list[Payable]:
    """What the payout is made of never changes, so it is known before anything is locked."""
    payable_ids = PayoutItem.objects.filter(payout_id=payout_id).values_list("payable_id", flat=True)
    return lock_payables(payable_ids=list(payable_ids))


def _transfer(*, transfer_id: int, payout_id: int) -> Transfer:
    payout = Payout.objects.select_for_update(of=("self",)).select_related("artisan").get(id=payout_id)
    transfer = Transfer.objects.select_for_update().get(id=transfer_id)
    transfer.payout = payout
    return transfer


def lock_reversal(*, reference: str) -> TransferReversal | None:
    """The reversal, locked after payables, debt, payout and transfer, which it brings along. None if there is none."""
    known = TransferReversal.objects.filter(public_id=reference).select_related("transfer").first()
    if known is None:
        return None
    lock_payables_of_payout(payout_id=known.transfer.payout_id)
    debt = SellerDebt.objects.select_for_update().get(id=known.debt_id) if known.debt_id is not None else None
    transfer = _transfer(transfer_id=known.transfer_id, payout_id=known.transfer.payout_id)
    reversal = TransferReversal.objects.select_for_update().get(id=known.id)
    reversal.transfer, reversal.debt = transfer, debt
    return reversal


def lock_open_request(*, kind: RequestKind, reference: str) -> ProcessorRequest | None:
    """The request of a transfer or a reversal that has no outcome yet; at most one has none."""
    return (
        ProcessorRequest.objects.select_for_update()
        .filter(kind=kind, subject=reference, finished_at__isnull=True)
        .order_by("-attempt")
        .first()
    )
