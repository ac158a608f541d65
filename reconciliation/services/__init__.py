"""Compares the books with the world outside."""

from reconciliation.services.bank_upload import add_bank_statement, ask_to_reconcile
from reconciliation.services.clearing import compare_clearing
from reconciliation.services.daily import reconcile_asked, reconcile_daily
from reconciliation.services.platform_payouts import settle_platform_payout
from reconciliation.services.propose import approve, choices_for, dismiss, lines_of, propose, reject
from reconciliation.services.run import processors_in_use, reconcile

__all__ = [
    "add_bank_statement",
    "approve",
    "ask_to_reconcile",
    "choices_for",
    "compare_clearing",
    "dismiss",
    "lines_of",
    "processors_in_use",
    "propose",
    "reconcile",
    "reconcile_asked",
    "reconcile_daily",
    "reject",
    "settle_platform_payout",
]
