"""PayPal's browser side: the script, the pages on which buyers approve, and the certificate of the webhooks."""

import json
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.paypal import funding, orders, vault
from sandbox.paypal.errors import ApiError, refused
from sandbox.paypal.gateway import Gateway
from sandbox.store import Document, Store

FOLDER = Path(__file__).parent / "js"
_HEADERS = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


class Pages:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        return [
            Route("/checkoutnow", self.moved, methods=["GET"]),
            Route("/paypal/checkoutnow", self.page, methods=["GET"]),
            Route("/paypal/agreements/approve", self.page, methods=["GET"]),
            Route("/paypal/checkout/{order}", self.show_order, methods=["GET"]),
            Route("/paypal/checkout/{order}", self.decide_order, methods=["POST", "OPTIONS"]),
            Route("/paypal/agreements/{token}", self.show_agreement, methods=["GET"]),
            Route("/paypal/agreements/{token}", self.decide_agreement, methods=["POST", "OPTIONS"]),
            Route("/paypal/certs/{name}", self.certificate, methods=["GET"]),
            Route("/paypal/{path:path}", self.file, methods=["GET"]),
        ]

    async def moved(self, request: Request) -> Response:
        return RedirectResponse(f"/paypal/checkoutnow?{request.url.query}")

    async def page(self, request: Request) -> Response:
        return FileResponse(FOLDER / "approve.html", media_type="text/html", headers=_HEADERS)

    async def file(self, request: Request) -> Response:
        folder = FOLDER.resolve()
        path = (folder / request.path_params["path"]).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return PlainTextResponse("There is no such file.", status_code=404, headers=_HEADERS)
        media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return FileResponse(path, media_type=media_type, headers=_HEADERS)

    async def certificate(self, request: Request) -> Response:
        certificates = self._gateway.certificates
        if request.url.path != certificates.path:
            return PlainTextResponse("There is no such certificate.", status_code=404)
        return PlainTextResponse(certificates.chain_pem, media_type="application/x-pem-file")

    # ------------------------------------------------------------------ orders
    async def show_order(self, request: Request) -> Response:
        """What the page shows of an order."""
        return self._spoken(request, lambda work: self._order_shown(work, request.path_params["order"]))

    def _order_shown(self, work: Any, order_id: str) -> dict[str, Any]:
        order = orders.get(work, order_id)
        context = order["_"]["context"]
        return {
            "id": order["id"],
            "status": order["status"],
            "brand": context.get("brand_name") or "the shop",
            "pay_now": context.get("user_action") == "PAY_NOW",
            "intent": order["intent"],
            "units": [
                {
                    "amount": unit["amount"],
                    "description": unit.get("description"),
                    "items": unit.get("items", []),
                    "shipping": unit.get("shipping"),
                }
                for unit in order["purchase_units"]
            ],
            "vault": vault.wanted(order["_"]["wallet"]),
            "returns": bool(context.get("return_url")),
            "funding": {name: choice.label for name, choice in funding.FUNDING.items()},
            "buyer": {"email": funding.BUYER_EMAIL, "id": funding.BUYER_ID},
        }

    async def decide_order(self, request: Request) -> Response:
        """{"action": "approve" or "cancel", "funding": name, "save": true or false}, as JSON or form."""
        given = await _given(request)

        def decide(work: Any) -> dict[str, Any]:
            order = orders.get(work, request.path_params["order"])
            action, chosen = given.get("action"), given.get("funding") or funding.DEFAULT
            context = order["_"]["context"]
            if action == "cancel":
                back = _with(context.get("cancel_url"), {"token": order["id"]})
            elif action == "approve" and chosen in funding.FUNDING:
                with self._store.transaction():
                    orders.approve(work, order, funding_name=chosen, save=given.get("save") in (True, "true", "on"))
                back = _with(context.get("return_url"), {"token": order["id"], "PayerID": funding.BUYER_ID})
            else:
                raise refused("INVALID_PARAMETER_VALUE", "/action")
            return {"id": order["id"], "status": order["status"], "payer_id": funding.BUYER_ID, "return_url": back}

        return self._spoken(request, decide)

    # ------------------------------------------------------------------ saving without a purchase
    async def show_agreement(self, request: Request) -> Response:
        def show(work: Any) -> dict[str, Any]:
            token = vault.get_setup_token(work, request.path_params["token"])
            return {
                "id": token["id"],
                "status": token["status"],
                "brand": token["_"]["context"].get("brand_name") or "the shop",
                "description": token["payment_source"]["paypal"].get("description"),
                "returns": bool(token["_"]["context"].get("return_url")),
                "funding": {name: choice.label for name, choice in funding.FUNDING.items()},
                "buyer": {"email": funding.BUYER_EMAIL, "id": funding.BUYER_ID},
            }

        return self._spoken(request, show)

    async def decide_agreement(self, request: Request) -> Response:
        """{"action": "approve" or "cancel", "funding": name}, as JSON or form."""
        given = await _given(request)

        def decide(work: Any) -> dict[str, Any]:
            token: Document = vault.get_setup_token(work, request.path_params["token"])
            action, chosen = given.get("action"), given.get("funding") or funding.DEFAULT
            context, added = token["_"]["context"], {"approval_token_id": token["id"]}
            if action == "cancel":
                back = _with(context.get("cancel_url"), added)
            elif action == "approve" and chosen in funding.FUNDING:
                with self._store.transaction():
                    vault.approve_setup_token(work, token, funding_name=chosen)
                back = _with(context.get("return_url"), added)
            else:
                raise refused("INVALID_PARAMETER_VALUE", "/action")
            return {"id": token["id"], "status": token["status"], "return_url": back}

        return self._spoken(request, decide)

    def _spoken(self, request: Request, answer: Callable[[Any], dict[str, Any]]) -> Response:
        if request.method == "OPTIONS":
            return Response(headers=_HEADERS | {"Access-Control-Allow-Headers": "Content-Type"})
        base_url = f"{request.url.scheme}://{request.url.netloc}"
        try:
            document = answer(self._gateway.work(base_url=base_url))
        except ApiError as error:
            document = error.document(debug_id="page", family="orders")
            return JSONResponse(document, status_code=error.status, headers=_HEADERS)
        self._wake()
        return JSONResponse(document, headers=_HEADERS)


async def _given(request: Request) -> dict[str, Any]:
    body = (await request.body()).decode("utf-8", "replace")
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(body))
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _with(address: str | None, added: dict[str, str]) -> str | None:
    """The shop's address with what PayPal adds to it."""
    if not address:
        return None
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(added)]))))
