"""Guests with a session and a cart, and the raw HTTP requests that they send."""

import json
import time
import uuid
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings

from common.guests import guest_scope
from dev.bench.checkout_shop import ADDRESS, Shop
from orders.models import Order
from orders.selectors.cart import CartOwner, get_cart
from payments.models import Payment

_CSRF_TOKEN = "b" * 32


@dataclass
class Guest:
    session_key: str
    address: str
    scope: str
    cart_hash: str
    product_slug: str
    order: str = ""
    order_id: int = 0
    quote_hash: str = ""

    @classmethod
    def with_cart(cls, shop: Shop, number: int) -> "Guest":
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        scope = guest_scope(session)
        session.save()
        shop.fill_cart(scope)
        return cls(
            session_key=session.session_key,
            address=f"10.0.{number // 250}.{number % 250 + 1}",
            scope=scope,
            cart_hash=get_cart(owner=CartOwner(guest_scope=scope)).hash,
            product_slug=shop.products[number % len(shop.products)].slug,
        )

    def find_order(self) -> None:
        """After `start` was answered."""
        order = Order.objects.get(guest_scope=self.scope)
        self.order, self.order_id, self.quote_hash = order.public_id, order.id, order.quote_hash

    def home(self) -> bytes:
        return self._get("/")

    def product(self) -> bytes:
        return self._get(f"/products/{self.product_slug}/")

    def cart(self) -> bytes:
        return self._get("/api/v1/cart")

    def start(self) -> bytes:
        """The first makes the order; later ones get the same, as nothing has changed."""
        return self._post(
            "/api/v1/checkouts",
            {"email": "b@bench.test", "cart_hash": self.cart_hash, "shipping_address": ADDRESS},
        )

    def confirm(self) -> bytes:
        """The first makes the payment at the processor; later ones read it there."""
        return self._post(f"/api/v1/checkouts/{self.order}/confirm", {"quote_hash": self.quote_hash})

    def event(self) -> bytes:
        """The body of an event that says that something happened to the payment."""
        payment = Payment.objects.get(order_reference=self.order)
        at = int(time.time())
        intent = {
            "id": payment.processor_payment_id, "object": "payment_intent", "amount": payment.amount_minor,
            "currency": "eur", "livemode": False, "status": "requires_payment_method", "created": at,
            "metadata": {"order": self.order, "payment": payment.public_id},
        }  # fmt: skip
        return json.dumps({
            "id": f"evt_{uuid.uuid4().hex}", "object": "event", "api_version": "2026-10-28.endive", "created": at,
            "data": {"object": intent}, "livemode": False, "pending_webhooks": 1, "type": "payment_intent.processing",
            "request": {"id": None, "idempotency_key": None},
        }).encode()  # fmt: skip

    def _get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._headers()}\r\n".encode()

    def _post(self, path: str, body: dict[str, Any]) -> bytes:
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._headers()}Content-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\nX-CSRFToken: {_CSRF_TOKEN}\r\nIdempotency-Key: {uuid.uuid4().hex}\r\n\r\n"
        )
        return head.encode() + data

    def _headers(self) -> str:
        return (
            f"Host: 127.0.0.1\r\nConnection: close\r\nX-Forwarded-For: {self.address}\r\n"
            f"Cookie: sessionid={self.session_key}; csrftoken={_CSRF_TOKEN}\r\n"
        )
