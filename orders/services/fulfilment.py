"""The only place where the status of an artisan's part changes: by an edge of the table, with its history row."""

import datetime as dt
from collections.abc import Sequence

from common import context
from orders.enums import FulfilmentStatus
from orders.models import Fulfilment, FulfilmentEvent, Order, SellerOrder
from orders.transitions import next_fulfilment
from payments.enums import CaptureMethod

_TIMES = {"accepted": "accepted_at", "shipped": "shipped_at", "delivered": "delivered_at"}


def new_fulfilments(parts: Sequence[SellerOrder], status: FulfilmentStatus, *, now: dt.datetime) -> list[Fulfilment]:
    """Unsaved rows for parts that have none yet."""
    return [Fulfilment(seller_order=part, status=status, created_at=now, updated_at=now) for part in parts]


def move_fulfilment(fulfilment: Fulfilment, event: str, *, source: str, now: dt.datetime, **changed: str) -> None:
    """Takes the edge in the caller's transaction, which holds the order's lock. Raises ImpossibleTransition."""
    previous = FulfilmentStatus(fulfilment.status)
    fulfilment.status = next_fulfilment(previous, event)
    fulfilment.updated_at = now
    for name, value in changed.items():
        setattr(fulfilment, name, value)
    time = [_TIMES[event]] if event in _TIMES else []
    for name in time:
        setattr(fulfilment, name, now)
    fulfilment.save(update_fields=["status", "updated_at", *time, *changed])
    FulfilmentEvent.objects.create(
        fulfilment=fulfilment,
        event=event,
        from_status=previous,
        to_status=fulfilment.status,
        source=source,
        actor=context.current().actor[:80],
        trace_id=context.current().trace_id,
        occurred_at=now,
    )


def move_all(fulfilments: Sequence[Fulfilment], event: str, *, source: str, now: dt.datetime) -> None:
    """As `move_fulfilment`, for several."""
    for fulfilment in fulfilments:
        move_fulfilment(fulfilment, event, source=source, now=now)


def cancel_parts(order: Order, *, source: str, now: dt.datetime) -> None:
    """The order came to nothing: no part of it is to be made. In the caller's transaction."""
    if order.capture_method == CaptureMethod.AUTOMATIC:
        return  # its parts are made when it is paid
    waiting = Fulfilment.objects.select_for_update(of=("self",)).filter(
        seller_order__order=order, status__in=[FulfilmentStatus.TO_ACCEPT, FulfilmentStatus.ACCEPTED]
    )
    move_all(list(waiting.order_by("id")), "canceled", source=source, now=now)
