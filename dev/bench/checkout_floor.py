"""The checkout's floor: a bare Django cursor that writes the rows which a step of the real one wrote.

One real purchase is watched: which rows did each step insert and change, in which tables? The floor then writes the
same rows to copies of those tables (same columns, checks and indexes, no triggers), one INSERT or UPDATE per table,
in one transaction per transaction of the step. It decides, validates, prices and renders nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

_PREFIXES = ("orders_", "payments_", "payouts_", "catalog_", "common_", "ledger_")
Rows = dict[Any, tuple[Any, ...]]


@dataclass(frozen=True)
class Change:
    """What one step did to one table: full rows, as the database gives them."""

    table: str
    columns: tuple[str, ...]
    inserted: list[tuple[Any, ...]]
    updated: list[tuple[Any, ...]]


def watch(call: Callable[[], object]) -> list[Change]:
    """Runs the step and tells what it wrote."""
    before = {table: _rows(table) for table in _tables()}
    call()
    changes = []
    for table, (columns, old) in before.items():
        _, new = _rows(table)
        inserted = [row for key, row in new.items() if key not in old]
        updated = [row for key, row in new.items() if key in old and old[key] != row]
        if inserted or updated:
            changes.append(Change(table, columns, inserted, updated))
    return changes


def prepare(changes: list[Change]) -> None:
    """Makes the copies of the tables."""
    with connection.cursor() as cursor:
        for change in changes:
            cursor.execute(f'DROP TABLE IF EXISTS "floor_{change.table}"')
            cursor.execute(f'CREATE TABLE "floor_{change.table}" (LIKE "{change.table}" INCLUDING ALL)')
            _write(cursor, change, change.updated)


def write(changes: list[Change]) -> None:
    """The floor itself: this is what is timed."""
    with transaction.atomic(), connection.cursor() as cursor:
        for change in changes:
            if change.inserted:
                _write(cursor, change, change.inserted)
            if change.updated:
                _change(cursor, change)


def clean(changes: list[Change]) -> None:
    """Takes back what was inserted, for the next round; not timed."""
    with connection.cursor() as cursor:
        for change in changes:
            cursor.execute(f'DELETE FROM "floor_{change.table}"')
            _write(cursor, change, change.updated)


def _write(cursor: Any, change: Change, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in change.columns)
    marks = ", ".join("(" + ", ".join(["%s"] * len(change.columns)) + ")" for _ in rows)
    values = [_adapted(value) for row in rows for value in row]
    cursor.execute(f'INSERT INTO "floor_{change.table}" ({names}) OVERRIDING SYSTEM VALUE VALUES {marks}', values)


def _change(cursor: Any, change: Change) -> None:
    # The last columns stand for what changes: as many bytes are written however many columns are named.
    sets = ", ".join(f'"{name}" = %s' for name in change.columns[1:])
    for row in change.updated:
        cursor.execute(
            f'UPDATE "floor_{change.table}" SET {sets} WHERE "{change.columns[0]}" = %s',
            [*(_adapted(value) for value in row[1:]), row[0]],
        )


def _tables() -> list[str]:
    names = connection.introspection.table_names()
    return [name for name in names if name.startswith(_PREFIXES)]


def _rows(table: str) -> tuple[tuple[str, ...], Rows]:
    with connection.cursor() as cursor:
        key_length = 2 if table == "ledger_posting" else 1
        cursor.execute(f'SELECT * FROM "{table}"')
        columns = tuple(column[0] for column in cursor.description)
        return columns, {row[:key_length]: row for row in cursor.fetchall()}


def _adapted(value: Any) -> Any:
    if isinstance(value, dict | list):
        from psycopg.types.json import Jsonb

        return Jsonb(value)
    return value
