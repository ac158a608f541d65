"""The only place where the status of a request changes: by an edge of the table, with its history row."""

import datetime as dt

from common import audit, context, outbox
from orders.enums import RecallStatus
from orders.models import Recall, RecallEvent
from orders.transitions import next_recall


def lock_recall(*, recall_id: int) -> Recall:
    """The row, locked. The lock of the order that was paid back, if it is taken, comes first; then the request's own
    orders; then this."""
    return Recall.objects.select_for_update(of=("self",)).select_related("sale").get(id=recall_id)


def move_recall(recall: Recall, event: str, *, source: str, now: dt.datetime, **changed: str) -> None:
    """Takes the edge in the caller's transaction, which holds the lock. Raises ImpossibleTransition."""
    previous = RecallStatus(recall.status)
    recall.status = next_recall(previous, event)
    recall.updated_at = now
    for name, value in changed.items():
        setattr(recall, name, value)
    recall.save(update_fields=["status", "updated_at", *changed])
    remember(recall, event, previous, source=source, now=now)
    audit.record(
        event_type=f"recall.{event}", outcome="succeeded", subject=recall.public_id, amount=recall.amount,
        command=recall.refund_reference,
    )  # fmt: skip


def remember(recall: Recall, event: str, previous: str, *, source: str, now: dt.datetime) -> None:
    """The history row of an edge, or of what happened without one."""
    RecallEvent.objects.create(
        recall=recall,
        event=event,
        from_status=previous,
        to_status=recall.status,
        source=source,
        actor=context.current().actor[:80],
        trace_id=context.current().trace_id,
        occurred_at=now,
    )


def write_to_buyer(recall: Recall, letter: str) -> None:
    """Leaves the message to send the letter, once for each request."""
    outbox.enqueue(
        task=f"orders.tasks.send_recall_{letter}",
        kwargs={"recall_id": recall.id},
        key=f"recall-{letter}:{recall.public_id}",
    )
