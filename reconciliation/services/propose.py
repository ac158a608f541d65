"""Four eyes: one of staff proposes how a difference is booked, another approves, and only then it is posted.

That they are two is checked here and by PostgreSQL. A proposal is for the figures that its author has seen: when these
change, it is out of date and can't be approved.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction

from common import audit
from common.money import Money
from ledger import chart, journals
from ledger.contracts import Line
from ledger.enums import EntryKind
from ledger.services import post_entry
from reconciliation.contracts import (
    NothingToBook,
    NotOpen,
    ProposalExists,
    ProposalOutOfDate,
    ReasonMissing,
    SecondPersonNeeded,
)
from reconciliation.enums import (
    Difference,
    ExceptionEdge,
    ExceptionStatus,
    JournalName,
    ProposalEdge,
    ProposalStatus,
    Source,
)
from reconciliation.models import JournalProposal, ReconciliationException
from reconciliation.services.exceptions import REPAYMENT, move
from reconciliation.services.index import index_books
from reconciliation.transitions import proposal_after

MAX_NOTE_LENGTH = 300


def choices_for(exception: ReconciliationException) -> list[JournalName]:
    """The journals from which staff may choose. What the bank shows otherwise is nobody's fee and no payout."""
    if not exception.effect_minor:
        return []
    return [JournalName.SUSPENSE] if exception.source == Source.BANK else list(JournalName)


def lines_of(exception: ReconciliationException, journal: JournalName) -> tuple[Line, ...]:
    """What the journal would post for this difference. Raises NothingToBook."""
    effect = exception.effect
    if not effect:
        raise NothingToBook()
    if exception.source == Source.BANK:
        return _at_the_bank(exception, effect)
    return _JOURNALS[journal](effect, exception.source)


def propose(
    *,
    exception_id: int,
    version: int,
    journal: JournalName,
    note: str,
    proposer_id: Any,
    now: dt.datetime,
) -> JournalProposal:
    """One of staff, who has looked at the figures of `version`, proposes a journal and says why.

    Raises NotOpen, ProposalOutOfDate, ProposalExists, ReasonMissing and NothingToBook.
    """
    note = _reason(note)
    with transaction.atomic():
        exception = _locked(exception_id)
        if exception.version != version:
            raise ProposalOutOfDate("The figures have changed since you looked at them.")
        if JournalProposal.objects.filter(exception=exception, status=ProposalStatus.WAITING).exists():
            raise ProposalExists()
        if journal not in choices_for(exception):
            raise NothingToBook()
        proposal = JournalProposal.objects.create(
            exception=exception, version=version, journal=journal.value, amount_minor=exception.effect_minor,
            currency=exception.currency, note=note, proposer_id=proposer_id, created_at=now,
        )  # fmt: skip
        _audit("reconciliation.proposed", exception, journal.value)
    return proposal


def approve(*, proposal_id: int, approver_id: Any, now: dt.datetime) -> ReconciliationException:
    """Another of staff agrees: the journal is posted and the exception closed, in one transaction.

    Raises SecondPersonNeeded for the proposer, ProposalOutOfDate for one that is decided or whose figures changed,
    and NotOpen.
    """
    with transaction.atomic():
        proposal, exception = _waiting(proposal_id)
        if proposal.proposer_id == approver_id:
            raise SecondPersonNeeded()
        if (proposal.version, proposal.amount_minor) != (exception.version, exception.effect_minor):
            raise ProposalOutOfDate()
        _decide(proposal, ProposalEdge.APPROVED, approver_id, "", now)
        journal = JournalName(proposal.journal)
        post_entry(
            kind=EntryKind(journal.value),
            source_reference=exception.journal_reference,
            effective_at=exception.occurred_at,
            lines=lines_of(exception, journal),
            description=proposal.note[:200],
        )
        move(exception=exception, edge=ExceptionEdge.APPROVED, note=f"{journal.value}: {proposal.note}", now=now)
    index_books()
    return exception


def reject(*, proposal_id: int, decider_id: Any, reason: str, now: dt.datetime) -> None:
    """Somebody says no, or the proposer takes it back. Raises ReasonMissing, ProposalOutOfDate and NotOpen."""
    reason = _reason(reason)
    with transaction.atomic():
        proposal, exception = _waiting(proposal_id)
        _decide(proposal, ProposalEdge.REJECTED, decider_id, reason, now)
        _audit("reconciliation.rejected", exception, proposal.journal)


def dismiss(*, exception_id: int, version: int, reason: str, now: dt.datetime) -> None:
    """Nothing is booked for it, and it is not named again while its figures stay as they are.

    Raises ReasonMissing, ProposalOutOfDate and NotOpen.
    """
    reason = _reason(reason)
    with transaction.atomic():
        exception = _locked(exception_id)
        if exception.version != version:
            raise ProposalOutOfDate("The figures have changed since you looked at them.")
        move(exception=exception, edge=ExceptionEdge.SET_ASIDE, note=reason, now=now)


def _locked(exception_id: int) -> ReconciliationException:
    exception = ReconciliationException.objects.select_for_update().get(id=exception_id)
    if exception.status != ExceptionStatus.OPEN:
        raise NotOpen()
    return exception


def _waiting(proposal_id: int) -> tuple[JournalProposal, ReconciliationException]:
    """Both locked, the exception first, as everywhere."""
    exception_id = JournalProposal.objects.values_list("exception_id", flat=True).get(id=proposal_id)
    exception = ReconciliationException.objects.select_for_update().get(id=exception_id)
    proposal = JournalProposal.objects.select_for_update().get(id=proposal_id)
    if proposal.status != ProposalStatus.WAITING:
        raise ProposalOutOfDate()
    if exception.status != ExceptionStatus.OPEN:
        raise NotOpen()
    return proposal, exception


def _decide(proposal: JournalProposal, edge: ProposalEdge, by: Any, note: str, now: dt.datetime) -> None:
    proposal.status = proposal_after(proposal.status, edge)
    proposal.approver_id, proposal.decision_note, proposal.decided_at = by, note, now
    proposal.save()


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise ReasonMissing()
    return reason[:MAX_NOTE_LENGTH]


def _audit(event_type: str, exception: ReconciliationException, journal: str) -> None:
    audit.record(
        event_type=event_type, outcome="succeeded", subject=exception.public_id, amount=exception.effect or None,
        processor=exception.source, processor_id=exception.subject_key[:255], command=journal,
    )  # fmt: skip


def _at_the_bank(exception: ReconciliationException, effect: Money) -> tuple[Line, ...]:
    """More at the bank than we know of is in suspense; less is taken off what is on its way to it.

    What an artisan paid back is booked as arrived, so what of it did not arrive is taken off the bank account.
    """
    currency = effect.currency
    is_there = exception.difference == Difference.MISSING_HERE or exception.movement_kind == REPAYMENT
    ours = chart.bank(currency) if is_there else chart.bank_in_transit(currency)
    return (Line(ours, effect), Line(chart.suspense(currency), -effect))


def _taken(builder: Callable[..., tuple[Line, ...]], name: str) -> Callable[[Money, str], tuple[Line, ...]]:
    """A journal that takes from the clearing account; what was given back is its opposite."""

    def lines(effect: Money, processor: str) -> tuple[Line, ...]:
        made = builder(**{name: -effect if effect.amount_minor < 0 else effect}, processor=processor)
        return made if effect.amount_minor < 0 else _opposite(made)

    return lines


def _top_up(effect: Money, processor: str) -> tuple[Line, ...]:
    if effect.amount_minor > 0:
        return journals.top_up(amount=effect, processor=processor)
    return _opposite(journals.top_up(amount=-effect, processor=processor))


def _opposite(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(Line(line.account, -line.amount) for line in lines)


_JOURNALS: dict[JournalName, Callable[[Money, str], tuple[Line, ...]]] = {
    JournalName.SUSPENSE: lambda effect, processor: journals.suspense_booked(effect=effect, processor=processor),
    JournalName.PROCESSOR_FEE: _taken(journals.processor_fee, "fee"),
    JournalName.DISPUTE_FEE: _taken(journals.dispute_fee, "fee"),
    JournalName.PLATFORM_PAYOUT: _taken(journals.platform_payout_sent, "amount"),
    JournalName.TOP_UP: _top_up,
}
