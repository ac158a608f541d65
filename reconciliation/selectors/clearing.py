"""Our clearing accounts, and what may have happened at a processor that is not in them yet."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ledger import selectors as ledger
from reconciliation.contracts import CLEARING_RULE, Finding

# Looked up one by one at the processor; the newest are the likeliest to have happened just now.
MOST_LOOKED_UP = 50
_OPEN = {
    "transfer": """
        SELECT t.public_id, y.public_id, t.amount_minor, t.currency, t.updated_at
        FROM payouts_transfer t JOIN payouts_payout y ON y.id = t.payout_id
        WHERE t.processor = %(processor)s AND t.currency = ANY (%(currencies)s) AND t.status IN ('requested', 'unknown')
    """,
    "refund": """
        SELECT r.public_id, p.processor_payment_id, r.amount_minor, r.currency, r.updated_at
        FROM payments_refund r
        JOIN payments_capture c ON c.id = r.capture_id
        JOIN payments_payment p ON p.id = c.payment_id
        WHERE p.processor = %(processor)s AND r.currency = ANY (%(currencies)s) AND r.status IN ('requested', 'unknown')
    """,
    "transfer_reversal": """
        SELECT r.public_id, t.processor_transfer_id, r.amount_minor, r.currency, r.updated_at
        FROM payouts_transferreversal r JOIN payouts_transfer t ON t.id = r.transfer_id
        WHERE t.processor = %(processor)s AND r.currency = ANY (%(currencies)s) AND r.status IN ('requested', 'unknown')
    """,
    "payment": """
        SELECT public_id, coalesce(processor_payment_id, ''), amount_minor, currency, created_at
        FROM payments_payment
        WHERE processor = %(processor)s AND currency = ANY (%(currencies)s)
          AND status NOT IN ('succeeded', 'canceled', 'failed')
    """,
    "fee": """
        SELECT p.public_id, p.processor_payment_id, c.amount_minor, c.currency, c.recorded_at
        FROM payments_capture c JOIN payments_payment p ON p.id = c.payment_id
        WHERE p.processor = %(processor)s AND c.currency = ANY (%(currencies)s) AND c.fee_minor IS NULL
    """,
}


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Something that may have moved money at the processor already. `place` is where it is looked up there."""

    kind: str
    reference: str
    place: str
    amount_minor: int
    currency: str
    since: dt.datetime


def clearing_balances(*, processor: str) -> dict[str, int]:
    """What the books say that the processor holds for us, per currency, in minor units."""
    found = ledger.balances(code_prefix=f"{processor}_clearing:").values()
    return {balance.currency: balance.amount_minor for balance in found}


def clearing_findings(*, processor: str, their_balances: Mapping[str, int]) -> Iterator[Finding]:
    """Where our clearing accounts and the processor's own balance differ, per currency, in minor units."""
    ours = clearing_balances(processor=processor)
    for currency in sorted(set(ours) | set(their_balances)):
        have, theirs = ours.get(currency, 0), their_balances.get(currency, 0)
        if have != theirs:
            yield Finding(CLEARING_RULE, f"{processor} {currency}", f"ours {have}, theirs {theirs}")


def open_work(*, processor: str, currencies: Collection[str]) -> list[OpenWork]:
    """What is not recorded to its end, the newest of each kind."""
    found: list[OpenWork] = []
    parameters: dict[str, Any] = {"processor": processor, "currencies": list(currencies)}
    with connection.cursor() as cursor:
        for kind, statement in _OPEN.items():
            cursor.execute(f"{statement} ORDER BY 5 DESC LIMIT {MOST_LOOKED_UP}", parameters)
            found += [OpenWork(kind, *row) for row in cursor.fetchall()]
    return found
