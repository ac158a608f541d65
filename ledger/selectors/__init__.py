"""Reads of the books. No read grows with the number of postings, except `verify`, which reads them all."""

from ledger.selectors.balances import balance, balance_as_of, balances, balances_at_times, trial_balance
from ledger.selectors.entries import entry_by_source, is_booked
from ledger.selectors.statements import statement
from ledger.selectors.verification import verify

__all__ = [
    "balance",
    "balance_as_of",
    "balances",
    "balances_at_times",
    "entry_by_source",
    "is_booked",
    "statement",
    "trial_balance",
    "verify",
]
