"""What may be changed of an order: https://developer.paypal.com/docs/api/orders/v2/#orders_patch"""

import re
from typing import Any

from sandbox.paypal import requests
from sandbox.paypal.errors import invalid, refused
from sandbox.paypal.schema import Shape, faults
from sandbox.store import Document

_UNIT = re.compile(r"/purchase_units/@reference_id=='([^']*)'(?:/(.+))?\Z")
_FIELDS: dict[str, Shape] = {
    "amount": requests.AMOUNT,
    "items": requests.ITEMS,
    "shipping/address": requests.SHIPPING.fields["address"],
    "shipping/name": requests.SHIPPING.fields["name"],
    **{
        name: requests.PURCHASE_UNIT.fields[name]
        for name in ("custom_id", "invoice_id", "description", "soft_descriptor")
    },
}


def apply(order: Document, change: dict[str, Any]) -> None:
    """Changes the order in place. Raises ApiError."""
    operation, path = change["op"], change.get("path")
    if not path:
        raise refused("PATCH_PATH_REQUIRED", "path")
    if operation not in ("add", "replace", "remove"):
        raise invalid([_detail("INVALID_PATCH_OPERATION", path)])
    if operation != "remove" and change.get("value") is None:
        raise refused("PATCH_VALUE_REQUIRED", path)
    if path == "/intent":
        _checked(requests.ORDER.fields["intent"], change.get("value"), path)
        if order["status"] == "APPROVED":
            raise refused("NOT_PATCHABLE", path)
        order["intent"] = change["value"]
        return
    found = _UNIT.match(path)
    if found is None:
        raise refused("INVALID_JSON_POINTER_FORMAT", path)
    unit = next((unit for unit in order["purchase_units"] if unit["reference_id"] == found[1]), None)
    if unit is None:
        raise refused("REFERENCE_ID_NOT_FOUND", path)
    shape = _FIELDS.get(found[2] or "")
    if shape is None:
        raise invalid([_detail("FIELD_NOT_PATCHABLE", path)])
    _change(unit, found[2].split("/"), operation, change.get("value"), shape, path)


def _change(unit: dict[str, Any], names: list[str], operation: str, value: Any, shape: Shape, path: str) -> None:
    place = unit.setdefault(names[0], {}) if len(names) > 1 else unit
    name = names[-1]
    if operation in ("replace", "remove") and name not in place:
        raise invalid([_detail("INVALID_PATCH_OPERATION", path)])
    if operation == "remove":
        if name == "amount":
            raise invalid([_detail("FIELD_NOT_PATCHABLE", path)])
        del place[name]
        return
    _checked(shape, value, path)
    place[name] = value


def _checked(shape: Shape, value: Any, path: str) -> None:
    wrong = list(faults(shape, value, strict=False, at=path))
    if wrong:
        raise invalid(wrong)


def _detail(issue: str, path: str) -> dict[str, str]:
    return {"field": path, "location": "body", "issue": issue}
