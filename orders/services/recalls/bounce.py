"""The refund that was asked back has bounced: the buyer never had that money, so the request ends by itself."""

import datetime as dt

from common import outbox
from common.ids import new_public_id
from orders.enums import OrderStatus, RecallStatus
from orders.models import Recall
from orders.selectors.recalls import open_orders_of
from orders.services.recalls.move import lock_recall, move_recall, write_to_buyer
from orders.services.start import withdraw
from payments.models import Refund


def refund_bounced(*, refund: Refund, source: str, now: dt.datetime) -> None:
    """Ends the requests for this refund, in the transaction that records that it came back.

    The caller holds the lock of the order that was refunded. What was paid already goes back after commit; what is
    being paid at this moment goes back when it arrives.
    """
    for asked in Recall.objects.filter(refund_reference=refund.public_id).order_by("id"):
        for order in open_orders_of(asked):
            if order.status == OrderStatus.AWAITING_PAYMENT:
                withdraw(order, now=now, source=source)
        recall = lock_recall(recall_id=asked.id)
        if recall.status == RecallStatus.ASKED:
            move_recall(recall, "refund_bounced", source=source, now=now)
            write_to_buyer(recall, "called_off")
        elif recall.status == RecallStatus.PAID:
            move_recall(recall, "refund_bounced", source=source, now=now, return_reference=new_public_id("ref"))
            outbox.enqueue(
                task="orders.tasks.return_recall_payment",
                kwargs={"recall_id": recall.id},
                key=f"recall-return:{recall.public_id}",
            )
