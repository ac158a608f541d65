"""From the artisan's account at the processor to the artisan's bank.

`send_to_bank` sends a transferred payout on, `send_bank_payout` an attempt that `retry_payout` (staff),
`retry_failed_payouts` (bank details changed) or `ask_bank_again` (not available before) has asked for,
`settle_bank_payout` takes the processor's news, `look_after_bank_payouts` asks after what is under way,
`look_for_refused_bank_payouts` after what was refused and nobody sends again. The books are not concerned: the money
left them with the transfer.
"""

from payouts.services.bank.look_after import ask_after_bank_payout, look_after_bank_payouts
from payouts.services.bank.look_for import look_for_refused_bank_payouts
from payouts.services.bank.reasons import NextStep, Reason, reason_of
from payouts.services.bank.record import BankPayoutContradiction, UnknownBankPayout
from payouts.services.bank.retry import RetryRefused, ask_bank_again, retry_failed_payouts, retry_payout
from payouts.services.bank.send import resolve_bank_payouts, send_bank_payout, send_to_bank
from payouts.services.bank.settle import settle_bank_payout

__all__ = [
    "BankPayoutContradiction",
    "NextStep",
    "Reason",
    "RetryRefused",
    "UnknownBankPayout",
    "ask_after_bank_payout",
    "ask_bank_again",
    "look_after_bank_payouts",
    "look_for_refused_bank_payouts",
    "reason_of",
    "resolve_bank_payouts",
    "retry_failed_payouts",
    "retry_payout",
    "send_bank_payout",
    "send_to_bank",
    "settle_bank_payout",
]
