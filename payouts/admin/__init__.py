"""What artisans are owed, were sent and owe, in Django admin. Importing a page registers it."""

from payouts.admin.debts import SellerDebtAdmin, ShareDebitAdmin
from payouts.admin.payables import ConnectedAccountAdmin, PayableAdmin
from payouts.admin.transfers import TransferAdmin, TransferReversalAdmin

__all__ = [
    "ConnectedAccountAdmin",
    "PayableAdmin",
    "SellerDebtAdmin",
    "ShareDebitAdmin",
    "TransferAdmin",
    "TransferReversalAdmin",
]
