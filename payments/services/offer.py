"""What the processors can be offered for."""

from common.money import Money, charge_step_minor, smallest_charge_minor
from payments.processors.paypal.amounts import SUPPORTED


def paypal_takes(currency: str) -> bool:
    """Whether PayPal takes payments in this currency (ISO 4217)."""
    return currency in SUPPORTED


def least_taken(*, processor: str, currency: str) -> Money:
    """The least that the processor takes at once, of what is reserved too. Stripe has a table, PayPal no such bound."""
    least = charge_step_minor(currency) if processor == "paypal" else smallest_charge_minor(currency)
    return Money(least, currency)
