"""Keep the queue of exceptions: what is found is there once, and what is found no more closes itself."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction

from common import audit, context
from common.ids import new_public_id
from common.money import Money
from reconciliation.enums import Difference, ExceptionEdge, ExceptionStatus, ProposalEdge, ProposalStatus, RunStatus
from reconciliation.models import ExceptionEvent, JournalProposal, ReconciliationException, ReconciliationRun
from reconciliation.transitions import exception_after, proposal_after

_FIGURES = (
    "difference", "movement_kind", "ours_gross_minor", "ours_fee_minor", "theirs_gross_minor", "theirs_fee_minor",
    "effect_minor",
)  # fmt: skip

# The kind of movement of a difference about what an artisan paid to our bank account.
REPAYMENT = "repayment"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as a run has found it. Minor units of `currency`."""

    subject_key: str
    currency: str
    difference: Difference
    movement_kind: str
    ours_gross: int
    ours_fee: int
    theirs_gross: int
    theirs_fee: int
    detail: str
    suggestion: str
    occurred_at: dt.datetime

    @property
    def name(self) -> tuple[str, str]:
        return self.subject_key, self.currency

    @property
    def effect_minor(self) -> int:
        return self.theirs_gross - self.theirs_fee - self.ours_gross + self.ours_fee


def record(*, run: ReconciliationRun, source: str, found: Iterable[Found], now: dt.datetime) -> set[tuple[str, str]]:
    """Opens an exception for each, or brings the one that is there up to date; the names of all.

    One that was dismissed stays so as long as its figures do.
    """
    seen = set()
    for one in found:
        with transaction.atomic():
            known = (
                ReconciliationException.objects.select_for_update()
                .filter(source=source, subject_key=one.subject_key, currency=one.currency, status__in=_LIVING)
                .first()
            )
            if known is None:
                _open(run, source, one, now)
            else:
                _bring_up_to_date(run, known, one, now)
        seen.add(one.name)
    return seen


def close_others(
    *,
    run: ReconciliationRun,
    source: str,
    seen: Collection[tuple[str, str]],
    healed: Collection[tuple[str, str]],
    now: dt.datetime,
) -> list[ReconciliationException]:
    """Closes the open exceptions of this source that were not found any more; returns those that had only come late.

    These are among `healed`: what a processor was asked after.
    """
    settled = []
    for row in ReconciliationException.objects.filter(source=source, status=ExceptionStatus.OPEN).order_by("id"):
        name = (row.subject_key, row.currency)
        if name in seen:
            continue
        edge = ExceptionEdge.SETTLED if name in healed else ExceptionEdge.MATCHED
        note = "the processor was asked, and its answer recorded" if name in healed else ""
        with transaction.atomic():
            locked = ReconciliationException.objects.select_for_update().get(id=row.id)
            if locked.status == ExceptionStatus.OPEN:
                locked.seen_in = run
                move(exception=locked, edge=edge, note=note, now=now)
                settled += [locked] if edge == ExceptionEdge.SETTLED else []
    return settled


def found_by_unfinished_runs(*, source: str, differences: Collection[Difference]) -> set[tuple[str, str]]:
    """Open ones that a run has found which did not come to its end: if they are equal now, it may have healed them."""
    rows = ReconciliationException.objects.filter(
        source=source, status=ExceptionStatus.OPEN, difference__in=differences
    ).exclude(found_in__status=RunStatus.COMPLETE)
    return set(rows.values_list("subject_key", "currency"))


def was_healed(source: str, subject_key: str, currency: str) -> bool:
    """Whether it was found missing once, and recorded then."""
    return ReconciliationException.objects.filter(
        source=source, subject_key=subject_key, currency=currency, status=ExceptionStatus.HEALED
    ).exists()


def move(
    *, exception: ReconciliationException, edge: ExceptionEdge, note: str, now: dt.datetime, audited: bool = True
) -> None:
    """Takes an edge of the graph in the caller's transaction, which holds the row's lock.

    With what is closed, a proposal that waits is out of date. Raises TransitionRefused.
    """
    before = exception.status
    exception.status = exception_after(before, edge)
    exception.closed_at = None if exception.status == ExceptionStatus.OPEN else now
    exception.updated_at = now
    exception.save()
    _tell(exception, before, edge, note, now)
    if edge != ExceptionEdge.APPROVED:
        outdate_proposals(exception=exception, now=now)
    if audited:
        audit.record(
            event_type=f"reconciliation.{edge.value}", outcome="succeeded", subject=exception.public_id,
            amount=exception.effect or None, processor=exception.source, processor_id=exception.subject_key[:255],
            command="reconcile",
        )  # fmt: skip


def outdate_proposals(*, exception: ReconciliationException, now: dt.datetime) -> None:
    """A proposal is for the figures that its author has seen."""
    for proposal in JournalProposal.objects.select_for_update().filter(
        exception=exception, status=ProposalStatus.WAITING
    ):
        proposal.status = proposal_after(proposal.status, ProposalEdge.OUTDATED)
        proposal.decided_at = now
        proposal.decision_note = "the difference has changed or is closed"
        proposal.save(update_fields=["status", "decided_at", "decision_note"])


_LIVING = (ExceptionStatus.OPEN, ExceptionStatus.DISMISSED)


def _open(run: ReconciliationRun, source: str, one: Found, now: dt.datetime) -> ReconciliationException:
    row = ReconciliationException.objects.create(
        public_id=new_public_id("rex"), source=source, subject_key=one.subject_key, currency=one.currency,
        status=ExceptionStatus.OPEN, occurred_at=one.occurred_at, found_in=run, seen_in=run, found_at=now,
        updated_at=now, **_figures(one),
    )  # fmt: skip
    _tell(row, "", ExceptionEdge.FOUND, one.detail, now)
    audit.record(
        event_type="reconciliation.found", outcome="found", subject=row.public_id,
        amount=Money(one.effect_minor, one.currency) if one.effect_minor else None, processor=source,
        processor_id=one.subject_key[:255], failure_code=one.difference.value, command="reconcile",
    )  # fmt: skip
    return row


def _bring_up_to_date(run: ReconciliationRun, row: ReconciliationException, one: Found, now: dt.datetime) -> None:
    figures = _figures(one)
    changed = any(getattr(row, name) != figures[name] for name in _FIGURES)
    if row.status == ExceptionStatus.DISMISSED and not changed:
        return
    row.seen_in = run
    for name, value in figures.items():
        setattr(row, name, value)
    if not changed:
        row.save(update_fields=["seen_in", "detail", "suggestion"])
        return
    row.version += 1
    edge = ExceptionEdge.FOUND_AGAIN if row.status == ExceptionStatus.DISMISSED else ExceptionEdge.CHANGED
    move(exception=row, edge=edge, note=one.detail, now=now)


def _figures(one: Found) -> dict[str, object]:
    return {
        "difference": one.difference, "movement_kind": one.movement_kind, "ours_gross_minor": one.ours_gross,
        "ours_fee_minor": one.ours_fee, "theirs_gross_minor": one.theirs_gross, "theirs_fee_minor": one.theirs_fee,
        "effect_minor": one.effect_minor, "detail": one.detail[:300], "suggestion": one.suggestion,
    }  # fmt: skip


def _tell(row: ReconciliationException, before: str, edge: ExceptionEdge, note: str, now: dt.datetime) -> None:
    work = context.current()
    ExceptionEvent.objects.create(
        exception=row, event=edge, from_status=before, to_status=row.status, actor=work.actor[:80], note=note[:300],
        trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip
