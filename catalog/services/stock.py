"""Stock promised to orders. Each use case is ONE statement, so it holds its locks for one round trip.

Locks are taken in one order everywhere: products by id, then the reservation rows. NO KEY UPDATE is enough to
change stock, and lets others insert rows that point at the product (carts, order lines) in the meantime.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from catalog.models import REFERENCE_MAX_LENGTH, StockReservation
from common.errors import DomainError, ErrorKind


class OutOfStock(DomainError):
    """Some goods are not free in the wanted number. Nothing was reserved. `product_ids` are public ids."""

    code = "out_of_stock"
    kind = ErrorKind.CONFLICT
    title = "Some goods are no longer available"

    def __init__(self, *, titles: Sequence[str], product_ids: Sequence[str]) -> None:
        names = ", ".join(titles) if titles else "one of the goods"
        super().__init__(f"Not available in this number any more: {names}.", product_ids=list(product_ids))
        self.titles = tuple(titles)
        self.product_ids = tuple(product_ids)


class ReservationMismatch(DomainError):
    """The reference holds other goods or another number of them than is asked for now."""

    code = "reservation_mismatch"
    kind = ErrorKind.MISMATCH
    title = "Other goods are reserved already"


class ReservationNotHeld(DomainError):
    """There is nothing to consume: never reserved, or released since (it expired or was canceled)."""

    code = "reservation_not_held"
    kind = ErrorKind.GONE
    title = "The goods are not reserved any more"


# `fresh` are the wanted products that this reference does not hold or has not consumed. All of them fit or nothing
# is written. Stock moves only for the rows that `claimed` really wrote, so a second call moves nothing.
_RESERVE = """
WITH wanted AS (
    SELECT product_id, quantity FROM unnest(%(products)s::bigint[], %(quantities)s::int[]) AS w (product_id, quantity)
), locked AS (
    SELECT id, public_id, title, is_published, is_made_to_order, stock_on_hand - stock_reserved AS free
      FROM catalog_product WHERE id = ANY (%(products)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
), known AS (
    SELECT product_id, quantity FROM catalog_stockreservation
     WHERE reference = %(reference)s AND state <> 'released'
), fresh AS (
    SELECT w.product_id, w.quantity, l.is_made_to_order,
           coalesce(l.is_published AND (l.is_made_to_order OR l.free >= w.quantity), false) AS fits
      FROM wanted w LEFT JOIN locked l ON l.id = w.product_id
     WHERE NOT EXISTS (SELECT FROM known k WHERE k.product_id = w.product_id)
), claimed AS (
    INSERT INTO catalog_stockreservation AS r
           (reference, product_id, quantity, takes_stock, state, expires_at, created_at, changed_at)
    SELECT %(reference)s, f.product_id, f.quantity, NOT f.is_made_to_order, 'held',
           %(expires_at)s, %(now)s, %(now)s
      FROM fresh f WHERE NOT EXISTS (SELECT FROM fresh WHERE NOT fits) AND NOT EXISTS (SELECT FROM known)
     ORDER BY f.product_id
    ON CONFLICT (reference, product_id) DO UPDATE
       SET quantity = excluded.quantity, takes_stock = excluded.takes_stock, state = 'held',
           expires_at = excluded.expires_at, changed_at = excluded.changed_at
     WHERE r.state = 'released'
    RETURNING product_id, quantity, takes_stock
), taken AS (
    UPDATE catalog_product p SET stock_reserved = p.stock_reserved + c.quantity
      FROM claimed c WHERE p.id = c.product_id AND c.takes_stock
)
SELECT l.public_id, l.title, coalesce(f.fits, true) AS fits,
       c.product_id IS NOT NULL OR k.quantity IS NOT DISTINCT FROM w.quantity AS held,
       EXISTS (SELECT FROM known WHERE product_id <> ALL (%(products)s::bigint[])) AS holds_others
  FROM wanted w
  LEFT JOIN locked l ON l.id = w.product_id
  LEFT JOIN fresh f ON f.product_id = w.product_id
  LEFT JOIN known k ON k.product_id = w.product_id
  LEFT JOIN claimed c ON c.product_id = w.product_id
 ORDER BY w.product_id
"""

_CONSUME = """
WITH locked AS (
    SELECT p.id FROM catalog_product p
     WHERE p.id IN (SELECT product_id FROM catalog_stockreservation WHERE reference = %(reference)s AND state = 'held')
     ORDER BY p.id FOR NO KEY UPDATE
), changed AS (
    UPDATE catalog_stockreservation SET state = 'consumed', changed_at = %(now)s
     WHERE reference = %(reference)s AND state = 'held' AND (SELECT count(*) FROM locked) > 0
    RETURNING product_id, quantity, takes_stock
), shelf AS (
    UPDATE catalog_product p
       SET stock_reserved = p.stock_reserved - c.quantity, stock_on_hand = p.stock_on_hand - c.quantity
      FROM changed c WHERE p.id = c.product_id AND c.takes_stock
)
SELECT count(*) FROM changed
"""

_RELEASE = """
WITH locked AS (
    SELECT p.id FROM catalog_product p
     WHERE p.id IN (SELECT product_id FROM catalog_stockreservation WHERE reference = %(reference)s AND state = 'held')
       AND (%(products)s::bigint[] IS NULL OR p.id = ANY (%(products)s::bigint[]))
     ORDER BY p.id FOR NO KEY UPDATE
), changed AS (
    UPDATE catalog_stockreservation SET state = 'released', changed_at = %(now)s
     WHERE reference = %(reference)s AND state = 'held' AND product_id IN (SELECT id FROM locked)
    RETURNING product_id, quantity, takes_stock
), shelf AS (
    UPDATE catalog_product p SET stock_reserved = p.stock_reserved - c.quantity
      FROM changed c WHERE p.id = c.product_id AND c.takes_stock
)
SELECT count(*) FROM changed
"""


def reserve_stock(
    *, reference: str, items: Sequence[tuple[int, int]], expires_at: dt.datetime, now: dt.datetime
) -> None:
    """Promises the pieces to the reference, all or none. `items` are (product primary key, quantity).

    Asking again for the same is no error and moves nothing. What was released before is reserved anew. Raises
    OutOfStock naming the goods, or ReservationMismatch when the reference holds something else.
    """
    wanted = _checked(reference, items)
    rows = _run(
        _RESERVE,
        reference=reference,
        products=[product for product, _ in wanted],
        quantities=[quantity for _, quantity in wanted],
        expires_at=expires_at,
        now=now,
    )
    if all(row["held"] and not row["holds_others"] for row in rows):
        return
    # The statement saw the reservations as they were when it began to wait for its locks; look at them as they are
    # now: the same request, running at the same time, may have got the goods for this reference a moment ago.
    held = _held(reference)
    if held == wanted:
        return
    if held:
        raise ReservationMismatch
    lacking = [row for row in rows if not row["fits"]]
    raise OutOfStock(
        titles=[row["title"] for row in lacking if row["title"]],
        product_ids=[row["public_id"] for row in lacking if row["public_id"]],
    )


def consume_reservation(*, reference: str, now: dt.datetime) -> None:
    """The goods are sold: they leave the shelf. A second call changes nothing.

    Raises ReservationNotHeld when there is no reservation, or all of it was released: reserve again first.
    """
    if _run(_CONSUME, reference=reference, now=now)[0]["count"]:
        return
    states = set(StockReservation.objects.filter(reference=reference).values_list("state", flat=True))
    if StockReservation.State.CONSUMED not in states:
        raise ReservationNotHeld


def release_reservation(*, reference: str, now: dt.datetime, product_ids: Sequence[int] | None = None) -> bool:
    """Frees what the reference holds, or of that only the named products; True if there was something.

    What was consumed stays sold.
    """
    products = None if product_ids is None else sorted(product_ids)
    return bool(_run(_RELEASE, reference=reference, now=now, products=products)[0]["count"])


def _checked(reference: str, items: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """By product id; a defect of the caller is a ValueError, not a refusal."""
    wanted = sorted(items)
    if not reference or len(reference) > REFERENCE_MAX_LENGTH:
        raise ValueError("a reference has 1 to 64 characters")
    if not wanted or any(quantity <= 0 for _, quantity in wanted):
        raise ValueError("a reservation holds at least one piece of each product")
    if len({product for product, _ in wanted}) != len(wanted):
        raise ValueError("a product is named twice")
    return wanted


def _held(reference: str) -> list[tuple[int, int]]:
    rows = StockReservation.objects.filter(reference=reference).exclude(state=StockReservation.State.RELEASED)
    return sorted(rows.values_list("product_id", "quantity"))


def _run(statement: str, **values: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
