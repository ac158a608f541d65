"""Template pieces of the catalog."""

from email.utils import parseaddr
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest

from catalog.contracts import Picture
from catalog.models import Artisan, Product
from catalog.selectors import Shelf, picture_of, shelves

register = template.Library()


@register.simple_tag
def shop_address() -> str:
    """The address that the shop writes from, and at which it can be written to."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


@register.simple_tag(takes_context=True)
def shop_shelves(context: dict[str, Any]) -> list[Shelf]:
    """The shelves for menus, read once per request."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return []
    if not hasattr(request, "shop_shelves"):
        request.shop_shelves = shelves()  # type: ignore[attr-defined]
    return request.shop_shelves  # type: ignore[attr-defined, no-any-return]


@register.inclusion_tag("catalog/picture.html")
def product_picture(product: Product, sizes: str, *, eager: bool = False) -> dict[str, Any]:
    """`sizes` tells the browser how wide the picture is shown, so that it loads the fitting rendition."""
    return _picture(picture_of(product.image, alt=product.image_alt or product.title), sizes, eager)


@register.inclusion_tag("catalog/picture.html")
def artisan_picture(artisan: Artisan, sizes: str, *, eager: bool = False) -> dict[str, Any]:
    return _picture(picture_of(artisan.portrait, alt=artisan.portrait_alt or artisan.name), sizes, eager)


def _picture(picture: Picture | None, sizes: str, eager: bool) -> dict[str, Any]:
    return {"picture": picture, "sizes": sizes, "eager": eager}
