"""Disputes as the processor tells them: looked up, recorded with their history. What they do to the books is above."""

import datetime as dt
from dataclasses import dataclass

import structlog
from django.db import connection, transaction

from common import audit, context
from common.errors import DomainError, ErrorKind
from common.ids import new_public_id
from common.models import AuditRecord
from common.money import Money
from common.rows import fetch_with
from payments.contracts import DisputeFound
from payments.enums import (
    CLOSED_DISPUTE_STATUSES,
    LIABLE_FOR,
    DisputeStatus,
    RefundStatus,
)
from payments.models import Capture, Dispute, DisputeEvent, Refund
from payments.processors import dispute_desk_of
from payments.transitions import dispute_event

log = structlog.get_logger(__name__)

# Banks take weeks; their news come by webhook, this is for the ones that are lost.
_VERSION = (
    "SELECT status, withdrawn_minor, reinstated_minor, fee_minor, amount_minor, submitted_at"
    " FROM payments_dispute WHERE processor_dispute_id = %s"
)
_WITH_PAYMENT = ("capture", "capture__payment")
_LOCK = "WHERE payments_dispute.processor_dispute_id = %s FOR UPDATE OF payments_dispute"
_SILENT_FOR = dt.timedelta(hours=6)


class DisputeContradiction(DomainError):
    """What the processor says can't follow what it said before: money untaken, another currency. A person looks."""

    code = "dispute_contradiction"
    kind = ErrorKind.MISMATCH
    title = "The processor's dispute contradicts what it said before"


@dataclass(frozen=True, slots=True)
class DisputeRecorded:
    """What became new. `event` is None where the status stayed; the amounts are what moved since the last finding.

    `regained` is what of `reinstated` was booked as lost before. `fee_before` and the dispute's `fee_minor` are what it
    cost before and after. `is_held_back` says that it was found lost and that this is not recorded yet, because a
    refund of the same money has no answer.
    """

    dispute: Dispute
    event: str | None
    withdrawn: Money
    reinstated: Money
    regained: Money
    fee_before: Money
    is_held_back: bool

    @property
    def is_new(self) -> bool:
        return self.event == "opened"


def get_dispute(*, dispute_id: int) -> Dispute:
    """With its capture and payment. Raises Dispute.DoesNotExist."""
    found = fetch_with(Dispute, _WITH_PAYMENT, "WHERE payments_dispute.id = %s", [dispute_id])
    if not found:
        raise Dispute.DoesNotExist("no such dispute")
    return found[0]


def last_entry(*, dispute: Dispute) -> int:
    """Id of the newest row of its history."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM payments_disputeevent WHERE dispute_id = %s", [dispute.id])
        return int(cursor.fetchone()[0])


def look_up_dispute(*, processor: str, processor_dispute_id: str) -> DisputeFound:
    """The dispute as the processor has it now. Not in a transaction."""
    return dispute_desk_of(processor).retrieve_dispute(processor_dispute_id)


def dispute_version(*, processor_dispute_id: str) -> tuple[object, ...]:
    """Changes whenever a finding is recorded: who reads it before a look-up knows whether the look-up is the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [processor_dispute_id])
        return tuple(cursor.fetchone() or ())


def record_dispute_found(*, found: DisputeFound, capture: Capture, source: str, now: dt.datetime) -> DisputeRecorded:
    """Applies a finding, in the caller's transaction, which holds the order's lock.

    A finding that is a status ahead by no edge of the table changes no status, but its money counts. Raises
    DisputeContradiction.
    """
    locked = fetch_with(Dispute, _WITH_PAYMENT, _LOCK, [found.processor_dispute_id])
    dispute = locked[0] if locked else None
    _check(found, dispute, capture)
    is_held_back = found.status == DisputeStatus.LOST and _refund_is_open(capture)
    event: str | None
    if dispute is None:
        # A decision that is held back is not recorded; the bank is still at it, for all that we say.
        dispute = _new(found, capture, DisputeStatus.UNDER_REVIEW if is_held_back else found.status, now)
        event, previous, before = "opened", "", (0, 0, 0, 0)
    else:
        previous = dispute.status
        event = None if is_held_back else _event(dispute, found)
        before = (dispute.withdrawn_minor, dispute.reinstated_minor, dispute.fee_minor, dispute.lost_minor)
        _update(dispute, found, event, now)
    recorded = DisputeRecorded(
        dispute=dispute,
        event=event,
        withdrawn=found.withdrawn - Money(before[0], dispute.currency),
        reinstated=found.reinstated - Money(before[1], dispute.currency),
        regained=Money(before[3] - dispute.lost_minor, dispute.currency),
        fee_before=Money(before[2], dispute.currency),
        is_held_back=is_held_back and dispute.status != DisputeStatus.LOST,
    )
    if event is not None:
        DisputeEvent.objects.create(
            dispute=dispute, event=event, from_status=previous, to_status=dispute.status, source=source,
            trace_id=context.current().trace_id, occurred_at=now,
        )  # fmt: skip
    audit.record_all(_told(recorded))
    return recorded


def take_silent_disputes(*, now: dt.datetime, limit: int = 50) -> list[Dispute]:
    """Open disputes of which nothing was heard for some hours, each to be asked after once in that time."""
    with transaction.atomic():
        silent = list(
            Dispute.objects.select_for_update(skip_locked=True)
            .filter(closed_at__isnull=True, updated_at__lte=now - _SILENT_FOR)
            .order_by("updated_at")[:limit]
        )
        Dispute.objects.filter(id__in=[dispute.id for dispute in silent]).update(updated_at=now)
    return silent


def _check(found: DisputeFound, dispute: Dispute | None, capture: Capture) -> None:
    if found.amount.currency != capture.currency:
        raise DisputeContradiction(f"{found.amount} of a capture in {capture.currency}")
    if found.reinstated.amount_minor > found.withdrawn.amount_minor:
        raise DisputeContradiction(f"{found.reinstated} given back of {found.withdrawn}")
    if dispute is not None and (
        found.withdrawn.amount_minor < dispute.withdrawn_minor
        or found.reinstated.amount_minor < dispute.reinstated_minor
        or capture.id != dispute.capture_id
    ):
        raise DisputeContradiction(f"{dispute.public_id} has moved more than {found.withdrawn} and {found.reinstated}")


def _refund_is_open(capture: Capture) -> bool:
    """Whether a refund was asked for and has no answer: who bears the dispute depends on it."""
    open_ones = (RefundStatus.REQUESTED, RefundStatus.UNKNOWN)
    return Refund.objects.filter(capture=capture, status__in=open_ones).exists()


def _new(found: DisputeFound, capture: Capture, status: DisputeStatus, now: dt.datetime) -> Dispute:
    dispute = Dispute(
        public_id=new_public_id("dsp"),
        capture=capture,
        processor=found.processor,
        processor_dispute_id=found.processor_dispute_id,
        currency=found.amount.currency,
        opened_at=found.opened_at,
        created_at=now,
    )
    _take_over(dispute, found, status, now)
    dispute.save(force_insert=True)
    return dispute


def _event(dispute: Dispute, found: DisputeFound) -> str | None:
    event = dispute_event(DisputeStatus(dispute.status), found.status)
    if event is None and found.status != dispute.status:
        log.warning("dispute_status_ignored", dispute=dispute.public_id, ours=dispute.status, theirs=found.status)
    return event


def _update(dispute: Dispute, found: DisputeFound, event: str | None, now: dt.datetime) -> None:
    if event == "reopened" or (event or "").startswith("escalated"):
        # Another round: the bank asks, and can be answered, anew.
        dispute.submitted_at = None
    _take_over(dispute, found, found.status if event is not None else DisputeStatus(dispute.status), now)
    dispute.save()


def _take_over(dispute: Dispute, found: DisputeFound, status: DisputeStatus, now: dt.datetime) -> None:
    dispute.status = status
    if status not in CLOSED_DISPUTE_STATUSES or not dispute.liability:
        # Who bears it is settled by the reason as it was when it was decided.
        dispute.reason, dispute.liability = found.reason, LIABLE_FOR[found.reason]
    dispute.processor_reason = found.processor_reason[:80]
    dispute.amount_minor = found.amount.amount_minor
    dispute.withdrawn_minor = found.withdrawn.amount_minor
    dispute.reinstated_minor = found.reinstated.amount_minor
    dispute.fee_minor = found.fee.amount_minor
    # What comes back beyond what stood open had been booked as lost.
    dispute.lost_minor = min(dispute.lost_minor, dispute.withdrawn_minor - dispute.reinstated_minor)
    dispute.evidence_due_at = found.evidence_due_at
    if status in CLOSED_DISPUTE_STATUSES:
        dispute.closed_at = dispute.closed_at or now
    else:
        dispute.closed_at = None
    dispute.updated_at = now


def _told(recorded: DisputeRecorded) -> list[AuditRecord]:
    """The transition, and every movement of money with its own amount."""
    dispute = recorded.dispute
    fee = Money(dispute.fee_minor, dispute.currency) - recorded.fee_before
    facts = [(f"dispute.{recorded.event}", dispute.amount)] if recorded.event else []
    facts += [("dispute.withdrawn", recorded.withdrawn)] if recorded.withdrawn else []
    facts += [("dispute.reinstated", recorded.reinstated)] if recorded.reinstated else []
    facts += [("dispute.fee_charged" if fee.amount_minor > 0 else "dispute.fee_returned", fee)] if fee else []
    return [
        audit.entry(
            event_type=event_type, outcome="failed" if event_type == "dispute.lost" else "succeeded",
            subject=dispute.public_id, amount=amount, processor=dispute.processor,
            processor_id=dispute.processor_dispute_id, failure_code=dispute.reason,
        )
        for event_type, amount in facts
    ]  # fmt: skip
