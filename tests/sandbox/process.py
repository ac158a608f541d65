"""The sandbox as these tests start it: strict about its own answers, on a free port, killed when it must be."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import stripe

ROOT = Path(__file__).resolve().parents[2]
_READY = re.compile(r"sandbox ready (http://\S+)")


class Box:
    """One sandbox process and what tests ask of it."""

    def __init__(self, folder: Path, *, trace: Path | None = None, arguments: tuple[str, ...] = ()) -> None:
        self.state = folder / "state.sqlite3"
        self.trace = trace
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        environment = os.environ | {"SANDBOX_STRICT": "1", "SANDBOX_TRACE": str(self.trace or "")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(self.state), *self._arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        found = _READY.match(self._process.stdout.readline())
        assert found is not None, "the sandbox did not start"
        self.url = found[1]

    def stop(self) -> int:
        """Ends it in order; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=10)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=10)

    # ------------------------------------------------------------------ control
    def post(self, path: str, /, **body: Any) -> Any:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=15)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/_sandbox/{path}", timeout=15)
        assert answer.ok, answer.text
        return answer.json()

    def settled(self) -> None:
        """Returns when all that happens by itself has happened."""
        self.get("idle")

    def fault(self, kind: str, path: str, **more: Any) -> None:
        self.post("faults", kind=kind, path=path, **more)

    def connected_account(self, account_id: str = "acct_seller", **more: Any) -> str:
        return str(self.post("accounts", id=account_id, **more)["id"])

    # ------------------------------------------------------------------ Stripe's API
    def client(self, key: str = "sk_test_sandbox", **options: Any) -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.url, "files": self.url}, **options)

    def raw(
        self,
        method: str,
        path: str,
        data: Any = None,
        *,
        key: str | None = "sk_test_sandbox",
        headers: dict[str, str] | None = None,
        timeout: float = 10,
    ) -> requests.Response:
        """A request as no SDK would send it."""
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        return requests.request(method, f"{self.url}{path}", data=data, headers=sent, timeout=timeout)

    def browser(self, method: str, path: str, data: Any = None, **more: Any) -> requests.Response:
        """As Stripe.js does it."""
        return self.raw(method, path, data, key="pk_test_sandbox", **more)


def until(condition: Callable[[], object], *, seconds: float = 10) -> None:
    """Returns when the condition holds; fails when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


def paid(client: stripe.StripeClient, amount: int = 10_000, currency: str = "eur", **more: Any) -> stripe.PaymentIntent:
    """A payment made with a card; by default one that succeeds."""
    params: Any = {
        "amount": amount,
        "currency": currency,
        "payment_method": "pm_card_visa",
        "confirm": True,
        "return_url": "http://shop.test/return",
        "expand": ["latest_charge"],
        **more,
    }
    return client.v1.payment_intents.create(params)


def charge_of(intent: stripe.PaymentIntent) -> stripe.Charge:
    assert isinstance(intent.latest_charge, stripe.Charge)
    return intent.latest_charge
