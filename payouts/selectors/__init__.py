"""Reads of payouts: what each artisan earned and owes, where that money is, and why it is not paid yet."""

from payouts.selectors.earnings import (
    debts_of_artisan,
    earnings_of_order,
    totals_of_artisan,
)
from payouts.selectors.policies import all_paused, policy_seen, why_not_paid
from payouts.selectors.runs import artisans_due, newest_run, pays_now

__all__ = [
    "all_paused",
    "artisans_due",
    "debts_of_artisan",
    "earnings_of_order",
    "newest_run",
    "pays_now",
    "policy_seen",
    "totals_of_artisan",
    "why_not_paid",
]
