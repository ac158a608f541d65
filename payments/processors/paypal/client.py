"""PayPal's HTTP API: one session, one access token, and every failure turned into one of ours.

Orders, payments, vault and reports go through the official SDK. It gives the paths, headers and serialisation; what it
returns is read from the document itself, since the SDK's models are untyped and drop what they do not know. Disputes
and webhooks, which the SDK lacks, are plain calls over the same session.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import structlog
from apimatic_core.authentication.header_auth import HeaderAuth
from paypalserversdk.configuration import Configuration
from paypalserversdk.exceptions.api_exception import ApiException
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from common import context
from payments.contracts import OutcomeUnknown, ProcessorUnavailable
from payments.processors.paypal.errors import refusal

log = structlog.get_logger(__name__)

Document = dict[str, Any]

# A token is replaced this long before it ends, so that no request is under way with one that has just ended.
_TOKEN_MARGIN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `text` is the body as sent."""

    status: int
    text: str
    debug_id: str


class PayPalClient:
    """Makes calls; every method raises only the errors of `payments.contracts`."""

    def __init__(self, *, client_id: str, client_secret: str, api_base: str, timeout_seconds: int) -> None:
        self._base = api_base.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._session = QuietSession()
        self._tokens = _Tokens(self._session, self._base, (client_id, client_secret), timeout_seconds)
        sdk = PaypalServersdkClient(config=_configuration(self._base, self._session, timeout_seconds))
        sdk.auth_managers["Oauth2"] = _Bearer(self._tokens)
        self.orders, self.payments, self.vault = sdk.orders, sdk.payments, sdk.vault
        self.reports = sdk.transaction_search

    def sdk(self, call: str, operation: Callable[[Any], Any], options: Document | str) -> Document:
        """One operation of the SDK, with its options or its one id; `call` is our name for it in logs and errors."""

        def send(token: str) -> Answer:
            try:
                response = operation(options)
            except ApiException as error:
                response = error.response
            return Answer(response.status_code, response.text or "", _debug_id(response.headers))

        return self._document(call, send)

    def rest(
        self,
        call: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
    ) -> Document:
        """One plain call; `body` is JSON as it shall be sent, `files` make it multipart."""
        kind = {"Content-Type": "application/json"} if body is not None else {}

        def send(token: str) -> Answer:
            response = self._session.request(
                method, self._base + path, data=body, files=files, timeout=self._timeout_seconds,
                headers={"Accept": "application/json", "Authorization": f"Bearer {token}", **kind, **(headers or {})},
            )  # fmt: skip
            return Answer(response.status_code, response.text, _debug_id(response.headers))

        return self._document(call, send)

    def _document(self, call: str, send: Callable[[str], Answer]) -> Document:
        answer = self._send(call, send)
        if answer.status == 401:
            # The token was revoked, or has ended by PayPal's clock: nothing was done, so a fresh one may try again.
            self._tokens.forget()
            answer = self._send(call, send)
        if not 200 <= answer.status < 300:
            error = refusal(answer.status, answer.text, answer.debug_id)
            log.warning(
                "processor_refused" if answer.status < 500 else "processor_answer_lost", processor="paypal", call=call,
                status=answer.status, code=error.processor_code, debug_id=answer.debug_id,
                trace_id=context.current().trace_id,
            )  # fmt: skip
            raise error
        log.info(
            "processor_called", processor="paypal", call=call, debug_id=answer.debug_id,
            trace_id=context.current().trace_id,
        )  # fmt: skip
        return _read(answer)

    def _send(self, call: str, send: Callable[[str], Answer]) -> Answer:
        token = self._tokens.current()
        try:
            return send(token)
        except requests.RequestException as error:
            log.warning("processor_answer_lost", processor="paypal", call=call, error=type(error).__name__)
            if _never_left(error):
                raise ProcessorUnavailable("no connection to PayPal", processor_code=type(error).__name__) from error
            raise OutcomeUnknown(processor_code=type(error).__name__) from error


class QuietSession(requests.Session):
    """No redirects, no cookies, no passwords from a .netrc file, no retries of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Without this, requests would put a .netrc entry for the host in place of our Authorization header.
        self.auth = _leave_as_it_is
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(max_retries=0))

    def request(self, method: str | bytes, url: str | bytes, *arguments: Any, **named: Any) -> requests.Response:
        named["allow_redirects"] = False
        return super().request(method, url, *arguments, **named)


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Tokens:
    """The access token, shared by all threads and renewed before it ends.

    Nothing was asked of PayPal yet when it can't be had, so every failure here is ProcessorUnavailable.
    """

    def __init__(
        self, session: requests.Session, base: str, credentials: tuple[str, str], timeout_seconds: int
    ) -> None:
        self._session, self._base, self._timeout_seconds = session, base, timeout_seconds
        self._credentials = requests.auth.HTTPBasicAuth(*credentials)
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def current(self) -> str:
        """A token that is good for a while; two threads that find none fetch two, which does no harm."""
        with self._lock:
            if self._token and time.monotonic() < self._good_until:
                return self._token
        asked_at = time.monotonic()
        document = self._ask()
        token, lifetime = document.get("access_token"), document.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lifetime, int):
            raise ProcessorUnavailable("PayPal gave no access token")
        with self._lock:
            self._token, self._good_until = token, asked_at + lifetime - _TOKEN_MARGIN_SECONDS
        return token

    def forget(self) -> None:
        with self._lock:
            self._token = ""

    def _ask(self) -> Document:
        try:
            response = self._session.post(
                self._base + "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._credentials,
                timeout=self._timeout_seconds, headers={"Accept": "application/json"},
            )  # fmt: skip
        except requests.RequestException as error:
            log.warning("processor_answer_lost", processor="paypal", call="token", error=type(error).__name__)
            raise ProcessorUnavailable("no access token from PayPal", processor_code=type(error).__name__) from error
        if response.status_code in (400, 401, 403):
            log.error("processor_rejects_our_key", processor="paypal", call="token", status=response.status_code)
            raise ProcessorUnavailable("the processor does not accept our key", processor_code="invalid_client")
        if response.status_code != 200:
            raise ProcessorUnavailable("no access token from PayPal", processor_code=f"http_{response.status_code}")
        try:
            document = response.json()
        except ValueError as error:
            raise ProcessorUnavailable("PayPal's token can't be read") from error
        return document if isinstance(document, dict) else {}


class _Bearer(HeaderAuth):  # type: ignore[misc]  # the SDK has no types
    """The SDK's own token manager swallows errors and has no lock; this one asks ours."""

    def __init__(self, tokens: _Tokens) -> None:
        super().__init__(auth_params={})
        self._tokens = tokens

    def is_valid(self) -> bool:
        return True

    def apply(self, http_request: Any) -> None:
        http_request.add_header("Authorization", f"Bearer {self._tokens.current()}")


def _configuration(base: str, session: requests.Session, timeout_seconds: int) -> Configuration:
    class AtOurBase(Configuration):  # type: ignore[misc]  # the SDK has no types
        """The SDK knows two addresses and takes no third one."""

        def get_base_uri(self, server: object = None) -> str:
            return base

    return AtOurBase(http_client_instance=session, timeout=timeout_seconds, max_retries=0)


def _never_left(error: requests.RequestException) -> bool:
    """Whether the request certainly did not reach PayPal: there was no connection to send it on."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = error.args[0] if error.args else None
    return isinstance(getattr(reason, "reason", None), NewConnectionError)


def _read(answer: Answer) -> Document:
    if not answer.text:
        return {}
    try:
        document = json.loads(answer.text)
    except ValueError as error:
        # It said that it was done, and not what: it has to be looked up.
        raise OutcomeUnknown(processor_code="unreadable", processor_request_id=answer.debug_id) from error
    if not isinstance(document, dict):
        raise OutcomeUnknown(processor_code="unreadable", processor_request_id=answer.debug_id)
    return document


def _debug_id(headers: Mapping[str, str]) -> str:
    return str(headers.get("PayPal-Debug-Id") or "")[:255]
