"""What every page shows of the cart."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from orders.selectors.cart import cart_pieces, owner_of_request


def cart_summary(request: HttpRequest) -> dict[str, Any]:
    """`cart_pieces` for the header; asked of the database only by pages that show it."""
    if not hasattr(request, "session"):
        return {"cart_pieces": 0}
    return {"cart_pieces": SimpleLazyObject(lambda: cart_pieces(owner=owner_of_request(request)))}
