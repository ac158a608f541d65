"""Reads of the catalog. What is shown in the shop is published, by a published artisan."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, F, Q, QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.db.models.functions import Greatest

from catalog.contracts import Picture, PricedProduct, Seller, ShippingRule
from catalog.models import Artisan, Category, Product
from common.money import Money
from common.rows import Columns

# Renditions are stored beside the original under a name that follows from its own; see services/pictures.py
RENDITION_WIDTHS = (240, 440, 720)
SEARCH_MAX_LENGTH = 80
_SEARCH_MAX_WORDS = 6
_TYPO_SIMILARITY = 0.45

# the columns that a card or a cart line shows; the long texts stay in the database
CARD_FIELDS = (
    "id", "public_id", "slug", "title", "summary", "price_minor", "currency", "stock_on_hand", "stock_reserved",
    "is_made_to_order", "lead_time_days", "is_published", "image", "image_alt", "image_width", "image_height",
    "artisan__id", "artisan__public_id", "artisan__slug", "artisan__name", "artisan__location", "artisan__currency",
    "artisan__shipping_first_item_minor", "artisan__shipping_additional_item_minor", "artisan__is_published",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with the number of goods on it."""

    slug: str
    name: str
    description: str
    count: int

    @property
    def url(self) -> str:
        return Category(slug=self.slug).get_absolute_url()


def published_products() -> QuerySet[Product]:
    return (
        Product.objects.filter(is_published=True, artisan__is_published=True)
        .select_related("artisan")
        .only(*CARD_FIELDS)
    )


def shelves() -> list[Shelf]:
    """The categories that have goods, in menu order."""
    rows = (
        Category.objects.annotate(
            count=Count("products", filter=Q(products__is_published=True, products__artisan__is_published=True))
        )
        .filter(count__gt=0)
        .order_by("position", "name")
    )
    return [Shelf(slug=row.slug, name=row.name, description=row.description, count=row.count) for row in rows]


def newest_products(*, limit: int) -> list[Product]:
    """Goods to begin with: newest first, what is sold out last."""
    newest = list(published_products().order_by("-created_at", "-id")[: limit * 2])
    return sorted(newest, key=lambda product: product.is_sold_out)[:limit]


def published_artisans() -> QuerySet[Artisan]:
    """Those who have something to show: a shop that was opened just now has its page, and is in no list yet."""
    return (
        Artisan.objects.filter(is_published=True)
        .annotate(count=Count("products", filter=Q(products__is_published=True)))
        .filter(count__gt=0)
        .order_by("name")
    )


def products_on_shelf(*, category: Category) -> QuerySet[Product]:
    return published_products().filter(category=category)


def products_of_artisan(
    *, artisan: Artisan, excluding: Product | None = None, limit: int | None = None
) -> list[Product]:
    found = published_products().filter(artisan=artisan)
    if excluding:
        found = found.exclude(pk=excluding.pk)
    return list(found[:limit] if limit else found)


def product_to_show(*, slug: str) -> Product:
    """With artisan and category; raises Product.DoesNotExist."""
    return Product.objects.select_related("artisan", "category").get(
        slug=slug, is_published=True, artisan__is_published=True
    )


def search_products(*, text: str, limit: int = 60) -> list[Product]:
    """Goods in which every word occurs somewhere; if there are none, goods or shelves with a name like the text."""
    words = re.findall(r"\w+", text[:SEARCH_MAX_LENGTH])[:_SEARCH_MAX_WORDS]
    if not words:
        return []
    found = published_products()
    for word in words:
        found = found.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(materials__icontains=word)
            | Q(description__icontains=word)
            | Q(category__name__icontains=word)
            | Q(artisan__name__icontains=word)
            | Q(artisan__location__icontains=word)
        )
    exact = list(found[:limit])
    if exact:
        return sorted(exact, key=lambda product: not any(word.lower() in product.title.lower() for word in words))
    typed = " ".join(words)
    likeness = Greatest(TrigramWordSimilarity(typed, "title"), TrigramWordSimilarity(typed, "category__name"))
    return list(
        published_products()
        .annotate(likeness=likeness)
        .filter(likeness__gte=_TYPO_SIMILARITY)
        .order_by(F("likeness").desc(), "-created_at")[:limit]
    )


def price_list(*, product_ids: Sequence[int]) -> dict[int, PricedProduct]:
    """What these products cost now, by primary key, with their artisans' postage: one query."""
    rows = Product.objects.select_related("artisan").only(*CARD_FIELDS).filter(pk__in=product_ids)
    return {row.pk: priced(row) for row in rows}


def card_columns(*, product: str, artisan: str) -> str:
    """CARD_FIELDS for a SELECT of our own, of tables under these aliases; `card_of` reads them."""
    return f"{_product_columns(product).sql}, {_artisan_columns(artisan).sql}"


def card_of(values: Sequence[Any]) -> tuple[Product, Sequence[Any]]:
    """The product with its artisan, of a row that begins with `card_columns`, and the rest of the row."""
    split = _product_columns().count
    end = split + _artisan_columns().count
    product: Product = _product_columns().instance(values[:split])
    product.artisan = _artisan_columns().instance(values[split:end])
    return product, values[end:]


@cache
def _product_columns(alias: str = "") -> Columns:
    names = ("artisan", *(name for name in CARD_FIELDS if "__" not in name))
    return Columns(Product, names, alias=alias)


@cache
def _artisan_columns(alias: str = "") -> Columns:
    prefix = "artisan__"
    return Columns(Artisan, [name.removeprefix(prefix) for name in CARD_FIELDS if name.startswith(prefix)], alias=alias)


def priced(product: Product, *, held_by_reader: int = 0) -> PricedProduct:
    """The frozen form of a product that was read with its artisan.

    `held_by_reader` pieces are reserved for the very person who looks: to them these are free.
    """
    free = product.available
    return PricedProduct(
        pk=product.pk,
        public_id=product.public_id,
        title=product.title,
        slug=product.slug,
        url=product.get_absolute_url(),
        picture=picture_of(product.image, alt=product.image_alt or product.title),
        seller=seller(product.artisan),
        price=product.price,
        is_on_sale=product.is_published and product.artisan.is_published,
        is_made_to_order=product.is_made_to_order,
        lead_time_days=product.lead_time_days,
        available=None if free is None else free + held_by_reader,
    )


def seller(artisan: Artisan) -> Seller:
    return Seller(
        pk=artisan.pk,
        public_id=artisan.public_id,
        name=artisan.name,
        slug=artisan.slug,
        url=artisan.get_absolute_url(),
        shipping=shipping_rule(artisan),
    )


def shipping_rule(artisan: Artisan) -> ShippingRule:
    return ShippingRule(
        first_item=Money(artisan.shipping_first_item_minor, artisan.currency),
        additional_item=Money(artisan.shipping_additional_item_minor, artisan.currency),
    )


def rendition_name(name: str, width: int) -> str:
    """`products/mug.webp` -> `products/mug.w440.webp`."""
    stem, _, _ = name.rpartition(".")
    return f"{stem or name}.w{width}.webp"


def rendition_widths(original_width: int) -> Iterable[int]:
    """The widths that are worth storing for an original of this width."""
    return (width for width in RENDITION_WIDTHS if width < original_width)


def picture_of(stored: ImageFieldFile, *, alt: str) -> Picture | None:
    """Addresses of a stored picture and its renditions, without touching the storage; None for no picture."""
    if not stored or not stored.name:
        return None
    instance: Any = stored.instance
    kind = stored.field.name
    width, height = getattr(instance, f"{kind}_width") or 0, getattr(instance, f"{kind}_height") or 0
    sizes = [(stored.storage.url(rendition_name(stored.name, small)), small) for small in rendition_widths(width)]
    sizes.append((stored.url, width))
    return Picture(
        url=stored.url,
        small_url=sizes[0][0],
        srcset=", ".join(f"{address} {size}w" for address, size in sizes),
        width=width,
        height=height,
        alt=alt,
    )
