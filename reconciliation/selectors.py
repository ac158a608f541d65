"""Every invariant of the money, recomputed from raw rows. Nothing here uses the code that wrote them."""

from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

from common import audit
from ledger import selectors as ledger
from reconciliation.contracts import Finding

# Each returns (subject, detail) rows for what is wrong, and nothing when all is well.
_RULES: dict[str, str] = {
    "a capture is booked exactly once, with its own amount": """
        SELECT p.public_id, 'captured ' || c.amount_minor || ' ' || c.currency || ', booked '
               || coalesce(booked.amount_minor::text, 'nothing')
        FROM payments_capture c
        JOIN payments_payment p ON p.id = c.payment_id
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) AS amount_minor, count(DISTINCT e.id) AS entries
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code = p.processor || '_clearing:' || c.currency
            WHERE e.source_reference IN ('sale:' || p.public_id, 'late_payment:' || p.public_id)
        ) booked ON true
        WHERE booked.entries IS DISTINCT FROM 1 OR booked.amount_minor IS DISTINCT FROM c.amount_minor
    """,
    "a paid order has exactly one capture, of its total": """
        SELECT o.public_id, o.status || ', total ' || o.total_minor || ', captured ' || coalesce(sum(c.amount_minor), 0)
        FROM orders_order o
        LEFT JOIN payments_payment p ON p.order_reference = o.public_id
        LEFT JOIN payments_capture c ON c.payment_id = p.id
        GROUP BY o.id
        HAVING (o.status = 'paid' AND (count(c.id) <> 1 OR sum(c.amount_minor) <> o.total_minor))
            OR (o.status IN ('awaiting_payment', 'processing', 'expired', 'canceled') AND count(c.id) <> 0)
    """,
    "an order's parts add up to it": """
        SELECT o.public_id, 'order ' || o.total_minor || ', parts ' || sum(s.goods_minor + s.shipping_minor)
        FROM orders_order o JOIN orders_sellerorder s ON s.order_id = o.id
        GROUP BY o.id
        HAVING sum(s.goods_minor + s.shipping_minor) <> o.total_minor OR sum(s.goods_minor) <> o.goods_minor
    """,
    "a part's lines add up to it": """
        SELECT s.public_id, 'part ' || s.goods_minor || '/' || s.commission_minor || ', lines '
               || sum(l.line_total_minor) || '/' || sum(l.commission_minor)
        FROM orders_sellerorder s JOIN orders_orderline l ON l.seller_order_id = s.id
        GROUP BY s.id
        HAVING sum(l.line_total_minor) <> s.goods_minor OR sum(l.commission_minor) <> s.commission_minor
    """,
    "the splits of a sale equal its capture": """
        SELECT o.public_id, 'captured ' || max(c.amount_minor) || ', commission and shares '
               || sum(s.commission_minor + s.share_minor)
        FROM orders_order o
        JOIN orders_sellerorder s ON s.order_id = o.id
        JOIN payments_payment p ON p.order_reference = o.public_id
        JOIN payments_capture c ON c.payment_id = p.id
        WHERE o.status = 'paid'
        GROUP BY o.id
        HAVING sum(s.commission_minor + s.share_minor) <> max(c.amount_minor)
    """,
    "each part of a paid order is owed to its artisan exactly once": """
        SELECT s.public_id, 'share ' || s.share_minor || ', payable ' || coalesce(b.amount_minor::text, 'missing')
        FROM orders_sellerorder s
        JOIN orders_order o ON o.id = s.order_id
        LEFT JOIN payouts_payable b ON b.seller_order_reference = s.public_id AND b.origin_reference = ''
        WHERE (o.status = 'paid' AND s.share_minor > 0 AND b.amount_minor IS DISTINCT FROM s.share_minor)
           OR (o.status <> 'paid' AND b.id IS NOT NULL)
    """,
    "the processor's fee of a capture is booked once it is known": """
        SELECT p.public_id, 'fee ' || c.fee_minor || ', booked ' || coalesce(sum(g.amount_minor)::text, 'nothing')
        FROM payments_capture c
        JOIN payments_payment p ON p.id = c.payment_id
        LEFT JOIN ledger_journalentry e ON e.source_reference = 'processor_fee:' || p.public_id
        LEFT JOIN ledger_posting g ON g.entry_id = e.id AND g.amount_minor > 0
        WHERE c.fee_minor > 0
        GROUP BY p.id, c.id
        HAVING sum(g.amount_minor) IS DISTINCT FROM c.fee_minor
    """,
    "promised stock equals the reservations that are held": """
        SELECT p.public_id, 'reserved ' || p.stock_reserved || ', held ' || coalesce(sum(r.quantity), 0)
        FROM catalog_product p
        LEFT JOIN catalog_stockreservation r ON r.product_id = p.id AND r.state = 'held' AND r.takes_stock
        GROUP BY p.id
        HAVING p.stock_reserved <> coalesce(sum(r.quantity), 0)
    """,
}


def local_findings() -> Iterator[Finding]:
    """What is wrong in our own database: the ledger, the orders against it, the audit chain."""
    for broken in ledger.verify():
        yield Finding("ledger", broken.rule, broken.detail)
    for rule, statement in _RULES.items():
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


def clearing_findings(*, processor: str, their_balances: Mapping[str, int]) -> Iterator[Finding]:
    """Where our clearing accounts and the processor's own balance differ, per currency, in minor units."""
    ours = {
        balance.currency: balance.amount_minor
        for balance in ledger.balances(code_prefix=f"{processor}_clearing:").values()
    }
    for currency in sorted(set(ours) | set(their_balances)):
        have, theirs = ours.get(currency, 0), their_balances.get(currency, 0)
        if have != theirs:
            yield Finding(
                "clearing equals the processor's balance", f"{processor} {currency}", f"ours {have}, theirs {theirs}"
            )
