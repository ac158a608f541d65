"""Settle a payment: whoever brings the news (browser, webhook, sweeper), the processor is asked, its answer applied.

The look-up happens outside any transaction. What follows is one transaction: lock the order, then the payment; record
the finding; and if money was captured just now, complete the sale or arrange its return, book it, and leave the
messages in the outbox. All of it or none: a process killed in the middle leaves no trace, and the next one does it.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from catalog.services.stock import OutOfStock, consume_reservation, release_reservation, reserve_stock
from common import audit, outbox
from common.writes import Writes
from orders.enums import OrderStatus
from orders.models import Order, OrderLine
from orders.selectors.orders import latest_payment
from orders.services import books
from orders.services.transition import add_move, lock_order, move
from payments import services as payments
from payments.contracts import CaptureMade, PaymentFound, UnknownPayment
from payments.enums import PaymentStatus, RefundReason
from payments.models import Payment
from payouts import services as payouts


@dataclass(frozen=True, slots=True)
class Settled:
    """The order and its payment after the finding was applied. `found` is None when there is no payment yet."""

    order: Order
    payment: Payment | None
    found: PaymentFound | None


def settle_order(*, order_id: int, source: str, now: dt.datetime) -> Settled:
    """Asks the processor about the order's latest payment and applies the answer. Not in a transaction."""
    return settle(order=Order.objects.get(id=order_id), source=source, now=now)


def settle(*, order: Order, source: str, now: dt.datetime) -> Settled:
    """As `settle_order`, for callers that have just read the order."""
    payment = latest_payment(order)
    if payment is None:
        return Settled(order, None, None)
    return apply_found(order=order, found=payments.look_up(payment=payment, now=now), source=source, now=now)


def settle_payment(
    *,
    processor: str,
    processor_payment_id: str,
    payment_reference: str | None,
    source: str,
    now: dt.datetime,
) -> Settled:
    """As `settle_order`, for news that name the processor's id. Not in a transaction.

    `payment_reference` is what the news say our reference is; the look-up confirms it, so news that come before the
    answer to our own request are applied too. Raises UnknownPayment for payments that are not ours.
    """
    payment = Payment.objects.filter(processor=processor, processor_payment_id=processor_payment_id).first()
    if payment is None and payment_reference:
        payment = Payment.objects.filter(
            processor=processor, public_id=payment_reference, processor_payment_id__isnull=True
        ).first()
    if payment is None:
        raise UnknownPayment()
    found = payments.look_up_at(processor=processor, processor_payment_id=processor_payment_id)
    order = Order.objects.get(public_id=payment.order_reference)
    return apply_found(order=order, found=found, source=source, now=now)


def apply_found(*, order: Order, found: PaymentFound, source: str, now: dt.datetime) -> Settled:
    """Applies a finding in one transaction. Applying it twice, or an older one later, changes nothing."""
    with transaction.atomic():
        if not _leaves_order_alone(order, found):
            # The order's lock comes before the payment's, everywhere.
            order = lock_order(order_id=order.id)
        recorded = payments.record_found(found=found, source=source, now=now)
        if recorded.capture is not None:
            _captured(order, recorded.capture, source, now)
        elif recorded.late_fee is not None:
            books.book_fee(capture=recorded.late_fee[0], fee=recorded.late_fee[1], now=now)
        elif recorded.event == "processing_started" and order.status == OrderStatus.AWAITING_PAYMENT:
            move(order, "payment_processing", source=source, now=now)
        elif recorded.event is not None and order.status == OrderStatus.PROCESSING:
            # Declined, asked for another confirmation, or canceled at the processor: the order would wait for ever.
            move(order, "payment_failed", source=source, now=now)
    return Settled(order, recorded.payment, found)


def _leaves_order_alone(order: Order, found: PaymentFound) -> bool:
    """Whether nothing was tried yet, so that whatever is recorded can't move the order: its lock is saved.

    `order` may have been read long ago, so its status alone does not tell.
    """
    untried = found.status == PaymentStatus.REQUIRES_PAYMENT_METHOD and found.charge is None
    return untried and order.status != OrderStatus.PROCESSING


def _captured(order: Order, capture: CaptureMade, source: str, now: dt.datetime) -> None:
    problem = _why_not(order, capture, now)
    if problem is None:
        _complete(order, capture, source, now)
    else:
        _give_back(order, capture, problem, source, now)


def _why_not(order: Order, capture: CaptureMade, now: dt.datetime) -> RefundReason | None:
    """Why this money can't become the sale; takes or keeps the stock when it can."""
    if (capture.amount, capture.quote_hash) != (order.total, order.quote_hash):
        return RefundReason.AMOUNT_MISMATCH
    if order.status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING):
        return None
    if order.status != OrderStatus.EXPIRED:
        # Canceled, or replaced by another order of the same cart: the buyer does not want this one any more.
        return RefundReason.SOLD_OUT if order.status == OrderStatus.CANCELED else RefundReason.DUPLICATE
    lines = OrderLine.objects.filter(seller_order__order=order).values_list("product_id", "quantity")
    try:
        with transaction.atomic():
            reserve_stock(reference=order.public_id, items=list(lines), expires_at=now + settings.QUOTE_TTL, now=now)
    except OutOfStock:
        return RefundReason.SOLD_OUT
    return None


def _complete(order: Order, capture: CaptureMade, source: str, now: dt.datetime) -> None:
    parts = list(order.seller_orders.select_related("artisan").order_by("id"))
    writes = Writes()
    add_move(writes, order, "paid", source=source, now=now)
    payouts.add_accrual(
        writes,
        order_reference=order.public_id,
        source_charge_id=capture.processor_charge_id,
        processor=capture.processor,
        shares=[books.seller_share(part) for part in parts if part.share_minor],
        hold_until=now + settings.HOLD_PERIOD,
        now=now,
    )
    outbox.add(writes, task="orders.tasks.after_sale", kwargs={"order_id": order.id}, key=f"sale:{order.public_id}")
    writes.execute()
    consume_reservation(reference=order.public_id, now=now)
    # Last, because the artisans' accounts are locked from here to the end, and other sales wait for them.
    books.book_sale(order=order, parts=parts, capture=capture, now=now)


def _give_back(order: Order, capture: CaptureMade, reason: RefundReason, source: str, now: dt.datetime) -> None:
    move(order, "refund_due", source=source, now=now)
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
