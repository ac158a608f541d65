"""The control API for what happens at Stripe without the shop: in the dashboard, at banks, by issuers."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import Endpoint, Refused, json_of, spoken
from sandbox.store import Store
from sandbox.stripe import payment_methods, views
from sandbox.stripe.gateway import Gateway


class StripeControl:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/payment_methods/{id}/card_update", self.update_card),
        ]
        return [
            Route(f"/_sandbox{path}", spoken(endpoint), methods=[method], name=f"{method} {path}")
            for method, path, endpoint in table
        ]

    async def update_card(self, request: Request) -> Response:
        """{"exp_month", "exp_year", "last4"?}: the card updater heard of a new card (or of an old one's end)."""
        given, work = await json_of(request), self._gateway.work()
        month, year, last4 = given.get("exp_month"), given.get("exp_year"), given.get("last4")
        if type(month) is not int or not 1 <= month <= 12 or type(year) is not int or not 2000 <= year < 2100:
            raise Refused("Give exp_month and exp_year (four digits) as numbers, and last4 as text or not at all.")
        if last4 is not None and (not isinstance(last4, str) or len(last4) != 4 or not last4.isdigit()):
            raise Refused("last4 must be four digits.")
        with self._store.transaction():
            method = work.get("payment_method", request.path_params["id"])
            payment_methods.renew(work, method, exp=(month, year), last4=last4)
        return self._done(views.public(work, method))

    def _done(self, document: dict[str, Any], *, status: int = 200) -> Response:
        self._wake()
        return JSONResponse(document, status_code=status)
