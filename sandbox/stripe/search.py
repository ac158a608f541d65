"""Search: https://docs.stripe.com/search (field:"value", metadata["key"]:"value", comparisons, AND or OR, - to negate)

Stripe finds new and changed objects after up to a minute; the setting `search_delay_seconds` brings that on.
"""

import re
from typing import Any

from sandbox.store import Document
from sandbox.stripe import views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.work import Work

_CLAUSE = re.compile(
    r"""\s*(?P<negated>-)?(?:(?P<field>[a-z_]+)|metadata\[(?P<quote>['"])(?P<key>[^'"]+)(?P=quote)\])"""
    r"""\s*(?P<operator>:|~|>=|<=|>|<)\s*(?:(?P<text_quote>['"])(?P<text>.*?)(?P=text_quote)|(?P<bare>[\w.]+))\s*""",
    re.ASCII,
)
_FIELDS = {
    "payment_intent": ("amount", "created", "currency", "customer", "status"),
    "charge": ("amount", "created", "currency", "customer", "status", "payment_intent", "disputed", "refunded"),
}
_NUMBERS = ("amount", "created")


def page(work: Work, kind: str, *, url: str) -> Document:
    """Newest first. Raises ApiError for a query that cannot be read."""
    condition, values = _condition(work.params["query"], kind)
    limit = work.params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError(400, "Invalid limit: must be between 1 and 100", code="parameter_invalid_integer", param="limit")
    delay = work.option("search_delay_seconds", 0)
    before = work.params.get("page")
    rows = work.store.sql.execute(
        f"SELECT seq, id FROM objects WHERE object = ? AND account = ? AND created <= ? AND seq < ? AND ({condition}) "  # noqa: S608
        "ORDER BY seq DESC LIMIT ?",
        (kind, work.account, work.now - delay, int(before) if before else 2**62, *values, limit + 1),
    ).fetchall()
    found = [work.store.find(row["id"]) for row in rows[:limit]]
    more = len(rows) > limit
    return {
        "object": "search_result",
        "data": [views.public(work, item[0]) for item in found if item is not None],
        "has_more": more,
        "next_page": str(rows[limit - 1]["seq"]) if more else None,
        "url": url,
    }


def _condition(query: str, kind: str) -> tuple[str, list[Any]]:
    """SQL for the query. Only this table's names and placeholders go into it."""
    position, sql, values, joiners = 0, "", [], set[str]()
    while True:
        match = _CLAUSE.match(query, position)
        if match is None:
            raise _unreadable(query)
        clause, value = _clause(match, kind, query)
        sql += clause
        values += value
        position = match.end()
        if position >= len(query):
            return sql, values
        joiner = re.compile(r"(AND|OR)\s", re.IGNORECASE).match(query, position)
        word = joiner[1].upper() if joiner else "AND"
        joiners.add(word)
        if len(joiners) > 1:
            raise ApiError(400, "We were unable to parse your search query: AND and OR cannot be mixed.", param="query")
        sql += f" {word} "
        position = joiner.end() if joiner else position


def _clause(match: re.Match[str], kind: str, query: str) -> tuple[str, list[Any]]:
    field, key, operator = match["field"], match["key"], match["operator"]
    raw: str = match["text"] if match["text_quote"] else match["bare"]
    if key is not None:
        column, parameters = "json_extract(document, '$.metadata.' || json_quote(?))", [key]
    elif field in _FIELDS[kind]:
        column, parameters = f"json_extract(document, '$.{field}')", []
    else:
        raise ApiError(400, f"Field `{field}` is an unsupported search field for resource `{kind}s`.", param="query")
    value: Any = raw
    if field in _NUMBERS or operator in (">", ">=", "<", "<="):
        if not raw.isdigit():
            raise _unreadable(query)
        value = int(raw)
    elif raw in ("true", "false") and not match["text_quote"]:
        value = int(raw == "true")
    if operator == "~":
        sql = f"{column} LIKE '%' || ? || '%'"
    elif raw == "null" and not match["text_quote"]:
        return f"{column} IS {'NOT ' if match['negated'] else ''}NULL", parameters
    else:
        sql = f"{column} {'=' if operator == ':' else operator} ?"
    return (f"NOT COALESCE({sql}, 0)" if match["negated"] else f"COALESCE({sql}, 0)"), [*parameters, value]


def _unreadable(query: str) -> ApiError:
    return ApiError(
        400,
        f"We were unable to parse your search query: `{query}`. See https://stripe.com/docs/search#search-query-language",
        param="query",
    )
