"""Stripe's form encoding: `a[b]=c`, `e[]=x`, `e[0]=x` -> nested objects whose leaves are texts."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.contract import ParameterInvalid

_HEAD = re.compile(r"[^\[]*")
_PARTS = re.compile(r"\[([^\[\]]*)\]")


def parse(text: str) -> dict[str, Any]:
    """Lists stay objects with numbers as keys; the contract says what is a list. Raises ParameterInvalid."""
    parsed: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = _HEAD.match(name)
        path = [head[0] if head else name, *_PARTS.findall(name)]
        node = parsed
        for part in path[:-1]:
            node = node.setdefault(part or str(len(node)), {})
            if not isinstance(node, dict):
                raise ParameterInvalid(f"Invalid parameter nesting: {name}", param=path[0])
        last = path[-1] or str(len(node))
        if isinstance(node.get(last), dict):
            raise ParameterInvalid(f"Invalid parameter nesting: {name}", param=path[0])
        node[last] = value
    return parsed


def flatten(values: dict[str, Any], at: str = "") -> dict[str, str]:
    """The other way round, to one line per leaf in bracket notation."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        name = f"{at}[{key}]" if at else key
        if isinstance(value, dict):
            flat.update(flatten(value, name))
        else:
            flat[name] = str(value)
    return flat
