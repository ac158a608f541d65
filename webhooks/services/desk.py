"""What staff do at the desk. Every action is audited with the staff user in the same transaction."""

import datetime as dt

from django.db import transaction

from common import audit
from common.errors import DomainError, ErrorKind
from payments.processors.paypal import events as paypal_events
from payments.processors.stripe import events as stripe_events
from webhooks.enums import EventEdge, EventStatus
from webhooks.models import WebhookEvent, WebhookEventChange
from webhooks.services import history, locks
from webhooks.services.announcer import publish
from webhooks.transitions import sources

MAX_REASON_LENGTH = 200


class ReasonMissing(DomainError):
    """An event is set aside only with a reason."""

    code = "reason_missing"
    kind = ErrorKind.INVALID
    title = "Say why, in a few words"


def replay(*, event_ids: list[int], now: dt.datetime) -> int:
    """Lets the workers do the events again from the start; returns how many. One being worked on is left alone.

    Safe at any time: the use cases look up what is true now, and doing them twice is the same as once. What is to be
    looked up is read from the stored document again, so an event whose type was learnt since is handled as of today;
    one whose document is no longer kept is handled as it was read then.
    """
    with transaction.atomic():
        events = _in(sources(EventEdge.REPLAYED), event_ids)
        changes = []
        for event in events:
            changes.append(history.change(event=event, edge=EventEdge.REPLAYED, note="", now=now))
            event.due_at, event.failures, event.first_parked_at = now, 0, None
            _read_again(event)
        _save(events, changes, "webhook.replayed", read_again=True)
    publish([event.id for event in events])
    return len(events)


def set_aside(*, event_ids: list[int], reason: str, now: dt.datetime) -> int:
    """Ends the retries of parked, failed or dead events that a person has dealt with; returns how many."""
    reason = reason.strip()[:MAX_REASON_LENGTH]
    if not reason:
        raise ReasonMissing()
    with transaction.atomic():
        events = _in(sources(EventEdge.SET_ASIDE), event_ids)
        changes = [history.change(event=event, edge=EventEdge.SET_ASIDE, note=reason, now=now) for event in events]
        _save(events, changes, "webhook.set_aside")
    return len(events)


def _in(statuses: list[EventStatus], event_ids: list[int]) -> list[WebhookEvent]:
    return [event for event in locks.lock_chosen(event_ids=event_ids) if event.status in statuses]


def _read_again(event: WebhookEvent) -> None:
    if not event.payload:
        return  # too old to be kept: what was read of it then is still there
    if event.source == paypal_events.PROCESSOR:
        described = paypal_events.describe(event.payload, livemode=event.livemode)
    else:
        described = stripe_events.describe(event.payload)
    event.concern = described.concern
    event.subject_id = described.subject_id
    event.reference = described.reference
    event.order_reference = described.order_reference


def _save(
    events: list[WebhookEvent], changes: list[WebhookEventChange], event_type: str, *, read_again: bool = False
) -> None:
    if not events:
        return
    history.save(events=events, changes=changes, read_again=read_again)
    audit.record_all(
        [
            audit.entry(
                event_type=event_type,
                outcome="succeeded",
                subject=event.reference[:60],
                command="webhook desk",
                processor=event.source,
                processor_id=event.external_id,
            )
            for event in events
        ]
    )
