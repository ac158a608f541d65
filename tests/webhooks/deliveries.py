"""Builds events as the processor would send them, and signs them as it would."""

import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from django.test import Client

URL = "/webhooks/stripe/"
SECRET = "whsec_test_newest"
OLD_SECRET = "whsec_test_older"

_numbers = itertools.count(int(time.time() * 1000))


def unique(prefix: str) -> str:
    return f"{prefix}_T{next(_numbers)}"


def event(event_type: str = "payment_intent.succeeded", **item: Any) -> dict[str, Any]:
    """An event document; `item` are fields of its object, `metadata` included."""
    kind = {"payment_intent": "pi", "charge": "ch", "refund": "re", "transfer": "tr"}.get(
        event_type.split(".", maxsplit=1)[0], "obj"
    )
    name = event_type.split(".", maxsplit=1)[0]
    return {
        "id": unique("evt"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "data": {"object": {"id": unique(kind), "object": name, "amount": 4200, "currency": "eur", **item}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }


def body_of(document: object) -> bytes:
    return json.dumps(document, indent=2).encode()


def sign(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    signed_at = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={signed_at},v1={digest}"


def deliver(client: Client, body: bytes, *, signature: str | None = None, **headers: str) -> Any:
    return client.generic(
        "POST",
        URL,
        body,
        content_type="application/json",
        headers={"Stripe-Signature": sign(body) if signature is None else signature, **headers},
    )
