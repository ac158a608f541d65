"""A late payment that the processor can't give back: staff have paid its buyer in another way, and say how."""

import datetime as dt

from django.db import transaction

from common import audit
from orders.contracts.refund import InvalidRefund, RefundInTheWay, RefundWhileDisputed
from orders.selectors.refunds import is_disputed
from orders.services.refunds import books
from orders.services.refunds.adopt import settle_refund
from orders.services.refunds.record import lock_order_of, paid_back
from payments import services as payments
from payments.models import Refund

_LONGEST_REFERENCE = 80


def settle_otherwise(*, refund_id: int, reference: str, source: str, now: dt.datetime) -> Refund:
    """Ends a failed refund of a late payment. Not in a transaction. The caller has checked `orders.refund_order`.

    `reference` says where the payment is found: the bank's reference, or the processor's id of a refund that was made
    there and booked as fitting no order; that one is looked up and becomes this refund. Both are in the books and in
    the audit trail. Raises InvalidRefund for a reference that is missing or names somebody else's refund,
    RefundInTheWay unless the refund has failed and the money came late, RefundWhileDisputed, and the errors of
    `payments.contracts`.
    """
    refund = payments.get_refund(refund_id=refund_id)
    with audit.refusals(event_type="refund.refused", subject=refund.public_id, command="settle_otherwise"):
        return _settled(refund, reference.strip(), source, now)


def _settled(refund: Refund, reference: str, source: str, now: dt.datetime) -> Refund:
    if not reference or len(reference) > _LONGEST_REFERENCE:
        raise InvalidRefund(f"Please say with which reference it was paid, in up to {_LONGEST_REFERENCE} characters.")
    if refund.can_be_paid_otherwise and books.is_unallocated(reference):
        return _allocated(refund, reference, source, now)
    with transaction.atomic():
        order = lock_order_of(refund)
        refund = payments.lock_refund(refund_id=refund.id)
        if not refund.can_be_paid_otherwise:
            raise RefundInTheWay(
                f"It is {refund.get_status_display()}; only a failed refund of a late payment is paid otherwise."
            )
        if is_disputed(refund.capture):
            raise RefundWhileDisputed()
        payments.record_paid_otherwise(refund=refund, reference=reference, source=source, now=now)
        books.book_late_paid_otherwise(refund=refund, reference=reference, now=now)
        paid_back(order, refund, source, now)
    return refund


def _allocated(refund: Refund, reference: str, source: str, now: dt.datetime) -> Refund:
    processor = refund.capture.payment.processor
    settle_refund(processor=processor, processor_refund_id=reference, source=source, now=now)
    refund.refresh_from_db()
    # Of part of it: that is booked, and the rest is on its way as a refund of its own.
    if refund.processor_refund_id != reference and refund.withdrawn_at is None:
        raise InvalidRefund("That refund is of another payment, or of another amount.")
    return refund
