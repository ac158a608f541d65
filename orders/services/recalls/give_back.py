"""Give back what a buyer has paid for a refund that came back afterwards."""

import datetime as dt

import structlog
from django.db import transaction

from orders.contracts.refund import EverythingLeft, NothingToRefund, RefundWhileDisputed
from orders.enums import OrderStatus
from orders.models import Order, Recall
from orders.services.refunds.request import request_refund
from payments.enums import RefundReason
from payments.models import Refund

log = structlog.get_logger(__name__)
_NOTE = "The refund that we had asked you to pay back did not reach you, so you get this back."


def return_payment(*, recall_id: int, now: dt.datetime) -> Refund | None:
    """Gives the money of a paid request back, once. None while its payment is disputed: the schedule comes again."""
    with transaction.atomic():
        recall = Recall.objects.get(id=recall_id)
        order = Order.objects.get(recall=recall, status=OrderStatus.PAID)
        try:
            return request_refund(
                order_id=order.id,
                wish=EverythingLeft(),
                reason=RefundReason.GOODWILL,
                note=_NOTE,
                initiator="system",
                reference=recall.return_reference,
                now=now,
            )
        except RefundWhileDisputed:
            log.warning("recall_payment_disputed", recall=recall.public_id)
        except NothingToRefund:
            # Staff or the processor's dashboard were faster.
            Recall.objects.filter(id=recall_id).update(return_reference="")
    return None
