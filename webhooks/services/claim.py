"""Take an event for work, and record how the work ended. Two short transactions; nothing is locked between them."""

import datetime as dt
import random
import uuid

import structlog
from django.db import transaction

from webhooks.contracts import Claim, ClaimedEvent, Outcome
from webhooks.enums import EventEdge, EventStatus
from webhooks.models import WebhookEvent, WebhookEventChange
from webhooks.services import history, locks

log = structlog.get_logger(__name__)

# A look-up takes a second or two. A worker slower than its lease does the work a second time at worst, which the use
# cases allow; a shorter lease means that a killed worker's event is taken over sooner.
LEASE = dt.timedelta(seconds=30)
MAX_FAILURES = 12
PARKED_FOR = dt.timedelta(hours=24)
_FIRST_RETRY_SECONDS = 5
_LONGEST_PAUSE_SECONDS = 3600


def claim(*, event_id: int, now: dt.datetime) -> Claim | None:
    """Takes the event, and all others due on the same subject, under one lease. None: not due, or in other hands.

    An event whose workers died as often as it may fail is given up here, or it would kill workers for ever.
    """
    with transaction.atomic():
        events = locks.lock_due(event_id=event_id, now=now)
        if not events:
            return None
        first, lease = events[0], uuid.uuid4()
        changes = [_take(event, lease, now) for event in events]
        history.save(events=events, changes=changes)
    held = [event for event in events if event.lease == lease]
    if not held:
        return None
    return Claim(
        lease=lease,
        source=first.source,
        concern=first.concern,
        subject_id=first.subject_id,
        events=tuple(_facts(event) for event in held),
    )


def finish(*, claim: Claim, outcome: Outcome, now: dt.datetime) -> None:
    """Records the outcome for every event that is still held. A lease that was lost is another worker's to record."""
    with transaction.atomic():
        events = locks.lock_held(event_ids=[event.event_id for event in claim.events], lease=claim.lease)
        changes = [_conclude(event, outcome, claim, now) for event in events]
        history.save(events=events, changes=changes)
    if len(events) < len(claim.events):
        log.warning("webhook_lease_lost", event_ids=[event.event_id for event in claim.events], held=len(events))
    for event in events:
        log.info("webhook_event_worked", event_id=event.id, external_id=event.external_id, status=event.status)


def _take(event: WebhookEvent, lease: uuid.UUID, now: dt.datetime) -> WebhookEventChange:
    taken_over = event.status == EventStatus.PROCESSING
    if taken_over:
        event.failures += 1
        if event.failures >= MAX_FAILURES:
            return history.change(event=event, edge=EventEdge.GAVE_UP, note="its workers died again and again", now=now)
    event.attempts += 1
    edge = EventEdge.TAKEN_OVER if taken_over else EventEdge.CLAIMED
    made = history.change(event=event, edge=edge, note="", now=now)
    event.lease, event.due_at = lease, now + LEASE
    return made


def _conclude(event: WebhookEvent, outcome: Outcome, claim: Claim, now: dt.datetime) -> WebhookEventChange:
    edge, note = outcome.edge, outcome.note
    if edge == EventEdge.SETTLED and len(claim.events) > 1:
        note = f"one look-up for {len(claim.events)} events. {note}".strip()
    if edge == EventEdge.ATTEMPT_FAILED:
        event.failures += 1
        if event.failures >= MAX_FAILURES:
            edge = EventEdge.GAVE_UP
        else:
            event.due_at = now + pause_after(event.failures)
    elif edge == EventEdge.OBJECT_UNKNOWN:
        event.first_parked_at = event.first_parked_at or now
        if now - event.first_parked_at >= PARKED_FOR:
            edge, note = EventEdge.GAVE_UP, f"still unknown after {PARKED_FOR}. {note}"
        else:
            event.due_at = now + pause_after(event.attempts)
    return history.change(event=event, edge=edge, note=note, now=now)


def pause_after(failures: int) -> dt.timedelta:
    """5, 10, 20 ... seconds, at most an hour; less up to half at random, so that they don't come together."""
    pause_seconds = min(_FIRST_RETRY_SECONDS * 2 ** min(max(failures, 1) - 1, 12), _LONGEST_PAUSE_SECONDS)
    return dt.timedelta(seconds=pause_seconds * random.uniform(0.5, 1.0))  # noqa: S311 jitter, not a secret


def _facts(event: WebhookEvent) -> ClaimedEvent:
    return ClaimedEvent(
        event_id=event.id,
        external_id=event.external_id,
        event_type=event.event_type,
        reference=event.reference,
        connected_account_id=event.connected_account_id,
        trace_id=event.trace_id,
        processor_payment_id=event.processor_payment_id,
    )
