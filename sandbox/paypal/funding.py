"""What buyers pay with, chosen on the approval page: each choice has its own outcome."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Funding:
    label: str
    # COMPLETED, PENDING (then completed), DENIED (pending, then declined), REFUSED, REFUSED_LATER (can be authorized)
    captures: str = "COMPLETED"
    vaults_later: bool = False  # the account is saved some time after the money was taken
    refunds: str = "COMPLETED"  # COMPLETED, PENDING (then completed), FAILED (pending, then failed)


FUNDING = {
    "balance": Funding("PayPal balance: pays"),
    "declined": Funding("Card that is declined", captures="REFUSED"),
    "declined_later": Funding("Card that is authorized, and declined when captured", captures="REFUSED_LATER"),
    "pending": Funding("Bank account: the payment is pending, then completed", captures="PENDING"),
    "denied": Funding("Bank account: the payment is pending, then denied", captures="DENIED"),
    "vault_later": Funding("PayPal balance: pays; the account is saved later", vaults_later=True),
    "refund_pending": Funding("PayPal balance: refunds take a while", refunds="PENDING"),
    "refund_fail": Funding("PayPal balance: refunds fail", refunds="FAILED"),
}
DEFAULT = "balance"
# How long something stays pending, in seconds of the sandbox's clock, unless the control API says otherwise.
PENDING_SECONDS = 5

# The buyer; the account id follows from the e-mail address only where an order names one.
BUYER_EMAIL = "ada.buyer@paypal.sandbox.example"
BUYER_ID = "BUYERADA23456"
BUYER_NAME = {"given_name": "Ada", "surname": "Buyer"}
BUYER_COUNTRY = "AT"
