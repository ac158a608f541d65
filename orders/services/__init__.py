"""The use cases of orders that other apps call."""

from orders.services.confirm import confirm_checkout
from orders.services.end import cancel_checkout, expire_orders, settle_open_payments, void_open_payment
from orders.services.refund import refund_late_payment, settle_refund
from orders.services.resolve import resolve_requests
from orders.services.settle import Settled, settle_order, settle_payment
from orders.services.start import start_checkout

__all__ = [
    "Settled",
    "cancel_checkout",
    "confirm_checkout",
    "expire_orders",
    "refund_late_payment",
    "resolve_requests",
    "settle_open_payments",
    "settle_order",
    "settle_payment",
    "settle_refund",
    "start_checkout",
    "void_open_payment",
]
