"""A sandbox of its own that delivers its webhooks, and a shop that takes them in by the front door."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.test import Client

from tests.orders.wire import SECRET_KEY, Wire
from tests.sandbox.process import Box
from webhooks import services as webhooks
from webhooks.models import WebhookEvent

Delivery = tuple[str, bytes, dict[str, str]]


class Told:
    """`wire` is the sandbox as tests use it; what it delivers waits here until `take_in`."""

    def __init__(self, box: Box, deliveries: list[Delivery]) -> None:
        self.box, self.wire, self._deliveries = box, Wire(box.url), deliveries

    def lose(self, *types: str, processor: str) -> None:
        self.box.post("webhooks/mode", mode="drop", types=list(types), processor=processor)

    def lost(self) -> list[str]:
        """The kinds of the events that nobody was told of."""
        events = self.box.get("webhooks?limit=1000")["events"]
        return sorted(event["type"] for event in events if "dropped" in {one["state"] for one in event["deliveries"]})

    def take_in(self) -> None:
        """All that has been delivered by now comes in, and is worked off."""
        self.box.settled()
        while self._deliveries:
            path, body, headers = self._deliveries.pop(0)
            kind = headers.pop("Content-Type")
            answer = Client().post(path, body, content_type=kind, headers=headers)
            assert answer.status_code == 200, answer.content
            webhooks.process_events(event_ids=list(WebhookEvent.objects.values_list("id", flat=True)))
            self.box.settled()

    def asked(self, path: str, *, account: str = "", **body: Any) -> dict[str, Any]:
        """Somebody does it at Stripe, with the secret key, and not through this shop."""
        answer = requests.post(
            f"{self.box.url}{path}", data=body, auth=(SECRET_KEY, ""), timeout=15,
            headers={"Idempotency-Key": uuid.uuid4().hex} | ({"Stripe-Account": account} if account else {}),
        )  # fmt: skip
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


@contextmanager
def told_shop(folder: Path) -> Iterator[Told]:
    deliveries: list[Delivery] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = ("Stripe-Signature", "Content-Type", *(name for name in self.headers if name.startswith("PAYPAL-")))
            deliveries.append((self.path, body, {name: self.headers[name] for name in names if name in self.headers}))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}/webhooks"
    box = Box(
        folder,
        arguments=(
            "--webhook-url", f"{here}/stripe/", "--webhook-secret", settings.STRIPE_WEBHOOK_SECRETS[0],
            "--paypal-webhook-url", f"{here}/paypal/", "--paypal-webhook-id", settings.PAYPAL_WEBHOOK_ID,
            "--paypal-ca-file", str(folder / "roots.pem"), "--available-after-seconds", "0",
        ),
    )  # fmt: skip
    box.start()
    try:
        yield Told(box, deliveries)
    finally:
        box.kill()
        server.shutdown()
        server.server_close()
