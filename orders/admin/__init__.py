"""Orders in Django admin: what was sold, paying it back, asking back what was refunded by mistake, and disputes."""

from orders.admin.disputes import DisputeAdmin
from orders.admin.orders import OrderAdmin
from orders.admin.recalls import RecallAdmin

__all__ = ["DisputeAdmin", "OrderAdmin", "RecallAdmin"]
