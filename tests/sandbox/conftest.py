"""One sandbox process for all of these tests, emptied before each, and a receiver for its webhooks."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox.process import Box

SECRET = "whsec_sandbox"


@pytest.fixture(scope="session")
def _box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    box = Box(tmp_path_factory.mktemp("sandbox"))
    box.start()
    yield box
    assert box.stop() == 0


@pytest.fixture
def box(_box: Box) -> Box:
    """The sandbox, as good as new."""
    _box.post("reset")
    return _box


@pytest.fixture
def own_box(tmp_path: Path) -> Iterator[Box]:
    """A process of the test's own, for tests that kill it."""
    box = Box(tmp_path)
    box.start()
    yield box
    box.kill()


@pytest.fixture
def client(box: Box) -> stripe.StripeClient:
    return box.client()


@dataclass
class Received:
    body: str
    signature: str
    event: stripe.Event


@dataclass
class Receiver:
    """The shop's end of the webhooks. `answers` are the statuses of the next answers; then 200."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def types(self) -> list[str]:
        return [item.event.type for item in self.received]

    def take(self, body: bytes, signature: str) -> int:
        text = body.decode()
        event = stripe.Webhook.construct_event(text, signature, SECRET)
        self.received.append(Received(text, signature, event))
        return self.answers.pop(0) if self.answers else 200


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    it = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(it.take(body, self.headers["Stripe-Signature"]))
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe/"
    yield it
    server.shutdown()
    server.server_close()


@pytest.fixture
def hooked(tmp_path: Path, receiver: Receiver) -> Iterator[Box]:
    """A sandbox that delivers its events to `receiver`."""
    box = Box(tmp_path, arguments=("--webhook-url", receiver.url, "--webhook-secret", SECRET))
    box.start()
    yield box
    box.kill()
