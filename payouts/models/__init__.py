"""The rows of payouts."""

from payouts.models.account import ConnectedAccount
from payouts.models.debt import DebtRecovery, SellerDebt, ShareCredit, ShareDebit
from payouts.models.payable import Payable, PayableEvent
from payouts.models.transfer import Transfer, TransferEvent, TransferReversal, TransferReversalEvent

__all__ = [
    "ConnectedAccount",
    "DebtRecovery",
    "Payable",
    "PayableEvent",
    "SellerDebt",
    "ShareCredit",
    "ShareDebit",
    "Transfer",
    "TransferEvent",
    "TransferReversal",
    "TransferReversalEvent",
]
