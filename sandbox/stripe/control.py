"""The control API for what happens at Stripe without the shop: in the dashboard, at banks, by issuers."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import Endpoint, Refused, json_of, spoken
from sandbox.store import Store
from sandbox.stripe import checkout_payment, delayed, disputes, payment_methods, refunds, views
from sandbox.stripe.errors import Declined
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.work import Work

_BUYER = {"payment_method": "pm_card_visa", "email": "ada@example.org", "name": "Ada"}
_REFUND = ("charge", "payment_intent", "amount", "reason")


class StripeControl:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/payment_methods/{id}/card_update", self.update_card),
            ("POST", "/checkout/sessions/{id}/pay", self.pay_session),
            ("POST", "/checkout/sessions/{id}/arrive", self.arrive),
            ("POST", "/charges/{id}/dispute", self.open_dispute),
            ("POST", "/disputes/{id}/escalate", self.escalate),
            ("POST", "/refunds", self.refund),
            ("POST", "/refunds/{id}/succeed", self.refund_succeeds),
            ("POST", "/refunds/{id}/fail", self.refund_fails),
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

    async def pay_session(self, request: Request) -> Response:
        """{"payment_method": "pm_card_...", "email", ..., "delayed"?}: a buyer pays on the hosted page, by no browser.

        With `delayed` true by a bank debit, whose money is on its way until `/arrive`.
        """
        given, session_id = await json_of(request), request.path_params["id"]
        work = self._gateway.work(base_url=f"{request.url.scheme}://{request.url.netloc}")
        pay = checkout_payment.submit_delayed if given.pop("delayed", False) else checkout_payment.submit
        try:
            order = checkout_payment.Order(**_BUYER | given)
        except TypeError as error:
            raise Refused(str(error)) from error
        with self._store.transaction(), suppress(Declined):
            # A refused card is an outcome: the session stays open.
            pay(work, session_id, order)
        return self._done(views.public(work, work.get("checkout.session", session_id)))

    async def arrive(self, request: Request) -> Response:
        """{"succeeded": true or false}: what became of a bank debit."""
        given, work = await json_of(request), self._gateway.work()
        if not isinstance(given.get("succeeded"), bool):
            raise Refused("Give succeeded: true or false.")
        session = work.get("checkout.session", request.path_params["id"])
        with self._store.transaction():
            intent = work.get("payment_intent", str(session["payment_intent"]))
            delayed.arrive(work, intent, succeeded=given["succeeded"])
        return self._done(views.public(work, work.get("checkout.session", session["id"])))

    async def open_dispute(self, request: Request) -> Response:
        """{"reason"?, "amount"?, "inquiry"?}: the cardholder disputes a charge, made with whichever card."""
        given, work = await json_of(request), self._gateway.work()
        reason, inquiry = given.get("reason", "fraudulent"), given.get("inquiry", False)
        if reason not in disputes.REASONS or not isinstance(inquiry, bool):
            raise Refused(f"reason must be one of {', '.join(disputes.REASONS)}; inquiry true or false.")
        with self._store.transaction():
            charge = work.get("charge", request.path_params["id"])
            dispute = disputes.open_dispute(work, charge, reason=reason, inquiry=inquiry, amount=_amount(given))
        return self._done(views.public(work, dispute), status=201)

    async def escalate(self, request: Request) -> Response:
        """The issuer makes a dispute of an inquiry."""
        work = self._gateway.work()
        with self._store.transaction():
            dispute = work.get("dispute", request.path_params["id"])
            disputes.escalate(work, dispute)
        return self._done(views.public(work, dispute))

    async def refund(self, request: Request) -> Response:
        """{"charge" or "payment_intent", "amount"?, "reason"?}: somebody refunds in the dashboard, without metadata."""
        given = await json_of(request)
        work = self._gateway.work(params={name: given[name] for name in _REFUND if name in given})
        _amount(given)
        if given.get("reason", "duplicate") not in ("duplicate", "fraudulent", "requested_by_customer"):
            raise Refused("reason must be duplicate, fraudulent or requested_by_customer.")
        with self._store.transaction():
            refund = refunds.create(work)
        return self._done(refund, status=201)

    async def refund_succeeds(self, request: Request) -> Response:
        """A pending refund arrives."""
        return self._moved_on(request, refunds.succeed)

    async def refund_fails(self, request: Request) -> Response:
        """{"reason"?}: the cardholder's bank sends the money of a refund back, however long ago it succeeded."""
        reason = (await json_of(request)).get("reason", "expired_or_canceled_card")
        if reason not in refunds.FAILURE_REASONS:
            raise Refused(f"reason must be one of {', '.join(refunds.FAILURE_REASONS)}.")
        return self._moved_on(request, lambda work, refund_id: refunds.fail(work, refund_id, reason=reason))

    def _moved_on(self, request: Request, move: Callable[[Work, str], None]) -> Response:
        work, refund_id = self._gateway.work(), request.path_params["id"]
        with self._store.transaction():
            move(work, refund_id)
        return self._done(refunds.retrieve(work, refund_id))

    def _done(self, document: dict[str, Any], *, status: int = 200) -> Response:
        self._wake()
        return JSONResponse(document, status_code=status)


def _amount(given: dict[str, Any]) -> int | None:
    amount = given.get("amount")
    if amount is not None and type(amount) is not int:
        raise Refused("amount must be a number of minor units.")
    return amount
