"""Shapes of values. Each one reads a form parameter (all text) and checks a value that we are about to answer."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_WHOLE = re.compile(r"-?\d{1,18}\Z", re.ASCII)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)


class ParameterInvalid(Exception):
    """A parameter that Stripe would refuse before it starts on the request. Texts and codes are Stripe's."""

    def __init__(self, message: str, *, param: str, code: str = "") -> None:
        super().__init__(message)
        self.message, self.param, self.code = message, param, code


def inside(at: str, name: str) -> str:
    """The bracket notation of a nested parameter."""
    return f"{at}[{name}]" if at else name


class Shape:
    def read(self, raw: Any, at: str) -> Any:
        """The value of the parameter `at` from its text, or ParameterInvalid."""
        raise NotImplementedError

    def faults(self, value: Any, at: str) -> Iterator[str]:
        """What is wrong with `value` as part of an answer."""
        raise NotImplementedError


class Anything(Shape):
    def read(self, raw: Any, at: str) -> Any:
        return raw

    def faults(self, value: Any, at: str) -> Iterator[str]:
        return iter(())


class Null(Shape):
    def read(self, raw: Any, at: str) -> Any:
        raise ParameterInvalid(f"Invalid value for {at}", param=at)

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if value is not None:
            yield f"{at}: {value!r} is not null"


class Text(Shape):
    def read(self, raw: Any, at: str) -> str:
        if not isinstance(raw, str):
            raise ParameterInvalid(f"Invalid string: {json.dumps(raw)}", param=at)
        if raw == "":
            raise ParameterInvalid(
                f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{at}' cannot be unset. You should remove '{at}' from your request or supply a non-empty "
                "value.",
                param=at,
                code="parameter_invalid_empty",
            )
        return raw

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at}: {value!r} is not a string"


class Whole(Shape):
    def read(self, raw: Any, at: str) -> int:
        if not isinstance(raw, str) or not _WHOLE.match(raw):
            raise ParameterInvalid(
                f"Invalid integer: {raw if isinstance(raw, str) else json.dumps(raw)}",
                param=at,
                code="parameter_invalid_integer",
            )
        return int(raw)

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if type(value) is not int:
            yield f"{at}: {value!r} is not an integer"


class Number(Shape):
    def read(self, raw: Any, at: str) -> float:
        if not isinstance(raw, str) or not _DECIMAL.match(raw):
            raise ParameterInvalid(f"Invalid decimal: {raw}", param=at)
        return float(raw)

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if type(value) not in (int, float):
            yield f"{at}: {value!r} is not a number"


class DecimalText(Shape):
    def read(self, raw: Any, at: str) -> str:
        if not isinstance(raw, str) or not _DECIMAL.match(raw):
            raise ParameterInvalid(f"Invalid decimal: {raw}", param=at)
        return raw

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or not _DECIMAL.match(value):
            yield f"{at}: {value!r} is not a decimal in text"


class Flag(Shape):
    def read(self, raw: Any, at: str) -> bool:
        if raw not in ("true", "false"):
            raise ParameterInvalid(f"Invalid boolean: {raw}", param=at)
        return bool(raw == "true")

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if type(value) is not bool:
            yield f"{at}: {value!r} is not a boolean"


@dataclass(frozen=True)
class OneOf(Shape):
    """A list of known values. The package marks most of them open (`Literal[...] | str`); Stripe refuses others."""

    values: tuple[Any, ...]

    def read(self, raw: Any, at: str) -> Any:
        if isinstance(raw, str):
            for value in self.values:
                if raw == (value if isinstance(value, str) else json.dumps(value)):
                    return value
        names = [str(value) for value in self.values if value != ""]
        listed = ", ".join(names[:-1]) + f", or {names[-1]}" if len(names) > 2 else " or ".join(names)
        raise ParameterInvalid(f"Invalid {at}: must be one of {listed}" if names else f"Invalid {at}", param=at)

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if value not in self.values:
            yield f"{at}: {value!r} is none of the known values"


@dataclass(frozen=True)
class Array(Shape):
    item: Shape

    def read(self, raw: Any, at: str) -> list[Any]:
        if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
            raise ParameterInvalid("Invalid array", param=at)
        return [self.item.read(raw[key], inside(at, key)) for key in sorted(raw, key=int)]

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at}: {type(value).__name__} is not a list"
            return
        for index, item in enumerate(value):
            yield from self.item.faults(item, f"{at}[{index}]")


@dataclass(frozen=True)
class Keyed(Shape):
    """Free keys, one shape of value. As parameters they are metadata, where an empty text removes the key."""

    item: Shape

    def read(self, raw: Any, at: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise ParameterInvalid("Invalid object", param=at)
        return {key: "" if value == "" else self.item.read(value, inside(at, key)) for key, value in raw.items()}

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: {type(value).__name__} is not an object"
            return
        for key, item in value.items():
            yield from self.item.faults(item, f"{at}.{key}")


@dataclass
class Struct(Shape):
    """Named fields. They are resolved on first use: a parameter that nobody sends costs nothing."""

    name: str
    resolve: Callable[[], tuple[dict[str, Shape], frozenset[str]]]

    @cached_property
    def _resolved(self) -> tuple[dict[str, Shape], frozenset[str]]:
        return self.resolve()

    @property
    def fields(self) -> dict[str, Shape]:
        return self._resolved[0]

    @property
    def required(self) -> frozenset[str]:
        return self._resolved[1]

    def read(self, raw: Any, at: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise ParameterInvalid("Invalid object", param=at)
        unknown = [inside(at, name) for name in raw if name not in self.fields]
        if unknown:
            raise ParameterInvalid(
                f"Received unknown parameter{'s' if len(unknown) > 1 else ''}: {', '.join(unknown)}",
                param=unknown[0],
                code="parameter_unknown",
            )
        missing = sorted(self.required - raw.keys(), key=list(self.fields).index)
        if missing:
            param = inside(at, missing[0])
            raise ParameterInvalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
        return {name: self.fields[name].read(value, inside(at, name)) for name, value in raw.items()}

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: {type(value).__name__} is not a {self.name}"
            return
        if not self.fields:
            return
        for name in value.keys() - self.fields.keys():
            yield f"{at}.{name}: {self.name} has no such field"
        # What was deleted is answered as its id and that it is gone.
        required = {"id", "object"} if value.get("deleted") is True and "deleted" in self.fields else self.required
        for name in required - value.keys():
            yield f"{at}.{name}: missing in {self.name}"
        for name, item in value.items():
            if name in self.fields:
                yield from self.fields[name].faults(item, f"{at}.{name}")


@dataclass(frozen=True)
class Union(Shape):
    options: tuple[Shape, ...]

    def read(self, raw: Any, at: str) -> Any:
        nested = isinstance(raw, dict)
        fitting = [option for option in self.options if isinstance(option, Struct | Array | Keyed) == nested]
        refusal = ParameterInvalid(f"Invalid value for {at}", param=at)
        first = True
        # Texts last: they take whatever the others refuse.
        for option in sorted(fitting or self.options, key=lambda option: isinstance(option, Text)):
            try:
                return option.read(raw, at)
            except ParameterInvalid as error:
                refusal, first = (error if first else refusal), False
        raise refusal

    def faults(self, value: Any, at: str) -> Iterator[str]:
        # An object says which of several it is in its field `object`.
        told: list[str] = []
        for option in self.options:
            found = list(option.faults(value, at))
            if not found:
                return
            if isinstance(value, Mapping) == isinstance(option, Struct | Keyed) and (
                not told or len(found) < len(told)
            ):
                told = found
        yield from told or [f"{at}: {value!r} fits none of the types"]
