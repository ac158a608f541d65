"""Artisans at the desk: their accounts, and what they are owed, were sent and owe. Importing a page registers it."""

from payouts.admin.accounts import ConnectedAccountAdmin, SellerApplicationAdmin
from payouts.admin.bank import BankPayoutAdmin
from payouts.admin.debts import SellerDebtAdmin, ShareDebitAdmin
from payouts.admin.payables import PayableAdmin
from payouts.admin.payouts import PayoutAdmin
from payouts.admin.policies import PayoutPolicyAdmin, PayoutSwitchAdmin
from payouts.admin.repayments import DebtRepaymentAdmin
from payouts.admin.reserves import ReserveAdmin
from payouts.admin.runs import PayoutRunAdmin
from payouts.admin.transfers import TransferAdmin, TransferReversalAdmin

__all__ = [
    "BankPayoutAdmin",
    "ConnectedAccountAdmin",
    "DebtRepaymentAdmin",
    "PayableAdmin",
    "PayoutAdmin",
    "PayoutPolicyAdmin",
    "PayoutRunAdmin",
    "PayoutSwitchAdmin",
    "ReserveAdmin",
    "SellerApplicationAdmin",
    "SellerDebtAdmin",
    "ShareDebitAdmin",
    "TransferAdmin",
    "TransferReversalAdmin",
]
