"""The rows of reconciliation."""

from reconciliation.models.differences import (
    ExceptionEvent,
    JournalProposal,
    ReconciliationException,
)
from reconciliation.models.payouts import PlatformPayout, PlatformPayoutEvent
from reconciliation.models.runs import ReconciliationRun
from reconciliation.models.statements import BookedMovement, StatementLine

__all__ = [
    "BookedMovement",
    "ExceptionEvent",
    "JournalProposal",
    "PlatformPayout",
    "PlatformPayoutEvent",
    "ReconciliationException",
    "ReconciliationRun",
    "StatementLine",
]
