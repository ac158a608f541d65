"""Carry a prepared refund out, and apply what is found."""

import datetime as dt

from django.db import transaction

from orders.services.refunds.record import apply, lock_order_of
from payments import services as payments
from payments.contracts import ProcessorRefused
from payments.enums import OPEN_REFUND_STATUSES


def send_refund(*, refund_id: int, source: str, now: dt.datetime) -> None:
    """Carries the refund out exactly once, of a sale or of a payment that came late. Not in a transaction.

    Refused for good, a refund of a sale is withdrawn. Raises OutcomeUnknown and ProcessorUnavailable, after which the
    caller comes again.
    """
    refund = payments.get_refund(refund_id=refund_id)
    if refund.status not in OPEN_REFUND_STATUSES:
        return
    try:
        found = payments.send_refund(refund=refund, now=now)
    except ProcessorRefused as refused:
        with transaction.atomic():
            order = lock_order_of(refund)
            recorded = payments.refuse_refund(refund_id=refund.id, refused=refused, source=source, now=now)
            apply(order, recorded, source, now)
        return
    with transaction.atomic():
        order = lock_order_of(refund)
        apply(order, payments.record_refund_found(found=found, source=source, now=now), source, now)
