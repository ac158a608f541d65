"""Keep what a statement says: each line once, however often it is read."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

from payments.contracts import MovementFound

LINES_AT_ONCE = 1000
_INSERT = """
    INSERT INTO reconciliation_statementline
        (source, external_id, kind, gross_minor, fee_minor, net_minor, currency, occurred_at, available_on, subject_key,
         related_id, payout_id, raw_type, description, origin, recorded_at)
    SELECT %s, external_id, kind, gross, fee, gross - fee, currency, occurred_at, available_on, subject_key,
           related_id, payout_id, raw_type, description, %s, %s
    FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],
                %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
         AS given (external_id, kind, gross, fee, currency, occurred_at, available_on, subject_key, related_id,
                   payout_id, raw_type, description)
    ON CONFLICT (source, external_id) DO NOTHING
"""
_CHANGED = """
    SELECT given.external_id
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS given (external_id, gross, fee, currency)
    JOIN reconciliation_statementline l ON l.source = %s AND l.external_id = given.external_id
    WHERE (l.gross_minor, l.fee_minor, l.currency) <> (given.gross, given.fee, given.currency)
"""


class StatementContradiction(RuntimeError):
    """A statement gives other figures for a movement than it gave before. Nobody may go on as if nothing was."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How many lines were read, and how many of them were new."""

    read: int = 0
    added: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.read + other.read, self.added + other.added)


def store_lines(*, source: str, movements: Iterable[MovementFound], origin: str, now: dt.datetime) -> Stored:
    """Stores what is new of them, a thousand at a time as they are read, each thousand in a transaction of its own.

    Raises StatementContradiction, and what reading raises; what was read before is kept.
    """
    iterator, total = iter(movements), Stored()
    while batch := list(islice(iterator, LINES_AT_ONCE)):
        total += _store(source, batch, origin, now)
    return total


def _store(source: str, batch: Sequence[MovementFound], origin: str, now: dt.datetime) -> Stored:
    columns: list[list[Any]] = [
        [line.external_id for line in batch], [line.kind.value for line in batch],
        [line.gross.amount_minor for line in batch], [line.fee.amount_minor for line in batch],
        [line.gross.currency for line in batch], [line.occurred_at for line in batch],
        [line.available_on for line in batch], [line.subject_id for line in batch],
        [line.related_id for line in batch], [line.payout_id for line in batch],
        [line.raw_type[:60] for line in batch], [line.description[:255] for line in batch],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [source, origin[:100], now, *columns])
        added = cursor.rowcount
        if added < len(batch):
            cursor.execute(_CHANGED, [columns[0], columns[2], columns[3], columns[4], source])
            changed = [row[0] for row in cursor.fetchall()]
            if changed:
                raise StatementContradiction(f"{source} gives other figures than before for {', '.join(changed[:5])}")
    return Stored(read=len(batch), added=added)
