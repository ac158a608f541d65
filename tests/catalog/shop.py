"""Small shops for the tests of the catalog and the cart."""

import itertools
from typing import Any

from catalog.models import Artisan, Category, Product
from identity.models import User

_numbers = itertools.count(1)


def make_user(email: str = "", **fields: Any) -> User:
    return User.objects.create_user(email or f"person{next(_numbers)}@example.org", "a-long-enough-word", **fields)


def make_artisan(*, first_minor: int = 500, additional_minor: int = 100, **fields: Any) -> Artisan:
    number = next(_numbers)
    given: dict[str, Any] = {
        "owner": make_user(),
        "slug": f"maker-{number}",
        "name": f"Maker {number}",
        "tagline": "Makes things",
        "story": "A story.",
        "location": "Porto, Portugal",
        "shipping_first_item_minor": first_minor,
        "shipping_additional_item_minor": additional_minor,
    }
    return Artisan.objects.create(**{**given, **fields})


def make_product(artisan: Artisan | None = None, **fields: Any) -> Product:
    number = next(_numbers)
    artisan = artisan or make_artisan()
    category, _ = Category.objects.get_or_create(slug="pottery", defaults={"name": "Pottery"})
    given: dict[str, Any] = {
        "artisan": artisan,
        "category": category,
        "slug": f"thing-{number}",
        "title": f"Thing {number}",
        "description": "Described.",
        "price_minor": 1000,
        "currency": artisan.currency,
        "stock_on_hand": 5,
    }
    return Product.objects.create(**{**given, **fields})
