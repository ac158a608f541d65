"""The only place where an order's status changes: by an edge of the table, with its history row."""

import datetime as dt

from common import context
from orders.enums import OrderStatus
from orders.models import Order, OrderEvent
from orders.transitions import next_status


def lock_order(*, order_id: int) -> Order:
    """The order's row, locked. Always taken before the row of its payment."""
    return Order.objects.select_for_update().get(id=order_id)


def move(order: Order, event: str, *, source: str, now: dt.datetime) -> None:
    """Takes the edge in the caller's transaction, which holds the order's lock. Two statements."""
    previous = OrderStatus(order.status)
    order.status = next_status(previous, event)
    order.updated_at = now
    fields = ["status", "updated_at"]
    if event == "paid":
        order.paid_at = now
        fields.append("paid_at")
    order.save(update_fields=fields)
    OrderEvent.objects.create(
        order=order, event=event, from_status=previous, to_status=order.status, source=source,
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip
