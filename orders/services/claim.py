"""A guest who has registered: the orders made in this browser with the address that is now verified become theirs."""

import datetime as dt

from django.db import transaction

from common import audit, outbox
from identity.models import User
from orders.models import Order
from payments.models import Payment


def claim_orders(*, user_id: int, guest_scope: str, now: dt.datetime) -> int:
    """Gives the user the guest's orders of this browser that were made with the user's own address; how many.

    Both must fit: an address alone could be anybody's, and a browser may be shared. What the guest wished to have kept
    is attached to the user after commit. A log-in has verified the address before.
    """
    if not guest_scope:
        return 0
    with transaction.atomic():
        email = User.objects.values_list("email", flat=True).get(id=user_id)
        claimed = list(
            Order.objects.select_for_update()
            .filter(guest_scope=guest_scope, buyer__isnull=True, email__iexact=email)
            .order_by("id")
        )
        for order in claimed:
            order.buyer_id, order.updated_at = user_id, now
            order.save(update_fields=["buyer", "updated_at"])
            audit.record(
                event_type="order.claimed", outcome="succeeded", subject=order.public_id, amount=order.total,
                command="claim_orders",
            )  # fmt: skip
            for payment in Payment.objects.filter(order_reference=order.public_id, saves_method=True):
                keep_later(payment=payment, user_id=user_id)
    return len(claimed)


def keep_later(*, payment: Payment, user_id: int) -> None:
    """After commit: what a guest has paid with is attached to the customer that the guest has become."""
    outbox.enqueue(
        task="payments.tasks.keep_guest_method",
        kwargs={"payment_id": payment.id, "user_id": user_id},
        key=f"keep:{payment.public_id}:{payment.status}",
    )
