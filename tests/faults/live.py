"""Buys over HTTP from a whole stack, and waits for what its processes do."""

import time
from collections.abc import Callable
from typing import Any

import requests

from catalog.models import Product
from orders.models import Order
from tests.orders.shop import ADDRESS
from tests.orders.wire import Wire
from tests.support.live import LiveStack

PATIENCE_SECONDS = 60


class Shopper:
    """A guest's browser that speaks to the shop over HTTP."""

    def __init__(self, live: LiveStack, wire: Wire) -> None:
        self.live, self.wire = live, wire
        self.http = requests.Session()
        self.http.get(f"{live.url}/checkout/", timeout=30)
        self.key = 0

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        self.key += 1
        headers = {
            "X-CSRFToken": self.http.cookies.get("csrftoken", ""),
            "Referer": self.live.url + "/checkout/",
            "Idempotency-Key": f"key-{id(self)}-{self.key}",
        }
        return self.http.request(method, f"{self.live.url}/api/v1{path}", json=body, headers=headers, timeout=40)

    def order(self) -> tuple[Order, str]:
        """A confirmed checkout of goods of three artisans, and the secret to pay it with."""
        goods = Product.objects.filter(currency="EUR", is_published=True, stock_on_hand__gt=5).order_by(
            "artisan_id", "id"
        )
        for product in goods.distinct("artisan_id")[:3]:
            answer = self.call("POST", "/cart/items", {"product_id": product.public_id, "quantity": 1})
            assert answer.status_code == 200, answer.text
            cart = answer.json()
        made = self.call(
            "POST",
            "/checkouts",
            {"email": "ada@example.org", "cart_hash": cart["hash"], "shipping_address": ADDRESS},
        )
        assert made.status_code == 201, made.text
        confirmed = self.call(
            "POST", f"/checkouts/{made.json()['id']}/confirm", {"quote_hash": made.json()["quote"]["hash"]}
        )
        assert confirmed.status_code == 200, confirmed.text
        order = Order.objects.get(public_id=made.json()["id"])
        return order, confirmed.json()["payment"]["client_secret"]

    def settle(self, order: Order) -> requests.Response:
        return self.call("POST", f"/checkouts/{order.public_id}/settle", {})


def until(condition: Callable[[], bool], *, what: str, pause_seconds: float = 0.2) -> None:
    """Waits; fails with `what` did not happen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE_SECONDS} s"
        time.sleep(pause_seconds)
