"""Reads of carts. A cart with its goods and their artisans is one query, for one line and for a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from catalog.models import StockReservation
from catalog.selectors import CARD_FIELDS, priced
from common.guests import known_guest_scope
from common.money import Money
from orders.contracts.cart import CartGroup, CartLine, CartSnapshot
from orders.models import CartItem, Order


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
    items = list(
        CartItem.objects.filter(owner.filter("cart__"))
        .select_related("cart", "product__artisan")
        .only(
            "quantity", "unit_price_seen_minor", "added_at", "cart__public_id", "cart__currency",
            *(f"product__{field}" for field in CARD_FIELDS),
        )
        .annotate(held_by_own_order=_held_by_own_order())
        .order_by("added_at", "id")
    )  # fmt: skip
    if not items:
        return CartSnapshot(id="", currency=settings.DEFAULT_CURRENCY, groups=())
    cart = items[0].cart
    return CartSnapshot(id=cart.public_id, currency=cart.currency, groups=_groups(items))


def cart_pieces(*, owner: CartOwner) -> int:
    """How many pieces are in the cart, for the header."""
    if owner.is_nobody:
        return 0
    return CartItem.objects.filter(owner.filter("cart__")).aggregate(pieces=Sum("quantity"))["pieces"] or 0


def _held_by_own_order() -> Coalesce:
    """Pieces that an open order of this very cart holds: to its buyer they are not sold out."""
    orders = Order.objects.filter(cart_reference=OuterRef(OuterRef("cart__public_id"))).values("public_id")
    held = (
        StockReservation.objects.filter(
            product=OuterRef("product_id"), state=StockReservation.State.HELD, takes_stock=True, reference__in=orders
        )
        .values("product")
        .annotate(pieces=Sum("quantity"))
        .values("pieces")
    )
    return Coalesce(Subquery(held, output_field=IntegerField()), Value(0))


def _groups(items: Sequence[Any]) -> tuple[CartGroup, ...]:
    """By artisan, in the order in which the first piece of each was added."""
    first_added = {item.product.artisan_id: position for position, item in reversed(list(enumerate(items)))}
    items = sorted(items, key=lambda item: first_added[item.product.artisan_id])
    groups = []
    for _, members in groupby(items, key=lambda item: item.product.artisan_id):
        lines = tuple(
            CartLine(
                product=priced(item.product, held_by_reader=item.held_by_own_order),
                quantity=item.quantity,
                price_seen=Money(item.unit_price_seen_minor, item.product.currency),
            )
            for item in members
        )
        groups.append(CartGroup.of(lines[0].product.seller, lines))
    return tuple(groups)
