"""One real purchase from three artisans, over HTTP alone: what a visitor's browser would send, and nothing else."""

import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

import requests

ARTISANS = 3
PAID_WITHIN_SECONDS = 45
TEST_CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
BUYER_EMAIL = "jo.visitor@artisans-hub.example"
ADDRESS = {
    "name": "Jo Visitor",
    "line1": "Marktstraat 12",
    "line2": "",
    "city": "Utrecht",
    "region": "",
    "postal_code": "3511 AB",
    "country": "NL",
    "phone": "",
}


class PurchaseFailed(Exception):
    """The purchase did not come to its end; the message says at which step and what was answered."""


@dataclass(frozen=True)
class Purchase:
    """What was bought, as the shop's API shows it after the payment."""

    checkout: dict[str, Any]

    @property
    def id(self) -> str:
        """The order's public id."""
        return str(self.checkout["id"])

    @property
    def quote(self) -> dict[str, Any]:
        """Lines and totals that were agreed and charged."""
        quote: dict[str, Any] = self.checkout["quote"]
        return quote

    @property
    def artisans(self) -> dict[str, str]:
        """Names by id."""
        return {group["artisan"]["id"]: group["artisan"]["name"] for group in self.quote["groups"]}


class Visitor:
    """A guest with a session cookie. It reads pages to find goods and talks to /api/v1 for the rest."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy for the world must not catch calls to this machine
        self.stripe: dict[str, str] = {}

    def buy(self, *, stripe_api: str) -> Purchase:
        """From the home page to a paid order. Raises PurchaseFailed."""
        self.stripe = self._get("/api/v1/config")["stripe"]
        cart = self._fill_cart()
        checkout = self._post(
            "/api/v1/checkouts",
            {"email": BUYER_EMAIL, "cart_hash": cart["hash"], "shipping_address": ADDRESS, "save_address": False},
            key=True,
        )
        path = f"/api/v1/checkouts/{checkout['id']}"
        checkout = self._post(f"{path}/confirm", {"quote_hash": checkout["quote"]["hash"]}, key=True)
        self._pay_as_the_browser_does(checkout["payment"]["client_secret"], stripe_api=stripe_api)
        checkout = self._post(f"{path}/settle", {}, key=True)
        return Purchase(self._wait_until_paid(path, checkout))

    def _fill_cart(self) -> dict[str, Any]:
        """One piece each of goods that are to be had at once, until three artisans are in the cart."""
        cart: dict[str, Any] = self._get("/api/v1/cart")
        seen: set[str] = set()
        for path in self._product_pages():
            page = self._page(path)
            product = re.search(r'name="product_id"[^>]*value="([^"]+)"', page)
            maker = re.search(r'href="(/artisans/[^"/]+/)"', page)
            # What is made to order is only reserved until its artisan accepts: no purchase to be finished here.
            if product is None or maker is None or maker[1] in seen or "Made for you in about" in page:
                continue
            answer = self._send("POST", "/api/v1/cart/items", {"product_id": product[1], "quantity": 1})
            if answer.ok:
                cart = answer.json()
                seen.add(maker[1])
            if len(cart["groups"]) == ARTISANS:
                return cart
        raise PurchaseFailed(
            f"The shop has goods of {len(cart['groups'])} artisans to be had now; {ARTISANS} are needed."
        )

    def _product_pages(self) -> list[str]:
        """Product pages linked from the home page and from each artisan's page."""
        home = self._page("/") + self._page("/artisans/")
        pages = home + "".join(self._page(path) for path in _links(home, "/artisans/"))
        return _links(pages, "/products/")

    def _pay_as_the_browser_does(self, client_secret: str, *, stripe_api: str) -> None:
        """Confirms the payment at the processor with the publishable key; the card never passes the shop's server."""
        intent = client_secret.partition("_secret_")[0]
        form = {
            "client_secret": client_secret,
            "key": self.stripe["publishable_key"],
            "return_url": f"{self.site}/checkout/return/",
            "payment_method_data[type]": "card",
            "payment_method_data[billing_details][name]": ADDRESS["name"],
            "payment_method_data[billing_details][address][postal_code]": ADDRESS["postal_code"],
            "payment_method_data[billing_details][address][country]": ADDRESS["country"],
            **{f"payment_method_data[card][{name}]": value for name, value in TEST_CARD.items()},
        }
        answer = self.session.post(f"{stripe_api}/v1/payment_intents/{intent}/confirm", data=form, timeout=30)
        if not answer.ok:
            raise PurchaseFailed(f"The processor did not take the card ({answer.status_code}): {answer.text[:500]}")

    def _wait_until_paid(self, path: str, checkout: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + PAID_WITHIN_SECONDS
        while checkout["status"] in ("awaiting_payment", "processing"):
            if time.monotonic() > deadline:
                raise PurchaseFailed(f"Order {checkout['id']} was not paid within {PAID_WITHIN_SECONDS} s.")
            time.sleep(0.5)
            checkout = self._get(path)
        if checkout["status"] != "paid":
            raise PurchaseFailed(f"Order {checkout['id']} ended as {checkout['status']}, not as paid.")
        return checkout

    # ---- HTTP

    def _page(self, path: str) -> str:
        answer = self.session.get(self.site + path, timeout=30)
        if not answer.ok:
            raise PurchaseFailed(f"GET {path} was answered with {answer.status_code}.")
        return answer.text

    def _get(self, path: str) -> dict[str, Any]:
        return self._document(self._send("GET", path))

    def _post(self, path: str, body: dict[str, Any], *, key: bool = False) -> dict[str, Any]:
        return self._document(self._send("POST", path, body, key=key))

    def _send(self, method: str, path: str, body: Any = None, *, key: bool = False) -> requests.Response:
        headers = {"Accept": "application/json", "Referer": f"{self.site}/checkout/"}
        token = self.session.cookies.get("csrftoken")
        if token:
            headers["X-CSRFToken"] = token
        if key:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        return self.session.request(method, self.site + path, json=body, headers=headers, timeout=60)

    def _document(self, answer: requests.Response) -> dict[str, Any]:
        request = f"{answer.request.method} {answer.request.path_url}"
        if not answer.ok:
            raise PurchaseFailed(f"{request} was answered with {answer.status_code}: {answer.text[:800]}")
        document: dict[str, Any] = answer.json()
        return document


def _links(html: str, prefix: str) -> list[str]:
    """Paths below that prefix which the page links to, in the order of the page, each once."""
    return list(dict.fromkeys(re.findall(rf'href="({re.escape(prefix)}[^"/?#]+/)"', html)))
