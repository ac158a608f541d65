"""Ask a buyer to pay a refund back that was issued in error. Nothing is charged by this."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from common import audit
from common.ids import is_public_id, new_public_id
from common.money import Money
from orders.contracts.recall import InvalidRecall
from orders.models import Order, Recall, RecallAllocation
from orders.selectors.recalls import recallable
from orders.services.recalls.move import remember, write_to_buyer
from orders.services.recalls.plan import plan_recall
from orders.services.transition import lock_order
from payments import services as payments
from payments.models import Refund


def request_recall(
    *, refund_id: int, amount: Money, reason: str, initiator: str, now: dt.datetime, reference: str = ""
) -> Recall:
    """By staff: writes the request down, split like the refund, and leaves the letter to the buyer.

    `reason` is words for the buyer, `initiator` who asks (staff:<id>). `reference` is a fresh id (rcl_...) that the
    caller made up: the same one again gives the same request. All requests of a refund that are open or paid count
    against it, under the lock of its order. Raises NotRecallable, InvalidRecall and RecallTooLarge. The caller has
    checked the permission `orders.refund_order`.
    """
    reason = reason.strip()
    if not reason or len(reason) > 500:
        raise InvalidRecall("Say in at most 500 characters why the refund was wrong; the buyer reads it.")
    if reference and not is_public_id(reference, "rcl"):
        raise InvalidRecall("This is no reference of a request.")
    reference = reference or new_public_id("rcl")
    with transaction.atomic():
        refund = Refund.objects.select_related("capture__payment").get(id=refund_id)
        sale = lock_order(order_id=Order.objects.get(public_id=refund.capture.payment.order_reference).id)
        refund = payments.lock_refund(refund_id=refund_id)
        known = Recall.objects.filter(public_id=reference).first()
        if known is not None:
            if known.refund_reference != refund.public_id:
                raise InvalidRecall("This reference belongs to another refund.")
            return known
        rows = plan_recall(figures=recallable(refund), amount=amount)
        recall = Recall.objects.create(
            public_id=reference,
            refund_reference=refund.public_id,
            sale=sale,
            currency=amount.currency,
            amount_minor=amount.amount_minor,
            reason=reason,
            initiator=initiator,
            expires_at=now + settings.RECALL_PERIOD,
            created_at=now,
            updated_at=now,
        )
        RecallAllocation.objects.bulk_create(
            RecallAllocation(
                recall=recall,
                refund_allocation_id=row.refund_allocation_id,
                currency=recall.currency,
                amount_minor=row.amount.amount_minor,
                commission_minor=row.commission.amount_minor,
                share_minor=row.share.amount_minor,
                platform_minor=row.platform.amount_minor,
            )
            for row in rows
        )
        remember(recall, "asked", "", source="staff", now=now)
        audit.record(
            event_type="recall.asked", outcome="succeeded", subject=recall.public_id, amount=amount,
            command=refund.public_id,
        )  # fmt: skip
        write_to_buyer(recall, "request")
    return recall
