"""Artisans send their parts of paid orders."""

import datetime as dt

from django.db import transaction

from common import audit, outbox
from orders.contracts.order import NotToBeShipped, PartNotFound
from orders.enums import FulfilmentStatus
from orders.models import Fulfilment, SellerOrder
from orders.services.fulfilment import move_fulfilment
from orders.services.transition import lock_order


def ship_part(
    *, seller_order_id: str, artisan_id: int, carrier: str, tracking_number: str, now: dt.datetime
) -> Fulfilment:
    """By the artisan: the part is on its way; the buyer is told. Again with the same is no error.

    Raises PartNotFound, also for somebody else's, and NotToBeShipped.
    """
    with audit.refusals(event_type="part.ship_refused", subject=seller_order_id), transaction.atomic():
        fulfilment = _lock(seller_order_id, artisan_id)
        if fulfilment.status == FulfilmentStatus.SHIPPED:
            return fulfilment
        if fulfilment.status != FulfilmentStatus.TO_SHIP:
            raise NotToBeShipped()
        move_fulfilment(
            fulfilment, "shipped", source="artisan", now=now, carrier=carrier, tracking_number=tracking_number
        )
        audit.record(event_type="part.shipped", outcome="succeeded", subject=seller_order_id, command="ship_part")
        outbox.enqueue(
            task="orders.tasks.send_shipped",
            kwargs={"seller_order_id": fulfilment.seller_order_id},
            key=f"shipped:{seller_order_id}",
        )
    return fulfilment


def confirm_delivery(*, seller_order_id: str, artisan_id: int, now: dt.datetime) -> Fulfilment:
    """By the artisan: the part has arrived. Raises as `ship_part`."""
    with audit.refusals(event_type="part.delivery_refused", subject=seller_order_id), transaction.atomic():
        fulfilment = _lock(seller_order_id, artisan_id)
        if fulfilment.status == FulfilmentStatus.DELIVERED:
            return fulfilment
        if fulfilment.status != FulfilmentStatus.SHIPPED:
            raise NotToBeShipped()
        move_fulfilment(fulfilment, "delivered", source="artisan", now=now)
        audit.record(
            event_type="part.delivered", outcome="succeeded", subject=seller_order_id, command="confirm_delivery"
        )
    return fulfilment


def _lock(seller_order_id: str, artisan_id: int) -> Fulfilment:
    part = SellerOrder.objects.filter(public_id=seller_order_id, artisan_id=artisan_id).first()
    if part is None:
        raise PartNotFound()
    lock_order(order_id=part.order_id)
    fulfilment = (
        Fulfilment.objects.select_for_update(of=("self",)).select_related("seller_order").filter(seller_order=part)
    ).first()
    if fulfilment is None:
        raise PartNotFound()
    return fulfilment
