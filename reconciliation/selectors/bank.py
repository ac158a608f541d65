"""The third leg: payouts of processors against the statement of our own bank.

A bank names no payout. A line is a payout's when it names its processor, has its amount and currency, and comes within
days of the promised date; of several alike the first payout gets the first line. That is all a bank tells, and where
two alike change places nothing is lost.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from reconciliation.models import StatementLine

# Banks need a day or two after the processor's date, and weekends do not count.
DAYS_EARLY, DAYS_LATE = 3, 5
_NAMES = "(stripe|paypal)"
_IN_THE_QUEUE = """
    SELECT subject_key FROM reconciliation_reconciliationexception
    WHERE source = 'bank' AND status IN ('open', 'dismissed')
"""
_PAIRS = f"""
    WITH waiting AS (
        SELECT p.id, p.processor, p.amount_minor, p.currency, p.processor_payout_id,
               coalesce(p.arrival_date, (p.sent_at AT TIME ZONE 'UTC')::date) AS due
        FROM reconciliation_platformpayout p WHERE p.status IN ('sent', 'paid')
    ),
    lines AS (
        SELECT l.id, l.net_minor, l.currency, l.occurred_at, (l.occurred_at AT TIME ZONE 'UTC')::date AS day,
               lower(l.subject_key || ' ' || l.description) AS words
        FROM reconciliation_statementline l
        WHERE l.source = 'bank' AND l.net_minor > 0
          AND NOT EXISTS (SELECT FROM reconciliation_platformpayout p WHERE p.bank_line_id = l.id)
    ),
    fitting AS (
        SELECT w.id AS payout_id, l.id AS line_id, l.occurred_at,
               row_number() OVER (PARTITION BY w.processor, w.amount_minor, w.currency, l.id ORDER BY w.due, w.id) AS p,
               row_number() OVER (PARTITION BY w.id ORDER BY l.day, l.id) AS n
        FROM waiting w JOIN lines l
          ON l.net_minor = w.amount_minor AND l.currency = w.currency
         AND strpos(l.words, w.processor) > 0
         AND l.day BETWEEN w.due - {DAYS_EARLY} AND w.due + 60
    )
    SELECT payout_id, line_id, occurred_at FROM fitting WHERE p = n ORDER BY occurred_at, payout_id
"""  # noqa: S608 - constants only
_STRAY = f"""
    SELECT l.external_id, l.net_minor, l.currency, l.occurred_at, l.description
    FROM reconciliation_statementline l
    WHERE l.source = 'bank' AND l.net_minor > 0
      AND (l.occurred_at >= %s AND l.occurred_at < %s OR l.external_id IN ({_IN_THE_QUEUE}))
      AND l.subject_key || ' ' || l.description ~* '{_NAMES}'
      AND NOT EXISTS (SELECT FROM reconciliation_platformpayout p WHERE p.bank_line_id = l.id)
      AND NOT EXISTS (SELECT FROM reconciliation_reconciliationexception x
                      WHERE x.source = 'bank' AND x.subject_key = l.external_id AND x.status = 'posted')
    ORDER BY l.occurred_at, l.id
"""  # noqa: S608 - constants only
_OVERDUE = """
    SELECT p.processor_payout_id, p.amount_minor, p.currency, p.sent_at, p.processor, p.arrival_date, p.status,
           coalesce(p.arrival_date, (p.sent_at AT TIME ZONE 'UTC')::date) AS due,
           (SELECT max(occurred_at) FROM reconciliation_statementline b
            WHERE b.source = 'bank' AND b.currency = p.currency) AS told_until
    FROM reconciliation_platformpayout p
    WHERE p.status IN ('sent', 'paid')
      AND NOT EXISTS (SELECT FROM reconciliation_reconciliationexception x
                      WHERE x.source = 'bank' AND x.subject_key = p.processor_payout_id AND x.status = 'posted')
    ORDER BY p.id
"""
_LATE = f"""
    SELECT p.processor_payout_id, p.amount_minor, p.currency, l.occurred_at, p.arrival_date, p.processor
    FROM reconciliation_platformpayout p JOIN reconciliation_statementline l ON l.id = p.bank_line_id
    WHERE p.status = 'arrived' AND p.arrival_date IS NOT NULL
      AND (l.occurred_at >= %s AND l.occurred_at < %s OR p.processor_payout_id IN ({_IN_THE_QUEUE}))
      AND (l.occurred_at AT TIME ZONE 'UTC')::date > p.arrival_date + %s
    ORDER BY p.id
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Pair:
    payout_id: int
    line_id: int
    booked_at: dt.datetime


@dataclass(frozen=True, slots=True)
class StrayLine:
    """A line of the bank that names a processor and is no payout that we know. Minor units."""

    external_id: str
    net_minor: int
    currency: str
    occurred_at: dt.datetime
    description: str


@dataclass(frozen=True, slots=True)
class OpenPayout:
    """A payout that no statement of the bank shows. `told_until` is how far statements in its currency reach."""

    processor_payout_id: str
    amount_minor: int
    currency: str
    sent_at: dt.datetime
    processor: str
    arrival_date: dt.date | None
    status: str
    due: dt.date
    told_until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class LatePayout:
    """A payout that came days after the promised date."""

    processor_payout_id: str
    amount_minor: int
    currency: str
    occurred_at: dt.datetime
    arrival_date: dt.date
    processor: str


def pairs() -> list[Pair]:
    """Payouts on their way and the lines that show them."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS)
        return [Pair(*row) for row in cursor.fetchall()]


def stray_lines(since: dt.datetime, until: dt.datetime) -> list[StrayLine]:
    with connection.cursor() as cursor:
        cursor.execute(_STRAY, [since, until])
        return [StrayLine(*row) for row in cursor.fetchall()]


def open_payouts() -> list[OpenPayout]:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE)
        return [OpenPayout(*row) for row in cursor.fetchall()]


def late_payouts(since: dt.datetime, until: dt.datetime) -> list[LatePayout]:
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [since, until, DAYS_LATE])
        return [LatePayout(*row) for row in cursor.fetchall()]


def lines_about(key: str) -> list[StatementLine]:
    """What the bank shows of a payout, or the line that has this id."""
    about = Q(external_id=key) | Q(platform_payout__processor_payout_id=key)
    return list(StatementLine.objects.filter(about, source="bank").order_by("occurred_at", "id"))
