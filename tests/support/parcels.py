"""Artisans send what was bought, and it arrives."""

import datetime as dt

from common.clock import now as clock_now
from orders.models import Order, SellerOrder
from orders.services import confirm_delivery, ship_part


def ship(order: Order, *, now: dt.datetime | None = None) -> list[SellerOrder]:
    """All parts of the order that are still to be sent; returns them."""
    parts = list(order.seller_orders.filter(fulfilment__status="to_ship").order_by("id"))
    for part in parts:
        ship_part(
            seller_order_id=part.public_id, artisan_id=part.artisan_id, carrier="An Post", tracking_number="CE1",
            now=now or clock_now(),
        )  # fmt: skip
    return parts


def deliver(order: Order, *, now: dt.datetime | None = None) -> None:
    """All parts of the order are sent and have arrived."""
    ship(order, now=now)
    for part in order.seller_orders.filter(fulfilment__status="shipped").order_by("id"):
        confirm_delivery(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=now or clock_now())
