"""Refunds asked back: never more than was refunded, nothing without consent, and paid to whoever gave it."""

RULES: dict[str, str] = {
    "a request to pay back is split into exactly its amount": """
        SELECT r.public_id, 'asks for ' || r.amount_minor || ', split ' || coalesce(sum(a.amount_minor)::text, 'none')
        FROM orders_recall r LEFT JOIN orders_recallallocation a ON a.recall_id = r.id
        GROUP BY r.id
        HAVING sum(a.amount_minor) IS DISTINCT FROM r.amount_minor
    """,
    "no more of a refund is asked back than it gave, from nobody and to nobody": """
        SELECT f.refund_reference, 'gave ' || f.commission_minor || '/' || f.share_minor || '/' || f.platform_minor
               || ', asked back ' || sum(a.commission_minor) || '/' || sum(a.share_minor) || '/'
               || sum(a.platform_minor)
        FROM orders_recall r
        JOIN orders_recallallocation a ON a.recall_id = r.id
        JOIN orders_refundallocation f ON f.id = a.refund_allocation_id
        WHERE r.status IN ('asked', 'paid')
        GROUP BY f.id
        HAVING sum(a.commission_minor) > f.commission_minor OR sum(a.share_minor) > f.share_minor
            OR sum(a.platform_minor) > f.platform_minor
    """,
    "nobody is asked for a refund that they do not have": """
        SELECT r.public_id, r.status || ', refund ' || coalesce(f.status, 'not there')
        FROM orders_recall r LEFT JOIN payments_refund f ON f.public_id = r.refund_reference
        WHERE r.status IN ('asked', 'paid') AND f.status IS DISTINCT FROM 'succeeded'
    """,
    "nothing is charged for a refund that came in error without consent": """
        SELECT o.public_id, 'consent ' || coalesce(c.agreed_at::text, 'none') || ', payments ' || count(p.id)
        FROM orders_order o
        LEFT JOIN orders_recallconsent c ON c.order_id = o.id AND c.recall_id = o.recall_id
        LEFT JOIN payments_payment p ON p.order_reference = o.public_id
        WHERE o.recall_id IS NOT NULL
        GROUP BY o.id, c.id
        HAVING c.id IS NULL OR bool_or(p.created_at < c.agreed_at)
    """,
    "a request is paid when one order of it is, and only then": """
        SELECT r.public_id, r.status || ', orders paid ' || count(o.id)
        FROM orders_recall r LEFT JOIN orders_order o ON o.recall_id = r.id AND o.status = 'paid'
        GROUP BY r.id
        HAVING count(o.id) <> CASE WHEN r.status IN ('paid', 'returned') THEN 1 ELSE 0 END
    """,
    "an order that pays a refund back gives everybody what is asked back for them": """
        WITH asked AS (
            SELECT a.recall_id, s.artisan_id, sum(a.share_minor) AS share, sum(a.commission_minor) AS commission
            FROM orders_recallallocation a
            JOIN orders_refundallocation f ON f.id = a.refund_allocation_id
            JOIN orders_sellerorder s ON s.id = f.seller_order_id
            GROUP BY 1, 2
            HAVING sum(a.share_minor + a.commission_minor) > 0
        ), split AS (
            SELECT o.id, s.artisan_id, s.share_minor AS share, s.commission_minor AS commission
            FROM orders_order o JOIN orders_sellerorder s ON s.order_id = o.id
            WHERE o.recall_id IS NOT NULL
        )
        SELECT coalesce(o.public_id, 'order ' || s.id),
               'asked back ' || coalesce(a.share::text, 'nothing') || '/' || coalesce(a.commission, 0)
               || ', split ' || coalesce(s.share::text, 'nothing') || '/' || coalesce(s.commission, 0)
        FROM orders_order o
        JOIN asked a ON a.recall_id = o.recall_id
        FULL JOIN split s ON s.id = o.id AND s.artisan_id = a.artisan_id
        WHERE (a.share, a.commission) IS DISTINCT FROM (s.share, s.commission)
    """,
    "what pays a refund back comes back in the books as it was asked": """
        SELECT o.public_id, 'asked back ' || a.commission || '/' || a.platform || '/' || a.shares || ', booked '
               || coalesce(-b.commission, 0) || '/' || coalesce(-b.platform, 0) || '/' || coalesce(-b.shares, 0)
        FROM orders_order o
        JOIN (
            SELECT recall_id, sum(commission_minor) AS commission, sum(platform_minor) AS platform,
                   sum(share_minor) AS shares
            FROM orders_recallallocation GROUP BY 1
        ) a ON a.recall_id = o.recall_id
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) FILTER (WHERE c.code LIKE 'commission:%') AS commission,
                   sum(g.amount_minor) FILTER (WHERE c.code LIKE 'goodwill:%') AS platform,
                   sum(g.amount_minor) FILTER (WHERE c.code LIKE 'seller\\_held:%') AS shares
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account c ON c.id = g.account_id
            WHERE e.source_reference = 'sale:' || o.payment_reference
        ) b ON true
        WHERE o.status = 'paid'
          AND (a.commission, a.platform, a.shares)
              IS DISTINCT FROM (coalesce(-b.commission, 0), coalesce(-b.platform, 0), coalesce(-b.shares, 0))
    """,
}
