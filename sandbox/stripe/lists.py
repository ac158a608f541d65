"""List pages: https://docs.stripe.com/api/pagination"""

import json
from collections.abc import Sequence
from typing import Any

from sandbox.store import FILTERS, Document, field_is
from sandbox.stripe import views
from sandbox.stripe.errors import ApiError, missing_object
from sandbox.stripe.work import Work

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(work: Work, kind: str, *, url: str, where: Sequence[tuple[str, Any]] = ()) -> Document:
    """Newest first, filtered by the parameters that every list has and by the kind's own. Raises ApiError."""
    params = work.params
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError(400, "Invalid limit: must be between 1 and 100", code="parameter_invalid_integer", param="limit")
    conditions = [*where, *_created(params.get("created"))]
    conditions += [
        (field_is(name), params[name]) for name in FILTERS.get(kind, ()) if name in params and kind != "event"
    ]
    backwards = "ending_before" in params
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            position = work.store.position(params[name])
            if position is None:
                raise missing_object(kind, params[name], param=name)
            conditions.append((f"seq {comparison} ?", position))
    found = work.store.select(kind, account=work.account, where=conditions, limit=limit + 1, newest_first=not backwards)
    data = found[:limit]
    if backwards:
        data.reverse()
    return {
        "object": "list",
        "data": [views.public(work, document) for document in data],
        "has_more": len(found) > limit,
        "url": url,
    }


def one_of(field: str, values: Sequence[str]) -> tuple[str, Any]:
    """The condition that a field is one of several texts."""
    condition = field_is(field).removesuffix("= ?") + "IN (SELECT value FROM json_each(?))"  # noqa: S608 - a name from this code
    return condition, json.dumps(list(values))


def between(field: str, value: int | dict[str, int] | None) -> list[tuple[str, Any]]:
    """The conditions that a number of the document is the one asked for, or within bounds."""
    return _range(f"json_extract(document, '$.{field}')", value)


def _created(value: int | dict[str, int] | None) -> list[tuple[str, Any]]:
    return _range("created", value)


def _range(expression: str, value: int | dict[str, int] | None) -> list[tuple[str, Any]]:
    if value is None:
        return []
    if isinstance(value, int):
        return [(f"{expression} = ?", value)]
    return [(f"{expression} {_COMPARISONS[name]} ?", bound) for name, bound in value.items()]
