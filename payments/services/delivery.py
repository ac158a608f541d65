"""Where the goods go, in the stored body of a request: flat, as bodies are, and the same again when it is repeated."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from payments.contracts import Delivery

_PREFIX = "delivery_"
_FIELDS = [field.name for field in dataclasses.fields(Delivery)]


def packed(delivery: Delivery | None) -> dict[str, str]:
    if delivery is None:
        return {}
    return {_PREFIX + name: getattr(delivery, name) for name in _FIELDS}


def unpacked(body: Mapping[str, Any]) -> Delivery | None:
    """None too for bodies that were written before addresses were sent."""
    if _PREFIX + "name" not in body:
        return None
    return Delivery(**{name: str(body[_PREFIX + name]) for name in _FIELDS})
