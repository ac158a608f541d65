"""What an artisan says about the own shop, and what sending costs: changed by the artisan, seen by every buyer."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction

from catalog.models import Artisan, PostageChange
from catalog.services.pictures import put_portrait
from catalog.services.uploads import clean_picture
from common import audit, context
from common.errors import DomainError, ErrorKind
from common.money import MAX_AMOUNT_MINOR, Money, charge_step_minor

DISPATCH_DAYS_AT_MOST = 30
_TEXTS = ("tagline", "story", "location")
_POSTAGE = ("shipping_first_item", "shipping_additional_item")


class ShopInvalid(DomainError):
    """Something about the shop can't be so; `field` says what."""

    code = "shop_invalid"
    kind = ErrorKind.INVALID
    title = "Please check what you have told us"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


@dataclass(frozen=True, slots=True)
class ShopPage:
    """What an artisan may change of the shop. Both postages are in the shop's currency.

    The name, by which buyers know a shop, and the currency, in which it was paid all along, are staff's to change.
    """

    tagline: str
    story: str
    location: str
    portrait_alt: str
    shipping_first_item: Money
    shipping_additional_item: Money
    dispatch_days: int


def change_shop(*, artisan: Artisan, page: ShopPage, picture: IO[bytes] | None, now: dt.datetime) -> Artisan:
    """Writes what was changed, and a `PostageChange` where postage was.

    What is ordered, and what a buyer is paying just now, keeps the postage that was quoted. Raises ShopInvalid or
    PictureRefused, and has changed nothing then.
    """
    page = _checked(artisan, page)
    content = clean_picture(upload=picture) if picture is not None else None
    with transaction.atomic():
        shop = Artisan.objects.select_for_update(no_key=True).get(pk=artisan.pk)
        was = postage_of(shop)
        changed = _apply(shop, page)
        if changed:
            shop.save(update_fields=changed)
        record_postage_change(artisan=shop, was=was, now=now)
        if changed or content is not None:
            audit.record(
                event_type="shop.changed", outcome="succeeded", subject=shop.public_id, artisan=shop.public_id,
                command="shop",
            )  # fmt: skip
        if content is not None:
            put_portrait(artisan=shop, content=content)
    return shop


def shop_as_it_would_be(
    *, artisan: Artisan, page: ShopPage, picture: IO[bytes] | None
) -> tuple[Artisan, "ContentFile[bytes] | None"]:
    """For a preview: the artisan with what was filled in, not saved, and the new picture as it would be stored.

    Raises ShopInvalid or PictureRefused.
    """
    page = _checked(artisan, page)
    shop = Artisan.objects.get(pk=artisan.pk)
    _apply(shop, page)
    return shop, clean_picture(upload=picture) if picture is not None else None


def postage_of(artisan: Artisan) -> tuple[int, int]:
    """What the first and each further piece cost, in minor units of the artisan's currency."""
    return artisan.shipping_first_item_minor, artisan.shipping_additional_item_minor


def record_postage_change(*, artisan: Artisan, was: tuple[int, int], now: dt.datetime) -> None:
    """Tells the history and the audit trail, in the transaction of the change, if postage is not what it `was`."""
    if postage_of(artisan) == was:
        return
    change = PostageChange.objects.create(
        artisan=artisan,
        currency=artisan.currency,
        first_item_was_minor=was[0],
        additional_item_was_minor=was[1],
        first_item_minor=artisan.shipping_first_item_minor,
        additional_item_minor=artisan.shipping_additional_item_minor,
        actor=context.current().actor[:80],
        trace_id=context.trace_id(),
        occurred_at=now,
    )
    audit.record(
        event_type="shop.postage_changed", outcome="succeeded", subject=artisan.public_id, artisan=artisan.public_id,
        amount=change.first_item, command="shop",
    )  # fmt: skip


def _apply(shop: Artisan, page: ShopPage) -> list[str]:
    """Sets what differs; gives the names of these columns."""
    wanted = {
        **{name: getattr(page, name) for name in (*_TEXTS, "portrait_alt", "dispatch_days")},
        **{f"{name}_minor": getattr(page, name).amount_minor for name in _POSTAGE},
    }
    changed = [name for name, value in wanted.items() if getattr(shop, name) != value]
    for name in changed:
        setattr(shop, name, wanted[name])
    return changed


def _checked(artisan: Artisan, page: ShopPage) -> ShopPage:
    page = replace(page, **{name: getattr(page, name).strip() for name in (*_TEXTS, "portrait_alt")})
    for name in _TEXTS:
        if not getattr(page, name):
            raise ShopInvalid(name, "Please fill this in.")
    for name in _POSTAGE:
        postage: Money = getattr(page, name)
        if postage.currency != artisan.currency:
            raise ShopInvalid(name, f"Your postage is in {artisan.currency}.")
        if not 0 <= postage.amount_minor <= MAX_AMOUNT_MINOR:
            most = Money(MAX_AMOUNT_MINOR, artisan.currency)
            raise ShopInvalid(name, f"Please give an amount from zero to {most}.")
        if postage.amount_minor % charge_step_minor(postage.currency):
            raise ShopInvalid(name, f"The last digit of an amount in {postage.currency} is 0.")
    if not 1 <= page.dispatch_days <= DISPATCH_DAYS_AT_MOST:
        raise ShopInvalid("dispatch_days", f"Please give 1 to {DISPATCH_DAYS_AT_MOST} working days.")
    return page
