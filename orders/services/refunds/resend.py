"""Send a refund again that failed after all: the buyer is owed it, and nobody is debited a second time."""

import datetime as dt

from django.db import transaction

from common import audit
from orders.contracts.refund import RefundInTheWay, RefundWhileDisputed
from orders.selectors.refunds import is_disputed
from orders.services.refunds.record import lock_order_of
from orders.services.refunds.request import enqueue_sending
from payments import services as payments
from payments.models import Refund


def resend_refund(*, refund_id: int, source: str, now: dt.datetime) -> Refund:
    """Asks for a failed refund once more, under a key of its own. Sent after commit.

    Raises RefundInTheWay unless it has failed, and that of a sale for the first time, and RefundWhileDisputed. The
    caller has checked the permission `orders.refund_order`.
    """
    refund = Refund.objects.select_related("capture__payment").get(id=refund_id)
    with (
        audit.refusals(event_type="refund.refused", subject=refund.public_id, command="resend_refund"),
        transaction.atomic(),
    ):
        lock_order_of(refund)
        refund = payments.lock_refund(refund_id=refund_id)
        if not refund.can_be_resent:
            raise RefundInTheWay(
                f"It is {refund.get_status_display()}; a refund of a sale that failed is sent again once."
            )
        if is_disputed(refund.capture):
            raise RefundWhileDisputed()
        payments.prepare_resend(refund=refund, source=source, now=now)
        enqueue_sending(refund)
    return refund
