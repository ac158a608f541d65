"""Reads about disputes: what of an order is at stake, what was kept back, who has to know."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, QuerySet, Sum

from common.money import Money
from common.rows import fetch_one, fetch_with
from identity.models import User
from identity.selectors import staff_who_may
from ledger import selectors as ledger
from orders.models import DisputeAllocation, Order, RefundAllocation, SellerOrder
from payments.enums import RefundStatus
from payments.models import Capture, Dispute
from payouts import selectors as payouts

_SOLD = (
    "WHERE orders_sellerorder.order_id = %s AND NOT EXISTS (SELECT 1 FROM orders_fulfilment f"
    " WHERE f.seller_order_id = orders_sellerorder.id AND f.status = 'declined') ORDER BY orders_sellerorder.id"
)
_OF_DISPUTE = "WHERE orders_disputeallocation.dispute_reference = %s ORDER BY orders_disputeallocation.id"


def is_sale(capture: Capture) -> bool:
    """Whether this money became the sale, as the books say; else it came late and is owed to the buyer."""
    return ledger.is_booked(f"sale:{capture.payment.public_id}")


def parts_taken(order: Order) -> "dict[int, tuple[int, int]]":
    """What refunds and disputes have taken of each part, and of our commission in it, by the part's id. Minor units."""
    taken: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    refunds = RefundAllocation.objects.filter(order=order, withdrawn_at__isnull=True, seller_order__isnull=False)
    for part_id, amount, commission in refunds.values_list("seller_order_id").annotate(
        Sum("amount_minor"), Sum("commission_minor")
    ):
        taken[part_id][0] += amount
        taken[part_id][1] += commission
    disputes = DisputeAllocation.objects.filter(order=order, seller_order__isnull=False)
    for part_id, amount, returned, commission in disputes.values_list(
        "seller_order_id", "amount_minor", "returned_minor", "commission_minor"
    ):
        left = amount - returned
        taken[part_id][0] += left
        taken[part_id][1] += commission * left // amount
    return {part_id: (sums[0], sums[1]) for part_id, sums in taken.items()}


def shares_left(order: Order) -> dict[str, int]:
    """What can still be taken from each artisan, by the part's public id. Minor units."""
    earnings = payouts.earnings_of_order(order_reference=order.public_id)
    return {earning.seller_order_reference: earning.earned.amount_minor for earning in earnings}


def sold_parts(order: Order) -> list[SellerOrder]:
    """The parts that were paid for, with their artisans: one that was declined never was."""
    return fetch_with(SellerOrder, ("artisan",), _SOLD, [order.id])


def not_taken_otherwise(capture: Capture, *, dispute: Dispute) -> Money:
    """What of a capture was neither refunded nor taken by another dispute."""
    others = Dispute.objects.filter(capture=capture).exclude(id=dispute.id)
    disputed = others.aggregate(net=Sum(F("withdrawn_minor") - F("reinstated_minor")))["net"] or 0
    refunded = Capture.objects.values_list("refunded_minor", flat=True).get(id=capture.id)
    return Money(max(capture.amount_minor - refunded - disputed, 0), capture.currency)


def owed_of_late_payment(capture: Capture) -> Money:
    """What of a late payment the buyer has not got back: neither by a refund nor by a lost dispute."""
    given = capture.refunds.filter(status__in=[RefundStatus.PENDING, RefundStatus.SUCCEEDED])
    given_minor = given.aggregate(together=Sum("amount_minor"))["together"] or 0
    disputes = Dispute.objects.filter(capture=capture).values("public_id")
    lost = DisputeAllocation.objects.filter(dispute_reference__in=disputes, seller_order__isnull=True)
    lost_minor = lost.aggregate(together=Sum(F("amount_minor") - F("returned_minor")))["together"] or 0
    return Money(max(capture.amount_minor - given_minor - lost_minor, 0), capture.currency)


def allocations_of(dispute: Dispute) -> list[DisputeAllocation]:
    """In the order in which they were kept back, each with its part and artisan."""
    return fetch_with(DisputeAllocation, ("seller_order", "seller_order__artisan"), _OF_DISPUTE, [dispute.public_id])


@dataclass(frozen=True, slots=True)
class PartStake:
    """What of a dispute concerns one artisan: of what was paid, of the share, and what became of the share."""

    amount: Money
    kept_back: Money
    returned: Money
    is_lost: bool


def stake_of(dispute: Dispute, part: SellerOrder) -> PartStake:
    """Of an inquiry nothing is kept back; `amount` is then all that was paid for the part."""
    rows = [row for row in allocations_of(dispute) if row.seller_order_id == part.id]
    paid_minor = part.goods_minor + part.shipping_minor
    return PartStake(
        amount=Money(sum(row.amount_minor for row in rows) if rows else paid_minor, dispute.currency),
        kept_back=Money(sum(row.share_minor for row in rows), dispute.currency),
        returned=Money(sum(row.returned_share_minor for row in rows), dispute.currency),
        is_lost=any(row.lost_at is not None and row.share_left_minor for row in rows),
    )


def disputes_of_part(part: SellerOrder) -> list[tuple[Dispute, PartStake]]:
    """The disputes that concern one artisan's part, newest first, each with what of it is the artisan's."""
    found = (
        Dispute.objects.filter(capture__payment__order_reference=part.order.public_id)
        .select_related("capture__payment")
        .prefetch_related("evidence")
        .order_by("-id")
    )
    return [
        (dispute, stake_of(dispute, part))
        for dispute in found
        if any(one.id == part.id for one in parts_concerned(dispute))
    ]


def parts_concerned(dispute: Dispute) -> list[SellerOrder]:
    """The parts of which something is disputed; of an inquiry, and of none in particular, all that were sold."""
    order = order_of(dispute)
    if not is_sale(dispute.capture):
        return []
    named = {row.seller_order_id for row in allocations_of(dispute)}
    return [part for part in sold_parts(order) if part.id in named or not named]


def order_of(dispute: Dispute) -> Order:
    return fetch_one(Order, "WHERE public_id = %s", [dispute.capture.payment.order_reference])


def may_answer() -> "QuerySet[User]":
    """Staff who may answer disputes; they are written to when there is one."""
    return staff_who_may("payments.answer_dispute")
