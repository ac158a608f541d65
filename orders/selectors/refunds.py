"""What of an order can be paid back, and what was."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from common.money import Money
from orders.contracts.refund import NotRefundable, Refundable, RefundableLine, RefundablePart
from orders.enums import Bearer, FulfilmentStatus, OrderStatus, RefundPart
from orders.models import DisputeAllocation, Order, OrderLine, RefundAllocation, SellerOrder
from orders.selectors.orders import parts_of
from payments.enums import LATE_PAYMENT_REASONS, DisputeStatus, RefundReason, RefundStatus
from payments.models import Capture, Dispute, Refund
from payouts import selectors as payouts

_INQUIRIES = (
    DisputeStatus.INQUIRY_NEEDS_RESPONSE,
    DisputeStatus.INQUIRY_UNDER_REVIEW,
    DisputeStatus.INQUIRY_CLOSED,
)
# All that was sold of a part, and all that was paid back for it or lost in disputes.
_PAID_BACK_WHOLE = """
SELECT p.id FROM orders_sellerorder p WHERE p.order_id = %s AND p.shipping_minor
    + (SELECT coalesce(sum(line_total_minor), 0) FROM orders_orderline WHERE seller_order_id = p.id)
    <= (SELECT coalesce(sum(amount_minor), 0) FROM orders_refundallocation
        WHERE seller_order_id = p.id AND withdrawn_at IS NULL)
    + (SELECT coalesce(sum(amount_minor - returned_minor), 0) FROM orders_disputeallocation
        WHERE seller_order_id = p.id AND lost_at IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class RefundItem:
    """What a refund gives back for one thing. `artisan_bears` is what the artisan gives of it."""

    part: RefundPart
    bearer: Bearer
    artisan_name: str
    seller_order_reference: str
    line_id: int | None
    title: str
    quantity: int | None
    amount: Money
    commission: Money
    artisan_bears: Money
    we_bear: Money


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund for whoever may see it. Of an artisan's view, `amount` is what concerns their part."""

    reference: str
    order_reference: str
    amount: Money
    reason: RefundReason
    note: str
    status: RefundStatus
    attempt: int
    is_withdrawn: bool
    can_be_resent: bool
    can_be_withdrawn: bool
    can_be_paid_otherwise: bool
    initiator: str
    created_at: dt.datetime
    items: tuple[RefundItem, ...]


def sale_capture(order: Order) -> Capture | None:
    """The money that became this sale; an order can have others, which were given back. None until it is paid."""
    if order.status != OrderStatus.PAID:
        return None
    captures = Capture.objects.select_related("payment").filter(payment__order_reference=order.public_id)
    if order.payment_reference:
        return captures.filter(payment__public_id=order.payment_reference).first()
    return captures.exclude(refunds__reason__in=LATE_PAYMENT_REASONS).first()


def is_disputed(capture: Capture) -> bool:
    """Whether a bank or PayPal holds the money back and decides. An inquiry has taken nothing, and may be answered
    with a refund."""
    return Dispute.objects.filter(capture=capture, closed_at__isnull=True).exclude(status__in=_INQUIRIES).exists()


def refundable(order: Order, *, artisan_bears_all: bool = False) -> Refundable:
    """What is left of a paid order, from captured parts only. Raises NotRefundable.

    With `artisan_bears_all` the artisans' shares are taken for as large as what was paid for their parts.
    """
    capture = sale_capture(order)
    if capture is None:
        raise NotRefundable()
    lost_minor = sum(
        dispute.withdrawn_minor - dispute.reinstated_minor
        for dispute in Dispute.objects.filter(capture=capture, status=DisputeStatus.LOST)
    )
    allocations: dict[str, list[RefundAllocation]] = defaultdict(list)
    ours_minor = 0
    live = RefundAllocation.objects.filter(order=order, withdrawn_at__isnull=True).select_related("seller_order")
    for allocation in live:
        if allocation.seller_order is not None:
            allocations[allocation.seller_order.public_id].append(allocation)
        else:
            ours_minor += allocation.amount_minor
    earnings = {
        earning.seller_order_reference: earning
        for earning in payouts.earnings_of_order(order_reference=order.public_id)
    }
    at_stake = list(DisputeAllocation.objects.filter(order=order))
    parts = []
    for part in captured_parts(order):
        earning = earnings.get(part.public_id)
        taken_minor = earning.taken.amount_minor if earning is not None else 0
        bears_minor = part.goods_minor + part.shipping_minor if artisan_bears_all else part.share_minor
        share_left_minor = bears_minor - taken_minor if earning is not None else 0
        disputed = [row for row in at_stake if row.seller_order_id == part.id]
        parts.append(_part(part, allocations[part.public_id], disputed, share_left_minor))
    return Refundable(
        order_reference=order.public_id,
        currency=order.currency,
        captured_minor=capture.amount_minor,
        left_minor=capture.amount_minor - capture.refunded_minor - lost_minor,
        parts=tuple(parts),
        platform_left_minor=max(order.platform_minor - ours_minor, 0),
    )


def captured_parts(order: Order) -> list[SellerOrder]:
    """The parts that were paid for: one that its artisan declined never was."""
    declined = set(
        order.seller_orders.filter(fulfilment__status=FulfilmentStatus.DECLINED).values_list("id", flat=True)
    )
    return [part for part in parts_of(order) if part.id not in declined]


def paid_back_whole(order: Order) -> set[int]:
    """Ids of the order's parts of which nothing is left to be refunded, by the rule of `refundable`. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID_BACK_WHOLE, [order.id])
        return {row[0] for row in cursor.fetchall()}


def refunds_of(order: Order) -> list[RefundView]:
    """All refunds of an order, newest first: of the sale, and of payments that came late or twice. Three queries."""
    refunds = Refund.objects.filter(capture__payment__order_reference=order.public_id).order_by("-id")
    return _views(order, refunds, None)


def refunds_of_part(part: SellerOrder) -> list[RefundView]:
    """As `refunds_of`, of what concerns one artisan's part, and nothing of the others."""
    concerned = RefundAllocation.objects.filter(seller_order=part).values("refund_reference")
    return _views(part.order, Refund.objects.filter(public_id__in=concerned).order_by("-id"), part)


def _views(order: Order, refunds: Iterable[Refund], only: SellerOrder | None) -> list[RefundView]:
    allocations = RefundAllocation.objects.filter(order=order).select_related("seller_order__artisan", "line")
    if only is not None:
        allocations = allocations.filter(seller_order=only)
    by_refund: dict[str, list[RefundAllocation]] = defaultdict(list)
    for allocation in allocations.order_by("id"):
        by_refund[allocation.refund_reference].append(allocation)
    return [_view(order, refund, by_refund[refund.public_id], whole=only is None) for refund in refunds]


def _view(order: Order, refund: Refund, allocations: list[RefundAllocation], *, whole: bool) -> RefundView:
    amount_minor = refund.amount_minor if whole else sum(allocation.amount_minor for allocation in allocations)
    return RefundView(
        reference=refund.public_id,
        order_reference=order.public_id,
        amount=Money(amount_minor, refund.currency),
        reason=RefundReason(refund.reason),
        note=refund.note,
        status=RefundStatus(refund.status),
        attempt=refund.attempt,
        is_withdrawn=refund.withdrawn_at is not None,
        can_be_resent=refund.can_be_resent,
        can_be_withdrawn=refund.can_be_withdrawn,
        can_be_paid_otherwise=refund.can_be_paid_otherwise,
        initiator=refund.initiator,
        created_at=refund.created_at,
        items=tuple(_item(allocation) for allocation in allocations),
    )


def _item(allocation: RefundAllocation) -> RefundItem:
    part = allocation.seller_order
    return RefundItem(
        part=RefundPart(allocation.part),
        bearer=Bearer(allocation.bearer),
        artisan_name=part.artisan.name if part is not None else "",
        seller_order_reference=part.public_id if part is not None else "",
        line_id=allocation.line_id,
        title=allocation.line.title if allocation.line is not None else "",
        quantity=allocation.quantity,
        amount=Money(allocation.amount_minor, allocation.currency),
        commission=Money(allocation.commission_minor, allocation.currency),
        artisan_bears=Money(allocation.share_minor, allocation.currency),
        we_bear=Money(allocation.platform_minor, allocation.currency),
    )


def _part(
    part: SellerOrder,
    allocations: list[RefundAllocation],
    disputed: list[DisputeAllocation],
    share_left_minor: int,
) -> RefundablePart:
    lost_minor = sum(row.amount_minor - row.returned_minor for row in disputed if row.lost_at is not None)
    # Of a dispute that is not decided too: it may be lost yet.
    commission_minor = sum(row.commission_minor - row.returned_commission_minor for row in disputed)
    commission_minor += sum(allocation.commission_minor for allocation in allocations)
    return RefundablePart(
        reference=part.public_id,
        artisan_id=part.artisan_id,
        artisan_public_id=part.artisan.public_id,
        artisan_name=part.artisan.name,
        shipping_minor=part.shipping_minor,
        refunded_shipping_minor=sum(a.amount_minor for a in allocations if a.part == RefundPart.SHIPPING),
        refunded_minor=sum(a.amount_minor for a in allocations) + lost_minor,
        share_left_minor=share_left_minor,
        commission_left_minor=part.commission_minor - commission_minor,
        lines=tuple(_line(line, [a for a in allocations if a.line_id == line.pk]) for line in part.lines.all()),
    )


def _line(line: OrderLine, allocations: list[RefundAllocation]) -> RefundableLine:
    return RefundableLine(
        line_id=line.pk,
        title=line.title,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        sold_minor=line.line_total_minor,
        commission_minor=line.commission_minor,
        refunded_minor=sum(a.amount_minor for a in allocations),
        refunded_commission_minor=sum(a.commission_minor for a in allocations),
        refunded_quantity=sum(a.quantity or 0 for a in allocations),
    )
