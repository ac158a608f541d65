"""Every change of status goes through here: the table is asked, the row changed and the history written together."""

import datetime as dt

from common import context
from common.writes import Writes
from webhooks.enums import UNFINISHED_STATUSES, EventEdge
from webhooks.models import WebhookEvent, WebhookEventChange
from webhooks.transitions import target

_CHANGED_FIELDS = (
    "status", "attempts", "failures", "due_at", "sent_at", "lease", "first_parked_at", "finished_at", "last_note",
)  # fmt: skip
_READ_FIELDS = ("concern", "subject_id", "reference", "order_reference")
NOTE_LENGTH = 300


def change(*, event: WebhookEvent, edge: EventEdge, note: str, now: dt.datetime) -> WebhookEventChange:
    """Moves an event along an edge in memory and returns the history row; `save` writes both.

    What is finished is no longer due, and only a worker holds a lease: the callers set the rest.
    """
    previous = event.status
    event.status = target(previous, edge)
    event.last_note = note[:NOTE_LENGTH]
    event.lease = None
    event.sent_at = None
    if event.status in UNFINISHED_STATUSES:
        event.finished_at = None
    else:
        event.finished_at, event.due_at = now, None
    return WebhookEventChange(
        event=event,
        at=now,
        edge=edge,
        from_status=previous,
        to_status=event.status,
        attempt=event.attempts,
        actor=context.current().actor[:80],
        note=event.last_note,
    )


def save(*, events: list[WebhookEvent], changes: list[WebhookEventChange], read_again: bool = False) -> None:
    """Writes what `change` and its callers set, in the caller's transaction and one statement.

    `read_again`: also what is to be looked up, where it was read from the stored document anew.
    """
    if not events:
        return
    writes = Writes()
    writes.update_many("events", events, _CHANGED_FIELDS + _READ_FIELDS if read_again else _CHANGED_FIELDS)
    writes.insert_many("changes", changes)
    writes.execute()
