"""Fills an empty shop with the demo goods, and a filled one with what is missing.

Stock that was sold stays sold, and what artisans have changed of their shops and goods since stays changed.
"""

import datetime as dt
from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.demo.goods import CATEGORIES, PRODUCTS, DemoProduct
from catalog.demo.makers import ARTISANS, DemoArtisan
from catalog.demo.people import (
    ADMIN_EMAIL,
    ADMIN_NAME,
    BUYER_ADDRESSES,
    BUYER_EMAIL,
    BUYER_NAME,
    DEMO_PASSWORD,
)
from catalog.models import Artisan, Category, Product
from catalog.services.pictures import make_renditions
from identity.models import User
from identity.services import save_address

PICTURES = Path(__file__).resolve().parent / "pictures"
_CURRENCY = "EUR"


def load(*, now: dt.datetime) -> list[Artisan]:
    """Loads everything in one transaction; pictures are copied into the media storage. Returns the artisans."""
    with transaction.atomic():
        password = make_password(DEMO_PASSWORD)
        _person(ADMIN_EMAIL, ADMIN_NAME, password, is_staff=True, is_superuser=True)
        buyer = _person(BUYER_EMAIL, BUYER_NAME, password)
        for address in BUYER_ADDRESSES:
            save_address(user=buyer, **address)
        artisans = {maker.slug: _artisan(maker, password) for maker in ARTISANS}
        categories = {
            shelf.slug: Category.objects.update_or_create(
                slug=shelf.slug,
                defaults={"name": shelf.name, "description": shelf.description, "position": position},
            )[0]
            for position, shelf in enumerate(CATEGORIES, start=1)
        }
        for age, goods in enumerate(PRODUCTS):
            _product(goods, artisans[goods.artisan], categories[goods.category], now - dt.timedelta(hours=5 * age))
    return list(artisans.values())


def _person(email: str, name: str, password: str, *, is_staff: bool = False, is_superuser: bool = False) -> User:
    user, _ = User.objects.get_or_create(
        email=email,
        defaults={"full_name": name, "password": password, "is_staff": is_staff, "is_superuser": is_superuser},
    )
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _artisan(maker: DemoArtisan, password: str) -> Artisan:
    artisan, _ = Artisan.objects.get_or_create(
        slug=maker.slug,
        defaults={
            "owner": _person(maker.email, maker.owner_name, password),
            "name": maker.name,
            "tagline": maker.tagline,
            "location": maker.location,
            "story": maker.story,
            "portrait_alt": maker.portrait_alt,
            "shipping_first_item_minor": maker.shipping_first_item_minor,
            "shipping_additional_item_minor": maker.shipping_additional_item_minor,
            "dispatch_days": maker.dispatch_days,
        },
    )
    name = f"artisans/{maker.slug}.webp"
    if artisan.portrait.name not in ("", name):
        return artisan
    name, is_new = _stored(name, PICTURES / f"workshop-{maker.slug}.webp")
    if is_new or artisan.portrait.name != name:
        artisan.portrait = name
        artisan.save(update_fields=["portrait", "portrait_width", "portrait_height"])
        make_renditions(picture=artisan.portrait)
    return artisan


def _product(goods: DemoProduct, artisan: Artisan, category: Category, created_at: dt.datetime) -> None:
    texts = {
        "artisan": artisan,
        "category": category,
        "title": goods.title,
        "summary": goods.summary,
        "description": goods.description,
        "materials": goods.materials,
        "dimensions": goods.dimensions,
        "care": goods.care,
        "image_alt": goods.image_alt,
        "is_made_to_order": goods.lead_time_days > 0,
        "lead_time_days": goods.lead_time_days,
    }
    first_time = {
        "price_minor": goods.price_minor,
        "currency": _CURRENCY,
        "stock_on_hand": goods.stock,
        "created_at": created_at,
    }
    product, _ = Product.objects.get_or_create(slug=goods.slug, defaults={**texts, **first_time})
    name = f"products/{goods.slug}.webp"
    if product.image.name not in ("", name):
        return
    name, is_new = _stored(name, PICTURES / f"{goods.slug}.webp")
    if is_new or product.image.name != name:
        product.image = name
        product.save(update_fields=["image", "image_width", "image_height"])
        make_renditions(picture=product.image)


def _stored(name: str, source: Path) -> tuple[str, bool]:
    """Puts a picture into the media storage under exactly that name; the flag says whether it had to be written."""
    content = source.read_bytes()
    if default_storage.exists(name):
        with default_storage.open(name) as present:
            if present.read() == content:
                return name, False
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(content)), True
