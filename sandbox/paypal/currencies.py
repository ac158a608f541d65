"""PayPal's currencies, its prices, and amounts as it writes them.

https://developer.paypal.com/api/rest/reference/currency-codes/
"""

import re
from typing import Any

# The currencies that PayPal takes in payments; those without decimals are listed again below.
SUPPORTED = frozenset(
    {
        "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK",
        "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
    }
)  # fmt: skip
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})

# 2.99 % and a fixed part in minor units: PayPal's European price for commercial transactions.
_RATE_BASIS_POINTS = 299
_FIXED_MINOR = {
    "AUD": 30, "BRL": 60, "CAD": 30, "CHF": 55, "CNY": 235, "CZK": 1000, "DKK": 260, "EUR": 35, "GBP": 30, "HKD": 235,
    "HUF": 90, "ILS": 120, "JPY": 40, "MXN": 400, "MYR": 200, "NOK": 280, "NZD": 45, "PHP": 1500, "PLN": 135,
    "SEK": 325, "SGD": 50, "THB": 1100, "TWD": 10, "USD": 49,
}  # fmt: skip
# What losing a dispute costs; a chargeback (the card's issuer decides) costs more than a dispute at PayPal itself.
_DISPUTE_FEE_MINOR = {"EUR": 1400, "USD": 1500, "GBP": 1200, "JPY": 1875}
_CHARGEBACK_FEE_MINOR = {"EUR": 2000, "USD": 2000, "GBP": 1400, "JPY": 2600}
_OTHER_FEE_MINOR = 2000

# A capture may exceed the authorization by 15 %, and by no more than this.
OVERCAPTURE_PERCENT = 115
OVERCAPTURE_MINOR = 7500

_VALUE = re.compile(r"-?[0-9]*(?:[.]([0-9]+))?\Z", re.ASCII)


class AmountInvalid(ValueError):
    """An amount that PayPal refuses; `issue` is its name for the reason."""

    def __init__(self, issue: str) -> None:
        super().__init__(issue)
        self.issue = issue


def decimals(currency: str) -> int:
    return 0 if currency in WITHOUT_DECIMALS else 2


def minor(money: dict[str, Any], *, decimals_issue: str = "DECIMAL_PRECISION") -> int:
    """Minor units of `{"currency_code", "value"}`. Raises AmountInvalid."""
    currency, value = money["currency_code"], money["value"]
    if currency not in SUPPORTED:
        raise AmountInvalid("INVALID_CURRENCY_CODE")
    found = _VALUE.match(value)
    fraction = (found[1] or "") if found else ""
    places = decimals(currency)
    if len(fraction) > places:
        raise AmountInvalid("DECIMAL_PRECISION" if places else decimals_issue)
    whole = value.lstrip("-").partition(".")[0] or "0"
    amount = int(whole + fraction.ljust(places, "0"))
    return -amount if value.startswith("-") else amount


def money(amount_minor: int, currency: str) -> dict[str, str]:
    return {"currency_code": currency, "value": written(amount_minor, currency)}


def written(amount_minor: int, currency: str) -> str:
    places = decimals(currency)
    sign, digits = "-" if amount_minor < 0 else "", str(abs(amount_minor)).rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def fee_minor(amount_minor: int, currency: str) -> int:
    """The price of one captured payment, half a minor unit rounded up; never more than the payment itself."""
    variable = (amount_minor * _RATE_BASIS_POINTS + 5_000) // 10_000
    return min(variable + _FIXED_MINOR[currency], amount_minor)


def dispute_fee_minor(currency: str, *, chargeback: bool) -> int:
    return (_CHARGEBACK_FEE_MINOR if chargeback else _DISPUTE_FEE_MINOR).get(currency, _OTHER_FEE_MINOR)


def largest_capture_minor(authorized_minor: int) -> int:
    """What may be captured in sum against one authorization."""
    return min(authorized_minor * OVERCAPTURE_PERCENT // 100, authorized_minor + OVERCAPTURE_MINOR)
