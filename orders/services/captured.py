"""Money was taken: it completes the sale, or goes back. In the caller's transaction, under the order's lock."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from catalog.services.stock import OutOfStock, consume_reservation, release_reservation, reserve_stock
from common import audit, outbox
from common.money import Money, total
from common.writes import Writes
from orders.enums import FulfilmentStatus, OrderStatus
from orders.models import Fulfilment, Order, OrderLine, SellerOrder
from orders.selectors.orders import is_replaced
from orders.services import books
from orders.services.fulfilment import cancel_parts, move_all, new_fulfilments
from orders.services.recalls.paid import complete_recall, why_not_paid_back
from orders.services.transition import add_move, move
from payments import services as payments
from payments.contracts import CaptureMade
from payments.enums import CaptureMethod, RefundReason
from payouts import services as payouts

_UNPAID = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)
_ACCEPTING = (OrderStatus.AUTHORIZED, OrderStatus.CAPTURING)
# From these an order that is to be paid back moves on; a paid order stays what it is.
_NOT_PAID_YET = (*_UNPAID, *_ACCEPTING, OrderStatus.EXPIRED, OrderStatus.CANCELED)


def captured(*, order: Order, capture: CaptureMade, source: str, now: dt.datetime) -> None:
    """Completes the sale with the capture that was recorded just now, or arranges its return."""
    problem = _why_not(order, capture, now)
    if problem is None and order.recall_id is not None:
        complete_recall(order=order, capture=capture, source=source, now=now)
    elif problem is None:
        _complete(order, capture, source, now)
    else:
        _give_back(order, capture, problem, source, now)


def _why_not(order: Order, capture: CaptureMade, now: dt.datetime) -> RefundReason | None:
    """Why this money can't become the sale; takes or keeps the stock when it can."""
    is_its_own = order.payment_reference in ("", capture.payment_reference)
    if not is_its_own:
        # Another payment of this order has paid for it, or is authorized for it.
        return RefundReason.DUPLICATE
    if (capture.amount, capture.quote_hash) != (_expected(order), order.quote_hash):
        return RefundReason.AMOUNT_MISMATCH
    if order.recall_id is not None:
        return why_not_paid_back(order)
    if order.status in (*_UNPAID, *_ACCEPTING):
        return None
    if order.status == OrderStatus.EXPIRED and _was_authorized(order):
        # And then lost: its parts are called off, and the buyer was told that nothing is charged.
        return RefundReason.SOLD_OUT
    if order.status != OrderStatus.EXPIRED:
        # Canceled, or replaced by another order of the same cart: the buyer does not want this one any more.
        return RefundReason.SOLD_OUT if order.status == OrderStatus.CANCELED else RefundReason.DUPLICATE
    if is_replaced(order):
        return RefundReason.DUPLICATE
    lines = OrderLine.objects.filter(seller_order__order=order).values_list("product_id", "quantity")
    try:
        with transaction.atomic():
            reserve_stock(reference=order.public_id, items=list(lines), expires_at=now + settings.QUOTE_TTL, now=now)
    except OutOfStock:
        return RefundReason.SOLD_OUT
    return None


def _expected(order: Order) -> Money:
    """The quote's total, or of an order that artisans have accepted in part what they have accepted.

    While they are still deciding (the money was taken in the processor's dashboard): what nobody has declined.
    """
    if order.captured_minor is not None:
        return Money(order.captured_minor, order.currency)
    if order.capture_method == CaptureMethod.AUTOMATIC:
        return order.total
    kept = SellerOrder.objects.filter(order=order).exclude(fulfilment__status=FulfilmentStatus.DECLINED)
    return total((Money(part.goods_minor + part.shipping_minor, part.currency) for part in kept), order.currency)


def _was_authorized(order: Order) -> bool:
    """Then its parts are there, decided or not. It may have to be authorized once more, and wait for that."""
    return (
        order.capture_method == CaptureMethod.MANUAL and Fulfilment.objects.filter(seller_order__order=order).exists()
    )


def _complete(order: Order, capture: CaptureMade, source: str, now: dt.datetime) -> None:
    parts = list(order.seller_orders.select_related("artisan").order_by("id"))
    writes = Writes()
    if _was_authorized(order):
        parts = _to_ship(order, parts, source, now)
        order.captured_minor = capture.amount.amount_minor
    else:
        writes.insert_many("fulfilments", new_fulfilments(parts, FulfilmentStatus.TO_SHIP, now=now))
    order.payment_reference = capture.payment_reference
    add_move(writes, order, "paid", source=source, now=now)
    payouts.add_accrual(
        writes,
        order_reference=order.public_id,
        source_charge_id=capture.processor_charge_id,
        processor=capture.processor,
        shares=[books.seller_share(part) for part in parts if part.share_minor],
        # Until the part is sent, nobody knows when its share is due.
        hold_until=None,
        now=now,
    )
    outbox.add(writes, task="orders.tasks.after_sale", kwargs={"order_id": order.id}, key=f"sale:{order.public_id}")
    writes.execute()
    consume_reservation(reference=order.public_id, now=now)
    # Last, because the artisans' accounts are locked from here to the end, and other sales wait for them.
    books.book_sale(order=order, parts=parts, capture=capture, now=now)


def _to_ship(order: Order, parts: Sequence[SellerOrder], source: str, now: dt.datetime) -> list[SellerOrder]:
    """The parts that were sold: all that nobody has declined, if the money was taken before all were decided."""
    kept = list(
        Fulfilment.objects.select_for_update(of=("self",))
        .filter(seller_order__order=order)
        .exclude(status=FulfilmentStatus.DECLINED)
        .order_by("id")
    )
    move_all(kept, "paid", source=source, now=now)
    sold = {fulfilment.seller_order_id for fulfilment in kept}
    return [part for part in parts if part.id in sold]


def _give_back(order: Order, capture: CaptureMade, reason: RefundReason, source: str, now: dt.datetime) -> None:
    if order.status in _NOT_PAID_YET and order.payment_reference in ("", capture.payment_reference):
        move(order, "refund_due", source=source, now=now)
        cancel_parts(order, source=source, now=now)
        # Goods that an order still holds whose payment was not the one that was quoted; the others hold none.
        release_reservation(reference=order.public_id, now=now)
    books.book_late_payment(order=order, capture=capture, now=now)
    refund = payments.prepare_refund(capture_id=capture.capture_id, reason=reason, now=now)
    audit.record(
        event_type="order.late_payment", outcome="refused", subject=order.public_id, amount=capture.amount,
        processor=capture.processor, processor_id=capture.processor_charge_id, failure_code=reason,
    )  # fmt: skip
    outbox.enqueue(
        task="orders.tasks.refund_late_payment", kwargs={"refund_id": refund.id}, key=f"refund:{refund.public_id}"
    )
