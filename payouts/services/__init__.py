"""The use cases of payouts.

`accrue`, `parts_shipped`, `part_delivered`, `debit_parts`, `credit_parts` and `collect_debt` run inside use cases of
orders. Everything else is called by an edge and opens its own transactions: `release_due` ends holds,
`release_reserves` reserves, `run_scheduled` and `run_payouts` pay what is released and resolve what got no answer,
`send_reversal`, `resolve_reversals` and `recover_debts` bring back what artisans owe, `record_repayment` takes what
they pay to our bank account, `settle_transfer` takes the processor's news; `change_policy`, `choose_schedule` and the
pauses say how and whether an artisan is paid, and `ask_for_payout` pays who is paid when they ask; `pay_artisan_now`
and `pay_everybody_now` are the desk's.
`apply_to_sell`, `start_onboarding` and `settle_account` make an artisan of somebody who can be paid.
"""

from payouts.services.accounts import look_after_accounts, settle_account
from payouts.services.accrue import accrue, add_accrual
from payouts.services.applications import apply_to_sell, approve_application, reject_application, withdraw_application
from payouts.services.ask import ask_for_payout
from payouts.services.cancel import cancel
from payouts.services.connect import connect_demo_artisan, open_account, resolve_accounts
from payouts.services.credit import credit_parts
from payouts.services.debit import debit_parts
from payouts.services.debts import remind_of_debts, reopen_debt, write_off_debt
from payouts.services.holds import part_delivered, parts_shipped
from payouts.services.net import recover_debts
from payouts.services.onboarding import come_back, start_onboarding
from payouts.services.pauses import lock_pauses, pause_all, pause_artisan, resume_all, resume_artisan
from payouts.services.pay_now import pay_artisan_now, pay_everybody_now
from payouts.services.policies import (
    change_policy,
    choose_schedule,
    ensure_policies,
    had_their_turn,
    policies_of,
    policy_of,
)
from payouts.services.release import release_due, release_now, waits_for_release
from payouts.services.reminders import remind_of_deadlines
from payouts.services.repayments import record_repayment, repayable_of, undo_repayment
from payouts.services.reserves import end_reserves, release_reserves
from payouts.services.reverse import collect_debt
from payouts.services.run import (
    go_on,
    look_after_runs,
    request_payout,
    resume_by_hand,
    resume_run,
    run_payouts,
    run_scheduled,
)
from payouts.services.schedule import next_payout_date
from payouts.services.send_reversals import resolve_reversals, send_reversal
from payouts.services.settle import settle_transfer

__all__ = [
    "accrue",
    "add_accrual",
    "apply_to_sell",
    "approve_application",
    "ask_for_payout",
    "cancel",
    "change_policy",
    "choose_schedule",
    "collect_debt",
    "come_back",
    "connect_demo_artisan",
    "credit_parts",
    "debit_parts",
    "end_reserves",
    "ensure_policies",
    "go_on",
    "had_their_turn",
    "lock_pauses",
    "look_after_accounts",
    "look_after_runs",
    "next_payout_date",
    "open_account",
    "part_delivered",
    "parts_shipped",
    "pause_all",
    "pause_artisan",
    "pay_artisan_now",
    "pay_everybody_now",
    "policies_of",
    "policy_of",
    "record_repayment",
    "recover_debts",
    "reject_application",
    "release_due",
    "release_now",
    "release_reserves",
    "remind_of_deadlines",
    "remind_of_debts",
    "reopen_debt",
    "repayable_of",
    "request_payout",
    "resolve_accounts",
    "resolve_reversals",
    "resume_all",
    "resume_artisan",
    "resume_by_hand",
    "resume_run",
    "run_payouts",
    "run_scheduled",
    "send_reversal",
    "settle_account",
    "settle_transfer",
    "start_onboarding",
    "undo_repayment",
    "waits_for_release",
    "withdraw_application",
    "write_off_debt",
]
