"""Tables of the orders app."""

from orders.models.cart import Cart, CartItem
from orders.models.order import Order, OrderEvent, OrderLine, SellerOrder

__all__ = ["Cart", "CartItem", "Order", "OrderEvent", "OrderLine", "SellerOrder"]
