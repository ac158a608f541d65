"""The table of a run: per processor and currency what there was, what moved and what is left. Minor units."""

from dataclasses import dataclass

from django.db import connection

from reconciliation.contracts import Period

# What an entry is about, in the words of movements.
_KIND = """
    CASE split_part(source_reference, ':', 1)
        WHEN 'sale' THEN 'charge' WHEN 'late_payment' THEN 'charge' WHEN 'processor_fee' THEN 'charge'
        WHEN 'refund_sent' THEN 'refund' WHEN 'late_refund' THEN 'refund' WHEN 'refund_unallocated' THEN 'refund'
        WHEN 'refund_bounced' THEN 'refund_failure' WHEN 'late_refund_bounced' THEN 'refund_failure'
        WHEN 'refund_unallocated_returned' THEN 'refund_failure'
        WHEN 'transfer_succeeded' THEN 'transfer' WHEN 'transfer_reversed' THEN 'transfer_reversal'
        WHEN 'transfer_returned' THEN 'transfer_reversal'
        WHEN 'dispute_won' THEN 'dispute_reversal' WHEN 'dispute_regained' THEN 'dispute_reversal'
        WHEN 'dispute_fee_returned' THEN 'dispute_reversal' WHEN 'dispute_opened' THEN 'dispute'
        WHEN 'dispute_fee' THEN 'dispute'
        WHEN 'platform_payout_sent' THEN 'payout' WHEN 'platform_payout_failed' THEN 'payout_reversal'
        WHEN 'top_up' THEN 'top_up' WHEN 'reconciliation' THEN 'booked by staff' ELSE 'other' END
"""
_ROWS = f"""
    SELECT coalesce(t.currency, o.currency), coalesce(t.kind, o.kind), coalesce(t.lines, 0), coalesce(t.gross, 0),
           coalesce(t.fee, 0), coalesce(t.net, 0), coalesce(o.net, 0)
    FROM (
        SELECT currency, kind, count(*) AS lines, sum(gross_minor) AS gross, sum(fee_minor) AS fee,
               sum(net_minor) AS net
        FROM reconciliation_statementline
        WHERE source = %(processor)s AND kind <> 'hold' AND occurred_at >= %(since)s AND occurred_at < %(until)s
        GROUP BY 1, 2
    ) t
    FULL JOIN (
        SELECT currency, {_KIND} AS kind, sum(net_minor) AS net
        FROM reconciliation_bookedmovement
        WHERE processor = %(processor)s AND effective_at >= %(since)s AND effective_at < %(until)s
        GROUP BY 1, 2
    ) o ON o.currency = t.currency AND o.kind = t.kind
    ORDER BY 1, 2
"""  # noqa: S608 - constants only
_OPENING = """
    SELECT currency, sum(net_minor) FROM reconciliation_bookedmovement
    WHERE processor = %s AND effective_at < %s GROUP BY 1
"""
_OPEN = """
    SELECT difference, currency, count(*), sum(effect_minor) FROM reconciliation_reconciliationexception
    WHERE source = %s AND status = 'open' GROUP BY 1, 2 ORDER BY 2, 1
"""


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of movement in one currency: what the statement shows, and the net that is booked here."""

    currency: str
    kind: str
    lines: int
    gross_minor: int
    fee_minor: int
    net_minor: int
    booked_minor: int


@dataclass(frozen=True, slots=True)
class OpenRow:
    """Open exceptions of one kind in one currency, together."""

    difference: str
    currency: str
    count: int
    effect_minor: int


def movements_by_kind(processor: str, period: Period) -> list[KindRow]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"processor": processor, "since": period.since, "until": period.until})
        return [KindRow(row[0], row[1], *map(int, row[2:])) for row in cursor.fetchall()]


def opening_balances(processor: str, period: Period) -> dict[str, int]:
    """What the books had on the clearing account before the period."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, [processor, period.since])
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def open_by_kind(source: str) -> list[OpenRow]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [source])
        return [OpenRow(row[0], row[1], int(row[2]), int(row[3])) for row in cursor.fetchall()]
