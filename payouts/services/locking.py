"""The locks of payouts, in their one order: payables by id, debts by id, transfers, reversals, requests, the books."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F

from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.contracts import UnknownPayable, UnknownTransfer
from payouts.enums import PayableStatus, TransferStatus
from payouts.models import Payable, SellerDebt, ShareDebit, Transfer, TransferReversal


def lock_held_payables(*, now: dt.datetime, limit: int) -> list[Payable]:
    """Held ones whose hold is over and that nobody else has in hand."""
    return list(
        Payable.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("artisan")
        .filter(status=PayableStatus.HELD, hold_until__lte=now)
        .order_by("hold_until", "id")[:limit]
    )


def lock_transferable_payables(*, now: dt.datetime, limit: int) -> list[Payable]:
    """Released ones that are due, whose artisan can receive, and that nobody else has in hand."""
    return list(
        Payable.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("artisan__connected_account")
        .filter(
            status=PayableStatus.RELEASED,
            next_transfer_at__lte=now,
            artisan__connected_account__transfers_enabled=True,
        )
        .order_by("next_transfer_at", "id")[:limit]
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


def lock_debts_to_collect(*, seller_order_reference: str) -> list[SellerDebt]:
    """What is owed because of this part, and to be brought back by reversals, oldest first."""
    return list(
        SellerDebt.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(
            seller_order_reference=seller_order_reference,
            collects=True,
            amount_minor__gt=F("recovered_minor") + F("forgiven_minor"),
        )
        .order_by("id")
    )


def lock_debts_of(*, debits: Iterable[ShareDebit]) -> dict[int, SellerDebt]:
    """The debts that these debits led to, by the debit's id."""
    found = SellerDebt.objects.select_for_update().filter(debit__in=list(debits)).order_by("id")
    return {debt.debit_id: debt for debt in found}


def lock_done_transfers(*, seller_order_references: Iterable[str]) -> list[Transfer]:
    """The transfers of these parts that were carried out. The parts' payables are locked already."""
    return list(
        Transfer.objects.select_for_update(of=("self",))
        .select_related("payable")
        .filter(payable__seller_order_reference__in=list(seller_order_references), status=TransferStatus.SUCCEEDED)
        .order_by("id")
    )


def lock_transfer(*, reference: str) -> Transfer:
    """The transfer with its payable and the payable's artisan, both rows locked. Raises UnknownTransfer."""
    payable = (
        Payable.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(transfer__public_id=reference)
        .first()
    )
    if payable is None:
        raise UnknownTransfer()
    transfer = Transfer.objects.select_for_update().get(payable_id=payable.id)
    transfer.payable = payable
    return transfer


def lock_reversal(*, reference: str) -> TransferReversal | None:
    """The reversal, locked after its payable, debt and transfer, which it brings along. None where there is none."""
    known = TransferReversal.objects.filter(public_id=reference).select_related("transfer").first()
    if known is None:
        return None
    payable = (
        Payable.objects.select_for_update(of=("self",)).select_related("artisan").get(id=known.transfer.payable_id)
    )
    debt = SellerDebt.objects.select_for_update().get(id=known.debt_id) if known.debt_id is not None else None
    transfer = Transfer.objects.select_for_update().get(id=known.transfer_id)
    transfer.payable = payable
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
