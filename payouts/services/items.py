"""What came back of a payout, item by item: a reversal is of a transfer, and a transfer is for many payables."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, Sum

from payouts.enums import ReversalStatus
from payouts.models import Payable, PayoutItem, Transfer, TransferReversal

_UNDER_WAY = (ReversalStatus.REQUESTED, ReversalStatus.UNKNOWN)

# Of which transfer, of which part of an order.
Place = tuple[int, str]


def left_of_parts(transfers: Sequence[Transfer], *, parts: Iterable[str]) -> dict[Place, int]:
    """Minor units that each transfer still holds of these parts, less what reversals are bringing back at this moment.

    The transfers are locked, and carried out.
    """
    of_payout = {transfer.payout_id: transfer.pk for transfer in transfers}
    still = (
        PayoutItem.objects.filter(payout__in=of_payout, payable__seller_order_reference__in=list(parts))
        .values_list("payout_id", "payable__seller_order_reference")
        .annotate(still=Sum(F("amount_minor") - F("brought_back_minor")))
        .order_by("payout_id")
    )
    coming = _coming(transfers)
    return {
        (of_payout[payout_id], part): still_minor - coming[(of_payout[payout_id], part)]
        for payout_id, part, still_minor in still
    }


def bring_back(transfer: Transfer, amount_minor: int, *, part: str = "") -> list[tuple[Payable, int]]:
    """Writes down of which items `amount_minor` of the transfer came back; returns it, one payable for each part.

    Of the items of `part`, where the reversal was asked for because of that; else of all, in their order, what no
    reversal is bringing back for another part coming first. The transfer is locked; the items together hold what is
    left of it.
    """
    items = list(PayoutItem.objects.filter(payout=transfer.payout_id).select_related("payable__artisan").order_by("id"))
    coming = _coming([transfer])
    taken: dict[int, int] = defaultdict(int)
    missing_minor = amount_minor
    # First what it was asked for; then, or if it was not asked for, what nobody else waits for; then whatever is left.
    for turn in ("asked", "free", "any") if part else ("free", "any"):
        for item in items:
            theirs = item.payable.seller_order_reference
            at_most = missing_minor if turn != "free" else _free(items, theirs, taken, coming[(transfer.pk, theirs)])
            at_most = min(at_most, missing_minor, _still(item, taken))
            if at_most > 0 and (turn != "asked" or theirs == part):
                taken[item.pk] += at_most
                missing_minor -= at_most
    if missing_minor:
        raise ValueError(f"{amount_minor} came back of {transfer}, whose items hold {missing_minor} less")
    changed = [item for item in items if taken[item.pk]]
    for item in changed:
        item.brought_back_minor += taken[item.pk]
    PayoutItem.objects.bulk_update(changed, ["brought_back_minor"], batch_size=500)
    of_parts: dict[str, tuple[Payable, int]] = {}
    for item in changed:
        payable, so_far_minor = of_parts.get(item.payable.seller_order_reference, (item.payable, 0))
        of_parts[payable.seller_order_reference] = (payable, so_far_minor + taken[item.pk])
    return list(of_parts.values())


def _coming(transfers: Sequence[Transfer]) -> Counter[Place]:
    """What reversals are bringing back, by transfer and part."""
    open_ones = TransferReversal.objects.filter(transfer__in=transfers, status__in=_UNDER_WAY)
    sums = open_ones.values_list("transfer_id", "debt__seller_order_reference").annotate(together=Sum("amount_minor"))
    return Counter({(transfer_id, part): minor for transfer_id, part, minor in sums.order_by("transfer_id")})


def _still(item: PayoutItem, taken: dict[int, int]) -> int:
    return item.amount_minor - item.brought_back_minor - taken[item.pk]


def _free(items: Sequence[PayoutItem], part: str, taken: dict[int, int], coming_minor: int) -> int:
    of_part = [item for item in items if item.payable.seller_order_reference == part]
    return sum(_still(item, taken) for item in of_part) - coming_minor
