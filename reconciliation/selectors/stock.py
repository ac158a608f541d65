"""Stock: what is promised to buyers."""

RULES: dict[str, str] = {
    "promised stock equals the reservations that are held": """
        SELECT p.public_id, 'reserved ' || p.stock_reserved || ', held ' || coalesce(sum(r.quantity), 0)
        FROM catalog_product p
        LEFT JOIN catalog_stockreservation r ON r.product_id = p.id AND r.state = 'held' AND r.takes_stock
        GROUP BY p.id
        HAVING p.stock_reserved <> coalesce(sum(r.quantity), 0)
    """,
}
