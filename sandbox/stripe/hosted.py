"""The hosted payment page under /c/pay/: what the buyer sees instead of the shop's own checkout."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.store import Document, Store
from sandbox.stripe import checkout_payment, currencies, views
from sandbox.stripe.errors import ApiError, Declined
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.work import Work

_FOLDER = Path(__file__).parent / "js" / "checkout"
_ORDER = tuple(checkout_payment.Order.__dataclass_fields__)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


class HostedCheckout:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        return [
            Route("/c/pay/{session}", self.page, methods=["GET"]),
            Route("/c/pay/{session}/state", self.state, methods=["GET"]),
            Route("/c/pay/{session}/pay", self.pay, methods=["POST"]),
        ]

    def _work(self, request: Request) -> Work:
        return self._gateway.work(base_url=f"{request.url.scheme}://{request.url.netloc}")

    async def page(self, request: Request) -> Response:
        work = self._work(request)
        try:
            session = work.get("checkout.session", request.path_params["session"])
        except ApiError:
            return _over("There is no such payment page.", "Please go back to the shop and start again.", status=404)
        if session["status"] == "complete":
            return RedirectResponse(success_url(session), status_code=303, headers=_HEADERS)
        if session["status"] != "open" or session["expires_at"] <= work.now:
            return _over("This payment page has expired.", "Nothing was paid. Please go back to the shop.", status=410)
        return HTMLResponse(_page(work, session), headers=_HEADERS)

    async def state(self, request: Request) -> Response:
        """Where the buyer goes next, once the session is complete."""
        work = self._work(request)
        try:
            session = work.get("checkout.session", request.path_params["session"])
        except ApiError as error:
            return JSONResponse({"error": error.error}, status_code=error.status, headers=_HEADERS)
        return JSONResponse(_state(session), headers=_HEADERS)

    async def pay(self, request: Request) -> Response:
        """The order in JSON: `checkout_payment.Order`. Answers with the state, a question of the bank, or an error."""
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return JSONResponse({"error": {"message": "Send JSON."}}, status_code=415)
        try:
            given = json.loads(await request.body())
            order = checkout_payment.Order(**{name: given[name] for name in _ORDER if name in given})
        except (ValueError, TypeError):
            return JSONResponse({"error": {"message": "The order is incomplete."}}, status_code=400)
        session_id, work, declined = request.path_params["session"], self._work(request), None
        try:
            with self._store.transaction():
                try:
                    intent = checkout_payment.submit(work, session_id, order)
                except Declined as error:
                    # A refused card is an outcome: what was tried stays written down.
                    declined = error
        except ApiError as error:
            return JSONResponse({"error": error.error}, status_code=error.status, headers=_HEADERS)
        self._wake()
        if declined is not None:
            return JSONResponse({"error": declined.error}, status_code=402, headers=_HEADERS)
        answer = _state(work.get("checkout.session", session_id))
        if intent["status"] == "requires_action":
            answer["client_secret"] = intent["client_secret"]
        return JSONResponse(answer, headers=_HEADERS)


def success_url(session: Document) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _state(session: Document) -> dict[str, Any]:
    done = session["status"] == "complete"
    return {"status": session["status"], "redirect": success_url(session) if done else None}


def _page(work: Work, session: Document) -> str:
    currency = session["currency"]
    items = [views.line_item(work, item) for item in session["_"]["line_items"]]
    products = [work.referred(item["price"]["product"]) for item in items]
    rows = "".join(_item(item, product, currency) for item, product in zip(items, products, strict=True))
    email = session["customer_email"]
    if email is None and session["customer"]:
        email = work.referred(session["customer"]).get("email")  # none of one who was deleted since
    settings = {
        "session": session["id"],
        "amount": session["amount_total"],
        "subtotal": session["amount_subtotal"],
        "currency": currency,
        "exponent": currencies.exponent(currency),
    }
    cancel = session["cancel_url"]
    return Template((_FOLDER / "page.html").read_text()).substitute(
        items=rows,
        total=html.escape(currencies.shown(session["amount_total"], currency)),
        shipping=_shipping_options(work, session),
        address=_address(session),
        email=html.escape(email or ""),
        readonly="readonly" if session["customer_email"] else "",
        cancel=f'<a class="back" href="{html.escape(cancel)}">← Back to the shop</a>' if cancel else "",
        settings=html.escape(json.dumps(settings)),
    )


def _item(item: Document, product: Document, currency: str) -> str:
    each = currencies.shown(item["price"]["unit_amount"], currency)
    description = f'<span class="small">{html.escape(product["description"])}</span>' if product["description"] else ""
    quantity = f'<span class="small">{item["quantity"]} × {html.escape(each)}</span>' if item["quantity"] > 1 else ""
    return (
        f"<li><div><span>{html.escape(product['name'])}</span>{description}{quantity}</div>"
        f"<span class='figure'>{html.escape(currencies.shown(item['amount_total'], currency))}</span></li>"
    )


def _shipping_options(work: Work, session: Document) -> str:
    options = []
    for option in session["shipping_options"]:
        rate = work.referred(option["shipping_rate"])
        chosen = "checked" if session["shipping_cost"]["shipping_rate"] == rate["id"] else ""
        price = (
            currencies.shown(option["shipping_amount"], session["currency"]) if option["shipping_amount"] else "Free"
        )
        options.append(
            f'<label class="option"><input type="radio" name="shipping_rate" value="{html.escape(rate["id"])}" '
            f'data-amount="{option["shipping_amount"]}" {chosen}>'
            f"<span>{html.escape(rate['display_name'])}</span><span class='figure'>{html.escape(price)}</span></label>"
        )
    if not options:
        return ""
    return f"<fieldset><legend>Shipping method</legend>{''.join(options)}</fieldset>"


def _address(session: Document) -> str:
    collection = session["shipping_address_collection"]
    if collection is None:
        return ""
    countries = "".join(f"<option>{html.escape(code)}</option>" for code in collection["allowed_countries"])
    return Template((_FOLDER / "address.html").read_text()).substitute(countries=countries)


def _over(title: str, text: str, *, status: int) -> Response:
    page = Template((_FOLDER / "over.html").read_text()).substitute(title=html.escape(title), text=html.escape(text))
    return HTMLResponse(page, status_code=status, headers=_HEADERS)
