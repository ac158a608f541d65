"""Artisans send their parts of paid orders; they or the buyers say that these have arrived."""

import datetime as dt

from django.db import transaction

from common import audit, outbox
from orders.contracts.order import Buyer, NotToBeShipped, NotUnderWay, PartNotFound
from orders.enums import FulfilmentStatus
from orders.models import Fulfilment, SellerOrder
from orders.selectors.orders import get_order
from orders.services.fulfilment import move_fulfilment
from orders.services.transition import lock_order
from payouts import services as payouts


def ship_part(
    *, seller_order_id: str, artisan_id: int, carrier: str, tracking_number: str, now: dt.datetime
) -> Fulfilment:
    """By the artisan: the part is on its way; the buyer is told, and when the artisan's share is due is known from now.

    Again with the same is no error.

    Raises PartNotFound, also for somebody else's, and NotToBeShipped.
    """
    with audit.refusals(event_type="part.ship_refused", subject=seller_order_id), transaction.atomic():
        fulfilment = _lock(_sold_by(seller_order_id, artisan_id))
        if fulfilment.status == FulfilmentStatus.SHIPPED:
            return fulfilment
        if fulfilment.status != FulfilmentStatus.TO_SHIP:
            raise NotToBeShipped()
        move_fulfilment(
            fulfilment, "shipped", source="artisan", now=now, carrier=carrier, tracking_number=tracking_number
        )
        payouts.parts_shipped(seller_order_references=[seller_order_id], now=now)
        audit.record(event_type="part.shipped", outcome="succeeded", subject=seller_order_id, command="ship_part")
        outbox.enqueue(
            task="orders.tasks.send_shipped",
            kwargs={"seller_order_id": fulfilment.seller_order_id},
            key=f"shipped:{seller_order_id}",
        )
    return fulfilment


def confirm_delivery(*, seller_order_id: str, artisan_id: int, now: dt.datetime) -> Fulfilment:
    """By the artisan: the part has arrived, and the hold of their share ends sooner. Again is no error.

    Raises PartNotFound, also for somebody else's, and NotUnderWay before it was sent.
    """
    with audit.refusals(event_type="part.delivery_refused", subject=seller_order_id), transaction.atomic():
        fulfilment = _lock(_sold_by(seller_order_id, artisan_id))
        return _delivered(fulfilment, "artisan", "confirm_delivery", now)


def confirm_receipt(
    *, order_id: str, seller_order_id: str, buyer: Buyer, access_key: str = "", now: dt.datetime
) -> Fulfilment:
    """By the buyer, or whoever has the link from their letters: one artisan's part has arrived. As `confirm_delivery`.

    Raises OrderNotFound for an order that is not theirs, PartNotFound for a part that is not of it, and NotUnderWay.
    """
    with audit.refusals(event_type="part.receipt_refused", subject=seller_order_id), transaction.atomic():
        order = get_order(public_id=order_id, buyer=buyer, access_key=access_key)
        part = SellerOrder.objects.filter(public_id=seller_order_id, order=order).first()
        if part is None:
            raise PartNotFound()
        return _delivered(_lock(part), "buyer", "confirm_receipt", now)


def _delivered(fulfilment: Fulfilment, source: str, command: str, now: dt.datetime) -> Fulfilment:
    if fulfilment.status == FulfilmentStatus.DELIVERED:
        return fulfilment
    if fulfilment.status != FulfilmentStatus.SHIPPED:
        raise NotUnderWay()
    move_fulfilment(fulfilment, "delivered", source=source, now=now)
    reference = fulfilment.seller_order.public_id
    payouts.part_delivered(seller_order_reference=reference, now=now)
    audit.record(event_type="part.delivered", outcome="succeeded", subject=reference, command=command)
    return fulfilment


def _sold_by(seller_order_id: str, artisan_id: int) -> SellerOrder:
    part = SellerOrder.objects.filter(public_id=seller_order_id, artisan_id=artisan_id).first()
    if part is None:
        raise PartNotFound()
    return part


def _lock(part: SellerOrder) -> Fulfilment:
    lock_order(order_id=part.order_id)
    fulfilment = (
        Fulfilment.objects.select_for_update(of=("self",)).select_related("seller_order").filter(seller_order=part)
    ).first()
    if fulfilment is None:
        raise PartNotFound()
    return fulfilment
