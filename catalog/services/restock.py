"""Goods that were sold and come back on the shelf."""

from collections.abc import Sequence

from django.db import connection

from catalog.models import StockReservation
from common import audit

# Goods made to order took nothing from the shelf, and bring nothing back. Rows are locked by id, as everywhere.
_RETURN = """
WITH given AS (
    SELECT product_id, quantity FROM unnest(%s::bigint[], %s::int[]) AS g (product_id, quantity)
), locked AS (
    SELECT p.id FROM catalog_product p
      JOIN catalog_stockreservation r ON r.product_id = p.id AND r.reference = %s
       AND r.state = %s AND r.takes_stock
     WHERE p.id IN (SELECT product_id FROM given) ORDER BY p.id FOR NO KEY UPDATE OF p
)
UPDATE catalog_product p SET stock_on_hand = p.stock_on_hand + g.quantity
  FROM given g, locked l WHERE l.id = p.id AND g.product_id = p.id
"""


def return_to_shelf(*, reference: str, items: Sequence[tuple[int, int]], because: str) -> int:
    """Puts pieces of a sold reservation back, in the caller's transaction; returns how many products had some.

    `items` are (product primary key, pieces), each product once; `because` is the refund that paid for them. The caller
    sees to it that no piece comes back twice.
    """
    state = StockReservation.State.CONSUMED
    with connection.cursor() as cursor:
        cursor.execute(_RETURN, [[i for i, _ in items], [pieces for _, pieces in items], reference, state])
        returned: int = cursor.rowcount
    audit.record(event_type="stock.returned", outcome="succeeded", subject=reference, command=f"restock:{because}")
    return returned
