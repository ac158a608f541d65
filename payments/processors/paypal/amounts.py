"""Money as PayPal writes it: `{"currency_code": "EUR", "value": "10.00"}`."""

from decimal import Decimal, InvalidOperation

from common.money import Money, exponent
from payments.contracts import ProcessorRefused

# https://developer.paypal.com/api/rest/reference/currency-codes/
SUPPORTED = frozenset({
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK",
    "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
})  # fmt: skip
# PayPal takes these without decimals, whatever ISO 4217 says of them.
_WHOLE = frozenset({"HUF", "JPY", "TWD"})


class UnmappedPayPalValue(RuntimeError):
    """PayPal sent a value that our tables do not know: they must be completed before money moves on it."""


def amount_document(amount: Money) -> dict[str, str]:
    """Raises ProcessorRefused for a currency, or a fraction of one, that PayPal does not take."""
    if amount.currency not in SUPPORTED:
        raise ProcessorRefused(
            f"PayPal does not take {amount.currency}. Pay by card instead.", processor_code="currency_not_supported"
        )
    places = 0 if amount.currency in _WHOLE else 2
    value = amount.major.quantize(Decimal(1).scaleb(-places))
    if value != amount.major:
        raise ProcessorRefused(
            f"PayPal takes whole {amount.currency} only. Pay by card instead.", processor_code="decimals_not_supported"
        )
    return {"currency_code": amount.currency, "value": str(value)}


def money_in(document: object) -> Money:
    """The amount in a document; UnmappedPayPalValue for one that is no amount."""
    if not isinstance(document, dict):
        raise UnmappedPayPalValue(f"amount {document!r}")
    currency = str(document.get("currency_code"))
    try:
        minor = Decimal(str(document.get("value"))).scaleb(exponent(currency))
    except InvalidOperation as error:
        raise UnmappedPayPalValue(f"amount {document!r}") from error
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise UnmappedPayPalValue(f"amount {document!r}")
    return Money(int(minor), currency)
