"""Where the books and a statement differ: both sides added up by what they are about, by one statement.

A subject is an object at the processor: a charge, a refund, a dispute, a transfer, a payout. All movements and entries
that name it are added up, so that a refund that came back, a dispute that was won, or an authorization of which a part
was captured balance in themselves, whenever and in however many steps they were booked.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection

# What is held is on the balance still. PayPal tells of a payment that it takes back as of a dispute; where we have
# booked it as a refund, it is that one.
_THEIRS = """
    SELECT l.external_id, l.kind, l.gross_minor, l.fee_minor, l.net_minor, l.currency, l.occurred_at, l.related_id,
           l.id, CASE WHEN l.source = 'paypal' AND l.kind = 'dispute' AND EXISTS (
               SELECT FROM reconciliation_bookedmovement k
               WHERE k.processor = 'paypal' AND k.subject_key = l.external_id)
           THEN l.external_id ELSE l.subject_key END AS subject_key
    FROM reconciliation_statementline l
    WHERE l.source = %(processor)s AND l.kind <> 'hold'
"""
_COMPARE = f"""
    CREATE TEMPORARY TABLE reconciliation_compared ON COMMIT PRESERVE ROWS AS
    WITH lines AS ({_THEIRS}),
    scope AS (
        SELECT subject_key FROM lines WHERE occurred_at >= %(since)s AND occurred_at < %(until)s
        UNION
        SELECT subject_key FROM reconciliation_bookedmovement
        WHERE processor = %(processor)s AND effective_at >= %(since)s AND effective_at < %(until)s
        UNION
        SELECT subject_key FROM reconciliation_reconciliationexception
        WHERE source = %(processor)s AND status IN ('open', 'dismissed')
    ),
    theirs AS (
        SELECT subject_key, currency, sum(gross_minor)::bigint AS gross, sum(fee_minor)::bigint AS fee,
               count(*) AS lines, min(occurred_at) AS first_at, max(occurred_at) AS last_at
        FROM lines JOIN scope USING (subject_key) GROUP BY 1, 2
    ),
    ours AS (
        SELECT subject_key, currency, sum(gross_minor)::bigint AS gross, sum(fee_minor)::bigint AS fee,
               count(*) AS entries, min(effective_at) AS first_at, max(effective_at) AS last_at,
               bool_or(source_reference LIKE 'reconciliation:%%') AS is_adjusted
        FROM reconciliation_bookedmovement JOIN scope USING (subject_key)
        WHERE processor = %(processor)s GROUP BY 1, 2
    )
    SELECT subject_key, currency, coalesce(o.gross, 0) AS ours_gross, coalesce(o.fee, 0) AS ours_fee,
           coalesce(t.gross, 0) AS theirs_gross, coalesce(t.fee, 0) AS theirs_fee,
           coalesce(o.entries, 0) AS entries, coalesce(t.lines, 0) AS lines,
           o.first_at AS booked_at, t.first_at AS moved_at, o.last_at AS booked_last_at, t.last_at AS moved_last_at,
           CASE WHEN o.is_adjusted THEN t.gross - t.fee = o.gross - o.fee
                ELSE t.gross = o.gross AND t.fee = o.fee END IS TRUE AS is_equal,
           coalesce(o.is_adjusted, false) AS is_adjusted
    FROM theirs t FULL JOIN ours o USING (subject_key, currency)
"""  # noqa: S608 - constants only
_DIFFERING = """
    SELECT subject_key, currency, ours_gross, ours_fee, theirs_gross, theirs_fee, entries, lines, booked_at, moved_at,
           booked_last_at, moved_last_at, is_equal
    FROM reconciliation_compared c
    WHERE (subject_key, currency) > (%(after_key)s, %(after_currency)s)
      AND (NOT is_equal OR (NOT is_adjusted AND abs(extract(epoch FROM booked_at - moved_at)) > %(tolerance)s))
    ORDER BY subject_key, currency LIMIT %(limit)s
"""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class TheirLine:
    """One movement of a subject that differs."""

    line_id: int
    external_id: str
    kind: str
    gross_minor: int
    fee_minor: int
    currency: str
    occurred_at: dt.datetime
    related_id: str


@dataclass(frozen=True, slots=True)
class OurEntry:
    """One entry of a subject that differs."""

    source_reference: str
    gross_minor: int
    fee_minor: int
    currency: str
    effective_at: dt.datetime


@dataclass(slots=True)
class Differing:
    """A subject on which the sides differ in one currency, with the evidence of both."""

    subject_key: str
    currency: str
    ours_gross: int
    ours_fee: int
    theirs_gross: int
    theirs_fee: int
    entries: int
    lines: int
    booked_at: dt.datetime | None
    moved_at: dt.datetime | None
    booked_last_at: dt.datetime | None
    moved_last_at: dt.datetime | None
    is_equal: bool
    theirs: list[TheirLine] = field(default_factory=list)
    ours: list[OurEntry] = field(default_factory=list)


def compare(*, processor: str, since: dt.datetime, until: dt.datetime) -> tuple[int, int]:
    """Adds both sides up for the subjects of the period, and of what is open from before; (compared, differing).

    The result is a temporary table of this connection, which `differing` reads.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS reconciliation_compared")
        cursor.execute(_COMPARE, {"processor": processor, "since": since, "until": until})
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE NOT is_equal) FROM reconciliation_compared")
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


def differing(*, processor: str, date_tolerance: dt.timedelta) -> Iterator[Differing]:
    """Of what was compared last: the subjects on which the sides differ, with their lines and entries."""
    after = ("", "")
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DIFFERING, {
                "after_key": after[0], "after_currency": after[1], "limit": _AT_ONCE,
                "tolerance": date_tolerance.total_seconds(),
            })  # fmt: skip
            found = [Differing(*row) for row in cursor.fetchall()]
        if not found:
            return
        with_evidence(processor, found)
        yield from found
        after = (found[-1].subject_key, found[-1].currency)


def with_evidence(processor: str, found: Sequence[Differing]) -> None:
    """Puts the lines and entries of all currencies to each subject."""
    keys = sorted({one.subject_key for one in found})
    theirs, ours = evidence(processor, keys)
    for one in found:
        one.theirs, one.ours = theirs[one.subject_key], ours[one.subject_key]


def evidence(
    processor: str, keys: Sequence[str]
) -> tuple[defaultdict[str, list[TheirLine]], defaultdict[str, list[OurEntry]]]:
    """What both sides say about these subjects, oldest first."""
    theirs: defaultdict[str, list[TheirLine]] = defaultdict(list)
    ours: defaultdict[str, list[OurEntry]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_key, id, external_id, kind, gross_minor, fee_minor, currency, occurred_at, related_id"  # noqa: S608 - constants only
            f" FROM ({_THEIRS}) l WHERE subject_key = ANY (%(keys)s) ORDER BY occurred_at, id",
            {"processor": processor, "keys": list(keys)},
        )
        for key, *row in cursor.fetchall():
            theirs[key].append(TheirLine(*row))
        cursor.execute(
            "SELECT subject_key, source_reference, gross_minor, fee_minor, currency, effective_at"
            " FROM reconciliation_bookedmovement WHERE processor = %s AND subject_key = ANY (%s) ORDER BY entry_id",
            [processor, list(keys)],
        )
        for key, *row in cursor.fetchall():
            ours[key].append(OurEntry(*row))
    return theirs, ours
