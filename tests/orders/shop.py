"""A small shop for tests: artisans, their goods, carts, and checkouts started through the public use cases."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog.models import Artisan, Category, Product
from common.clock import now as clock_now
from common.guests import guest_scope
from identity.models import User
from orders.contracts.order import Buyer, ShippingAddress
from orders.models import Order
from orders.selectors.cart import CartOwner, get_cart
from orders.services import confirm_checkout, start_checkout
from orders.services.cart import add_to_cart
from orders.services.settle import Settled
from payments.enums import PaymentChannel

ADDRESS = {
    "name": "Ada Byron",
    "line1": "1 Loom Lane",
    "line2": "",
    "city": "Dublin",
    "region": "",
    "postal_code": "D02 X285",
    "country": "IE",
    "phone": "+353 1 234 5678",
}
_numbers = itertools.count(1)


def new_user(**fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(f"person{number}@example.org", "a good long password", **fields)


def new_artisan(*, currency: str = "EUR", shipping: tuple[int, int] = (500, 100), **fields: Any) -> Artisan:
    """`shipping` is the postage of the first piece and of each further one, in minor units."""
    number = next(_numbers)
    return Artisan.objects.create(
        **{
            "owner": new_user(),
            "slug": f"artisan-{number}",
            "name": f"Artisan {number}",
            "tagline": "Made by hand",
            "story": "A story.",
            "location": "Galway, Ireland",
            "currency": currency,
            "shipping_first_item_minor": shipping[0],
            "shipping_additional_item_minor": shipping[1],
            **fields,
        }
    )


def new_product(artisan: Artisan | None = None, *, price: int = 2000, stock: int = 10, **fields: Any) -> Product:
    number = next(_numbers)
    category, _ = Category.objects.get_or_create(slug="things", defaults={"name": "Things"})
    artisan = artisan or new_artisan()
    return Product.objects.create(
        **{
            "artisan": artisan,
            "category": category,
            "slug": f"product-{number}",
            "title": f"Product {number}",
            "description": "A thing.",
            "price_minor": price,
            "currency": artisan.currency,
            "stock_on_hand": stock,
            **fields,
        }
    )


def new_guest() -> Buyer:
    """A guest of their own, as the session of a browser would make one."""
    return Buyer(user_id=None, guest_scope=guest_scope({}))


def owner_of(buyer: Buyer) -> CartOwner:
    if buyer.user_id is not None:
        return CartOwner(user_pk=buyer.user_id)
    return CartOwner(guest_scope=buyer.guest_scope)


def fill_cart(buyer: Buyer, items: Sequence[tuple[Product, int]]) -> None:
    for product, quantity in items:
        add_to_cart(owner=owner_of(buyer), product_id=product.public_id, quantity=quantity, now=clock_now())


def check_out(
    items: Sequence[tuple[Product, int]] = (),
    *,
    buyer: Buyer | None = None,
    now: dt.datetime | None = None,
    email: str = "ada@example.org",
) -> Order:
    """An order awaiting payment. `items` are put into the buyer's cart first."""
    buyer = buyer or new_guest()
    fill_cart(buyer, items)
    cart = get_cart(owner=owner_of(buyer))
    with transaction.atomic():  # as in the API, whose transaction a refusal ends
        return start_checkout(
            buyer=buyer,
            cart=cart,
            expected_cart_hash=cart.hash,
            email=email,
            shipping_address=ShippingAddress(**ADDRESS),
            now=now or clock_now(),
        )


def confirm(
    order: Order,
    *,
    now: dt.datetime | None = None,
    quote_hash: str | None = None,
    channel: PaymentChannel = PaymentChannel.ELEMENTS,
) -> Settled:
    """As the order's own buyer."""
    return confirm_checkout(
        public_id=order.public_id,
        buyer=Buyer(user_id=order.buyer_id, guest_scope=order.guest_scope),
        quote_hash=order.quote_hash if quote_hash is None else quote_hash,
        channel=channel,
        now=now or clock_now(),
    )


def three_artisans() -> list[tuple[Product, int]]:
    """The basket whose figures tests count with: 2 x 25.00 + 1 x 99.95 + 3 x 3.33, postage 6.00 + 5.00 + 0.00."""
    clay, wool, wood = new_artisan(), new_artisan(shipping=(500, 0)), new_artisan(shipping=(0, 0))
    return [
        (new_product(clay, price=2500), 2),
        (new_product(wool, price=9995), 1),
        (new_product(wood, price=333), 3),
    ]
