"""What the catalog tells other apps: frozen, and holding nothing that could write back."""

from dataclasses import dataclass

from common.money import Money


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture: `url` is the largest; `srcset` lists its renditions by width in CSS pixels."""

    url: str
    small_url: str
    srcset: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class ShippingRule:
    """One artisan's postage: so much for the first piece of a parcel, so much for each piece that joins it."""

    first_item: Money
    additional_item: Money

    def cost(self, *, pieces: int) -> Money:
        """Postage of one parcel with that many pieces; nothing for an empty one."""
        if pieces <= 0:
            return Money.zero(self.first_item.currency)
        return self.first_item + self.additional_item * (pieces - 1)


@dataclass(frozen=True, slots=True)
class Seller:
    """The artisan of a priced product. `pk` is for joins inside the shop; the outside sees `public_id`."""

    pk: int
    public_id: str
    name: str
    slug: str
    url: str
    shipping: ShippingRule


@dataclass(frozen=True, slots=True)
class PricedProduct:
    """What a product costs now, and whether it can be bought.

    `available` is the number of pieces that are free, None where the stock does not limit (made to order).
    """

    pk: int
    public_id: str
    title: str
    slug: str
    url: str
    picture: Picture | None
    seller: Seller
    price: Money
    is_on_sale: bool
    is_made_to_order: bool
    lead_time_days: int
    available: int | None

    def can_supply(self, quantity: int) -> bool:
        return self.is_on_sale and (self.available is None or self.available >= quantity)
