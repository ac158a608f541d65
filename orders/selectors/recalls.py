"""Refunds issued in error: what of them can be asked back, and how requests to buyers stand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from common.ids import is_public_id
from common.money import Money
from orders.contracts.order import Buyer
from orders.contracts.recall import NotRecallable, Recallable, RecallableRow, RecallNotFound
from orders.enums import RECALLS_THAT_COUNT, OrderStatus, RecallStatus
from orders.models import Order, Recall, RecallAllocation, RefundAllocation, SellerOrder
from orders.selectors.orders import opens, orders_of
from payments.enums import RefundStatus
from payments.models import Refund

_IN_DOUBT = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class RecalledThing:
    """One line of a request, as the buyer knows it. `artisan_gets` is of the artisan's share."""

    title: str
    artisan_name: str
    amount: Money
    artisan_gets: Money


def is_final(refund: Refund) -> bool:
    """Whether the buyer has the money of this refund of a sale."""
    return refund.status == RefundStatus.SUCCEEDED and refund.withdrawn_at is None and not refund.is_late


def recallable(refund: Refund) -> Recallable:
    """What was refunded, less what is being asked back or was paid back. Raises NotRecallable."""
    if not is_final(refund):
        raise NotRecallable(_why_not(refund))
    taken: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    asked = RecallAllocation.objects.filter(
        recall__refund_reference=refund.public_id, recall__status__in=RECALLS_THAT_COUNT
    )
    for row_id, *parts in asked.values_list(
        "refund_allocation_id", "commission_minor", "share_minor", "platform_minor"
    ):
        taken[row_id] = [before + part for before, part in zip(taken[row_id], parts, strict=True)]
    rows = RefundAllocation.objects.filter(refund_reference=refund.public_id, withdrawn_at__isnull=True).order_by("id")
    return Recallable(
        refund_reference=refund.public_id,
        currency=refund.currency,
        rows=tuple(
            RecallableRow(
                refund_allocation_id=row.id,
                commission_minor=row.commission_minor - taken[row.id][0],
                share_minor=row.share_minor - taken[row.id][1],
                platform_minor=row.platform_minor - taken[row.id][2],
            )
            for row in rows
        ),
    )


def _why_not(refund: Refund) -> str:
    if refund.is_late:
        return "It gave back a payment that never became a sale: that money was the buyer's."
    if refund.withdrawn_at is not None:
        return "It was given up, so the buyer never had the money."
    return f"It is {refund.get_status_display()}; only money that the buyer has for good is asked back."


def get_recall(*, public_id: str, buyer: Buyer, access_key: str = "") -> Recall:
    """The request, for the buyer of the order that was paid back, for the browser that has agreed to it, and for
    whoever has its link. Raises RecallNotFound."""
    if not is_public_id(public_id, "rcl"):
        raise RecallNotFound()
    found = Recall.objects.select_related("sale")
    if not opens(access_key, public_id):
        theirs = orders_of(buyer).values("pk")
        found = found.filter(Q(sale__in=theirs) | Q(orders__in=theirs)).distinct()
    recall = found.filter(public_id=public_id).first()
    if recall is None:
        raise RecallNotFound()
    return recall


def recalls_of(order: Order) -> list[Recall]:
    """The requests to pay refunds of this order back, newest first."""
    return list(Recall.objects.filter(sale=order).order_by("-id"))


def recalls_of_refunds(references: Sequence[str]) -> dict[str, list[Recall]]:
    """By refund, newest first."""
    found: dict[str, list[Recall]] = defaultdict(list)
    for recall in Recall.objects.filter(refund_reference__in=references).order_by("-id"):
        found[recall.refund_reference].append(recall)
    return found


def things_of(recall: Recall, *, artisan_id: int | None = None) -> list[RecalledThing]:
    """What the amount is made of; with `artisan_id` only what concerns one artisan."""
    rows = RecallAllocation.objects.filter(recall=recall).order_by("refund_allocation_id")
    if artisan_id is not None:
        rows = rows.filter(refund_allocation__seller_order__artisan_id=artisan_id)
    found = []
    for row in rows.select_related("refund_allocation__line", "refund_allocation__seller_order__artisan"):
        was = row.refund_allocation
        found.append(
            RecalledThing(
                title=was.line.title if was.line is not None else was.get_part_display().capitalize(),
                artisan_name=was.seller_order.artisan.name if was.seller_order is not None else "",
                amount=Money(row.amount_minor, row.currency),
                artisan_gets=Money(row.share_minor, row.currency),
            )
        )
    return found


def refund_of(recall: Recall) -> Refund:
    """The refund that was issued in error."""
    return Refund.objects.select_related("capture__payment").get(public_id=recall.refund_reference)


def order_of_recall(recall: Recall) -> Order | None:
    """The order that paid it, or else the newest one that is not over; None while nobody has agreed."""
    orders = Order.objects.filter(recall=recall).order_by("-id")
    paid = orders.filter(status=OrderStatus.PAID).first()
    return paid or orders.filter(status__in=_IN_DOUBT).first()


@dataclass(frozen=True, slots=True)
class RecallOfPart:
    """How it stands with what an artisan may get back. `paid_part` is their part of the order that paid it."""

    recall: Recall
    share: Money
    paid_part: SellerOrder | None


def recalls_of_part(part: SellerOrder) -> list[RecallOfPart]:
    """The requests to pay refunds of one artisan's part back, newest first, and nothing of the others."""
    shares: dict[Recall, int] = {}
    rows = RecallAllocation.objects.filter(refund_allocation__seller_order=part).select_related("recall")
    for row in rows.order_by("-recall_id"):
        shares[row.recall] = shares.get(row.recall, 0) + row.share_minor
    paid = SellerOrder.objects.filter(
        artisan_id=part.artisan_id, order__recall__in=list(shares), order__status=OrderStatus.PAID
    )
    parts = {one.order.recall_id: one for one in paid.select_related("order")}
    return [RecallOfPart(recall, Money(minor, part.currency), parts.get(recall.id)) for recall, minor in shares.items()]


def open_orders_of(recall: Recall) -> list[Order]:
    """Those that may still be paid, locked for the caller's transaction, which holds the lock of the sale."""
    return list(Order.objects.select_for_update().filter(recall=recall, status__in=_IN_DOUBT).order_by("id"))


def is_answered_anew(order: Order) -> bool:
    """Whether the buyer has agreed once more since: that order is paid, and not this one too."""
    alive = (*_IN_DOUBT, OrderStatus.PAID)
    return Order.objects.filter(recall=order.recall, id__gt=order.id, status__in=alive).exists()


def to_be_returned() -> list[int]:
    """Paid requests whose refund has come back, and whose money is not on its way back yet: their ids."""
    asked = Refund.objects.filter(public_id=OuterRef("return_reference"))
    returned = Recall.objects.filter(status=RecallStatus.RETURNED).exclude(return_reference="")
    return list(returned.filter(~Exists(asked)).order_by("id").values_list("id", flat=True)[:100])
