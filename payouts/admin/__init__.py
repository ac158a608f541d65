"""Artisans at the desk: their accounts, and what they are owed, were sent and owe. Importing a page registers it."""

from payouts.admin.accounts import ConnectedAccountAdmin, SellerApplicationAdmin
from payouts.admin.debts import SellerDebtAdmin, ShareDebitAdmin
from payouts.admin.payables import PayableAdmin
from payouts.admin.transfers import TransferAdmin, TransferReversalAdmin

__all__ = [
    "ConnectedAccountAdmin",
    "PayableAdmin",
    "SellerApplicationAdmin",
    "SellerDebtAdmin",
    "ShareDebitAdmin",
    "TransferAdmin",
    "TransferReversalAdmin",
]
