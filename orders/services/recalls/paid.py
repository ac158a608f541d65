"""Money came for an order that pays a refund back. In the transaction of the settlement, under the order's lock."""

import datetime as dt

from common import outbox
from common.writes import Writes
from orders.enums import FulfilmentStatus, OrderStatus, RecallStatus
from orders.models import Order
from orders.selectors.recalls import is_answered_anew
from orders.services import books
from orders.services.fulfilment import new_fulfilments
from orders.services.recalls.move import lock_recall, move_recall
from orders.services.transition import add_move
from payments.contracts import CaptureMade
from payments.enums import RefundReason
from payouts import services as payouts

_CAN_BE_PAID = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING, OrderStatus.EXPIRED)


def why_not_paid_back(order: Order) -> RefundReason | None:
    """Why money of the right amount goes back all the same; None if it is what was asked for.

    Late money of an offer that has run out is kept while it is still asked for: the buyer has agreed to it.
    """
    if order.recall_id is None:
        raise ValueError(f"{order} pays no refund back")
    recall = lock_recall(recall_id=order.recall_id)
    if recall.status == RecallStatus.PAID:
        return RefundReason.DUPLICATE
    if recall.status != RecallStatus.ASKED or order.status not in _CAN_BE_PAID:
        return RefundReason.SOLD_OUT
    if order.status == OrderStatus.EXPIRED and is_answered_anew(order):
        return RefundReason.DUPLICATE
    return None


def complete_recall(*, order: Order, capture: CaptureMade, source: str, now: dt.datetime) -> None:
    """A sale with nothing to send: each artisan has the share back that the refund took, and it is due at once."""
    if order.recall_id is None:
        raise ValueError(f"{order} pays no refund back")
    parts = list(order.seller_orders.select_related("artisan").order_by("id"))
    writes = Writes()
    if parts:
        fulfilments = new_fulfilments(parts, FulfilmentStatus.DELIVERED, now=now)
        for fulfilment in fulfilments:
            fulfilment.delivered_at = now
        writes.insert_many("fulfilments", fulfilments)
    order.payment_reference = capture.payment_reference
    add_move(writes, order, "paid", source=source, now=now)
    payouts.add_accrual(
        writes,
        order_reference=order.public_id,
        source_charge_id=capture.processor_charge_id,
        processor=capture.processor,
        shares=[books.seller_share(part) for part in parts if part.share_minor],
        hold_until=now,
        now=now,
    )
    outbox.add(
        writes, task="orders.tasks.after_recall_paid", kwargs={"order_id": order.id}, key=f"recalled:{order.public_id}"
    )
    writes.execute()
    move_recall(lock_recall(recall_id=order.recall_id), "paid", source=source, now=now)
    books.book_sale(order=order, parts=parts, capture=capture, now=now)
