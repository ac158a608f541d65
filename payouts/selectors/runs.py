"""Reads of what a run would pay at this moment, for who starts one by hand."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.models import Artisan
from common.money import Money
from payouts.contracts import PaysNow
from payouts.enums import RunKind
from payouts.models import PayoutRun

# As a run composes: what is released, less what its artisan owes and no reversal is bringing back already. A smallest
# payout is in the currency of the artisan's shop.
_PAYS = """
    WITH owed AS (
        SELECT d.artisan_id, d.currency,
               sum(d.amount_minor - d.recovered_minor - d.forgiven_minor - coalesce(r.minor, 0)) AS minor
        FROM payouts_sellerdebt d
        LEFT JOIN (SELECT debt_id, sum(amount_minor) AS minor FROM payouts_transferreversal
                   WHERE status IN ('requested', 'unknown') GROUP BY 1) r ON r.debt_id = d.id
        WHERE d.amount_minor > d.recovered_minor + d.forgiven_minor
        GROUP BY 1, 2
    ), due AS (
        SELECT artisan_id, currency,
               coalesce(sum(amount_minor - debited_minor) FILTER (WHERE next_transfer_at <= %(now)s), 0) AS minor,
               coalesce(sum(amount_minor - debited_minor) FILTER (WHERE next_transfer_at > %(now)s), 0) AS later
        FROM payouts_payable
        WHERE status = 'released' AND (%(only)s::bigint IS NULL OR artisan_id = %(only)s::bigint)
        GROUP BY 1, 2
    )
    SELECT due.currency, due.minor, least(due.minor, coalesce(owed.minor, 0)), due.later,
           CASE WHEN a.currency = due.currency THEN coalesce(p.minimum_minor, 0) ELSE 0 END,
           coalesce(c.transfers_enabled, false) AND p.paused_at IS NULL
    FROM due
    JOIN catalog_artisan a ON a.id = due.artisan_id
    LEFT JOIN owed ON owed.artisan_id = due.artisan_id AND owed.currency = due.currency
    LEFT JOIN payouts_connectedaccount c ON c.artisan_id = due.artisan_id
    LEFT JOIN payouts_payoutpolicy p ON p.artisan_id = due.artisan_id
    ORDER BY due.currency
"""


@dataclass(frozen=True, slots=True)
class DueNow:
    """What a run for everybody would pay in one currency, to how many artisans."""

    artisans: int
    amount: Money


def pays_now(*, artisan: Artisan, now: dt.datetime) -> list[PaysNow]:
    """What a run would pay this artisan, by currency, if nothing else stands in the way. One statement."""
    return [found for found, _ in _pays(now, artisan.pk)]


def artisans_due(*, now: dt.datetime) -> list[DueNow]:
    """What a run for everybody would pay, by currency; the switch for everybody is not looked at. One statement."""
    sums: dict[str, DueNow] = {}
    for found, may_be_paid in _pays(now, None):
        amount = found.pays
        if may_be_paid and amount:
            known = sums.get(amount.currency, DueNow(0, Money.zero(amount.currency)))
            sums[amount.currency] = DueNow(known.artisans + 1, known.amount + amount)
    return list(sums.values())


def newest_run(*, artisan_id: int | None) -> PayoutRun | None:
    """The run that was asked for last, for this artisan alone or for everybody (None). One query."""
    asked = PayoutRun.objects.filter(kind=RunKind.ON_DEMAND)
    of_whom = asked.filter(artisan__isnull=True) if artisan_id is None else asked.filter(artisan_id=artisan_id)
    return of_whom.order_by("-id").first()


def _pays(now: dt.datetime, only: int | None) -> Iterator[tuple[PaysNow, bool]]:
    parameters: dict[str, Any] = {"now": now, "only": only}
    with connection.cursor() as cursor:
        cursor.execute(_PAYS, parameters)
        rows = cursor.fetchall()
    for currency, *minor, may_be_paid in rows:
        due, owed, later, minimum = (Money(int(amount), currency) for amount in minor)
        yield PaysNow(due=due, owed=owed, later=later, minimum=minimum), may_be_paid
