"""The third leg: payouts of processors, and what artisans pay back, against the statement of our own bank.

A bank names no payout. A line is a payout's when it names its processor, has its amount and currency, and comes within
days of the promised date; of several alike the first payout gets the first line. That is all a bank tells, and where
two alike change places nothing is lost.

What an artisan paid back was recorded by staff with the reference of the bank's line: the line with it is that one.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from common.money import Money
from payouts.models import DebtRepayment
from reconciliation.models import StatementLine

# Banks need a day or two after the processor's date, and weekends do not count.
DAYS_EARLY, DAYS_LATE = 3, 5
_NAMES = "(stripe|paypal)"
_IN_THE_QUEUE = """
    SELECT subject_key FROM reconciliation_reconciliationexception
    WHERE source = 'bank' AND status IN ('open', 'dismissed')
"""
# In another currency it is part of that repayment's difference, until the difference is booked.
_IS_REPAYMENT = """
    EXISTS (SELECT FROM payouts_debtrepayment r WHERE r.status = 'recorded'
            AND r.bank_reference IN (l.external_id, l.subject_key)
            AND (r.currency = l.currency OR NOT EXISTS (
                SELECT FROM reconciliation_reconciliationexception x
                WHERE x.source = 'bank' AND x.subject_key = r.public_id AND x.status = 'posted')))
"""
_OPEN_ON_BOTH_SIDES = f"""
    WITH waiting AS (
        SELECT p.id, p.processor, p.amount_minor, p.currency, p.processor_payout_id,
               coalesce(p.arrival_date, (p.sent_at AT TIME ZONE 'UTC')::date) AS due
        FROM reconciliation_platformpayout p WHERE p.status IN ('sent', 'paid')
    ),
    lines AS (
        SELECT l.id, l.external_id, l.net_minor, l.currency, l.occurred_at,
               (l.occurred_at AT TIME ZONE 'UTC')::date AS day, lower(l.subject_key || ' ' || l.description) AS words
        FROM reconciliation_statementline l
        WHERE l.source = 'bank' AND l.net_minor > 0
          AND NOT EXISTS (SELECT FROM reconciliation_platformpayout p WHERE p.bank_line_id = l.id)
          AND NOT {_IS_REPAYMENT}
    )
"""  # noqa: S608 - constants only
_PAIRS = f"""
    {_OPEN_ON_BOTH_SIDES},
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
# As above but for the currency, and so for the amount: by the payout's id, or by processor and day where no payout in
# the line's own currency is awaited.
_IN_OTHER_CURRENCY = f"""
    {_OPEN_ON_BOTH_SIDES}
    SELECT w.processor_payout_id, l.external_id, l.net_minor, l.currency
    FROM waiting w
    JOIN lines l ON l.currency <> w.currency
    CROSS JOIN LATERAL (SELECT strpos(l.words, lower(w.processor_payout_id)) > 0 AS is_named) by
    WHERE by.is_named
       OR strpos(l.words, w.processor) > 0 AND l.day BETWEEN w.due - {DAYS_EARLY} AND w.due + {DAYS_LATE}
          AND NOT EXISTS (SELECT FROM waiting own WHERE own.currency = l.currency AND own.processor = w.processor
                          AND l.day BETWEEN own.due - {DAYS_EARLY} AND own.due + 60)
    ORDER BY by.is_named DESC, w.due, w.id, l.day, l.id
"""  # noqa: S608 - constants only
_STRAY = f"""
    SELECT l.external_id, l.net_minor, l.currency, l.occurred_at, l.description
    FROM reconciliation_statementline l
    WHERE l.source = 'bank' AND l.net_minor > 0
      AND (l.occurred_at >= %s AND l.occurred_at < %s OR l.external_id IN ({_IN_THE_QUEUE}))
      AND l.subject_key || ' ' || l.description ~* '{_NAMES}'
      AND NOT EXISTS (SELECT FROM reconciliation_platformpayout p WHERE p.bank_line_id = l.id)
      AND NOT {_IS_REPAYMENT}
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
# Of several lines with the reference one in its currency, and of these the one with the amount, if there is one.
_REPAYMENTS = """
    SELECT r.public_id, r.bank_reference, r.amount_minor, r.currency, r.received_on, shown.net_minor, shown.currency,
           a.name,
           (SELECT max(occurred_at) FROM reconciliation_statementline b
            WHERE b.source = 'bank' AND b.currency = r.currency) AS told_until
    FROM payouts_debtrepayment r
    JOIN catalog_artisan a ON a.id = r.artisan_id
    LEFT JOIN LATERAL (
        SELECT l.net_minor, l.currency FROM reconciliation_statementline l
        WHERE l.source = 'bank' AND r.bank_reference IN (l.external_id, l.subject_key)
        ORDER BY l.currency <> r.currency, l.net_minor <> r.amount_minor, l.id LIMIT 1
    ) shown ON true
    WHERE r.status = 'recorded'
      AND ((shown.net_minor, shown.currency) IS DISTINCT FROM (r.amount_minor, r.currency)
           OR r.received_on BETWEEN %s AND %s)
      AND NOT EXISTS (SELECT FROM reconciliation_reconciliationexception x
                      WHERE x.source = 'bank' AND x.subject_key = r.public_id AND x.status = 'posted')
    ORDER BY r.id
"""


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
class OtherCurrency:
    """A line that seems to be a payout on its way, in another currency than was sent. Minor units of `currency`."""

    processor_payout_id: str
    external_id: str
    net_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LatePayout:
    """A payout that came days after the promised date."""

    processor_payout_id: str
    amount_minor: int
    currency: str
    occurred_at: dt.datetime
    arrival_date: dt.date
    processor: str


@dataclass(frozen=True, slots=True)
class Repayment:
    """What staff recorded as paid to our bank account.

    `shown_minor` and `shown_currency` are what the bank's line says, None without one.
    """

    reference: str
    bank_reference: str
    amount_minor: int
    currency: str
    received_on: dt.date
    shown_minor: int | None
    shown_currency: str | None
    artisan_name: str
    told_until: dt.datetime | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def shown(self) -> Money | None:
        if self.shown_minor is None or self.shown_currency is None:
            return None
        return Money(self.shown_minor, self.shown_currency)


def pairs() -> list[Pair]:
    """Payouts on their way and the lines that show them."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS)
        return [Pair(*row) for row in cursor.fetchall()]


def in_other_currency() -> dict[str, OtherCurrency]:
    """By the payout's id at the processor; each line is one payout's, the earlier payout takes the earlier line.

    Payouts and lines that were booked as differences keep each other, so that they are nobody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IN_OTHER_CURRENCY)
        fitting = [OtherCurrency(*row) for row in cursor.fetchall()]
    found: dict[str, OtherCurrency] = {}
    taken: set[str] = set()
    for one in fitting:
        if one.processor_payout_id not in found and one.external_id not in taken:
            found[one.processor_payout_id] = one
            taken.add(one.external_id)
    return found


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


def repayments(since: dt.datetime, until: dt.datetime) -> list[Repayment]:
    """What artisans paid back: all that the bank does not show as it was recorded, and of this time what it does."""
    with connection.cursor() as cursor:
        cursor.execute(_REPAYMENTS, [since.date(), until.date()])
        return [Repayment(*row) for row in cursor.fetchall()]


def lines_about(key: str) -> list[StatementLine]:
    """What the bank shows of a payout or of what an artisan paid back, or the line that has this id."""
    about = Q(external_id=key) | Q(platform_payout__processor_payout_id=key)
    if key in (others := in_other_currency()):
        about |= Q(external_id=others[key].external_id)
    for reference in DebtRepayment.objects.filter(public_id=key).values_list("bank_reference", flat=True):
        about |= Q(external_id=reference) | Q(subject_key=reference)
    return list(StatementLine.objects.filter(about, source="bank").order_by("occurred_at", "id"))
