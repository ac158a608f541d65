"""Refunds of sales: what they are for adds up, is within what was sold, and is in the books and in the shares."""

_LATE = "('sold_out', 'amount_mismatch', 'duplicate')"

RULES: dict[str, str] = {
    "a refund of a sale is split into exactly its amount, and no other refund is": f"""
        SELECT r.public_id, r.reason || ' ' || r.amount_minor || ' ' || r.currency || ', split '
               || coalesce(a.amount_minor::text, 'into nothing')
        FROM payments_refund r
        LEFT JOIN (
            SELECT refund_reference, sum(amount_minor) AS amount_minor, count(*) AS rows,
                   count(*) FILTER (WHERE withdrawn_at IS NOT NULL) AS withdrawn
            FROM orders_refundallocation GROUP BY 1
        ) a ON a.refund_reference = r.public_id
        WHERE CASE WHEN r.reason IN {_LATE} THEN a.rows IS NOT NULL
              ELSE a.amount_minor IS DISTINCT FROM r.amount_minor
                   OR a.withdrawn <> CASE WHEN r.withdrawn_at IS NULL THEN 0 ELSE a.rows END END
    """,  # noqa: S608 a literal of ours
    "what counts against a capture is its refunds that were not given up": """
        SELECT p.public_id, 'counted ' || c.refunded_minor || ', refunds ' || coalesce(sum(r.amount_minor), 0)
        FROM payments_capture c
        JOIN payments_payment p ON p.id = c.payment_id
        LEFT JOIN payments_refund r ON r.capture_id = c.id AND r.withdrawn_at IS NULL
        GROUP BY p.id, c.id
        HAVING c.refunded_minor <> coalesce(sum(r.amount_minor), 0)
    """,
    "nothing is paid back beyond what was sold": """
        SELECT 'order line ' || l.id, 'sold ' || l.quantity || ' for ' || l.line_total_minor || ', paid back '
               || coalesce(sum(a.quantity), 0) || ' for ' || sum(a.amount_minor)
        FROM orders_orderline l
        JOIN orders_refundallocation a ON a.line_id = l.id AND a.withdrawn_at IS NULL
        GROUP BY l.id
        HAVING sum(a.amount_minor) > l.line_total_minor OR sum(a.commission_minor) > l.commission_minor
            OR coalesce(sum(a.quantity), 0) > l.quantity
        UNION ALL
        SELECT s.public_id, 'sold ' || (s.goods_minor + s.shipping_minor) || ', paid back ' || sum(a.amount_minor)
        FROM orders_sellerorder s
        JOIN orders_refundallocation a ON a.seller_order_id = s.id AND a.withdrawn_at IS NULL
        GROUP BY s.id
        HAVING sum(a.amount_minor) > s.goods_minor + s.shipping_minor
            OR coalesce(sum(a.amount_minor) FILTER (WHERE a.part = 'shipping'), 0) > s.shipping_minor
    """,
    "a refund of a sale is taken in the books from whoever its split names": """
        SELECT a.refund_reference, 'split ' || a.commission || '/' || a.platform || '/' || a.shares || ', booked '
               || coalesce(b.commission, 0) || '/' || coalesce(b.platform, 0) || '/' || coalesce(b.shares, 0)
        FROM (
            SELECT refund_reference, sum(commission_minor) AS commission, sum(platform_minor) AS platform,
                   sum(share_minor) AS shares
            FROM orders_refundallocation GROUP BY 1
        ) a
        LEFT JOIN (
            SELECT substr(e.source_reference, length('refund_requested:') + 1) AS reference,
                   sum(g.amount_minor) FILTER (WHERE c.code LIKE 'commission:%') AS commission,
                   sum(g.amount_minor) FILTER (WHERE c.code LIKE 'goodwill:%') AS platform,
                   sum(g.amount_minor) FILTER (WHERE c.code LIKE 'seller\\_%') AS shares
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account c ON c.id = g.account_id
            WHERE e.source_reference LIKE 'refund\\_requested:%'
            GROUP BY 1
        ) b ON b.reference = a.refund_reference
        WHERE (a.commission, a.platform, a.shares)
              IS DISTINCT FROM (coalesce(b.commission, 0), coalesce(b.platform, 0), coalesce(b.shares, 0))
    """,
    "an artisan gives back for a refund what its split says": """
        SELECT a.refund_reference, a.part || ': split ' || a.shares || ', taken ' || coalesce(d.taken::text, 'nothing')
        FROM (
            SELECT x.refund_reference, s.public_id AS part,
                   sum(x.share_minor) FILTER (WHERE x.withdrawn_at IS NULL) AS shares
            FROM orders_refundallocation x JOIN orders_sellerorder s ON s.id = x.seller_order_id
            GROUP BY 1, 2
        ) a
        LEFT JOIN (
            SELECT reference, seller_order_reference, sum(amount_minor - credited_minor) AS taken
            FROM payouts_sharedebit GROUP BY 1, 2
        ) d ON d.reference = a.refund_reference AND d.seller_order_reference = a.part
        WHERE coalesce(a.shares, 0) <> coalesce(d.taken, 0)
    """,
    "refunds in transit are those that were asked for and not given": """
        SELECT coalesce(b.currency, o.currency), 'booked ' || coalesce(-b.amount_minor, 0) || ', open '
               || coalesce(o.amount_minor, 0)
        FROM (
            SELECT a.currency, sum(g.amount_minor) AS amount_minor
            FROM ledger_posting g JOIN ledger_account a ON a.id = g.account_id
            WHERE a.code = 'refunds_in_transit:' || a.currency
            GROUP BY 1
        ) b
        FULL JOIN (
            SELECT r.currency, sum(r.amount_minor) AS amount_minor
            FROM payments_refund r
            WHERE r.status IN ('requested', 'unknown', 'failed') AND r.withdrawn_at IS NULL
              AND EXISTS (SELECT FROM orders_refundallocation a WHERE a.refund_reference = r.public_id)
            GROUP BY 1
        ) o ON o.currency = b.currency
        WHERE coalesce(-b.amount_minor, 0) <> coalesce(o.amount_minor, 0)
    """,
}
