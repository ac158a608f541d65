"""What PayPal can be offered for."""

from payments.processors.paypal.amounts import SUPPORTED


def paypal_takes(currency: str) -> bool:
    """Whether PayPal takes payments in this currency (ISO 4217)."""
    return currency in SUPPORTED
