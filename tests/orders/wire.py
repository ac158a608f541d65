"""The sandbox as tests use it: the buyer's browser that pays, and the control panel."""

import time
import uuid
from typing import Any

import requests

PUBLISHABLE_KEY = "pk_test_sandbox"
SECRET_KEY = "sk_test_sandbox"
TIMEOUT_SECONDS = 15

VISA = "4242424242424242"
DECLINED = "4000000000000002"
INSUFFICIENT_FUNDS = "4000000000009995"


class Wire:
    """`url` is the sandbox's address."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = requests.Session()

    def pay(self, client_secret: str, card: str = VISA) -> requests.Response:
        """What Stripe.js does with the card form: card data goes from the browser to the processor alone."""
        intent_id = client_secret.split("_secret_", maxsplit=1)[0]
        card_fields = {"number": card, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
        answer = self._http.post(
            f"{self.url}/v1/payment_intents/{intent_id}/confirm",
            data={
                "key": PUBLISHABLE_KEY,
                "client_secret": client_secret,
                "return_url": "http://127.0.0.1:8000/checkout/return/",
                "payment_method_data[type]": "card",
                **{f"payment_method_data[card][{name}]": value for name, value in card_fields.items()},
            },
            timeout=TIMEOUT_SECONDS,
        )
        assert answer.status_code in (200, 402), answer.text
        # The processor computes its fee a moment after the charge; tests of late fees stretch that moment themselves.
        self._http.get(f"{self.url}/_sandbox/idle", timeout=TIMEOUT_SECONDS)
        return answer

    def fault(self, kind: str, path: str, *, method: str = "POST", times: int = 1, **more: Any) -> None:
        """`path` is a regular expression."""
        self._control("POST", "/faults", {"kind": kind, "path": path, "method": method, "times": times, **more})

    def fault_hits(self) -> int:
        """How many requests have met the faults that are not used up yet."""
        return sum(int(rule["hits"]) for rule in self._control("GET", "/faults")["faults"])

    def clear_faults(self) -> None:
        self._control("DELETE", "/faults")

    def webhooks(self, mode: str, **more: Any) -> None:
        self._control("POST", "/webhooks/mode", {"mode": mode, **more})

    def release(self, **more: Any) -> int:
        return int(self._control("POST", "/webhooks/release", more)["released"])

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._control("GET", f"/webhooks?limit=1000{'&type=' + kind if kind else ''}")[
            "events"
        ]
        return found

    def send(self, event_id: str) -> None:
        self._control("POST", f"/webhooks/{event_id}/send")

    def dashboard_refund(self, charge_id: str, amount_minor: int | None = None) -> dict[str, Any]:
        """Somebody pays a charge back in the processor's own dashboard."""
        body = {"charge": charge_id} | ({} if amount_minor is None else {"amount": str(amount_minor)})
        answer = self._http.post(
            f"{self.url}/v1/refunds",
            data=body,
            auth=(SECRET_KEY, ""),
            headers={"Idempotency-Key": str(uuid.uuid4())},
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    def advance(self, seconds: int) -> None:
        """The sandbox's clock goes on, and what becomes due meanwhile happens."""
        self._control("POST", "/clock", {"advance_seconds": seconds})
        self.idle()

    def summary(self) -> dict[str, Any]:
        return self._control("GET", "/summary")

    def platform_balance(self) -> dict[str, int]:
        """Per currency, available and pending together, in minor units."""
        sums = self.summary()["balances"].get("platform", {})
        return {currency.upper(): sum(amounts.values()) for currency, amounts in sums.items()}

    def charges(self, order_id: str) -> list[dict[str, Any]]:
        """The charges of one order that took money."""
        return [
            charge
            for charge in self.summary()["charges"]
            if charge["transfer_group"] == order_id and charge["status"] == "succeeded"
        ]

    def intents(self, order_id: str) -> list[dict[str, Any]]:
        return [intent for intent in self.summary()["payment_intents"] if intent["metadata"].get("order") == order_id]

    def reset(self) -> None:
        self._control("POST", "/reset")

    def idle(self) -> None:
        self._control("GET", "/idle?timeout=10")

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        for attempt in range(3):
            try:
                answer = self._http.request(method, f"{self.url}/_sandbox{path}", json=body, timeout=TIMEOUT_SECONDS)
                break
            except requests.ConnectionError:
                # A connection kept from before a fault may have been closed under us; asking again is harmless here.
                if attempt == 2:
                    raise
                time.sleep(0.05)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
