"""What checks and runs find, and what staff are refused."""

import datetime as dt
from dataclasses import dataclass, field

from common.errors import DomainError, ErrorKind

CLEARING_RULE = "clearing equals the processor's balance"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: which rule, what is concerned, and the two figures that differ."""

    rule: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject}: {self.detail}"


@dataclass(frozen=True, slots=True)
class ClearingCheck:
    """What came of comparing one processor's balance with the books.

    A notice is a difference that is accounted for to the minor unit by what was found at the processor and is about
    to be recorded here; a finding is everything else.
    """

    findings: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` (included) to `until` (not included)."""

    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A settlement file of one processor, or a statement of our bank (`source` bank), to be read as lines."""

    source: str
    path: str


@dataclass(slots=True)
class Outcome:
    """What a run found of one source. Figures of differences are theirs less ours, net, in minor units."""

    source: str
    compared: int = 0
    matched: int = 0
    healed: list[str] = field(default_factory=list)
    in_flight: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


class RunInProgress(DomainError):
    """Another process is reconciling now; it finds what this one would."""

    code = "reconciliation_in_progress"
    kind = ErrorKind.CONFLICT
    title = "Another reconciliation is running"


class PeriodInvalid(DomainError):
    """The end is not after the beginning, or lies in the future."""

    code = "reconciliation_period_invalid"
    kind = ErrorKind.INVALID
    title = "This is no period"


class StatementUnusable(DomainError):
    """The file is no statement of our bank, or says something else than an earlier one."""

    code = "bank_statement_unusable"
    kind = ErrorKind.INVALID
    title = "This file can't be used"


class NotOpen(DomainError):
    """The exception is closed, so there is nothing to propose, approve or dismiss."""

    code = "exception_not_open"
    kind = ErrorKind.CONFLICT
    title = "This difference is closed"


class SecondPersonNeeded(DomainError):
    """Who has proposed a journal can't approve it."""

    code = "second_person_needed"
    kind = ErrorKind.FORBIDDEN
    title = "Somebody else has to approve this"


class ProposalOutOfDate(DomainError):
    """The figures have changed since the proposal was made, or it was decided already."""

    code = "proposal_out_of_date"
    kind = ErrorKind.CONFLICT
    title = "This proposal is out of date"


class ProposalExists(DomainError):
    """A proposal is waiting already; it is approved or rejected before another one is made."""

    code = "proposal_exists"
    kind = ErrorKind.CONFLICT
    title = "A proposal is waiting already"


class ReasonMissing(DomainError):
    """Staff give a reason for what they do here."""

    code = "reason_missing"
    kind = ErrorKind.INVALID
    title = "Say why, in a few words"


class NothingToBook(DomainError):
    """Both sides have the same amount, so no journal is right."""

    code = "nothing_to_book"
    kind = ErrorKind.INVALID
    title = "There is nothing to book"
