"""Statements: an account's postings in the order they were posted, page by page, with the running balance.

A page costs the same wherever it lies: it begins at a key, and its opening balance is read as any balance is. On a hot
account the order between slots is that of `posted_at`, then of entries.
"""

import datetime as dt
from typing import Any

from django.db import connection

from common.money import Money
from ledger.contracts import StatementLine, StatementPage

MAX_PAGE_SIZE = 500
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_END = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class InvalidCursor(ValueError):
    """A cursor that no page gave out."""


# The last posting of a slot at or before a key (time, entry), found from the last mark in time before it.
_UP_TO = """
       CROSS JOIN LATERAL (
         SELECT coalesce((SELECT k.sequence FROM ledger_posting k
                           WHERE k.account_id = a.id AND k.slot = s.slot AND (k.sequence %% 16 = 0 OR k.slot > 0)
                             AND k.posted_at <= %s AND (k.posted_at, k.entry_id) <= (%s, %s)
                           ORDER BY k.posted_at DESC, k.sequence DESC LIMIT 1), 0)) AS {name}_mark(sequence)
       LEFT JOIN LATERAL (
         SELECT q.sequence, q.balance_minor FROM ledger_posting q
          WHERE q.account_id = a.id AND q.slot = s.slot
            AND q.sequence >= {name}_mark.sequence AND q.sequence < {name}_mark.sequence + 16
            AND (q.posted_at, q.entry_id) <= (%s, %s)
          ORDER BY q.sequence DESC LIMIT 1) AS {name} ON true
"""
_SLOTS = """
      FROM ledger_account a
     CROSS JOIN LATERAL generate_series(0, CASE WHEN a.is_hot THEN 15 ELSE 0 END) AS s(slot)
"""
_FIRST, _LAST = _UP_TO.format(name="before"), _UP_TO.format(name="until")
_OPENING = f"SELECT coalesce(sum(before.balance_minor), 0)::bigint {_SLOTS} {_FIRST} WHERE a.code = %s"
_LINES = f"""
    SELECT p.entry_id, p.line, e.kind, e.source_reference, e.description, e.effective_at, p.posted_at, p.amount_minor
      FROM (SELECT l.* {_SLOTS} {_FIRST} {_LAST}
             CROSS JOIN LATERAL (SELECT r.entry_id, r.line, r.posted_at, r.amount_minor FROM ledger_posting r
                                  WHERE r.account_id = a.id AND r.slot = s.slot
                                    AND r.sequence > coalesce(before.sequence, 0)
                                    AND r.sequence <= coalesce(until.sequence, 0)
                                  ORDER BY r.sequence LIMIT %s) AS l
             WHERE a.code = %s
             ORDER BY l.posted_at, l.entry_id LIMIT %s) p
      JOIN ledger_journalentry e ON e.id = p.entry_id
     ORDER BY p.posted_at, p.entry_id
"""  # noqa: S608 - constants only


def statement(
    account_code: str,
    *,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    cursor: str = "",
    page_size: int = 100,
) -> StatementPage:
    """Postings from `start` (included) to `end` (not included) by `posted_at`, after `cursor` if one is given.

    `cursor` is a page's `next_cursor`. Raises InvalidCursor.
    """
    size = min(max(page_size, 1), MAX_PAGE_SIZE)
    after_at, after_entry = _read_cursor(cursor) if cursor else (start or _BEGINNING, 0)
    before = end or _END  # entries are numbered from 1: the key (end, 0) lies before all of that moment
    with connection.cursor() as database:
        after: list[Any] = [after_at, after_at, after_entry, after_at, after_entry]
        database.execute(_OPENING, [*after, account_code])
        opening = database.fetchone()[0]
        until: list[Any] = [before, before, 0, before, 0]
        database.execute(_LINES, [*after, *until, size + 1, account_code, size + 1])
        rows = database.fetchall()
    currency = account_code[-3:]
    running = opening
    lines = []
    for entry_id, line, kind, source, description, effective_at, posted_at, minor in rows[:size]:
        running += minor
        lines.append(
            StatementLine(
                entry_id=entry_id,
                line=line,
                kind=kind,
                source_reference=source,
                description=description,
                effective_at=effective_at,
                posted_at=posted_at,
                amount=Money(minor, currency),
                balance=Money(running, currency),
            )
        )
    return StatementPage(
        code=account_code,
        opening=Money(opening, currency),
        lines=tuple(lines),
        closing=Money(running, currency),
        next_cursor=_cursor_of(lines[-1]) if len(rows) > size else "",
    )


def _cursor_of(line: StatementLine) -> str:
    return f"{line.posted_at.isoformat()}~{line.entry_id}"


def _read_cursor(cursor: str) -> tuple[dt.datetime, int]:
    text, _, entry_id = cursor.partition("~")
    try:
        at = dt.datetime.fromisoformat(text)
        entry = int(entry_id)
    except ValueError as error:
        raise InvalidCursor(cursor[:80]) from error
    if at.tzinfo is None:
        raise InvalidCursor(cursor[:80])
    return at, entry
