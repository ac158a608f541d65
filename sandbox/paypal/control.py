"""The control API for what happens at PayPal without the shop: buyers and issuers dispute, PayPal takes back."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.control import Endpoint, Refused, json_of, spoken
from sandbox.paypal import captures, disputes
from sandbox.paypal.gateway import Gateway
from sandbox.store import Document, Store


class PayPalControl:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/root-ca.pem", self.root_certificate),
            ("POST", "/disputes", self.open_dispute),
            ("POST", "/disputes/{dispute}/escalate", self.escalate_dispute),
            ("POST", "/disputes/{dispute}/settle", self.settle_dispute),
            ("POST", "/reverse", self.reverse),
            ("POST", "/tokens/expire", self.expire_tokens),
        ]
        return [
            Route(f"/_sandbox/paypal{path}", spoken(endpoint), methods=[method], name=f"paypal {method} {path}")
            for method, path, endpoint in table
        ]

    async def root_certificate(self, request: Request) -> Response:
        return PlainTextResponse(self._gateway.certificates.root_pem, media_type="application/x-pem-file")

    async def open_dispute(self, request: Request) -> Response:
        """{"capture_id", "amount_minor": all that is left, "reason", "channel", "stage", "message"}"""
        given = await json_of(request)
        reason, channel = given.get("reason", disputes.REASONS[0]), given.get("channel", disputes.CHANNELS[0])
        amount, stage = given.get("amount_minor"), given.get("stage", disputes.STAGES[0])
        if stage not in disputes.STAGES:
            raise Refused(f"stage must be one of {', '.join(disputes.STAGES)}.")
        if reason not in disputes.REASONS or channel not in disputes.CHANNELS:
            raise Refused(f"reason must be one of {', '.join(disputes.REASONS)}; channel INTERNAL or EXTERNAL.")
        if amount is not None and type(amount) is not int:
            raise Refused("amount_minor must be a whole number of minor units.")
        work = self._gateway.work()
        with self._store.transaction():
            capture = captures.retrieve(work, str(given.get("capture_id")))
            dispute = disputes.open_(
                work, capture, amount=amount, reason=reason, channel=channel, stage=stage, message=given.get("message")
            )
        return self._done(disputes.whole(work, dispute), status=201)

    async def escalate_dispute(self, request: Request) -> Response:
        """The buyer turns an inquiry into a claim."""
        work = self._gateway.work()
        with self._store.transaction():
            dispute = disputes.escalate(work, disputes.get(work, request.path_params["dispute"]))
        return self._done(disputes.whole(work, dispute))

    async def settle_dispute(self, request: Request) -> Response:
        """{"outcome": "RESOLVED_SELLER_FAVOUR" | "RESOLVED_BUYER_FAVOUR" | "CANCELED_BY_BUYER"}"""
        given, work = await json_of(request), self._gateway.work()
        if given.get("outcome") not in disputes.OUTCOMES:
            raise Refused(f"outcome must be one of {', '.join(disputes.OUTCOMES)}.")
        with self._store.transaction():
            dispute = disputes.get(work, request.path_params["dispute"])
            disputes.settle(work, dispute, outcome=given["outcome"])
        return self._done(disputes.whole(work, dispute))

    async def reverse(self, request: Request) -> Response:
        """{"capture_id"}: PayPal takes what is left of the payment back."""
        given, work = await json_of(request), self._gateway.work()
        with self._store.transaction():
            capture = captures.retrieve(work, str(given.get("capture_id")))
            left = capture["_"]["amount"] - capture["_"]["refunded"]
            open_case = capture["_"]["dispute"] is not None
            if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED") or left <= 0 or open_case:
                raise Refused("There is nothing to take back, or a dispute is open about it.")
            document = captures.reverse(work, capture, amount=left)
        return self._done(captures.whole_refund(work, document), status=201)

    async def expire_tokens(self, request: Request) -> Response:
        self._gateway.tokens.expire_all()
        return JSONResponse({"expired": True})

    def _done(self, document: Document, *, status: int = 200) -> Response:
        self._wake()
        return JSONResponse(document, status_code=status)
