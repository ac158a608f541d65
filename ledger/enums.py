"""Words of the books that are stored or cross app borders."""

import enum


class AccountType(enum.StrEnum):
    """What an account is. Stored amounts are debit positive, so the normal balance of the last two is negative."""

    ASSET = "asset"
    EXPENSE = "expense"
    LIABILITY = "liability"
    REVENUE = "revenue"

    @property
    def normal_sign(self) -> int:
        """1 where a debit makes the account larger, -1 where a credit does."""
        return 1 if self in (AccountType.ASSET, AccountType.EXPENSE) else -1


class EntryKind(enum.StrEnum):
    """The business events that `ledger.journals` knows how to book.

    The column is open text: an app that books an event of its own adds its word here together with its builder and its
    example in docs/ledger.md, and no migration is needed.
    """

    SALE = "sale"
    PROCESSOR_FEE = "processor_fee"
    RELEASE = "release"
    RESERVE_WITHHELD = "reserve_withheld"
    RESERVE_RELEASED = "reserve_released"
    TRANSFER_REQUESTED = "transfer_requested"
    TRANSFER_SUCCEEDED = "transfer_succeeded"
    TRANSFER_FAILED = "transfer_failed"
    LATE_PAYMENT = "late_payment"
    LATE_PAYMENT_REFUND = "late_payment_refund"
    LATE_PAYMENT_PAID_OTHERWISE = "late_payment_paid_otherwise"
    REFUND_REQUESTED = "refund_requested"
    REFUND_SENT = "refund_sent"
    REFUND_BOUNCED = "refund_bounced"
    REFUND_WITHDRAWN = "refund_withdrawn"
    REFUND_UNALLOCATED = "refund_unallocated"
    TRANSFER_REVERSED = "transfer_reversed"
    TRANSFER_RETURNED = "transfer_returned"
    RECOVERY = "recovery"
    DEBT_REPAID = "debt_repaid"
    DEBT_REPAYMENT_UNDONE = "debt_repayment_undone"
    DEBT_WRITTEN_OFF = "debt_written_off"
    DEBT_REOPENED = "debt_reopened"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_FEE = "dispute_fee"
    DISPUTE_HELD = "dispute_held"
    DISPUTE_RELEASED = "dispute_released"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_REGAINED = "dispute_regained"
    PLATFORM_PAYOUT_SENT = "platform_payout_sent"
    PLATFORM_PAYOUT_ARRIVED = "platform_payout_arrived"
    PLATFORM_PAYOUT_FAILED = "platform_payout_failed"
    TOP_UP = "top_up"
    SUSPENSE_BOOKED = "suspense_booked"
