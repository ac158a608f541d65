"""What browsers load: the scripts and frames under /js/, and the answer to the 3D Secure question."""

import hmac
import json
import mimetypes
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.store import Document, Store
from sandbox.stripe import confirmation, setup_intents, views
from sandbox.stripe.errors import ApiError, Declined
from sandbox.stripe.gateway import Gateway

FOLDER = Path(__file__).parent / "stripe" / "js"
_HEADERS = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}


class Scripts:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        return [
            Route("/js/3ds/complete", self.complete, methods=["POST", "OPTIONS"]),
            Route("/js/{path:path}", self.file, methods=["GET"]),
        ]

    async def file(self, request: Request) -> Response:
        folder = FOLDER.resolve()
        path = (folder / request.path_params["path"]).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return PlainTextResponse("There is no such file.", status_code=404, headers=_HEADERS)
        media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return FileResponse(path, media_type=media_type, headers=_HEADERS)

    async def complete(self, request: Request) -> Response:
        """{"payment_intent", "token", "outcome": "succeed" or "fail"}, as JSON or form, from the 3D Secure page.

        `token` is the one in the page's address (the intent's client secret does as well); for a card that is being
        saved, `setup_intent` stands in for `payment_intent`. Answers with the intent as browsers see it and, where the
        buyer is to be sent back, the address for that.
        """
        if request.method == "OPTIONS":
            return Response(headers=_HEADERS | {"Access-Control-Allow-Headers": "Content-Type"})
        try:
            given = await _given(request)
            intent, asked = self._asked(given)
            return_url = given.get("return_url") or asked.get("return_url")
            with self._store.transaction():
                work = self._gateway.work()
                # Refused after a good authentication: the PaymentIntent says so.
                with suppress(Declined):
                    finish = setup_intents if intent["object"] == "setup_intent" else confirmation
                    finish.finish_authentication(work, intent, succeeded=given["outcome"] == "succeed")
        except ApiError as error:
            return JSONResponse({"error": error.error}, status_code=error.status, headers=_HEADERS)
        self._wake()
        answer: dict[str, Any] = {
            intent["object"]: views.for_browser(views.public(work, intent)),
            "return_url": None,
        }
        if return_url:
            answer["return_url"] = _with_result(str(return_url), intent)
        return JSONResponse(answer, headers=_HEADERS)

    def _asked(self, given: dict[str, Any]) -> tuple[Document, dict[str, Any]]:
        """The intent whose buyer was asked, and what was asked. Raises ApiError."""
        kind = "setup_intent" if "setup_intent" in given else "payment_intent"
        intent = self._gateway.work().get(kind, str(given.get(kind)), param="intent")
        asked: dict[str, Any] | None = intent["_"]["three_d_secure"]
        token = str(given.get("token") or given.get("client_secret") or "").encode()
        if asked is None or intent["status"] != "requires_action":
            raise ApiError(400, "This payment is not waiting for authentication.")
        if not any(hmac.compare_digest(token, good.encode()) for good in (asked["token"], intent["client_secret"])):
            raise ApiError(400, "The token does not belong to this payment.", param="token")
        if given.get("outcome") not in ("succeed", "fail"):
            raise ApiError(400, "outcome must be succeed or fail.", param="outcome")
        return intent, asked


async def _given(request: Request) -> dict[str, Any]:
    body = (await request.body()).decode("utf-8", "replace")
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(body))
    try:
        given = json.loads(body)
    except ValueError as error:
        raise ApiError(400, "The body is not JSON.") from error
    return given if isinstance(given, dict) else {}


def _with_result(return_url: str, intent: Document) -> str:
    """The merchant's address with what Stripe adds to it."""
    parts = urlsplit(return_url)
    added = {
        intent["object"]: intent["id"],
        f"{intent['object']}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if intent["status"] in ("succeeded", "requires_capture") else "failed",
    }
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(added)]))))
