"""The frozen quote: what a cart costs at one moment, split by artisan, with the commission of each line. Pure."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from common.money import MAX_AMOUNT_MINOR, Money, charge_step_minor, smallest_charge_minor, total
from orders.contracts.cart import CartGroup, CartLine, CartSnapshot
from orders.contracts.order import AmountTooLarge, AmountTooSmall, CartNotOrderable


@dataclass(frozen=True, slots=True)
class QuotedLine:
    line: CartLine
    commission: Money


@dataclass(frozen=True, slots=True)
class SellerQuote:
    """One artisan's part. Commission is taken on goods, not on shipping; `share` is what the artisan earns."""

    artisan_pk: int
    artisan_public_id: str
    lines: tuple[QuotedLine, ...]
    goods: Money
    shipping: Money
    commission: Money

    @property
    def share(self) -> Money:
        return self.goods - self.commission + self.shipping


@dataclass(frozen=True, slots=True)
class Quote:
    """`document` is what the buyer is shown and what is stored; `hash` is its SHA-256."""

    sellers: tuple[SellerQuote, ...]
    goods: Money
    shipping: Money
    document: dict[str, Any]
    hash: str

    @property
    def total(self) -> Money:
        return self.goods + self.shipping


def quote_cart(*, cart: CartSnapshot, commission_bps: int) -> Quote:
    """Prices the cart as it is.

    Raises AmountTooLarge and AmountTooSmall outside what a processor takes in one charge, and CartNotOrderable for an
    amount that no processor can charge.
    """
    sellers = tuple(_seller(group.seller.pk, group.seller.public_id, group, commission_bps) for group in cart.groups)
    quoted = Quote(sellers=sellers, goods=cart.goods, shipping=cart.shipping, document={}, hash="")
    if quoted.total.amount_minor > MAX_AMOUNT_MINOR:
        raise AmountTooLarge(f"The most that can be charged at once is {Money(MAX_AMOUNT_MINOR, cart.currency)}.")
    smallest = Money(smallest_charge_minor(cart.currency), cart.currency)
    if quoted.total.amount_minor < smallest.amount_minor:
        raise AmountTooSmall(f"{quoted.total} is too little to be charged: an order comes to {smallest} at least.")
    # Each artisan's part by itself too, because it may be the only one that is accepted, or that is given back.
    step = charge_step_minor(cart.currency)
    if any((seller.goods + seller.shipping).amount_minor % step for seller in sellers):
        raise CartNotOrderable(f"{quoted.total} can't be charged: the last digit of an amount in {cart.currency} is 0.")
    document = _document(cart, commission_bps)
    return Quote(sellers, cart.goods, cart.shipping, document, hash_of(document))


def hash_of(document: dict[str, Any]) -> str:
    """SHA-256 of the document in canonical JSON."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _seller(artisan_pk: int, artisan_public_id: str, group: CartGroup, commission_bps: int) -> SellerQuote:
    lines = tuple(QuotedLine(line, line.line_total.share_bps(commission_bps)) for line in group.lines)
    return SellerQuote(
        artisan_pk=artisan_pk,
        artisan_public_id=artisan_public_id,
        lines=lines,
        goods=group.goods,
        shipping=group.shipping,
        commission=total((line.commission for line in lines), group.goods.currency),
    )


def _document(cart: CartSnapshot, commission_bps: int) -> dict[str, Any]:
    return {
        "currency": cart.currency,
        "commission_bps": commission_bps,
        "goods_minor": cart.goods.amount_minor,
        "shipping_minor": cart.shipping.amount_minor,
        "total_minor": cart.total.amount_minor,
        "groups": [
            {
                "artisan": {"id": group.seller.public_id, "name": group.seller.name, "slug": group.seller.slug},
                "goods_minor": group.goods.amount_minor,
                "shipping_minor": group.shipping.amount_minor,
                "lines": [_line(line) for line in group.lines],
            }
            for group in cart.groups
        ],
    }


def _line(line: CartLine) -> dict[str, Any]:
    product = line.product
    return {
        "product_id": product.public_id,
        "title": product.title,
        "url": product.url,
        "image_url": product.picture.small_url if product.picture else "",
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price.amount_minor,
        "line_total_minor": line.line_total.amount_minor,
        "is_made_to_order": product.is_made_to_order,
        "lead_time_days": product.lead_time_days if product.is_made_to_order else 0,
    }
