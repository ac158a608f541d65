"""Orders in Django admin: what was sold, paying it back, and disputes about it."""

from orders.admin.disputes import DisputeAdmin
from orders.admin.orders import OrderAdmin

__all__ = ["DisputeAdmin", "OrderAdmin"]
