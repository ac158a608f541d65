"""The checkout's floor: a bare Django cursor that writes the rows which a step of the real one wrote.

One real purchase is watched: which rows did each transaction of each step insert and change, in which tables? The
floor then writes the same rows to copies of those tables (same columns, checks, indexes and foreign keys, no triggers)
with one INSERT and one UPDATE per table, in as many transactions as the step had. Before that it reads what no
implementation can do without, from the real tables: the cart with goods and postage; the order, locked; its payment,
locked; who sells the parts. It decides, validates, prices and renders nothing, and looks for nothing that may have
happened before. Its statements never change, so PostgreSQL has them all prepared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

_PREFIXES = ("orders_", "payments_", "payouts_", "catalog_", "common_", "ledger_")
_CART = (
    "SELECT c.public_id, c.currency, i.quantity, p.id, p.public_id, p.title, p.slug, p.price_minor, p.stock_on_hand,"
    " p.stock_reserved, p.is_made_to_order, p.is_published, p.image, a.id, a.public_id, a.name, a.slug,"
    " a.shipping_first_item_minor, a.shipping_additional_item_minor, a.is_published"
    " FROM orders_cart c JOIN orders_cartitem i ON i.cart_id = c.id JOIN catalog_product p ON p.id = i.product_id"
    " JOIN catalog_artisan a ON a.id = p.artisan_id WHERE c.guest_scope = %(scope)s"
)
_ORDER = (
    "SELECT id, status, total_minor, currency, quote_hash, email, expires_at FROM orders_order"
    " WHERE public_id = %(order)s FOR UPDATE"
)
_PAYMENT = (
    "SELECT id, public_id, status, processor_payment_id, amount_minor FROM payments_payment"
    " WHERE order_reference = %(order)s FOR UPDATE"
)
_PARTS = (
    "SELECT s.public_id, s.share_minor, s.commission_minor, a.id, a.public_id FROM orders_sellerorder s"
    " JOIN catalog_artisan a ON a.id = s.artisan_id JOIN orders_order o ON o.id = s.order_id"
    " WHERE o.public_id = %(order)s"
)
# What each transaction of a step reads first.
_READS = {"create": [[_CART]], "confirm": [[_ORDER], [_PAYMENT]], "settle": [[_ORDER, _PAYMENT, _PARTS]]}

Row = tuple[Any, ...]
Snapshot = dict[str, tuple[tuple[str, ...], dict[Row, Row]]]


@dataclass(frozen=True)
class Change:
    """What one transaction did to one table. The first column of a row is its key.

    `inserted` are whole rows. `before` are the rows that were changed, as they had been, and `after` the key and the
    `changed` columns of each as they became.
    """

    table: str
    columns: tuple[str, ...]
    inserted: list[Row]
    before: list[Row]
    changed: tuple[str, ...]
    after: list[Row]


class Floor:
    """The floor of one step, of a purchase of one size."""

    def __init__(self, name: str, call: Callable[[], object]) -> None:
        """Runs the step, and makes ready to write what it wrote."""
        self._step = name
        self._transactions = _watch(call)
        self._reads = _READS[name]
        if len(self._reads) != len(self._transactions):
            raise RuntimeError(f"{name} has {len(self._transactions)} transactions; the floor knows {len(self._reads)}")
        with connection.cursor() as cursor:
            for number, changes in enumerate(self._transactions):
                for change in changes:
                    _copy_table(cursor, change.table, self._copy(number, change))
                    _insert(cursor, self._copy(number, change), change.columns, change.before)
            self._types = {change.table: _types(cursor, change.table) for all_ in self._transactions for change in all_}

    def write(self, ids: Mapping[str, str]) -> None:
        """The floor itself: this is what is timed. `ids` name the cart and the order to read."""
        for number, (reads, changes) in enumerate(zip(self._reads, self._transactions, strict=True)):
            with transaction.atomic(), connection.cursor() as cursor:
                for read in reads:
                    cursor.execute(read, ids)
                    cursor.fetchall()
                for change in changes:
                    _insert(cursor, self._copy(number, change), change.columns, change.inserted)
                    self._update(cursor, self._copy(number, change), change)

    def clean(self) -> None:
        """Puts the copies back to what they were, for the next round; not timed."""
        with transaction.atomic(), connection.cursor() as cursor:
            for number, changes in enumerate(self._transactions):
                for change in changes:
                    cursor.execute(f'DELETE FROM "{self._copy(number, change)}"')
                    _insert(cursor, self._copy(number, change), change.columns, change.before)

    def _copy(self, number: int, change: Change) -> str:
        return f"floor_{self._step}{number}_{change.table}"

    def _update(self, cursor: Any, copy: str, change: Change) -> None:
        if not change.after:
            return
        key, types = change.columns[0], self._types[change.table]
        sets = ", ".join(f'"{name}" = v."{name}"' for name in change.changed)
        columns = (key, *change.changed)
        marks = "(" + ", ".join(f"%s::{types[name]}" for name in columns) + ")"
        cursor.execute(
            f'UPDATE "{copy}" t SET {sets} FROM (VALUES {", ".join([marks] * len(change.after))})'
            f' AS v ({", ".join(_quoted(columns))}) WHERE t."{key}" = v."{key}"',
            [_adapted(value) for row in change.after for value in row],
        )


def _watch(call: Callable[[], object]) -> list[list[Change]]:
    """Runs the step and tells what each of its transactions wrote."""
    snapshots = [_snapshot()]
    commit = connection.commit

    def watched_commit() -> None:
        commit()
        snapshots.append(_snapshot())
        commit()  # what the reading has begun

    with patch.object(connection, "commit", watched_commit):
        call()
    return [_changes(old, new) for old, new in pairwise(snapshots)]


def _snapshot() -> Snapshot:
    names = [name for name in connection.introspection.table_names() if name.startswith(_PREFIXES)]
    return {name: _rows(name) for name in names}


def _rows(table: str) -> tuple[tuple[str, ...], dict[Row, Row]]:
    with connection.cursor() as cursor:
        key_length = 2 if table == "ledger_posting" else 1
        cursor.execute(f'SELECT * FROM "{table}"')
        columns = tuple(column[0] for column in cursor.description)
        return columns, {row[:key_length]: row for row in cursor.fetchall()}


def _changes(before: Snapshot, after: Snapshot) -> list[Change]:
    changes = []
    for table, (columns, old) in before.items():
        new = after[table][1]
        inserted = [row for key, row in new.items() if key not in old]
        updated = [(old[key], row) for key, row in new.items() if key in old and old[key] != row]
        places = [n for n in range(len(columns)) if any(was[n] != now[n] for was, now in updated)]
        if inserted or updated:
            changes.append(
                Change(
                    table=table,
                    columns=columns,
                    inserted=inserted,
                    before=[was for was, _ in updated],
                    changed=tuple(columns[n] for n in places),
                    after=[(now[0], *(now[n] for n in places)) for _, now in updated],
                )
            )
    return changes


def _copy_table(cursor: Any, table: str, copy: str) -> None:
    cursor.execute(f'DROP TABLE IF EXISTS "{copy}"')
    cursor.execute(f'CREATE TABLE "{copy}" (LIKE "{table}" INCLUDING ALL)')
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE "{copy}" ADD CONSTRAINT "{name}" {definition}')


def _types(cursor: Any, table: str) -> dict[str, str]:
    cursor.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
        [table],
    )
    return dict(cursor.fetchall())


def _insert(cursor: Any, table: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    if not rows:
        return
    marks = "(" + ", ".join(["%s"] * len(columns)) + ")"
    cursor.execute(
        f'INSERT INTO "{table}" ({", ".join(_quoted(columns))}) OVERRIDING SYSTEM VALUE'
        f" VALUES {', '.join([marks] * len(rows))}",
        [_adapted(value) for row in rows for value in row],
    )


def _quoted(names: tuple[str, ...]) -> list[str]:
    return [f'"{name}"' for name in names]


def _adapted(value: Any) -> Any:
    if isinstance(value, dict | list):
        from psycopg.types.json import Jsonb

        return Jsonb(value)
    return value
