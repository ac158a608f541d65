"""The inbox's row locks, in the one order in which they are taken: by id, and always skipping what another holds."""

import datetime as dt
import uuid
from typing import Any

from django.db import connection

from common.rows import Columns
from webhooks.models import WebhookEvent

_MAX_COALESCED = 100
_COLUMNS = Columns(
    WebhookEvent,
    (
        "id", "source", "external_id", "event_type", "connected_account_id", "concern", "subject_id", "reference",
        "processor_payment_id", "trace_id", "status", "attempts", "failures", "due_at", "lease", "first_parked_at",
    ),
)  # fmt: skip
# An empty subject is none: events without one are worked on one by one.
_LOCK_DUE = f"""
WITH chosen AS (
    SELECT {_COLUMNS.sql} FROM webhooks_webhookevent WHERE id = %s AND due_at <= %s FOR UPDATE SKIP LOCKED
), others AS (
    SELECT {_COLUMNS.sql} FROM webhooks_webhookevent
    WHERE subject_id = (SELECT subject_id FROM chosen) AND subject_id <> '' AND source = (SELECT source FROM chosen)
        AND concern = (SELECT concern FROM chosen) AND due_at <= %s AND id <> %s
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
SELECT * FROM chosen UNION ALL SELECT * FROM others
"""  # noqa: S608 names of columns
_LOCK_HELD = (
    f"SELECT {_COLUMNS.sql} FROM webhooks_webhookevent WHERE id = ANY(%s) AND lease = %s ORDER BY id FOR UPDATE"  # noqa: S608
)


def lock_due(*, event_id: int, now: dt.datetime) -> list[WebhookEvent]:
    """The event, and the others due on the same subject: one look-up answers them all. Without their payloads.

    Empty if it is not due or another worker has it in hand. One statement, for every event is claimed by it.
    """
    found = _events(_LOCK_DUE, [event_id, now, now, event_id, _MAX_COALESCED])
    return sorted(found, key=lambda event: (event.id != event_id, event.id))


def lock_held(*, event_ids: list[int], lease: uuid.UUID) -> list[WebhookEvent]:
    """The events still held under a lease, and not taken over meanwhile. By id, for leases have no index."""
    return _events(_LOCK_HELD, [event_ids, lease])


def lock_chosen(*, event_ids: list[int]) -> list[WebhookEvent]:
    """The events that staff chose, waiting for whoever holds them."""
    return list(WebhookEvent.objects.select_for_update().filter(id__in=event_ids).order_by("id"))


def _events(sql: str, params: list[Any]) -> list[WebhookEvent]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [_COLUMNS.instance(values) for values in cursor.fetchall()]
