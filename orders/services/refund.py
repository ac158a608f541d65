"""Give a late payment back: send the prepared refund, book it, tell the buyer."""

import datetime as dt

from django.db import transaction

from common import outbox
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import books
from orders.services.transition import move
from payments import services as payments
from payments.contracts import ProcessorRefused
from payments.enums import RefundStatus
from payments.models import Refund

# The processor has taken the money from our balance, whether or not it has arrived at the buyer's bank yet.
_GIVEN = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)


def refund_late_payment(*, refund_id: int, source: str, now: dt.datetime) -> None:
    """Carries the refund out exactly once and applies what is found. Not in a transaction.

    Raises OutcomeUnknown and ProcessorUnavailable, after which the caller comes again.
    """
    refund = Refund.objects.select_related("capture__payment").get(id=refund_id)
    if refund.status in (RefundStatus.SUCCEEDED, RefundStatus.PENDING, RefundStatus.FAILED):
        return
    try:
        found = payments.send_refund(refund=refund, now=now)
    except ProcessorRefused as refused:
        with transaction.atomic():
            order = _order_of(refund)
            recorded = payments.refuse_refund(refund_id=refund.id, refused=refused, source=source, now=now)
            _apply(order, recorded, source, now)
        return
    with transaction.atomic():
        order = _order_of(refund)
        recorded = payments.record_refund_found(found=found, source=source, now=now)
        _apply(order, recorded, source, now)


def settle_refund(*, processor: str, processor_refund_id: str, source: str, now: dt.datetime) -> None:
    """News about a refund: the processor is asked and the answer applied. Raises UnknownRefund for foreign ones."""
    found = payments.look_up_refund(processor=processor, processor_refund_id=processor_refund_id)
    refund = Refund.objects.select_related("capture__payment").filter(public_id=found.refund_reference or "-").first()
    with transaction.atomic():
        order = _order_of(refund) if refund is not None else None
        recorded = payments.record_refund_found(found=found, source=source, now=now)
        if order is not None:
            _apply(order, recorded, source, now)


def _order_of(refund: Refund) -> Order:
    return Order.objects.select_for_update().get(public_id=refund.capture.payment.order_reference)


def _apply(order: Order, recorded: payments.RefundRecorded, source: str, now: dt.datetime) -> None:
    if recorded.event is None:
        return
    refund = recorded.refund
    if recorded.event == "bounced":
        books.reverse_refund(refund=refund, now=now)
        move(order, "refund_failed", source=source, now=now)
    elif refund.status == RefundStatus.FAILED:
        move(order, "refund_failed", source=source, now=now)
    elif refund.status in _GIVEN and order.status != OrderStatus.REFUNDED:
        books.book_refund(refund=refund, now=now)
        move(order, "refunded", source=source, now=now)
        outbox.enqueue(
            task="orders.tasks.send_late_payment_refunded",
            kwargs={"order_id": order.id},
            key=f"refund-mail:{refund.public_id}",
        )
