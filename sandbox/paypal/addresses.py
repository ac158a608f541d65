"""Where the goods go: what PayPal can make nothing of."""

from typing import Any

from sandbox.paypal.errors import refused

# Postcodes that stand for an address that does not exist, as it is asked about, or only when the money is taken.
UNKNOWN, UNKNOWN_WHEN_PAID = "00000", "00001"
# Some of the countries that deliver nothing without a postcode.
_WITH_POSTCODES = frozenset({"AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IT", "NL", "PL", "PT", "SE", "US"})


def check(unit: dict[str, Any]) -> None:
    """Raises ApiError for a delivery address that no order can be made with."""
    address, at = _address(unit), f"/purchase_units/@reference_id=='{unit.get('reference_id', 'default')}'"
    if not address:
        return
    if not address.get("admin_area_2"):
        raise refused("CITY_REQUIRED", f"{at}/shipping/address/admin_area_2")
    if address["country_code"] in _WITH_POSTCODES and not address.get("postal_code"):
        raise refused("POSTAL_CODE_REQUIRED", f"{at}/shipping/address/postal_code")
    if address.get("postal_code") == UNKNOWN:
        raise refused("SHIPPING_ADDRESS_INVALID", f"{at}/shipping/address")


def check_deliverable(unit: dict[str, Any]) -> None:
    """As `check`, when the money is taken."""
    if _address(unit).get("postal_code") == UNKNOWN_WHEN_PAID:
        raise refused("SHIPPING_ADDRESS_INVALID")


def _address(unit: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = unit.get("shipping", {}).get("address", {})
    return found
