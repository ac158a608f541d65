"""Reads of carts. A cart with its goods and their artisans is one query, for one line and for a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum
from django.http import HttpRequest

from catalog.models import Product
from catalog.selectors import card_columns, card_of, priced
from common.guests import known_guest_scope
from common.money import Money
from orders.contracts.cart import CartGroup, CartLine, CartSnapshot
from orders.models import CartItem


@dataclass(frozen=True, slots=True)
class CartOwner:
    """Whose cart: a user's, or a guest's, by the hash of the token in the session. Neither: nobody's, so no cart."""

    user_pk: int | None = None
    guest_scope: str = ""

    @property
    def is_nobody(self) -> bool:
        return self.user_pk is None and not self.guest_scope

    def filter(self, prefix: str = "") -> Q:
        """The condition on a cart, or on what points at it through `prefix`."""
        if self.user_pk is not None:
            return Q(**{f"{prefix}user_id": self.user_pk})
        return Q(**{f"{prefix}guest_scope": self.guest_scope, f"{prefix}user__isnull": True})


def owner_of_request(request: HttpRequest) -> CartOwner:
    """A log-in goes before a guest's token. A visitor without a session is nobody, and stays without one."""
    if request.user.is_authenticated:
        return CartOwner(user_pk=request.user.pk)
    return CartOwner(guest_scope=known_guest_scope(request.session))


def cart_for_request(request: HttpRequest) -> CartSnapshot:
    """The cart of whoever sent the request."""
    return get_cart(owner=owner_of_request(request))


def get_cart(*, owner: CartOwner) -> CartSnapshot:
    """The cart at today's prices. Somebody without a cart has an empty one without an id."""
    if owner.is_nobody:
        return CartSnapshot(id="", currency=settings.DEFAULT_CURRENCY, groups=())
    with connection.cursor() as cursor:
        cursor.execute(_query(of_user=owner.user_pk is not None), [owner.user_pk or owner.guest_scope])
        items = [_Item(*card_of(row)) for row in cursor.fetchall()]
    if not items:
        return CartSnapshot(id="", currency=settings.DEFAULT_CURRENCY, groups=())
    return CartSnapshot(id=items[0].cart_id, currency=items[0].cart_currency, groups=_groups(items))


def cart_pieces(*, owner: CartOwner) -> int:
    """How many pieces are in the cart, for the header."""
    if owner.is_nobody:
        return 0
    return CartItem.objects.filter(owner.filter("cart__")).aggregate(pieces=Sum("quantity"))["pieces"] or 0


class _Item:
    """A line of the cart as it was read."""

    def __init__(self, product: Product, rest: Sequence[Any]) -> None:
        self.product = product
        self.cart_id, self.cart_currency, self.quantity, self.price_seen_minor, self.held_by_own_order = rest


@cache
def _query(*, of_user: bool) -> str:
    """The text for a user's or for a guest's cart; pieces that an open order of this very cart holds count as free.

    SQL and not a queryset: compiling that anew each time took longer than everything else that is done to a cart.
    """
    owner = "c.user_id = %s" if of_user else "c.guest_scope = %s AND c.user_id IS NULL"
    return f"""
        SELECT {card_columns(product="p", artisan="a")}, c.public_id, c.currency, i.quantity, i.unit_price_seen_minor,
               (SELECT coalesce(sum(r.quantity), 0)
                  FROM orders_order o
                  JOIN catalog_stockreservation r ON r.reference = o.public_id
                 WHERE o.cart_reference = c.public_id AND o.status IN ('awaiting_payment', 'processing')
                   AND r.product_id = p.id AND r.state = 'held' AND r.takes_stock)
          FROM orders_cart c
          JOIN orders_cartitem i ON i.cart_id = c.id
          JOIN catalog_product p ON p.id = i.product_id
          JOIN catalog_artisan a ON a.id = p.artisan_id
         WHERE {owner}
         ORDER BY i.added_at, i.id
    """  # noqa: S608


def _groups(items: Sequence[_Item]) -> tuple[CartGroup, ...]:
    """By artisan, in the order in which the first piece of each was added."""
    first_added = {item.product.artisan_id: position for position, item in reversed(list(enumerate(items)))}
    items = sorted(items, key=lambda item: first_added[item.product.artisan_id])
    groups = []
    for _, members in groupby(items, key=lambda item: item.product.artisan_id):
        lines = tuple(
            CartLine(
                product=priced(item.product, held_by_reader=item.held_by_own_order),
                quantity=item.quantity,
                price_seen=Money(item.price_seen_minor, item.product.currency),
            )
            for item in members
        )
        groups.append(CartGroup.of(lines[0].product.seller, lines))
    return tuple(groups)
