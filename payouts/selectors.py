"""Reads of payouts: what each artisan earned, and where that money is."""

from collections.abc import Mapping, Sequence

from django.db.models import Sum

from common.money import Money
from payouts.contracts import ArtisanEarning, Totals
from payouts.enums import PayableStatus, TransferStatus
from payouts.models import Payable, Transfer

_PLACE = {
    PayableStatus.HELD: "held",
    PayableStatus.RELEASED: "released",
    PayableStatus.TRANSFERRING: "in_transit",
    PayableStatus.TRANSFERRED: "transferred",
}


def earnings_of_order(*, order_reference: str) -> list[ArtisanEarning]:
    """One row per artisan of the order, in the order of accrual; canceled ones are left out. One query."""
    payables = (
        Payable.objects.filter(order_reference=order_reference)
        .exclude(status=PayableStatus.CANCELED)
        .select_related("artisan", "transfer")
        .order_by("id")
    )
    return [_earning(payable) for payable in payables]


def totals_of_artisan(*, artisan_id: int) -> dict[str, Totals]:
    """What an artisan has earned, by currency. One query over an index that leads to this artisan's rows."""
    rows = Payable.objects.filter(artisan_id=artisan_id).values_list("currency", "status").annotate(Sum("amount_minor"))
    return _totals(list(rows))


def totals_of_order(*, order_reference: str) -> dict[str, Totals]:
    """As `totals_of_artisan`, over all artisans of one order."""
    rows = (
        Payable.objects.filter(order_reference=order_reference)
        .values_list("currency", "status")
        .annotate(Sum("amount_minor"))
    )
    return _totals(list(rows))


def _earning(payable: Payable) -> ArtisanEarning:
    transfer: Transfer | None = getattr(payable, "transfer", None)
    return ArtisanEarning(
        artisan_public_id=payable.artisan.public_id,
        artisan_name=payable.artisan.name,
        seller_order_reference=payable.seller_order_reference,
        payable_reference=payable.public_id,
        amount=payable.amount,
        status=PayableStatus(payable.status),
        hold_until=payable.hold_until,
        transfer_reference=transfer.public_id if transfer else "",
        transfer_status=TransferStatus(transfer.status) if transfer else None,
        processor_transfer_id=(transfer.processor_transfer_id or "") if transfer else "",
        failure_code=payable.failure_code,
    )


def _totals(rows: Sequence[tuple[str, str, int]]) -> dict[str, Totals]:
    sums: dict[str, dict[str, int]] = {}
    for currency, status, amount_minor in rows:
        place = _PLACE.get(PayableStatus(status))
        if place is not None:
            sums.setdefault(currency, dict.fromkeys(_PLACE.values(), 0))[place] += amount_minor
    return {currency: _as_totals(currency, parts) for currency, parts in sorted(sums.items())}


def _as_totals(currency: str, parts: Mapping[str, int]) -> Totals:
    return Totals(**{place: Money(amount_minor, currency) for place, amount_minor in parts.items()})
