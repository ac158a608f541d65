"""Compares the books with the world outside."""

from reconciliation.services.clearing import compare_clearing
from reconciliation.services.platform_payouts import settle_platform_payout
from reconciliation.services.run import processors_in_use, reconcile

__all__ = ["compare_clearing", "processors_in_use", "reconcile", "settle_platform_payout"]
