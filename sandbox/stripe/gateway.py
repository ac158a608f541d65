"""The way of every API request: key, fault, idempotency, contract, work in one transaction, answer, trace."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.connection import dropped
from sandbox.faults import Fault, Faults
from sandbox.store import Document, Store
from sandbox.stripe import accounts, browser, forms, idempotency, keys, routes, uploads, views
from sandbox.stripe.contract import Contract, ParameterInvalid
from sandbox.stripe.errors import ApiError, Declined
from sandbox.stripe.ids import new_request_id
from sandbox.stripe.work import Work
from sandbox.trace import Trace

_LARGEST_BODY = 1_000_000
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Account, Stripe-Version",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, Idempotent-Replayed",
    "Access-Control-Max-Age": "300",
}


@dataclass
class Exchange:
    """One request on its way, and what is known of it so far."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]
    base_url: str
    upload: bytes | None = None
    request_id: str = field(default_factory=new_request_id)
    raw: dict[str, Any] = field(default_factory=dict)
    publishable: bool = False
    account: str = ""
    fault: Fault | None = None
    replayed_from: str | None = None

    @property
    def idempotency_key(self) -> str | None:
        return self.headers.get("idempotency-key") if self.method == "POST" else None


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


def _error(status: int, error: dict[str, Any], exchange: Exchange) -> Answer:
    log_url = f"https://dashboard.stripe.com/acct_sandbox/test/workbench/logs?object={exchange.request_id}"
    return Answer(status, json.dumps({"error": error | {"request_log_url": log_url}}, indent=2))


class Gateway:
    def __init__(
        self, *, store: Store, clock: Clock, faults: Faults, trace: Trace, strict: bool, wake: Callable[[], None]
    ) -> None:
        self._store, self._clock, self._faults, self._trace = store, clock, faults, trace
        self._strict, self._wake = strict, wake
        self._contract = Contract()
        self._methods = self._contract.endpoint("payment_method", "create")
        self._in_flight: set[tuple[str, str]] = set()

    @property
    def api_version(self) -> str:
        return self._contract.api_version

    def forget(self) -> None:
        """Of requests whose answer is still held back, too, nothing is remembered."""
        self._in_flight.clear()

    def work(self, **more: Any) -> Work:
        """A unit of work outside any request."""
        return Work(store=self._store, now=int(self._clock.now()), api_version=self.api_version, **more)

    async def __call__(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=200, headers=_CORS)
        body = await request.body()
        upload = uploads.is_upload(request.headers.get("content-type", ""))
        exchange = Exchange(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            body="" if upload else body.decode("utf-8", "replace"),
            headers=dict(request.headers),
            base_url=f"{request.url.scheme}://{request.url.netloc}",
            upload=body if upload else None,
        )
        largest = uploads.LARGEST_BODY if upload else _LARGEST_BODY
        exchange.fault = self._faults.take(exchange.method, exchange.path)
        if exchange.fault is not None and exchange.fault.kind == "reset":
            self._record(exchange, Answer(0, "null"))
            return dropped(request, reset=True)
        return await self._answered(request, exchange, too_large=len(body) > largest)

    async def _answered(self, request: Request, exchange: Exchange, *, too_large: bool) -> Response:
        lock: tuple[str, str] | None = None
        try:
            if too_large:
                raise ApiError(413, "The request is too large.")
            self._identify(exchange)
            if exchange.idempotency_key:
                lock = (exchange.account, exchange.idempotency_key)
                if lock in self._in_flight:
                    lock = None
                    raise idempotency.in_use(exchange.idempotency_key)
                self._in_flight.add(lock)
            answer = self._carried_out(exchange)
            self._record(exchange, answer)
            self._wake()
            if exchange.fault is not None and exchange.fault.kind == "slow":
                # The key stays in flight until the answer leaves.
                await asyncio.sleep(exchange.fault.seconds)
        except ApiError as error:
            answer = _error(error.status, error.error, exchange)
            self._record(exchange, answer)
        finally:
            if lock is not None:
                self._in_flight.discard(lock)
        if exchange.fault is not None and exchange.fault.kind == "answer_lost":
            return dropped(request, reset=False)
        return Response(answer.body, status_code=answer.status, headers=self._headers(exchange))

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Cache-Control": "no-cache, no-store",
            "Request-Id": exchange.request_id,
            "Stripe-Version": self.api_version,
            **_CORS,
        }
        if exchange.idempotency_key:
            headers["Idempotency-Key"] = exchange.idempotency_key
        if exchange.replayed_from:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": exchange.replayed_from}
        return headers

    def _record(self, exchange: Exchange, answer: Answer) -> None:
        self._trace.write(
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            headers=exchange.headers,
            body=exchange.body,
            status=answer.status,
            answer=json.loads(answer.body),
            fault=exchange.fault.kind if exchange.fault else None,
            browser=exchange.publishable,
        )

    def _identify(self, exchange: Exchange) -> None:
        """Who asks, for which account, in which version. Raises ApiError."""
        text = exchange.body if exchange.method == "POST" else exchange.query
        try:
            if exchange.upload is not None:
                exchange.raw = uploads.parse(exchange.upload, exchange.headers["content-type"])
                exchange.body = uploads.for_trace(exchange.raw)
            else:
                exchange.raw = forms.parse(text)
        except ParameterInvalid as error:
            raise ApiError(400, error.message, code=error.code, param=error.param) from error
        key = keys.key_of(exchange.headers, exchange.raw)
        exchange.publishable = key.startswith("pk_")
        keys.check(key)
        version = exchange.headers.get("stripe-version") or exchange.raw.get("_stripe_version")
        if version and version != self.api_version:
            raise ApiError(
                400,
                f"Invalid Stripe API version: {version}. The sandbox speaks only {self.api_version}, the version of "
                "the installed stripe package.",
            )
        account = exchange.headers.get("stripe-account") or exchange.raw.get("_stripe_account") or ""
        if account and account != accounts.PLATFORM_ID:
            exchange.account = accounts.get(self.work(), account)["id"]

    def _carried_out(self, exchange: Exchange) -> Answer:
        """The answer, its work committed. Raises ApiError for what is never stored under a key."""
        fault, key = exchange.fault, exchange.idempotency_key
        if fault is not None and fault.kind == "rate_limited_429":
            raise ApiError(
                429,
                "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
                code="rate_limit",
            )
        print_ = idempotency.fingerprint(exchange.method, exchange.path, exchange.raw) if key else ""
        if key:
            if len(key) > 255:
                raise ApiError(400, "Idempotency keys can be at most 255 characters long.")
            before = idempotency.stored(
                self._store, account=exchange.account, key=key, fingerprint=print_, now=self._clock.now()
            )
            if before is not None:
                exchange.replayed_from = before.request_id
                return Answer(before.status, before.body)
        if fault is not None and fault.kind == "error_500":
            return self._broken(exchange, fault, print_)
        return self._executed(exchange, print_, store_as=key)

    def _broken(self, exchange: Exchange, fault: Fault, print_: str) -> Answer:
        if fault.carried_out:
            self._executed(exchange, print_, store_as=None)
        answer = _error(500, {"type": "api_error", "message": "An unknown error occurred"}, exchange)
        if exchange.idempotency_key and fault.stored:
            with self._store.transaction():
                self._keep(exchange, print_, exchange.idempotency_key, answer)
        return answer

    def _keep(self, exchange: Exchange, print_: str, key: str, answer: Answer) -> None:
        idempotency.store(
            self._store,
            account=exchange.account,
            key=key,
            fingerprint=print_,
            now=self._clock.now(),
            status=answer.status,
            body=answer.body,
            request_id=exchange.request_id,
        )

    def _executed(self, exchange: Exchange, print_: str, *, store_as: str | None) -> Answer:
        try:
            with self._store.transaction():
                try:
                    document = self._worked(exchange)
                    answer = Answer(200, json.dumps(document, indent=2))
                except Declined as declined:
                    # A refused card is an outcome, not a failed request: the charge and the state stay.
                    answer = _error(402, declined.error, exchange)
                if store_as:
                    self._keep(exchange, print_, store_as, answer)
            return answer
        except ApiError as error:
            if not error.stored or not store_as:
                raise
            answer = _error(error.status, error.error, exchange)
            with self._store.transaction():
                self._keep(exchange, print_, store_as, answer)
            return answer

    def _worked(self, exchange: Exchange) -> Document:
        """Raises ApiError or Declined."""
        found = routes.match(exchange.method, exchange.path, publishable=exchange.publishable)
        if found is None:
            raise ApiError(
                404,
                f"Unrecognized request URL ({exchange.method}: {exchange.path}). Please see https://stripe.com/docs or "
                "we can help at https://support.stripe.com/.",
            )
        route, ids = found
        if exchange.publishable and not route.for_browsers:
            raise keys.secret_key_required()
        endpoint = route.endpoint(self._contract) if route.service else None
        work = self.work(
            base_url=exchange.base_url,
            account=exchange.account,
            publishable=exchange.publishable,
            request_id=exchange.request_id,
            idempotency_key=exchange.idempotency_key,
        )
        try:
            if exchange.publishable:
                browser.check_secret(work, route, ids, exchange.raw)
                work.params = browser.read(endpoint, self._methods, exchange.raw)
            else:
                work.params = endpoint.read(exchange.raw) if endpoint is not None else {}
        except ParameterInvalid as error:
            raise ApiError(400, error.message, code=error.code, param=error.param) from error
        document = views.expanded(work, route.run(work, ids), work.params.get("expand", []))
        if exchange.publishable:
            return views.for_browser(document)
        if self._strict and endpoint is not None:
            faults = list(endpoint.faults(document))
            if faults:
                print(
                    f"sandbox: {exchange.method} {exchange.path} answers against the contract:",
                    *faults,
                    sep="\n  ",
                    file=sys.stderr,
                )
                raise ApiError(500, "; ".join(faults), type="api_error")
        return document
