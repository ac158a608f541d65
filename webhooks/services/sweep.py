"""Find what nobody is working on: lost messages, expired leases, due retries, parked events whose object is there."""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Q

from common import broker
from payments.processors.events import EventConcern
from webhooks.enums import EventEdge, EventStatus
from webhooks.models import WebhookEvent
from webhooks.selectors import known_references
from webhooks.services import history
from webhooks.services.announcer import publish

log = structlog.get_logger(__name__)

_LIMIT = 1000
# See common.outbox.sweep: what waits then is most likely in the queue.
_LIMIT_WHILE_BUSY = 20
# A new event was announced to the workers by the web process; this is how long it may take them.
_GRACE = dt.timedelta(seconds=3)
# A message given to the broker is given again after this if its event is still due.
_SEND_AGAIN_AFTER = dt.timedelta(seconds=30)


def sweep_inbox(*, now: dt.datetime) -> int:
    """Sends due events to the workers, one per subject; only a few while those are far behind. Returns how many."""
    release_parked(now=now)
    limit = _LIMIT_WHILE_BUSY if broker.is_busy() else _LIMIT
    with transaction.atomic():
        due = list(
            WebhookEvent.objects.select_for_update(skip_locked=True)
            .filter(due_at__lte=now)
            .filter(~Q(status=EventStatus.RECEIVED) | Q(due_at__lte=now - _GRACE))
            .filter(Q(sent_at__isnull=True) | Q(sent_at__lte=now - _SEND_AGAIN_AFTER))
            .order_by("due_at")
            .values_list("id", "source", "concern", "subject_id")[:limit]
        )
        WebhookEvent.objects.filter(id__in=[row[0] for row in due]).update(sent_at=now)
    first_of_subject: dict[object, int] = {}
    for event_id, source, concern, subject_id in due:
        first_of_subject.setdefault((source, concern, subject_id) if subject_id else event_id, event_id)
    if not due:
        return 0
    if not publish(list(first_of_subject.values())):
        WebhookEvent.objects.filter(id__in=[row[0] for row in due], sent_at=now).update(sent_at=None)
    log.info("inbox_swept", due=len(due), subjects=len(first_of_subject))
    return len(due)


def release_parked(*, now: dt.datetime) -> int:
    """Makes parked events due whose payment, refund or transfer of ours is known by now. Returns how many.

    Once per event: if its object is refused for another reason, the ordinary pauses apply from then on.
    """
    with transaction.atomic():
        parked = list(
            WebhookEvent.objects.select_for_update(skip_locked=True)
            .defer("payload")
            .filter(status=EventStatus.PARKED, due_at__gt=now)
            .exclude(changes__edge=EventEdge.OBJECT_APPEARED)
            .order_by("due_at")[:_LIMIT]
        )
        wanted = {concern: {e.reference for e in parked if e.concern == concern} for concern in EventConcern}
        known = {concern: known_references(concern=concern, references=wanted[concern]) for concern in EventConcern}
        released = [event for event in parked if event.reference in known[EventConcern(event.concern)]]
        changes = [history.change(event=event, edge=EventEdge.OBJECT_APPEARED, note="", now=now) for event in released]
        for event in released:
            event.due_at = now
        history.save(events=released, changes=changes)
    return len(released)
