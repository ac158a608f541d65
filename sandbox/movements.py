"""The control API for what a reconciliation must find: other fees, movements that nobody asked for, the same one twice.

Money of the balances moves with it, as it would at the processor; no event tells of it.
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox import statements
from sandbox.control import Endpoint, Refused, json_of, spoken
from sandbox.paypal import balance as paypal_balance
from sandbox.paypal.gateway import Gateway as PayPalGateway
from sandbox.store import Store
from sandbox.stripe import balance, currencies, payouts, views
from sandbox.stripe.gateway import Gateway

_FOREIGN = {"adjustment": "other_adjustment", "stripe_fee": "fee", "charge": "charge", "topup": "topup"}


class Movements:
    def __init__(self, *, store: Store, stripe: Gateway, paypal: PayPalGateway, wake: Callable[[], None]) -> None:
        self._store, self._stripe, self._paypal, self._wake = store, stripe, paypal, wake

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/movements", self.add),
            ("POST", "/movements/{id}/fee", self.change_fee),
            ("POST", "/movements/{id}/duplicate", self.duplicate),
            ("POST", "/automatic_payout", self.pay_out),
            ("GET", "/statements/stripe.csv", self.stripe_file),
            ("GET", "/statements/paypal.csv", self.paypal_file),
            ("POST", "/paypal/movements", self.add_at_paypal),
            ("POST", "/paypal/movements/{id}/fee", self.change_fee_at_paypal),
            ("POST", "/paypal/movements/{id}/duplicate", self.duplicate_at_paypal),
        ]
        return [
            Route(f"/_sandbox{path}", spoken(endpoint), methods=[method], name=f"movements {method} {path}")
            for method, path, endpoint in table
        ]

    # ------------------------------------------------------------------ Stripe
    async def add(self, request: Request) -> Response:
        """{"type": "adjustment" | "stripe_fee" | "charge" | "topup", "amount", "currency", "source"?}"""
        given, work = await json_of(request), self._stripe.work()
        kind, amount = given.get("type"), given.get("amount")
        if kind not in _FOREIGN or type(amount) is not int or not amount:
            raise Refused(f"type must be one of {', '.join(_FOREIGN)}, amount a number of minor units.")
        with self._store.transaction():
            made = balance.move(
                work, kind=kind, amount=amount, currency=currencies.check_currency(given.get("currency", "eur")),
                source=given.get("source") or None, available_on=work.now, description=given.get("description"),
                reporting_category=_FOREIGN[kind],
            )  # fmt: skip
        return self._done(views.public(work, made), status=201)

    async def change_fee(self, request: Request) -> Response:
        """{"fee": minor units}: the statement shows another fee than was announced with the payment."""
        given, work = await json_of(request), self._stripe.work()
        if type(given.get("fee")) is not int:
            raise Refused("fee must be a number of minor units.")
        with self._store.transaction():
            transaction = work.get("balance_transaction", request.path_params["id"])
            balance.change_fee(work, transaction, fee=given["fee"])
        return self._done(views.public(work, transaction))

    async def duplicate(self, request: Request) -> Response:
        """The same movement once more, under another id."""
        work = self._stripe.work()
        with self._store.transaction():
            made = balance.duplicate(work, work.get("balance_transaction", request.path_params["id"]))
        return self._done(views.public(work, made), status=201)

    async def pay_out(self, request: Request) -> Response:
        """{"currency"?}: the platform's automatic payout of all that is available; its movements name it."""
        given = await json_of(request)
        currency = currencies.check_currency(given.get("currency", "eur"))
        amount = balance.available(self._stripe.work(), "", currency)
        if amount <= 0:
            raise Refused(f"There is no {currency.upper()} to be paid out.")
        work = self._stripe.work(params={"currency": currency, "amount": amount})
        with self._store.transaction():
            payout = work.get("payout", payouts.create(work)["id"])
            payout |= {"automatic": True, "reconciliation_status": "completed"}
            work.save(payout)
            balance.paid_out_with(work, payout)
        return self._done(views.public(work, payout), status=201)

    async def stripe_file(self, request: Request) -> Response:
        """All movements as Stripe's itemized report of balance changes gives them."""
        return PlainTextResponse(statements.stripe_report(self._store), media_type="text/csv")

    # ------------------------------------------------------------------ PayPal
    async def add_at_paypal(self, request: Request) -> Response:
        """{"code": "T0106", "amount_minor", "currency", "fee_minor"?, "reference"?}"""
        given, work = await json_of(request), self._paypal.work()
        code, amount, fee = given.get("code"), given.get("amount_minor"), given.get("fee_minor", 0)
        if not isinstance(code, str) or type(amount) is not int or type(fee) is not int:
            raise Refused("code must be a text, amount_minor and fee_minor numbers.")
        with self._store.transaction():
            made = paypal_balance.move(
                work, code=code, amount=amount, fee=fee, currency=given.get("currency", "EUR"), subject="",
                reference=given.get("reference", ""),
            )  # fmt: skip
        return self._done({"transaction_id": made}, status=201)

    async def change_fee_at_paypal(self, request: Request) -> Response:
        """{"fee_minor"}: the report shows another fee than the capture."""
        given, movement_id = await json_of(request), request.path_params["id"]
        if type(given.get("fee_minor")) is not int:
            raise Refused("fee_minor must be a number.")
        with self._store.transaction():
            found = paypal_balance.change_fee(self._paypal.work(), movement_id, fee=given["fee_minor"])
        if not found:
            raise Refused("There is no such movement.")
        return self._done({"transaction_id": movement_id})

    async def duplicate_at_paypal(self, request: Request) -> Response:
        with self._store.transaction():
            made = paypal_balance.duplicate(self._paypal.work(), request.path_params["id"])
        if not made:
            raise Refused("There is no such movement.")
        return self._done({"transaction_id": made}, status=201)

    async def paypal_file(self, request: Request) -> Response:
        """All movements as PayPal's Settlement Report gives them."""
        return PlainTextResponse(statements.paypal_settlement(self._store), media_type="text/csv")

    def _done(self, document: dict[str, Any], *, status: int = 200) -> Response:
        self._wake()
        return JSONResponse(document, status_code=status)
