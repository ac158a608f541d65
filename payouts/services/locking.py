"""The locks of payouts, in their one order: payables by id, then the transfer, then its request, then the books."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import F

from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.contracts import UnknownPayable, UnknownTransfer
from payouts.enums import PayableStatus
from payouts.models import Payable, Transfer


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
            artisan__connected_account__processor=F("processor"),
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


def lock_payable_of_part(*, seller_order_reference: str) -> Payable:
    """The payable of one part of an order. Raises UnknownPayable."""
    payable = (
        Payable.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(seller_order_reference=seller_order_reference)
        .first()
    )
    if payable is None:
        raise UnknownPayable()
    return payable


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


def lock_open_request(*, reference: str) -> ProcessorRequest | None:
    """The transfer's request that has no outcome yet; at most one has none."""
    return (
        ProcessorRequest.objects.select_for_update()
        .filter(kind=RequestKind.TRANSFER, subject=reference, finished_at__isnull=True)
        .order_by("-attempt")
        .first()
    )
