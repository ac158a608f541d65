"""Runs every rule over our own database."""

from collections.abc import Iterator, Sequence

from django.db import connection

from common import audit
from ledger import selectors as ledger
from reconciliation.contracts import Finding
from reconciliation.selectors import (
    bank_payouts,
    debts,
    disputes,
    orders,
    outgoing,
    payments,
    payouts,
    recalls,
    refunds,
    stock,
)

# Name -> statement that gives (subject, detail) rows for what is wrong, and nothing when all is well. None of them uses
# the code that wrote the rows, and none takes a figure of the books from anywhere but the postings.
RULES: dict[str, str] = {
    **orders.RULES,
    **payments.RULES,
    **refunds.RULES,
    **recalls.RULES,
    **payouts.RULES,
    **bank_payouts.RULES,
    **debts.RULES,
    **disputes.RULES,
    **outgoing.RULES,
    **stock.RULES,
}


def local_findings() -> Iterator[Finding]:
    """What is wrong in our own database: the ledger, the orders and payouts against it, the audit chain."""
    for broken in ledger.verify():
        yield Finding("ledger", broken.rule, broken.detail)
    for rule, statement in RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for subject, detail in cursor.fetchall():
                yield Finding(rule, str(subject), str(detail))
    for sentence in audit.verify():
        yield Finding("audit chain", "audit trail", sentence)


def anchor_findings(anchors: Sequence[audit.Anchor]) -> Iterator[Finding]:
    """Where the audit chain is no longer the one that was told to the outside."""
    for sentence in audit.missing_anchors(anchors):
        yield Finding("audit chain", "anchor", sentence)
