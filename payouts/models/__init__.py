"""The rows of payouts."""

from payouts.models.account import ConnectedAccount, ConnectedAccountEvent, SellerApplication
from payouts.models.debt import (
    STILL_OWED,
    DebtRecovery,
    DebtRepayment,
    DebtWriteOff,
    SellerDebt,
    ShareCredit,
    ShareDebit,
)
from payouts.models.payable import Payable, PayableEvent
from payouts.models.payout import BankPayout, BankPayoutEvent, Payout, PayoutEvent, PayoutItem, PayoutRun
from payouts.models.policy import PayoutPolicy, PayoutSwitch, PolicyEvent
from payouts.models.reserve import Reserve, ReserveDebit, ReserveRelease
from payouts.models.transfer import Transfer, TransferEvent, TransferReversal, TransferReversalEvent

__all__ = [
    "STILL_OWED",
    "BankPayout",
    "BankPayoutEvent",
    "ConnectedAccount",
    "ConnectedAccountEvent",
    "DebtRecovery",
    "DebtRepayment",
    "DebtWriteOff",
    "Payable",
    "PayableEvent",
    "Payout",
    "PayoutEvent",
    "PayoutItem",
    "PayoutPolicy",
    "PayoutRun",
    "PayoutSwitch",
    "PolicyEvent",
    "Reserve",
    "ReserveDebit",
    "ReserveRelease",
    "SellerApplication",
    "SellerDebt",
    "ShareCredit",
    "ShareDebit",
    "Transfer",
    "TransferEvent",
    "TransferReversal",
    "TransferReversalEvent",
]
