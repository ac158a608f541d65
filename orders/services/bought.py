"""What was paid leaves the cart."""

from common.writes import Writes
from orders.models import Order

_OF_THE_CART = """
  FROM orders_cart c, orders_orderline l, orders_sellerorder s
 WHERE c.id = i.cart_id AND c.public_id = %s AND s.order_id = %s AND l.seller_order_id = s.id
   AND i.product_id = l.product_id
"""


def take_bought_from_cart(writes: Writes, order: Order) -> None:
    """Adds the parts that take the order's pieces out of the cart it came from.

    What the buyer put in while the payment was under way stays.
    """
    params = [order.cart_reference, order.id]
    # DELETE says USING where UPDATE says FROM; the rest is the same.
    using = _OF_THE_CART.replace("FROM", "USING", 1)
    writes.raw("gone", f"DELETE FROM orders_cartitem i {using} AND i.quantity <= l.quantity RETURNING i.id", params)  # noqa: S608
    writes.raw(
        "fewer",
        f"UPDATE orders_cartitem i SET quantity = i.quantity - l.quantity {_OF_THE_CART}"  # noqa: S608
        " AND i.quantity > l.quantity RETURNING i.id",
        params,
    )
