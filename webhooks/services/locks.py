"""The inbox's row locks, in the one order in which they are taken: by id, and always skipping what another holds."""

import datetime as dt
import uuid

from webhooks.models import WebhookEvent

_MAX_COALESCED = 100


def lock_due_event(*, event_id: int, now: dt.datetime) -> WebhookEvent | None:
    """The event if it is due and nobody else has it in hand; None otherwise. Without its payload."""
    return (
        WebhookEvent.objects.select_for_update(skip_locked=True)
        .defer("payload")
        .filter(id=event_id, due_at__lte=now)
        .first()
    )


def lock_due_siblings(*, event: WebhookEvent, now: dt.datetime) -> list[WebhookEvent]:
    """The other events that are due on the same subject: one look-up answers all of them."""
    if not event.subject_id:
        return []
    return list(
        WebhookEvent.objects.select_for_update(skip_locked=True)
        .defer("payload")
        .filter(source=event.source, concern=event.concern, subject_id=event.subject_id, due_at__lte=now)
        .exclude(id=event.id)
        .order_by("id")[:_MAX_COALESCED]
    )


def lock_held(*, lease: uuid.UUID) -> list[WebhookEvent]:
    """The events still held under a lease; those that were taken over meanwhile are not among them."""
    return list(WebhookEvent.objects.select_for_update().defer("payload").filter(lease=lease).order_by("id"))


def lock_chosen(*, event_ids: list[int]) -> list[WebhookEvent]:
    """The events that staff chose, waiting for whoever holds them."""
    return list(WebhookEvent.objects.select_for_update().filter(id__in=event_ids).order_by("id"))
