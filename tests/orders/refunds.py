"""Paid orders and refunds of them, through the public use cases."""

from collections.abc import Sequence
from typing import Any

from catalog.models import Product
from common.clock import now as clock_now
from orders.contracts.refund import EverythingLeft, RefundWish
from orders.models import Order, OrderLine, RefundAllocation, SellerOrder
from orders.services import accept_part, capture_order, request_refund, settle_order
from payments.enums import RefundReason
from payments.models import Refund
from tests.orders.shop import check_out, confirm
from tests.orders.wire import VISA, Wire


def paid(stripe: Wire, items: Sequence[tuple[Product, int]], *, card: str = VISA) -> Order:
    """An order that was paid at the sandbox; what is made to order is accepted by its artisans."""
    order = check_out(items)
    found = confirm(order).found
    assert found is not None
    assert stripe.pay(found.client_secret, card).status_code == 200
    settled = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    if settled.status == "authorized":
        for part in parts_of(settled):
            accept_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=clock_now())
        capture_order(order_id=order.id, source="task", now=clock_now())
        settled.refresh_from_db()
    assert settled.status == "paid"
    return settled


def ask(order: Order, wish: RefundWish | None = None, **more: Any) -> Refund:
    """By staff, for goods that were sent back; of everything unless a wish is given."""
    values: dict[str, Any] = {
        "reason": RefundReason.RETURNED, "note": "Sorry.", "initiator": "staff:1", "now": clock_now(), **more
    }  # fmt: skip
    return request_refund(order_id=order.id, wish=wish or EverythingLeft(), **values)


def lines_of(order: Order) -> list[OrderLine]:
    return list(OrderLine.objects.filter(seller_order__order=order).order_by("seller_order_id", "position"))


def parts_of(order: Order) -> list[SellerOrder]:
    return list(order.seller_orders.order_by("id"))


def split_of(refund: Refund) -> list[tuple[str, int, int, int, int]]:
    """Of each allocation: part, amount, commission, share, ours."""
    return [
        (row.part, row.amount_minor, row.commission_minor, row.share_minor, row.platform_minor)
        for row in RefundAllocation.objects.filter(refund_reference=refund.public_id).order_by("id")
    ]
