"""Tables of the orders app."""

from orders.models.cart import Cart, CartItem
from orders.models.dispute import DisputeAllocation
from orders.models.fulfilment import Fulfilment, FulfilmentEvent
from orders.models.order import Order, OrderEvent, OrderLine, SellerOrder
from orders.models.recall import Recall, RecallAllocation, RecallConsent, RecallEvent
from orders.models.refund import RefundAllocation

__all__ = [
    "Cart",
    "CartItem",
    "DisputeAllocation",
    "Fulfilment",
    "FulfilmentEvent",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Recall",
    "RecallAllocation",
    "RecallConsent",
    "RecallEvent",
    "RefundAllocation",
    "SellerOrder",
]
