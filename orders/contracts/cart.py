"""The cart as everybody sees it: priced now, grouped by artisan, with a hash of what a buyer agrees to."""

import enum
import hashlib
import json
from dataclasses import dataclass

from catalog.contracts import PricedProduct, Seller
from common.money import Money, total


class LineProblem(enum.Enum):
    """What is wrong with a line. All but PRICE_CHANGED keep the cart from the checkout."""

    UNAVAILABLE = "unavailable"
    SOLD_OUT = "sold_out"
    NOT_ENOUGH = "not_enough"
    PRICE_CHANGED = "price_changed"


@dataclass(frozen=True, slots=True)
class CartLine:
    """So many pieces of one product. `price_seen` is the price when the buyer last touched the line."""

    product: PricedProduct
    quantity: int
    price_seen: Money

    @property
    def unit_price(self) -> Money:
        return self.product.price

    @property
    def line_total(self) -> Money:
        return self.product.price * self.quantity

    @property
    def problem(self) -> LineProblem | None:
        if not self.product.is_on_sale:
            return LineProblem.UNAVAILABLE
        if self.product.available == 0:
            return LineProblem.SOLD_OUT
        if not self.product.can_supply(self.quantity):
            return LineProblem.NOT_ENOUGH
        if self.price_seen != self.product.price:
            return LineProblem.PRICE_CHANGED
        return None

    @property
    def blocks_checkout(self) -> bool:
        return self.problem not in (None, LineProblem.PRICE_CHANGED)


@dataclass(frozen=True, slots=True)
class CartGroup:
    """What one artisan sends: one parcel, one postage."""

    seller: Seller
    lines: tuple[CartLine, ...]
    goods: Money
    shipping: Money

    @classmethod
    def of(cls, seller: Seller, lines: tuple[CartLine, ...]) -> "CartGroup":
        currency = seller.shipping.first_item.currency
        return cls(
            seller=seller,
            lines=lines,
            goods=total((line.line_total for line in lines), currency),
            shipping=seller.shipping.cost(pieces=sum(line.quantity for line in lines)),
        )

    @property
    def total(self) -> Money:
        return self.goods + self.shipping


@dataclass(frozen=True, slots=True)
class CartSnapshot:
    """A cart at one moment. `id` is empty when there is none yet; all amounts are in `currency`."""

    id: str
    currency: str
    groups: tuple[CartGroup, ...]

    @property
    def lines(self) -> tuple[CartLine, ...]:
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def goods(self) -> Money:
        return total((group.goods for group in self.groups), self.currency)

    @property
    def shipping(self) -> Money:
        return total((group.shipping for group in self.groups), self.currency)

    @property
    def total(self) -> Money:
        return self.goods + self.shipping

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_empty(self) -> bool:
        return not self.groups

    @property
    def can_check_out(self) -> bool:
        return not self.is_empty and not any(line.blocks_checkout for line in self.lines)

    @property
    def hash(self) -> str:
        """SHA-256 of all that decides the amount: products, quantities, prices, postage, currency.

        The browser sends it back, so that an order is only made of the cart that the buyer looked at. It does not
        depend on the order in which goods were added.
        """
        lines = sorted((line.product.public_id, line.quantity, line.unit_price.amount_minor) for line in self.lines)
        postage = sorted((group.seller.public_id, group.shipping.amount_minor) for group in self.groups)
        text = json.dumps([self.currency, lines, postage], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
