"""Artisans put their goods on the shelf, change them, and take them off it."""

import secrets
from dataclasses import dataclass, fields
from typing import IO

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.models import Artisan, Product
from catalog.services.pictures import put_product_picture
from catalog.services.uploads import clean_picture
from common import audit
from common.errors import DomainError, ErrorKind
from common.ids import is_public_id
from common.money import MAX_AMOUNT_MINOR, Money, charge_step_minor

_SLUG_LENGTH = 80


class GoodsInvalid(DomainError):
    """Something about the goods can't be so; `field` says what."""

    code = "goods_invalid"
    kind = ErrorKind.INVALID
    title = "Please check what you have told us"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


class UnknownProduct(DomainError):
    """No such product, or another artisan's."""

    code = "unknown_product"
    kind = ErrorKind.NOT_FOUND
    title = "This product is not known"


@dataclass(frozen=True, slots=True)
class GoodsDetails:
    """What an artisan tells about one kind of piece. `lead_time_days` counts for what is made to order."""

    category_id: int
    title: str
    summary: str
    description: str
    materials: str
    dimensions: str
    care: str
    image_alt: str
    price: Money
    is_made_to_order: bool
    lead_time_days: int


def add_product(
    *, artisan: Artisan, public_id: str, details: GoodsDetails, stock: int, picture: IO[bytes] | None, publish: bool
) -> Product:
    """New goods of the artisan. `public_id` is chosen by the form, so that a form sent twice adds them once.

    Raises GoodsInvalid or PictureRefused.
    """
    known = Product.objects.filter(public_id=public_id).first()
    if known is not None and known.artisan_id == artisan.pk:
        return known
    if known is not None or not is_public_id(public_id, "prd"):
        raise GoodsInvalid("title", "Please open this page again.")
    _check(artisan, details)
    if stock < 0:
        raise GoodsInvalid("stock", "Please give a number of zero or more.")
    if publish and picture is None:
        raise _needs_picture()
    content = clean_picture(upload=picture) if picture is not None else None
    with transaction.atomic():
        product = _inserted(artisan, public_id, details, stock=stock, is_published=publish)
        _tell("added", product)
    if content is not None:
        put_product_picture(product=product, content=content)
    return product


def change_product(
    *, artisan: Artisan, public_id: str, details: GoodsDetails, stock: int, stock_seen: int, picture: IO[bytes] | None
) -> Product:
    """Writes what was changed; orders keep what they were made with.

    `stock_seen` is the number that the artisan was shown: what was sold meanwhile stays sold. Raises GoodsInvalid,
    PictureRefused or UnknownProduct.
    """
    _check(artisan, details)
    content = clean_picture(upload=picture) if picture is not None else None
    with transaction.atomic():
        product = _locked(artisan, public_id)
        on_hand = product.stock_on_hand + stock - stock_seen
        if on_hand < product.stock_reserved:
            promised = product.stock_reserved
            raise GoodsInvalid(
                "stock", f"{promised} are promised to orders that are being paid, so at least {promised}."
            )
        for name, value in _columns(details).items():
            setattr(product, name, value)
        product.stock_on_hand = on_hand
        product.save(update_fields=[*_columns(details), "stock_on_hand", "updated_at"])
        _tell("changed", product)
    if content is not None:
        put_product_picture(product=product, content=content)
    return product


def publish_product(*, artisan: Artisan, public_id: str) -> Product:
    """Buyers see it from now on. Raises UnknownProduct, or GoodsInvalid without a picture."""
    with transaction.atomic():
        product = _locked(artisan, public_id)
        if not product.image:
            raise _needs_picture()
        return _set_published(product, True)


def unpublish_product(*, artisan: Artisan, public_id: str) -> Product:
    """Nobody can buy it any more; what is ordered stays ordered. Raises UnknownProduct."""
    with transaction.atomic():
        return _set_published(_locked(artisan, public_id), False)


def product_of(*, artisan: Artisan, public_id: str) -> Product:
    """One of the artisan's goods. Raises UnknownProduct, also for another's."""
    product = Product.objects.filter(artisan=artisan, public_id=public_id).select_related("category").first()
    if product is None:
        raise UnknownProduct
    return product


def _locked(artisan: Artisan, public_id: str) -> Product:
    product = Product.objects.select_for_update(no_key=True).filter(artisan=artisan, public_id=public_id).first()
    if product is None:
        raise UnknownProduct
    return product


def _set_published(product: Product, is_published: bool) -> Product:
    if product.is_published != is_published:
        product.is_published = is_published
        product.save(update_fields=["is_published", "updated_at"])
        _tell("published" if is_published else "unpublished", product)
    return product


def _check(artisan: Artisan, details: GoodsDetails) -> None:
    price = details.price
    if price.currency != artisan.currency:
        raise GoodsInvalid("price", f"Your prices are in {artisan.currency}.")
    if not 0 < price.amount_minor <= MAX_AMOUNT_MINOR:
        raise GoodsInvalid("price", "Please give a price above zero.")
    if price.amount_minor % charge_step_minor(price.currency):
        raise GoodsInvalid("price", f"The last digit of a price in {price.currency} is 0.")
    if details.is_made_to_order and details.lead_time_days < 1:
        raise GoodsInvalid("lead_time_days", "Please say how many days making it takes.")


def _needs_picture() -> GoodsInvalid:
    return GoodsInvalid("picture", "Please add a picture before buyers can see it.")


def _columns(details: GoodsDetails) -> dict[str, object]:
    columns = {field.name: getattr(details, field.name) for field in fields(details) if field.name != "price"}
    columns["price_minor"] = details.price.amount_minor
    columns["lead_time_days"] = details.lead_time_days if details.is_made_to_order else 0
    return columns


def _inserted(artisan: Artisan, public_id: str, details: GoodsDetails, *, stock: int, is_published: bool) -> Product:
    base = slugify(details.title)[:_SLUG_LENGTH].strip("-") or "piece"
    slug = base
    while True:
        try:
            with transaction.atomic():
                return Product.objects.create(
                    artisan=artisan,
                    public_id=public_id,
                    slug=slug,
                    currency=artisan.currency,
                    stock_on_hand=stock,
                    is_published=is_published,
                    **_columns(details),
                )
        except IntegrityError:
            same = Product.objects.filter(artisan=artisan, public_id=public_id).first()
            if same is not None:
                return same
            if not Product.objects.filter(slug=slug).exists():
                raise
            slug = f"{base}-{secrets.token_hex(3)}"


def _tell(what: str, product: Product) -> None:
    audit.record(
        event_type=f"goods.{what}", outcome="succeeded", subject=product.public_id, artisan=product.artisan.public_id,
        amount=product.price, command="goods",
    )  # fmt: skip
