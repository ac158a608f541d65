"""Whether an order's amounts add up."""

from collections.abc import Sequence
from typing import Any

from sandbox.paypal.currencies import AmountInvalid, minor
from sandbox.paypal.errors import refused
from sandbox.paypal.requests import BREAKDOWN_PARTS

_LESS = ("shipping_discount", "discount")
_LARGEST_MINOR = 99_999_999_999_999_999
Unit = dict[str, Any]


def amount_of(
    money: dict[str, str],
    field: str,
    *,
    zero: bool = False,
    negative: bool = False,
    no_decimals: str = "DECIMAL_PRECISION",
) -> int:
    """Minor units. Raises ApiError for what is no amount, or not above zero."""
    try:
        amount = minor(money, decimals_issue=no_decimals)
    except AmountInvalid as error:
        named = "currency_code" if error.issue == "INVALID_CURRENCY_CODE" else "value"
        raise refused(error.issue, f"{field}/{named}", money[named]) from error
    if amount > _LARGEST_MINOR:
        raise refused("MAX_VALUE_EXCEEDED", f"{field}/value", money["value"])
    if amount < 0 and not negative:
        issue = "CANNOT_BE_NEGATIVE" if zero else "CANNOT_BE_ZERO_OR_NEGATIVE"
        raise refused(issue, f"{field}/value", money["value"])
    if amount == 0 and not zero:
        raise refused("CANNOT_BE_ZERO_OR_NEGATIVE", f"{field}/value", money["value"])
    return amount


def check(units: Sequence[Unit], *, intent: str) -> None:
    """Raises ApiError."""
    if intent == "AUTHORIZE" and len(units) > 1:
        raise refused("UNSUPPORTED_INTENT", "/intent", intent)
    if len(units) > 1:
        names = [unit.get("reference_id") for unit in units]
        if None in names:
            raise refused("REFERENCE_ID_REQUIRED", f"/purchase_units/{names.index(None)}/reference_id")
        if len(set(names)) < len(names):
            raise refused("DUPLICATE_REFERENCE_ID", "/purchase_units", str(names[-1]))
    currencies = {money["currency_code"] for unit in units for money in _monies(unit)}
    for number, unit in enumerate(units):
        _check_unit(unit, f"/purchase_units/@reference_id=='{unit.get('reference_id', 'default')}'", number)
    if len(currencies) > 1:
        raise refused("MULTI_CURRENCY_ORDER", "/purchase_units")


def _monies(unit: Unit) -> list[dict[str, str]]:
    found = [unit["amount"], *unit["amount"].get("breakdown", {}).values()]
    for item in unit.get("items", []):
        found += [item["unit_amount"], *([item["tax"]] if "tax" in item else [])]
    return found


def _check_unit(unit: Unit, at: str, number: int) -> None:
    amount = amount_of(unit["amount"], f"/purchase_units/{number}/amount")
    breakdown = unit["amount"].get("breakdown")
    parts = {
        part: amount_of(breakdown[part], f"{at}/amount/breakdown/{part}", zero=True)
        for part in BREAKDOWN_PARTS
        if breakdown and part in breakdown
    }
    items = unit.get("items")
    if items:
        if "item_total" not in parts:
            raise refused("ITEM_TOTAL_REQUIRED", f"{at}/amount/breakdown/item_total")
        # A discount may be written as an item with a negative price.
        total = sum(
            int(item["quantity"])
            * amount_of(item["unit_amount"], f"{at}/items/{place}/unit_amount", zero=True, negative=True)
            for place, item in enumerate(items)
        )
        if total != parts["item_total"]:
            raise refused("ITEM_TOTAL_MISMATCH", f"{at}/amount/breakdown/item_total", _value(breakdown, "item_total"))
        _check_tax(items, parts, breakdown, at)
    if parts:
        expected = sum(-value if part in _LESS else value for part, value in parts.items())
        if expected != amount:
            raise refused("AMOUNT_MISMATCH", f"{at}/amount/value", unit["amount"]["value"])


def _check_tax(items: list[dict[str, Any]], parts: dict[str, int], breakdown: dict[str, Any], at: str) -> None:
    taxed = [item for item in items if "tax" in item]
    if not taxed:
        return
    if "tax_total" not in parts:
        raise refused("TAX_TOTAL_REQUIRED", f"{at}/amount/breakdown/tax_total")
    total = sum(int(item["quantity"]) * amount_of(item["tax"], f"{at}/items/tax", zero=True) for item in taxed)
    if total != parts["tax_total"]:
        raise refused("TAX_TOTAL_MISMATCH", f"{at}/amount/breakdown/tax_total", _value(breakdown, "tax_total"))


def _value(breakdown: dict[str, Any], part: str) -> str:
    return str(breakdown[part]["value"])
