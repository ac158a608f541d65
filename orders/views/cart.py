"""The cart's pages: plain forms, so that a cart can be filled and changed without scripts."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.errors import DomainError
from common.ids import is_public_id
from orders.models.cart import MAX_QUANTITY
from orders.selectors.cart import cart_for_request
from orders.services.cart import (
    ProductNotOnSale,
    QuantityOutOfBounds,
    accept_prices,
    add_to_cart,
    owner_for_writing,
    remove,
    set_quantity,
)


@never_cache
@require_safe
def cart_page(request: HttpRequest) -> HttpResponse:
    cart = cart_for_request(request)
    return render(request, "orders/cart.html", {"cart": cart, "max_quantity": MAX_QUANTITY})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Adds and shows the cart; after a refusal the buyer is back where they were, with the reason."""
    try:
        product_id, quantity = _product_and_quantity(request)
        add_to_cart(owner=owner_for_writing(request), product_id=product_id, quantity=quantity, now=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect(_back(request))
    messages.success(request, "Added to your cart.")
    return redirect("orders:cart")


@require_POST
def set_line(request: HttpRequest) -> HttpResponse:
    """Sets or removes one line, or accepts the prices that have changed."""
    try:
        if "accept_prices" in request.POST:
            accept_prices(owner=owner_for_writing(request))
        elif "remove" in request.POST:
            product_id = request.POST["remove"]
            remove(owner=owner_for_writing(request), product_id=_checked(product_id), now=clock.now())
            messages.success(request, "Removed from your cart.")
        else:
            product_id, quantity = _product_and_quantity(request, least=0)
            set_quantity(owner=owner_for_writing(request), product_id=product_id, quantity=quantity, now=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return redirect("orders:cart")


def _product_and_quantity(request: HttpRequest, *, least: int = 1) -> tuple[str, int]:
    text = request.POST.get("quantity", "")
    if not re.fullmatch(r"[0-9]{1,3}", text) or not least <= int(text) <= MAX_QUANTITY:
        raise QuantityOutOfBounds
    return _checked(request.POST.get("product_id", "")), int(text)


def _checked(product_id: str) -> str:
    if not is_public_id(product_id, "prd"):
        raise ProductNotOnSale
    return product_id


def _back(request: HttpRequest) -> str:
    """The page that the form was on, if it is ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "orders:cart"
