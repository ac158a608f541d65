"""Whether payouts are paused: asked before a payout is composed and again right before its transfer is sent."""

from typing import Any

from django.db import connection

_EVERYBODY = "SELECT EXISTS (SELECT FROM payouts_payoutswitch WHERE paused_at IS NOT NULL)"
_MAY_BE_SENT = """
    SELECT n.status <> 'partial' AND t.currency <> ALL(n.short_of) AND p.paused_at IS NULL
           AND NOT EXISTS (SELECT FROM payouts_payoutswitch WHERE paused_at IS NOT NULL)
    FROM payouts_transfer t
    JOIN payouts_payout y ON y.id = t.payout_id
    JOIN payouts_payoutrun n ON n.id = y.run_id
    LEFT JOIN payouts_payoutpolicy p ON p.artisan_id = y.artisan_id
    WHERE t.public_id = %s
"""


def everybody_is_paused() -> bool:
    """One statement."""
    return _asked(_EVERYBODY, [])


def may_be_sent(*, transfer_reference: str) -> bool:
    """Neither its artisan nor everybody is paused, its run has not stopped and has funds of it. One statement."""
    return _asked(_MAY_BE_SENT, [transfer_reference])


def _asked(sql: str, parameters: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return bool(cursor.fetchone()[0])
