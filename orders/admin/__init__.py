"""Orders in Django admin: what was sold, and paying it back."""

from orders.admin.orders import OrderAdmin

__all__ = ["OrderAdmin"]
