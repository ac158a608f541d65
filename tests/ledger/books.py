"""Accounts, lines and raw SQL for the tests of the books."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from django.db import connection

from common.money import Money
from ledger import services
from ledger.contracts import AccountSpec, Line, PostedEntry
from ledger.enums import AccountType

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def account(
    name: str,
    *,
    currency: str = "EUR",
    account_type: AccountType = AccountType.ASSET,
    is_hot: bool = False,
    bounded: bool = False,
    owner: str = "",
) -> AccountSpec:
    return AccountSpec(
        code=f"{name}:{currency}",
        type=account_type,
        currency=currency,
        name=name,
        owner_reference=owner,
        is_hot=is_hot,
        may_go_negative=not bounded,
    )


def lines(*sides: tuple[AccountSpec | str, int]) -> tuple[Line, ...]:
    """Lines of amounts in each account's currency, debit positive."""
    return tuple(Line(side, Money(minor, _code(side)[-3:])) for side, minor in sides)


def post(*sides: tuple[AccountSpec | str, int], source: str = "", kind: str = "test") -> PostedEntry:
    """Posts an entry; each call is another fact unless a source is given."""
    return services.post_entry(
        kind=kind, source_reference=source or f"fact:{next(_numbers)}", effective_at=NOW, lines=lines(*sides)
    )


def sql(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters) or None)
        return list(cursor.fetchall()) if cursor.description else []


def count(table: str) -> int:
    return int(sql(f"SELECT count(*) FROM {table}")[0][0])


def _code(side: AccountSpec | str) -> str:
    return side if isinstance(side, str) else side.code
