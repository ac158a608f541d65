"""Shapes of requests, and what PayPal says when a request has another shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sandbox.paypal.errors import Detail


@dataclass(frozen=True)
class Text:
    shortest: int = 0
    longest: int = 10_000
    pattern: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flag:
    pass


@dataclass(frozen=True)
class Anything:
    pass


@dataclass(frozen=True)
class Many:
    item: "Shape"
    fewest: int = 0
    most: int = 1_000


@dataclass(frozen=True)
class Object:
    fields: Mapping[str, "Shape"]
    required: tuple[str, ...] = field(default=())


Shape = Text | Flag | Anything | Many | Object


def faults(shape: Shape, value: Any, *, strict: bool, at: str = "") -> Iterator[Detail]:
    """What is wrong with a value; `at` is the JSON pointer to it. Unknown fields are wrong only where `strict`."""
    if isinstance(shape, Text):
        yield from _text(shape, value, at)
    elif isinstance(shape, Flag):
        if not isinstance(value, bool):
            yield _detail("INVALID_PARAMETER_SYNTAX", at, value)
    elif isinstance(shape, Many):
        yield from _many(shape, value, strict, at)
    elif isinstance(shape, Object):
        yield from _object(shape, value, strict, at)


def _text(shape: Text, value: Any, at: str) -> Iterator[Detail]:
    if not isinstance(value, str):
        yield _detail("INVALID_PARAMETER_SYNTAX", at, value)
    elif not shape.shortest <= len(value) <= shape.longest:
        yield _detail("INVALID_STRING_LENGTH", at, value)
    elif shape.values and value not in shape.values:
        yield _detail("INVALID_PARAMETER_VALUE", at, value)
    elif shape.pattern and not _compiled(shape.pattern).fullmatch(value):
        yield _detail("INVALID_PARAMETER_SYNTAX", at, value)


def _many(shape: Many, value: Any, strict: bool, at: str) -> Iterator[Detail]:
    if not isinstance(value, list):
        yield _detail("INVALID_PARAMETER_SYNTAX", at, value)
        return
    if len(value) < shape.fewest:
        yield _detail("INVALID_ARRAY_MIN_ITEMS", at, None)
    if len(value) > shape.most:
        yield _detail("INVALID_ARRAY_MAX_ITEMS", at, None)
    for number, item in enumerate(value):
        yield from faults(shape.item, item, strict=strict, at=f"{at}/{number}")


def _object(shape: Object, value: Any, strict: bool, at: str) -> Iterator[Detail]:
    if not isinstance(value, dict):
        yield _detail("INVALID_PARAMETER_SYNTAX", at, value)
        return
    for name in shape.required:
        if value.get(name) is None:
            yield _detail("MISSING_REQUIRED_PARAMETER", f"{at}/{name}", None)
    for name, given in value.items():
        known = shape.fields.get(name)
        if known is not None and given is not None:
            yield from faults(known, given, strict=strict, at=f"{at}/{name}")
        elif known is None and strict:
            yield _detail("INVALID_PARAMETER_SYNTAX", f"{at}/{name}", None)


def _detail(issue: str, at: str, value: Any) -> Detail:
    detail: Detail = {"field": at or "/", "location": "body", "issue": issue}
    if isinstance(value, str):
        detail["value"] = value
    return detail


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
