"""What is owed to artisans and when it is released, and what becomes available at Stripe: reads for the forecast."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from payouts.models import PayoutPolicy

# Owed and under a day of release: what is being transferred, what is released, what is on hold, what is kept back.
# Amounts are summed by artisan, currency, day and kind, and an artisan's open debts are told with each.
_DUE = """
    WITH owed AS (
        SELECT d.artisan_id, d.currency, sum(d.amount_minor - d.recovered_minor - d.forgiven_minor) AS minor
        FROM payouts_sellerdebt d
        WHERE d.amount_minor > d.recovered_minor + d.forgiven_minor
        GROUP BY 1, 2
    ), due AS (
        SELECT artisan_id, currency, 'released' AS kind, processor = 'paypal' AS is_paypal,
               greatest((coalesce(next_transfer_at, updated_at) AT TIME ZONE 'UTC')::date, %(today)s) AS day,
               sum(amount_minor - debited_minor) AS minor
        FROM payouts_payable WHERE status = 'released' GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT artisan_id, currency, 'held', processor = 'paypal',
               greatest((hold_until AT TIME ZONE 'UTC')::date, %(today)s), sum(amount_minor - debited_minor)
        FROM payouts_payable WHERE status = 'held' AND hold_until < %(after)s GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT artisan_id, currency, 'reserve', false, greatest((release_at AT TIME ZONE 'UTC')::date, %(today)s),
               sum(amount_minor - released_minor)
        FROM payouts_reserve WHERE status = 'held' AND release_at < %(after)s GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT y.artisan_id, t.currency, CASE t.status WHEN 'requested' THEN 'to_be_sent' ELSE 'under_way' END, false,
               %(today)s, sum(t.amount_minor)
        FROM payouts_transfer t JOIN payouts_payout y ON y.id = t.payout_id
        WHERE t.status IN ('requested', 'unknown') GROUP BY 1, 2, 3, 4, 5
    )
    SELECT due.artisan_id, due.currency, due.kind, due.is_paypal, due.day, due.minor, coalesce(owed.minor, 0)
    FROM due
    LEFT JOIN owed ON owed.artisan_id = due.artisan_id AND owed.currency = due.currency
    LEFT JOIN payouts_connectedaccount c ON c.artisan_id = due.artisan_id
    WHERE due.minor > 0 AND (due.kind IN ('to_be_sent', 'under_way') OR c.transfers_enabled)
    ORDER BY due.artisan_id, due.currency, due.day, due.kind
"""
# Owed without a day: not sent yet, or to somebody who cannot receive.
_UNDATED = """
    SELECT p.currency, sum(p.amount_minor - p.debited_minor)
    FROM payouts_payable p LEFT JOIN payouts_connectedaccount c ON c.artisan_id = p.artisan_id
    WHERE (p.status = 'held' AND p.hold_until IS NULL)
       OR ((p.status = 'released' OR (p.status = 'held' AND p.hold_until < %(after)s))
           AND NOT coalesce(c.transfers_enabled, false))
    GROUP BY 1
"""
_COMING = """
    SELECT c.currency, ((c.captured_at + %(delay)s) AT TIME ZONE 'UTC')::date,
           sum(c.amount_minor - coalesce(c.fee_minor, 0) - c.refunded_minor)
    FROM payments_capture c JOIN payments_payment p ON p.id = c.payment_id AND p.processor = 'stripe'
    WHERE c.captured_at > %(since)s
    GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Owed to one artisan from one day on. `owed_minor` is what the artisan owes us in this currency, all in all."""

    artisan_id: int
    currency: str
    kind: str
    is_paid_at_paypal: bool
    on: dt.date
    minor: int
    owed_minor: int

    @property
    def is_under_way(self) -> bool:
        """A transfer was made; it may have been carried out already, or will be with the next look."""
        return self.kind in ("to_be_sent", "under_way")

    @property
    def waits_for_pause(self) -> bool:
        """Nothing of it is sent while its artisan or everybody is paused: also a transfer that is written down."""
        return self.kind != "under_way"

    @property
    def is_held(self) -> bool:
        """On hold: a reserve is kept back of it when it is released."""
        return self.kind == "held"


@dataclass(frozen=True, slots=True)
class Coming:
    """What becomes available at Stripe on one day, less fees and refunds."""

    currency: str
    on: dt.date
    minor: int


def amounts_due(*, today: dt.date, last: dt.date) -> list[Due]:
    """What artisans who can receive are owed up to the end of `last`, by artisan and day. One statement."""
    rows = _rows(_DUE, {"today": today, "after": _end_of(last)})
    return [
        Due(artisan_id, currency, kind, is_paypal, on, int(minor), int(owed_minor))
        for artisan_id, currency, kind, is_paypal, on, minor, owed_minor in rows
    ]


def waiting_without_date(*, last: dt.date) -> dict[str, int]:
    """Minor units per currency that are owed and cannot be paid on a day that is known. One statement."""
    return {currency: int(minor) for currency, minor in _rows(_UNDATED, {"after": _end_of(last)})}


def coming_in(*, now: dt.datetime, after: dt.timedelta) -> list[Coming]:
    """What buyers have paid at Stripe within `after`, the time it takes to become available. One statement."""
    rows = _rows(_COMING, {"delay": after, "since": now - after})
    return [Coming(currency, day, int(minor)) for currency, day, minor in rows]


def policies_by_artisan() -> dict[int, PayoutPolicy]:
    """Every artisan's policy. One statement."""
    return {policy.artisan_id: policy for policy in PayoutPolicy.objects.all()}


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
