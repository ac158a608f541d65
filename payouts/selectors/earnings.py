"""Reads of payouts: what each artisan earned and owes, and where that money is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, Q, QuerySet, Sum

from common.money import Money
from payouts.contracts import ArtisanEarning, Debt, Totals
from payouts.enums import PayableStatus, ReserveStatus, ReversalStatus, TransferStatus
from payouts.models import (
    STILL_OWED,
    DebtRecovery,
    DebtWriteOff,
    Payable,
    PayoutItem,
    Reserve,
    SellerDebt,
    ShareDebit,
)

_PLACE = {
    PayableStatus.HELD: "held",
    PayableStatus.RELEASED: "released",
    PayableStatus.TRANSFERRING: "in_transit",
    PayableStatus.TRANSFERRED: "transferred",
}
_OPEN = Q(amount_minor__gt=F("recovered_minor") + F("forgiven_minor"))
_UNDER_WAY = (ReversalStatus.REQUESTED, ReversalStatus.UNKNOWN)


def earnings_of_order(*, order_reference: str) -> list[ArtisanEarning]:
    """One row per artisan of the order, in the order of accrual. Four queries."""
    payables = (
        Payable.objects.filter(order_reference=order_reference, origin_reference="")
        .select_related("artisan")
        .order_by("id")
    )
    parts = [payable.seller_order_reference for payable in payables]
    taken = dict(
        ShareDebit.objects.filter(seller_order_reference__in=parts)
        .values_list("seller_order_reference")
        .annotate(net=Sum(F("amount_minor") - F("credited_minor")))
    )
    owed = dict(
        SellerDebt.objects.filter(_OPEN, seller_order_reference__in=parts)
        .values_list("seller_order_reference")
        .annotate(net=Sum(STILL_OWED))
    )
    items = _last_items(payables)
    return [
        _earning(
            payable,
            items.get(payable.pk),
            taken_minor=taken.get(payable.seller_order_reference, 0),
            owed_minor=owed.get(payable.seller_order_reference, 0),
        )
        for payable in payables
    ]


def debts_of_artisan(*, artisan_id: int, open_only: bool = True, limit: int = 100) -> list[Debt]:
    """What an artisan owes us, or has owed, and why; newest first. One query."""
    debts = SellerDebt.objects.filter(artisan_id=artisan_id)
    return _debts(debts.filter(_OPEN) if open_only else debts, limit)


def totals_of_artisan(*, artisan_id: int) -> dict[str, Totals]:
    """What an artisan has earned and owes, by currency. Eight queries over indexes that lead to this artisan's rows."""
    return _totals(
        Payable.objects.filter(artisan_id=artisan_id),
        Reserve.objects.filter(artisan_id=artisan_id),
        ShareDebit.objects.filter(artisan_id=artisan_id),
        SellerDebt.objects.filter(artisan_id=artisan_id),
    )


def _last_items(payables: Iterable[Payable]) -> dict[int, PayoutItem]:
    """The payout that each payable was in last, with its transfer, by the payable's id."""
    items = PayoutItem.objects.filter(payable__in=list(payables)).select_related("payout__transfer").order_by("id")
    return {item.payable_id: item for item in items}


def _earning(payable: Payable, item: PayoutItem | None, *, taken_minor: int, owed_minor: int) -> ArtisanEarning:
    payout = item.payout if item is not None else None
    transfer = payout.transfer if payout is not None else None
    return ArtisanEarning(
        artisan_public_id=payable.artisan.public_id,
        artisan_name=payable.artisan.name,
        seller_order_reference=payable.seller_order_reference,
        payable_reference=payable.public_id,
        amount=payable.amount,
        taken=Money(taken_minor, payable.currency),
        owed=Money(owed_minor, payable.currency),
        status=PayableStatus(payable.status),
        hold_until=payable.hold_until,
        payout_reference=payout.public_id if payout else "",
        transfer_reference=transfer.public_id if transfer else "",
        transfer_status=TransferStatus(transfer.status) if transfer else None,
        processor_transfer_id=(transfer.processor_transfer_id or "") if transfer else "",
        failure_code=payable.failure_code,
    )


def _debts(debts: "QuerySet[SellerDebt]", limit: int) -> list[Debt]:
    coming = Sum("reversals__amount_minor", filter=Q(reversals__status__in=_UNDER_WAY), default=0)
    return [
        Debt(
            debt_reference=debt.public_id,
            reference=debt.reference,
            order_reference=debt.order_reference,
            seller_order_reference=debt.seller_order_reference,
            amount=debt.amount,
            recovered=Money(debt.recovered_minor, debt.currency),
            forgiven=Money(debt.forgiven_minor, debt.currency),
            under_reversal=Money(debt.coming_minor, debt.currency),
            collects=debt.collects,
            created_at=debt.created_at,
        )
        for debt in debts.annotate(coming_minor=coming).order_by("-id")[:limit]
    ]


def _totals(
    payables: "QuerySet[Payable]",
    reserves: "QuerySet[Reserve]",
    debits: "QuerySet[ShareDebit]",
    debts: "QuerySet[SellerDebt]",
) -> dict[str, Totals]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    left = Sum(F("amount_minor") - F("debited_minor"))
    for currency, status, amount_minor in payables.values_list("currency", "status").annotate(together=left):
        place = _PLACE.get(PayableStatus(status))
        if place is not None:
            sums[currency][place] += amount_minor
    sold = Sum("amount_minor", filter=Q(origin_reference=""), default=0)
    _add(sums, "earned", payables.values_list("currency").annotate(sold=sold))
    items = PayoutItem.objects.filter(payable__in=payables, brought_back_minor__gt=0)
    _add(sums, "transferred", items.values_list("payable__currency").annotate(back=-Sum("brought_back_minor")))
    _add(sums, "earned", debits.values_list("currency").annotate(net=Sum(F("credited_minor") - F("amount_minor"))))
    kept = Sum(F("amount_minor") - F("released_minor") - F("debited_minor"))
    _add(sums, "reserved", reserves.filter(status=ReserveStatus.HELD).values_list("currency").annotate(kept=kept))
    gone = DebtWriteOff.objects.filter(debt__in=debts).values_list("debt__currency")
    _add(sums, "written_off", gone.annotate(gone=Sum("amount_minor")))
    repaid = DebtRecovery.objects.filter(debt__in=debts, repayment__isnull=False).values_list("debt__currency")
    _add(sums, "repaid", repaid.annotate(repaid=Sum("amount_minor")))
    _add(sums, "owed", debts.filter(_OPEN).values_list("currency").annotate(still=Sum(STILL_OWED)))
    return {currency: _as_totals(currency, sums[currency]) for currency in sorted(sums)}


def _add(sums: dict[str, dict[str, int]], name: str, rows: Iterable[Sequence[object]]) -> None:
    for currency, amount_minor in rows:
        assert isinstance(amount_minor, int)  # noqa: S101 for the types: a sum of whole numbers
        sums[str(currency)][name] += amount_minor


def _as_totals(currency: str, parts: dict[str, int]) -> Totals:
    names = ("held", "released", "reserved", "in_transit", "transferred", "owed", "repaid", "written_off", "earned")
    return Totals(**{name: Money(int(parts[name]), currency) for name in names})
