"""A shop's end of PayPal's API, as these tests need it: no SDK, so that every header is theirs."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.sandbox.process import Box

RETURN_URL, CANCEL_URL = "http://shop.test/return", "http://shop.test/cancel"


def eur(value: str) -> dict[str, str]:
    return {"currency_code": "EUR", "value": value}


def issues(answer: requests.Response) -> list[str]:
    return [detail["issue"] for detail in answer.json()["details"]]


@dataclass
class PayPal:
    """Each call takes a PayPal-Request-Id of its own, unless one is given."""

    box: Box
    token: str = ""
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def sign_in(self, client: str = "sandbox-client", secret: str = "sandbox-secret", **more: str) -> requests.Response:
        answer = requests.post(
            f"{self.box.url}/v1/oauth2/token",
            auth=(client, secret),
            data={"grant_type": "client_credentials", **more},
            timeout=10,
        )
        if answer.ok:
            self.token = answer.json()["access_token"]
        return answer

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        request_id: str | None = "",
        prefer: str = "return=representation",
        **more: Any,
    ) -> requests.Response:
        if not self.token:
            self.sign_in()
        headers = {"Authorization": f"Bearer {self.token}", "Prefer": prefer}
        if method == "POST" and request_id is not None:
            headers["PayPal-Request-Id"] = request_id or f"request-{next(self._ids)}"
        if body is not None:
            more["json"] = body
        return requests.request(method, f"{self.box.url}{path}", headers=headers, timeout=10, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.call("POST", path, {} if body is None else body, **more)

    def post_files(self, path: str, files: dict[str, Any]) -> requests.Response:
        """Multipart: the part `input` and files."""
        return self.call("POST", path, files=files)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    # ------------------------------------------------------------------ the usual steps
    def order(self, value: str = "100.00", currency: str = "EUR", *, intent: str = "CAPTURE", **unit: Any) -> str:
        """An order that waits for its buyer; its id."""
        wallet = {"experience_context": {"return_url": RETURN_URL, "cancel_url": CANCEL_URL}}
        return self.made(wallet, value, currency, intent=intent, **unit)

    def made(self, wallet: dict[str, Any], value: str, currency: str = "EUR", *, intent: str, **unit: Any) -> str:
        answer = self.post(
            "/v2/checkout/orders",
            {
                "intent": intent,
                "purchase_units": [{"amount": {"currency_code": currency, "value": value}, **unit}],
                "payment_source": {"paypal": wallet},
            },
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def approve(self, order: str, *, funding: str = "balance", save: bool = False) -> Any:
        answer = requests.post(
            f"{self.box.url}/paypal/checkout/{order}",
            json={"action": "approve", "funding": funding, "save": save},
            timeout=10,
        )
        assert answer.ok, answer.text
        return answer.json()

    def capture_order(self, order: str, **more: Any) -> requests.Response:
        return self.post(f"/v2/checkout/orders/{order}/capture", **more)

    def captured(self, value: str = "100.00", currency: str = "EUR", *, funding: str = "balance", **unit: Any) -> Any:
        """A payment that has been captured."""
        order = self.order(value, currency, **unit)
        self.approve(order, funding=funding)
        answer = self.capture_order(order)
        assert answer.status_code == 201, answer.text
        return answer.json()["purchase_units"][0]["payments"]["captures"][0]

    def authorized(self, value: str = "100.00", **unit: Any) -> Any:
        """A payment that has been authorized and not captured."""
        order = self.order(value, intent="AUTHORIZE", **unit)
        self.approve(order)
        answer = self.post(f"/v2/checkout/orders/{order}/authorize")
        assert answer.status_code == 201, answer.text
        return answer.json()["purchase_units"][0]["payments"]["authorizations"][0]

    def capture(self, authorization: str, value: str | None = None, **more: Any) -> requests.Response:
        body = {} if value is None else {"amount": eur(value)}
        return self.post(f"/v2/payments/authorizations/{authorization}/capture", body | more)

    def refund(
        self,
        capture: str,
        value: str | None = None,
        currency: str = "EUR",
        *,
        request_id: str | None = "",
        prefer: str = "return=representation",
        **more: Any,
    ) -> requests.Response:
        body = {} if value is None else {"amount": {"currency_code": currency, "value": value}}
        at = f"/v2/payments/captures/{capture}/refund"
        return self.post(at, body | more, request_id=request_id, prefer=prefer)

    def saved(self) -> Any:
        """A PayPal account that was saved with a purchase: what the order says of it."""
        wallet = {"attributes": {"vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}}}
        order = self.made(wallet, "10.00", intent="CAPTURE")
        self.approve(order, save=True)
        answer = self.capture_order(order)
        assert answer.status_code == 201, answer.text
        return answer.json()["payment_source"]["paypal"]["attributes"]["vault"]

    def balance(self, currency: str = "EUR") -> Any:
        """Minor units."""
        return self.box.get("summary")["paypal"]["balances"][currency]

    def events(self) -> list[str]:
        """The types of PayPal's events, oldest first."""
        found = self.box.get("webhooks")["events"]
        return [event["type"] for event in reversed(found) if event["type"].isupper()]
