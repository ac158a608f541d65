"""The only place where an order's status changes: by an edge of the table, with its history row."""

import datetime as dt

from common import context
from common.rows import fetch_one
from common.writes import Writes
from orders.enums import OrderStatus
from orders.models import Order, OrderEvent
from orders.services.bought import take_bought_from_cart
from orders.transitions import next_status

_SALE = ("paid", "authorized")


def lock_order(*, order_id: int) -> Order:
    """The order's row, locked. Always taken before the row of its payment."""
    return fetch_one(Order, "WHERE id = %s FOR UPDATE", [order_id])


def move(order: Order, event: str, *, source: str, now: dt.datetime) -> None:
    """Takes the edge in the caller's transaction, which holds the order's lock. One statement."""
    writes = Writes()
    add_move(writes, order, event, source=source, now=now)
    writes.execute()


def add_move(writes: Writes, order: Order, event: str, *, source: str, now: dt.datetime) -> None:
    """As `move`, for callers that have more to write in the same statement.

    With the edges `paid` and `authorized`, what was bought leaves the cart; what was put in meanwhile stays. The
    caller has set the order's `payment_reference`.
    """
    previous = OrderStatus(order.status)
    order.status = next_status(previous, event)
    order.updated_at = now
    if event in _SALE:
        order.paid_at = now if event == "paid" else None
        writes.update(
            "order", order, ["status", "updated_at", "paid_at", "payment_reference", "accept_by", "captured_minor"]
        )
        if previous != OrderStatus.CAPTURING:
            take_bought_from_cart(writes, order)
    else:
        writes.update("order", order, ["status", "updated_at", "captured_minor", "review"])
    writes.insert("event", _history(order, event, previous, source, now))


def first_event(order: Order, *, source: str, now: dt.datetime) -> OrderEvent:
    """The history row of a new order."""
    return _history(order, "started", "", source, now)


def _history(order: Order, event: str, previous: str, source: str, now: dt.datetime) -> OrderEvent:
    return OrderEvent(
        order=order,
        event=event,
        from_status=previous,
        to_status=order.status,
        source=source,
        trace_id=context.current().trace_id,
        occurred_at=now,
    )
