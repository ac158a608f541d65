"""News of refunds. One that was made at the processor, in its dashboard, is adopted: allocated and booked at once."""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from common import audit, outbox
from common.ids import is_public_id
from common.money import Money
from orders.contracts.refund import AmountOnly, RefundInTheWay
from orders.models import Order
from orders.selectors.refunds import sale_capture
from orders.services.refunds import books
from orders.services.refunds.record import apply, lock_order_of
from orders.services.refunds.request import allocate_refund, refundable_now, split
from orders.services.settle import settle_payment
from payments import services as payments
from payments.contracts import RefundFound, UnknownPayment, UnknownRefund
from payments.enums import LATE_PAYMENT_REASONS, OPEN_REFUND_STATUSES, RefundReason, RefundStatus
from payments.models import Capture, Refund

log = structlog.get_logger(__name__)


def settle_refund(*, processor: str, processor_refund_id: str, source: str, now: dt.datetime) -> None:
    """The processor is asked about a refund, and the answer applied. Not in a transaction.

    Raises UnknownRefund for one that names a refund of ours that we don't have, UnknownPayment for one of a payment
    that is not ours, and RefundInTheWay where our own refund of the same money has no answer yet: come again.
    """
    found = payments.look_up_refund(processor=processor, processor_refund_id=processor_refund_id)
    refund = payments.known_refund(found=found)
    if refund is not None:
        with transaction.atomic():
            order = lock_order_of(refund)
            apply(order, payments.record_refund_found(found=found, source=source, now=now), source, now)
    elif found.refund_reference:
        raise UnknownRefund()
    else:
        _adopt(found, _capture_of(found, processor, source, now), source, now)


def _capture_of(found: RefundFound, processor: str, source: str, now: dt.datetime) -> Capture:
    """The money that it gives back. A payment of which these are the first news is settled on the way."""
    capture = _known_capture(found, processor)
    if capture is not None:
        return capture
    if not found.processor_payment_id:
        raise UnknownPayment()
    payment = payments.look_up_at(processor=processor, processor_payment_id=found.processor_payment_id)
    if not is_public_id(payment.payment_reference, "pay"):
        raise UnknownPayment()
    settle_payment(
        processor=processor,
        processor_payment_id=found.processor_payment_id,
        payment_reference=payment.payment_reference,
        source=source,
        now=now,
    )
    capture = _known_capture(found, processor)
    if capture is None:
        raise RefundInTheWay("Its payment is not captured yet.")
    return capture


def _known_capture(found: RefundFound, processor: str) -> Capture | None:
    captures = Capture.objects.select_related("payment").filter(payment__processor=processor)
    if found.processor_charge_id:
        return captures.filter(processor_charge_id=found.processor_charge_id).first()
    return captures.filter(payment__processor_payment_id=found.processor_payment_id or "-").first()


def _adopt(found: RefundFound, capture: Capture, source: str, now: dt.datetime) -> None:
    processor = capture.payment.processor
    with transaction.atomic():
        order = Order.objects.select_for_update().get(public_id=capture.payment.order_reference)
        if payments.known_refund(found=found) is not None:
            apply(order, payments.record_refund_found(found=found, source=source, now=now), source, now)
            return
        if found.status == RefundStatus.FAILED:
            # It has come back before we heard of it: the processor took it and gave it back.
            books.book_unallocated_returned(processor_refund_id=found.processor_refund_id, now=now)
            return
        same = _late_refund_to_be_sent(found, capture)
        if same is not None:
            # It may have been booked as fitting no order, before ours had failed.
            books.book_unallocated_returned(processor_refund_id=found.processor_refund_id, now=now)
            recorded = payments.take_in_its_place(refund=same, found=found, source=source, now=now)
            apply(order, recorded, source, now)
            return
        if _is_part_of_late(order, found, capture, source, now) or books.is_unallocated(found.processor_refund_id):
            return
        adopted = _allocate(order, found, capture, now)
        rest = found.amount - adopted
        if adopted:
            apply(order, payments.record_refund_found(found=found, source=source, now=now), source, now)
        if rest:
            _leave_to_staff(order, found, rest, processor, now)


def _late_refund_to_be_sent(found: RefundFound, capture: Capture) -> Refund | None:
    """Our own refund of the whole of a payment that came late, which has failed or has no answer yet.

    Somebody was quicker in the dashboard, or has helped there because ours did not arrive.
    """
    return _unsent_late(capture).filter(amount_minor=found.amount.amount_minor).first()


def _unsent_late(capture: Capture) -> QuerySet[Refund]:
    return (
        Refund.objects.select_for_update(of=("self",))
        .select_related("capture__payment")
        .filter(
            Q(status__in=OPEN_REFUND_STATUSES, processor_refund_id__isnull=True) | Q(status=RefundStatus.FAILED),
            capture=capture, reason__in=LATE_PAYMENT_REASONS, withdrawn_at__isnull=True,
        )
    )  # fmt: skip


def _is_part_of_late(order: Order, found: RefundFound, capture: Capture, source: str, now: dt.datetime) -> bool:
    """Takes it for part of a payment that came late, and asks for the rest by itself; whether it was that.

    Our own refund of all that was left can't be made any more, the processor refuses it: while it has no answer the
    news come again later; once it has failed it is given up, for one of what is left now. Never more than was taken:
    the three are written together, and PostgreSQL bounds their sum.
    """
    whole = _unsent_late(capture).filter(amount_minor__gt=found.amount.amount_minor).first()
    if whole is None:
        return False
    if whole.status != RefundStatus.FAILED:
        raise RefundInTheWay("Our own refund of the same late payment has no answer yet.")
    reason = RefundReason(whole.reason)
    payments.withdraw_refund(refund=whole, now=now)
    books.book_unallocated_returned(processor_refund_id=found.processor_refund_id, now=now)
    payments.adopt_refund(
        capture_id=capture.id, amount=found.amount, processor_refund_id=found.processor_refund_id, reason=reason,
        now=now,
    )  # fmt: skip
    rest = payments.prepare_refund(capture_id=capture.id, reason=reason, amount=whole.amount - found.amount, now=now)
    outbox.enqueue(
        task="orders.tasks.refund_late_payment", kwargs={"refund_id": rest.id}, key=f"refund:{rest.public_id}"
    )
    apply(order, payments.record_refund_found(found=found, source=source, now=now), source, now)
    return True


def _allocate(order: Order, found: RefundFound, capture: Capture, now: dt.datetime) -> Money:
    """Splits it over what is left of the sale; returns how much of it that was."""
    sale = sale_capture(order)
    nothing = Money.zero(found.amount.currency)
    if sale is None or sale.id != capture.id:
        return nothing
    figures = refundable_now(order)
    left = min(found.amount.amount_minor, figures.left_minor, sum(part.left_minor for part in figures.parts))
    if left < found.amount.amount_minor and capture.refunds.filter(status__in=OPEN_REFUND_STATUSES).exists():
        # The processor refuses one of the two: ours gives its amount free when that is known.
        raise RefundInTheWay("A refund of ours for the same payment has no answer yet.")
    if left <= 0:
        return nothing
    amount = Money(left, found.amount.currency)
    refund = payments.adopt_refund(
        capture_id=capture.id, amount=amount, processor_refund_id=found.processor_refund_id, now=now
    )
    allocate_refund(order=order, refund=refund, plan=split(figures, AmountOnly(amount)), now=now)
    return amount


def _leave_to_staff(order: Order, found: RefundFound, rest: Money, processor: str, now: dt.datetime) -> None:
    if not books.book_unallocated(found=found, amount=rest, processor=processor, now=now):
        return
    log.error("refund_unallocated", order=order.public_id, refund=found.processor_refund_id, amount=str(rest))
    audit.record(
        event_type="refund.unallocated", outcome="refused", subject=order.public_id, amount=rest,
        processor=processor, processor_id=found.processor_refund_id, failure_code="more_than_is_left",
    )  # fmt: skip
