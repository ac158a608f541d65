"""Work on events: claim, look up and apply, record."""

import datetime as dt

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from common import clock, context
from webhooks.contracts import Claim, Outcome
from webhooks.enums import EventEdge
from webhooks.services.claim import claim, finish
from webhooks.services.dispatch import dispatch

log = structlog.get_logger(__name__)


def process_events(*, event_ids: list[int]) -> None:
    """Works on each in turn. A defect met on one is raised after the others have had their turn."""
    defect: Exception | None = None
    in_hand: set[int] = set()
    for event_id in event_ids:
        if event_id in in_hand:
            continue  # was worked on together with one before it
        try:
            claimed = claim(event_id=event_id, now=clock.now())
            if claimed is not None:
                in_hand.update(event.event_id for event in claimed.events)
                _work(claimed, now=clock.now())
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.exception("webhook_event_defect", event_id=event_id)
            defect = error
    if defect is not None:
        raise defect


def process_event(*, event_id: int, now: dt.datetime) -> Outcome | None:
    """Works on one event and on those that wait for the same look-up. None: not due, or another worker has it."""
    claimed = claim(event_id=event_id, now=now)
    return _work(claimed, now=now) if claimed is not None else None


def _work(claimed: Claim, *, now: dt.datetime) -> Outcome:
    """No transaction is open while the use case talks to the processor. A worker killed here leaves a lease that runs
    out."""
    context.bind(trace_id=claimed.events[0].trace_id, actor=claimed.source)
    try:
        outcome = dispatch(claim=claimed, now=now)
    except SoftTimeLimitExceeded:
        # The lease runs out by itself; nobody knows how far the use case got.
        raise
    except Exception as error:
        # A defect of ours must be kept on the event, where staff see it, or it would be retried without a trace.
        outcome = Outcome(EventEdge.ATTEMPT_FAILED, f"{type(error).__name__}: {error}")
        finish(claim=claimed, outcome=outcome, now=clock.now())
        raise
    finish(claim=claimed, outcome=outcome, now=clock.now())
    return outcome
