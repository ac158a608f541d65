"""Remove the carts of guests who will not come back: their session, the only way to the cart, has ended before."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from common.batches import in_batches
from orders.enums import OrderStatus
from orders.models import Cart, Order

_SIZE = 500
_AT_MOST = 40
_OPEN = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)


def forget_guest_carts(*, now: dt.datetime) -> int:
    """Deletes guests' carts untouched for GUEST_CART_DAYS, with their lines; returns how many. Called by the schedule.

    Carts of users stay for as long as the user. So does a cart that an open order was made from: its payment may still
    come, and takes what was bought out of it. Carts that somebody is changing are left to the next run.
    """
    before = now - settings.GUEST_CARTS_KEPT

    def forget(size: int) -> int:
        open_order = Order.objects.filter(cart_reference=OuterRef("public_id"), status__in=_OPEN)
        with transaction.atomic():
            old = list(
                Cart.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(user__isnull=True, changed_at__lt=before)
                .exclude(Exists(open_order))
                .order_by("changed_at")
                .values_list("id", flat=True)[:size]
            )
            Cart.objects.filter(id__in=old).delete()
        return len(old)

    return in_batches(forget, size=_SIZE, at_most=_AT_MOST)
