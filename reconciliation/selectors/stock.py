"""Stock: what is promised to buyers."""

RULES: dict[str, str] = {
    "promised stock equals the reservations that are held": """
        SELECT p.public_id, 'reserved ' || p.stock_reserved || ', held ' || coalesce(sum(r.quantity), 0)
        FROM catalog_product p
        LEFT JOIN catalog_stockreservation r ON r.product_id = p.id AND r.state = 'held' AND r.takes_stock
        GROUP BY p.id
        HAVING p.stock_reserved <> coalesce(sum(r.quantity), 0)
    """,
    "goods are held for orders that may still be sold, and for no others": """
        SELECT r.reference, 'held for an order that is ' || coalesce(o.status, 'not there')
        FROM catalog_stockreservation r LEFT JOIN orders_order o ON o.public_id = r.reference
        WHERE r.state = 'held'
          AND coalesce(o.status, '') NOT IN ('awaiting_payment', 'processing', 'authorized', 'capturing')
        UNION ALL
        SELECT o.public_id, o.status || ', and holds no ' || l.title
        FROM orders_order o
        JOIN orders_sellerorder s ON s.order_id = o.id
        JOIN orders_orderline l ON l.seller_order_id = s.id
        LEFT JOIN orders_fulfilment f ON f.seller_order_id = s.id
        WHERE o.status IN ('awaiting_payment', 'processing', 'authorized', 'capturing')
          AND f.status IS DISTINCT FROM 'declined' AND o.recall_id IS NULL
          AND NOT EXISTS (SELECT FROM catalog_stockreservation r
                          WHERE r.reference = o.public_id AND r.product_id = l.product_id AND r.state = 'held')
    """,
}
