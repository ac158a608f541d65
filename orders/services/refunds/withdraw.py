"""A refund that is not made after all: everybody has back what was taken from them."""

import datetime as dt

from django.db import transaction

from common import audit
from common.money import Money, total
from orders.contracts.refund import RefundInTheWay
from orders.models import Order, RefundAllocation
from orders.services.refunds import books
from orders.services.transition import lock_order
from payments import services as payments
from payments.models import Refund
from payouts import services as payouts
from payouts.contracts import PartAmount


def withdraw_refund(*, refund_id: int, now: dt.datetime) -> Refund:
    """By staff: gives a failed refund of a sale up, for instance because the buyer was paid in another way.

    Again is no error. Raises RefundInTheWay for one that may still be made, and for a payment that never became a
    sale: that money is not ours to keep. The caller has checked the permission `orders.refund_order`.
    """
    refund = Refund.objects.select_related("capture__payment").get(id=refund_id)
    with (
        audit.refusals(event_type="refund.refused", subject=refund.public_id, command="withdraw_refund"),
        transaction.atomic(),
    ):
        lock_order(order_id=Order.objects.get(public_id=refund.capture.payment.order_reference).id)
        refund = payments.lock_refund(refund_id=refund_id)
        if refund.withdrawn_at is not None:
            return refund
        if not refund.can_be_withdrawn:
            raise RefundInTheWay(f"It is {refund.get_status_display()}; only a failed refund of a sale is given up.")
        take_back(refund=refund, now=now)
    return refund


def take_back(*, refund: Refund, now: dt.datetime) -> None:
    """Undoes the allocation, in the caller's transaction and under its locks of order and refund."""
    allocations = list(
        RefundAllocation.objects.filter(refund_reference=refund.public_id).select_related("seller_order")
    )
    RefundAllocation.objects.filter(refund_reference=refund.public_id).update(withdrawn_at=now)
    payments.withdraw_refund(refund=refund, now=now)
    shares: dict[str, Money] = {}
    for allocation in allocations:
        if allocation.seller_order is not None and allocation.share_minor:
            reference = allocation.seller_order.public_id
            share = Money(allocation.share_minor, refund.currency)
            shares[reference] = shares.get(reference, Money.zero(refund.currency)) + share
    parts = [PartAmount(reference, share) for reference, share in shares.items()]
    places = payouts.credit_parts(parts=parts, reference=refund.public_id, now=now) if parts else []
    books.book_withdrawn(
        refund=refund,
        sellers=places,
        commission=total((Money(a.commission_minor, a.currency) for a in allocations), refund.currency),
        platform=total((Money(a.platform_minor, a.currency) for a in allocations), refund.currency),
        now=now,
    )
