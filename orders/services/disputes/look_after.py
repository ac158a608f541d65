"""What the schedule does about disputes: answers without an outcome, silence, and time that runs out."""

import datetime as dt

import structlog
from django.db import transaction

from common import outbox
from common.one_by_one import one_by_one
from orders.services.disputes.answer import send_answer
from orders.services.disputes.settle import DisputeWaits, settle_dispute
from payments import services as payments
from payments.contracts import ProcessorError, UnknownDispute, UnknownPayment
from payments.enums import ANSWERABLE_STATUSES
from payments.models import Dispute, ProcessorRequest
from payments.services.answer import ANSWERS

log = structlog.get_logger(__name__)

# Days before the evidence is due on which staff are reminded, if nothing was sent.
REMINDED_DAYS_BEFORE = (3, 1)
_AT_ONCE = 20


def look_after_disputes(*, now: dt.datetime) -> int:
    """One run of the schedule; returns how many reminders were left. Not in a transaction."""
    one_by_one(payments.claim_due(kinds=list(ANSWERS), now=now, limit=_AT_ONCE), lambda request: _take_up(request, now))
    one_by_one(payments.take_silent_disputes(now=now, limit=_AT_ONCE), lambda dispute: _ask_after(dispute, now))
    return remind(now=now)


def remind(*, now: dt.datetime) -> int:
    """Leaves one message for each day on which staff are to be reminded of a dispute; returns how many are due."""
    due = 0
    for days in REMINDED_DAYS_BEFORE:
        waiting = Dispute.objects.filter(
            closed_at__isnull=True, submitted_at__isnull=True, status__in=ANSWERABLE_STATUSES,
            evidence_due_at__gt=now, evidence_due_at__lte=now + dt.timedelta(days=days),
        )  # fmt: skip
        for dispute in waiting:
            due += 1
            with transaction.atomic():
                outbox.enqueue(
                    task="orders.tasks.remind_of_dispute",
                    kwargs={"dispute_id": dispute.id, "days": days},
                    key=f"remind-dispute:{dispute.public_id}:{dispute.evidence_due_at:%Y%m%d}:{days}",
                )
    return due


def _take_up(request: ProcessorRequest, now: dt.datetime) -> None:
    dispute = Dispute.objects.get(public_id=request.subject)
    try:
        send_answer(dispute_id=dispute.id, source="sweeper", now=now)
    except (ProcessorError, DisputeWaits) as error:
        log.warning("dispute_answer_unresolved", dispute=dispute.public_id, code=error.code)


def _ask_after(dispute: Dispute, now: dt.datetime) -> None:
    try:
        settle_dispute(
            processor=dispute.processor, processor_dispute_id=dispute.processor_dispute_id, source="sweeper", now=now
        )
    except (ProcessorError, DisputeWaits, UnknownDispute, UnknownPayment) as error:
        log.warning("dispute_look_up_failed", dispute=dispute.public_id, code=error.code)
