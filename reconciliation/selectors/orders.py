"""Orders: what was quoted, what was paid, and how it was divided."""

RULES: dict[str, str] = {
    "a paid order has exactly one capture, of its total or of what the artisans accepted": """
        SELECT o.public_id, o.status || ', total ' || coalesce(o.captured_minor, o.total_minor)
               || ', captured ' || coalesce(sum(c.amount_minor), 0)
        FROM orders_order o
        LEFT JOIN payments_payment p
               ON p.order_reference = o.public_id AND o.payment_reference IN ('', p.public_id)
        LEFT JOIN payments_capture c ON c.payment_id = p.id
        GROUP BY o.id
        HAVING (o.status = 'paid'
                AND (count(c.id) <> 1 OR sum(c.amount_minor) <> coalesce(o.captured_minor, o.total_minor)))
            OR (o.status IN ('awaiting_payment', 'processing', 'authorized', 'capturing', 'expired', 'canceled')
                AND count(c.id) <> 0)
    """,
    "an order that is placed names the payment that it was placed with": """
        SELECT o.public_id, o.status || ', payment ' || coalesce(nullif(o.payment_reference, ''), 'none')
        FROM orders_order o
        LEFT JOIN payments_payment p ON p.public_id = o.payment_reference AND p.order_reference = o.public_id
        WHERE (o.status = 'paid' AND p.status IS DISTINCT FROM 'succeeded')
           OR (o.status IN ('authorized', 'capturing')
               AND coalesce(p.status, '') NOT IN ('authorized', 'processing'))
    """,
    "an order is in processing while a payment of it is under way, and not longer": """
        SELECT o.public_id, 'processing, and no payment is'
        FROM orders_order o
        WHERE o.status = 'processing'
          AND NOT EXISTS (SELECT FROM payments_payment p
                          WHERE p.order_reference = o.public_id AND p.status IN ('processing', 'approved'))
    """,
    "a part that was sold or waits is told of, and what is captured is what was accepted": """
        SELECT o.public_id, o.status || ', parts ' || count(s.id) || ', told of ' || count(f.id)
        FROM orders_order o
        JOIN orders_sellerorder s ON s.order_id = o.id
        LEFT JOIN orders_fulfilment f ON f.seller_order_id = s.id
        WHERE o.status IN ('authorized', 'capturing', 'paid')
        GROUP BY o.id
        HAVING count(f.id) <> count(s.id)
            OR (o.captured_minor IS NOT NULL AND o.captured_minor IS DISTINCT FROM
                sum(s.goods_minor + s.shipping_minor) FILTER (WHERE f.status <> 'declined'))
    """,
    "an order's parts add up to it": """
        SELECT o.public_id, 'order ' || o.total_minor || ', parts '
               || coalesce(sum(s.goods_minor + s.shipping_minor)::text, 'none')
        FROM orders_order o LEFT JOIN orders_sellerorder s ON s.order_id = o.id
        GROUP BY o.id
        HAVING coalesce(sum(s.goods_minor + s.shipping_minor), 0) + o.platform_minor <> o.total_minor
            OR coalesce(sum(s.goods_minor), 0) <> o.goods_minor
    """,
    "a part's lines add up to it": """
        SELECT s.public_id, 'part ' || s.goods_minor || '/' || s.commission_minor || ', lines '
               || coalesce(sum(l.line_total_minor) || '/' || sum(l.commission_minor), 'none')
        FROM orders_sellerorder s LEFT JOIN orders_orderline l ON l.seller_order_id = s.id
        GROUP BY s.id
        HAVING coalesce(sum(l.line_total_minor), 0) <> s.goods_minor
            OR coalesce(sum(l.commission_minor), 0) <> s.commission_minor
    """,
    "the splits of a sale equal its capture": """
        SELECT o.public_id, 'captured ' || max(c.amount_minor) || ', commission and shares '
               || coalesce(sum(s.commission_minor + s.share_minor), 0) || ', ours ' || o.platform_minor
        FROM orders_order o
        LEFT JOIN orders_sellerorder s ON s.order_id = o.id
        JOIN payments_payment p ON p.public_id = o.payment_reference
        JOIN payments_capture c ON c.payment_id = p.id
        LEFT JOIN orders_fulfilment f ON f.seller_order_id = s.id
        WHERE o.status = 'paid' AND f.status IS DISTINCT FROM 'declined'
        GROUP BY o.id
        HAVING coalesce(sum(s.commission_minor + s.share_minor), 0) + o.platform_minor <> max(c.amount_minor)
    """,
    "each part of a paid order is owed to its artisan exactly once": """
        SELECT s.public_id, 'share ' || s.share_minor || ', payable ' || coalesce(b.amount_minor::text, 'missing')
        FROM orders_sellerorder s
        JOIN orders_order o ON o.id = s.order_id
        LEFT JOIN orders_fulfilment f ON f.seller_order_id = s.id
        LEFT JOIN payouts_payable b ON b.seller_order_reference = s.public_id AND b.origin_reference = ''
        WHERE (o.status = 'paid' AND s.share_minor > 0 AND f.status IS DISTINCT FROM 'declined'
               AND (b.amount_minor, b.currency, b.artisan_id)
                   IS DISTINCT FROM (s.share_minor, s.currency, s.artisan_id))
           OR ((o.status <> 'paid' OR f.status = 'declined') AND b.id IS NOT NULL)
    """,
    "an order that is paid back says what its refund says": """
        SELECT o.public_id, 'order ' || o.status || ', refund ' || coalesce(string_agg(r.status, ', '), 'none')
        FROM orders_order o
        LEFT JOIN payments_payment p ON p.order_reference = o.public_id
        LEFT JOIN payments_capture c ON c.payment_id = p.id
        LEFT JOIN payments_refund r ON r.capture_id = c.id
        WHERE o.status IN ('refunding', 'refunded', 'refund_failed')
        GROUP BY o.id
        HAVING (o.status = 'refunded' AND count(*) FILTER (WHERE r.status IN ('pending', 'succeeded')) = 0)
            OR (o.status = 'refunding' AND count(*) FILTER (WHERE r.status IN ('requested', 'unknown')) = 0)
            OR (o.status = 'refund_failed' AND count(*) FILTER (WHERE r.status = 'failed') = 0)
    """,
}
