"""The way of every PayPal request: fault, token, idempotency, contract, work in one transaction, answer, trace."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.connection import dropped
from sandbox.faults import Fault, Faults
from sandbox.paypal import idempotency, multipart, routes, schema
from sandbox.paypal.errors import ApiError, invalid, not_found
from sandbox.paypal.ids import debug_id
from sandbox.paypal.signing import Certificates
from sandbox.paypal.tokens import Refused, Tokens
from sandbox.paypal.work import Work
from sandbox.store import Document, Store
from sandbox.trace import Trace

_LARGEST_BODY = 60_000_000  # evidence may hold files


@dataclass
class Exchange:
    """One request on its way, and what is known of it so far."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]
    base_url: str
    parameters: dict[str, str] = field(default_factory=dict)
    debug_id: str = field(default_factory=debug_id)
    family: str = "orders"
    fault: Fault | None = None
    waited_for: str | None = None  # the fault of the request that this one came upon

    @property
    def request_id(self) -> str | None:
        return self.headers.get("paypal-request-id")

    @property
    def multipart(self) -> bool:
        return self.headers.get("content-type", "").startswith("multipart/")


@dataclass(frozen=True)
class Answer:
    status: int
    document: Any = None


class Gateway:
    def __init__(
        self, *, store: Store, clock: Clock, faults: Faults, trace: Trace, strict: bool, wake: Callable[[], None]
    ) -> None:
        self._store, self._clock, self._faults, self._trace = store, clock, faults, trace
        self._strict, self._wake = strict, wake
        self._in_flight: dict[str, str] = {}
        self.tokens, self.certificates = Tokens(store), Certificates(store)
        self.base_url = ""  # where the sandbox listens; known once it does

    def forget(self) -> None:
        """Of requests whose answer is still held back, too, nothing is remembered."""
        self._in_flight.clear()

    def work(self, **more: Any) -> Work:
        """A unit of work outside any request."""
        return Work(store=self._store, now=int(self._clock.now()), **{"base_url": self.base_url} | more)

    async def __call__(self, request: Request) -> Response:
        exchange = Exchange(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            body=await request.body(),
            headers=dict(request.headers),
            base_url=f"{request.url.scheme}://{request.url.netloc}",
            parameters=dict(request.query_params),
        )
        self.base_url = self.base_url or exchange.base_url
        exchange.fault = self._faults.take(exchange.method, exchange.path)
        if exchange.fault is not None and exchange.fault.kind == "reset":
            self._record(exchange, Answer(0))
            return dropped(request, reset=True)
        answer = await self._answered(exchange)
        if exchange.fault is not None and exchange.fault.kind == "answer_lost":
            return dropped(request, reset=False)
        body = b"" if answer.document is None else json.dumps(answer.document, separators=(",", ":")).encode()
        headers = {"PayPal-Debug-Id": exchange.debug_id, "Cache-Control": "max-age=0, no-cache, no-store"}
        if body:
            headers["Content-Type"] = "application/json"
        return Response(body, status_code=answer.status, headers=headers)

    async def _answered(self, exchange: Exchange) -> Answer:
        fault, key = exchange.fault, None
        try:
            if fault is not None and fault.kind == "rate_limited_429":
                raise ApiError("RATE_LIMIT_REACHED")
            if exchange.path == "/v1/oauth2/token":
                answer = self._token(exchange)
            else:
                key = self._entered(exchange)
                answer = self._carried_out(exchange)
            if fault is not None and fault.kind == "error_500":
                raise ApiError("INTERNAL_SERVER_ERROR")
            self._record(exchange, answer)
            self._wake()
            if fault is not None and fault.kind == "slow":
                # The id stays in flight until the answer leaves.
                await asyncio.sleep(fault.seconds)
        except ApiError as error:
            answer = Answer(error.status, error.document(debug_id=exchange.debug_id, family=exchange.family))
            self._record(exchange, answer)
        finally:
            if key is not None:
                self._in_flight.pop(key, None)
        return answer

    def _entered(self, exchange: Exchange) -> str | None:
        """Refuses a second request under an id whose first is still under way. Raises ApiError."""
        if not exchange.request_id or exchange.method != "POST":
            return None
        key = idempotency.key_of(exchange.method, exchange.path, exchange.request_id)
        if key in self._in_flight:
            exchange.waited_for = self._in_flight[key]
            raise idempotency.in_progress()
        self._in_flight[key] = exchange.fault.kind if exchange.fault else "in flight"
        return key

    def _token(self, exchange: Exchange) -> Answer:
        if exchange.fault is not None and exchange.fault.kind == "error_500":
            raise ApiError("INTERNAL_SERVER_ERROR")
        try:
            text = exchange.body.decode("utf-8", "replace")
            return Answer(200, self.tokens.issue(authorization=exchange.headers.get("authorization", ""), body=text))
        except Refused as refused:
            return Answer(refused.status, refused.document)

    # ------------------------------------------------------------------ the work
    def _carried_out(self, exchange: Exchange) -> Answer:
        """The answer, its work committed. Raises ApiError."""
        if not self.tokens.accepts(exchange.headers.get("authorization", "")):
            raise ApiError("AUTHENTICATION_FAILURE")
        found = routes.match(exchange.method, exchange.path)
        if found is None:
            raise not_found("path", exchange.path)
        route, ids = found
        exchange.family = route.family
        fault = exchange.fault
        if fault is not None and fault.kind == "error_500" and not fault.carried_out:
            raise ApiError("INTERNAL_SERVER_ERROR")
        if len(exchange.body) > _LARGEST_BODY:
            raise ApiError("INVALID_REQUEST")
        work = self.work(
            base_url=exchange.base_url,
            body=self._read(exchange, route),
            raw_body=exchange.body.decode("utf-8", "replace"),
            query=exchange.parameters,
            request_id=exchange.request_id,
            representation="return=representation" in exchange.headers.get("prefer", ""),
        )
        with self._store.transaction():
            return self._within(exchange, route, ids, work)

    def _within(self, exchange: Exchange, route: routes.Route, ids: tuple[str, ...], work: Work) -> Answer:
        key = ""
        if exchange.request_id and route.id_kept_seconds:
            key = idempotency.key_of(exchange.method, exchange.path, exchange.request_id)
            made = idempotency.before(
                self._store,
                key=key,
                body=work.raw_body,
                kept_seconds=route.id_kept_seconds,
                now=self._clock.now(),
                compares=route.compares_bodies,
            )
            if made is not None:
                return self._answer(route, work, work.referred(made.object_id), route.replay_status)
        document = route.handler(work, *ids)
        if key and document is not None:
            made = idempotency.Made(document["id"], route.status)
            idempotency.keep(self._store, key=key, body=work.raw_body, now=self._clock.now(), made=made)
        return self._answer(route, work, document, route.status)

    def _answer(self, route: routes.Route, work: Work, document: Document | None, status: int) -> Answer:
        if document is None:
            return Answer(status)
        if status == 204:
            # Voiding answers with the authorization only where that is asked for.
            return Answer(200, route.answer(work, document)) if work.representation else Answer(204)
        return Answer(status, route.answer(work, document))

    def _read(self, exchange: Exchange, route: routes.Route) -> Any:
        """The body, held against the contract. Raises ApiError."""
        if exchange.multipart:
            if not route.multipart:
                raise ApiError("UNSUPPORTED_MEDIA_TYPE")
            return multipart.read(exchange.body, exchange.headers["content-type"])
        text = exchange.body.decode("utf-8", "replace").strip()
        if not text and not route.body_required:
            return {}
        try:
            given = json.loads(text)
        except ValueError as error:
            raise invalid([{"field": "/", "location": "body", "issue": "MALFORMED_REQUEST_JSON"}]) from error
        if route.shape is not None:
            wrong = list(schema.faults(route.shape, given, strict=self._strict))
            if wrong:
                raise invalid(wrong)
        return given

    def _record(self, exchange: Exchange, answer: Answer) -> None:
        fault = exchange.fault.kind if exchange.fault else exchange.waited_for
        self._trace.write(
            vendor="paypal",
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            headers=exchange.headers,
            # Files are not JSON: what came with them is not part of the trace.
            body="" if exchange.multipart else exchange.body.decode("utf-8", "replace"),
            status=answer.status,
            answer=answer.document,
            fault=fault,
            browser=False,
        )
