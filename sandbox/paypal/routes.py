"""The endpoints that are served: what they take, what does the work, and how it is answered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.paypal import (
    authorizations,
    captures,
    disputes,
    events,
    notifications,
    orders,
    reporting,
    requests,
    vault,
)
from sandbox.paypal.schema import Shape
from sandbox.paypal.work import Work
from sandbox.store import Document

_HOUR_SECONDS = 3600
View = Callable[[Work, Document], Document]


@dataclass
class Route:
    method: str
    template: str
    family: str  # decides the wording of errors
    handler: Callable[..., Any]
    status: int = 200
    shape: Shape | None = None
    whole: View | None = None  # how the object that the handler gives is answered
    minimal: View | None = None  # the same without `Prefer: return=representation`
    id_kept_seconds: int = 0  # how long a PayPal-Request-Id counts; 0: not at all
    replay_status: int = 200
    compares_bodies: bool = False
    body_required: bool = False
    multipart: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{[^}]+\}", r"([^/]+)", self.template) + r"\Z")

    def answer(self, work: Work, document: Document) -> Document:
        view = self.whole if work.representation or self.minimal is None else self.minimal
        return document if view is None else view(work, document)


def _short(kind: View) -> View:
    """Payments without `Prefer: return=representation`."""

    def minimal(work: Work, document: Document) -> Document:
        return {
            name: value
            for name, value in kind(work, document).items()
            if name in ("id", "status", "status_details", "links")
        }

    return minimal


_ORDERS = "/v2/checkout/orders"
_PAYMENTS = "/v2/payments"
_VAULT = "/v3/vault"
_DISPUTES = "/v1/customer/disputes"
_HOOKS = "/v1/notifications"
_SIX_HOURS, _THREE_HOURS, _45_DAYS = 6 * _HOUR_SECONDS, 3 * _HOUR_SECONDS, 45 * 24 * _HOUR_SECONDS


def _order(method: str, path: str, family: str, handler: Callable[..., Any], shape: Shape | None, status: int) -> Route:
    return Route(
        method,
        _ORDERS + path,
        f"orders.{family}",
        handler,
        status,
        shape,
        whole=orders.represented,
        minimal=None if method == "GET" else orders.minimal,
        id_kept_seconds=_SIX_HOURS if method == "POST" else 0,
        body_required=family == "create",
    )


def _payment(path: str, family: str, handler: Callable[..., Any], shape: Shape, whole: View) -> Route:
    return Route(
        "POST",
        _PAYMENTS + path,
        f"payments.{family}",
        handler,
        201,
        shape,
        whole=whole,
        minimal=_short(whole),
        id_kept_seconds=_45_DAYS,
        replay_status=201,
    )


def _vault_post(path: str, handler: Callable[..., Any], shape: Shape, whole: View) -> Route:
    return Route(
        "POST",
        _VAULT + path,
        "vault",
        handler,
        201,
        shape,
        whole=whole,
        id_kept_seconds=_THREE_HOURS,
        compares_bodies=True,
        body_required=True,
    )


ROUTES: tuple[Route, ...] = (
    _order("POST", "", "create", orders.create, requests.ORDER, 201),
    _order("GET", "/{id}", "get", orders.retrieve, None, 200),
    Route("PATCH", _ORDERS + "/{id}", "orders.patch", orders.patch, 204, requests.PATCH, body_required=True),
    _order("POST", "/{id}/capture", "capture", orders.capture, requests.PAY_ORDER, 201),
    _order("POST", "/{id}/authorize", "authorize", orders.authorize, requests.PAY_ORDER, 201),
    Route("GET", _PAYMENTS + "/authorizations/{id}", "payments", authorizations.retrieve, whole=authorizations.whole),
    _payment("/authorizations/{id}/capture", "capture", authorizations.capture, requests.CAPTURE, captures.whole),
    _payment(
        "/authorizations/{id}/reauthorize",
        "reauthorize",
        authorizations.reauthorize,
        requests.REAUTHORIZE,
        authorizations.whole,
    ),
    Route(
        "POST",
        _PAYMENTS + "/authorizations/{id}/void",
        "payments.void",
        authorizations.void,
        204,
        whole=authorizations.whole,
        id_kept_seconds=_45_DAYS,
        replay_status=204,
    ),
    Route("GET", _PAYMENTS + "/captures/{id}", "payments", captures.retrieve, whole=captures.whole),
    _payment("/captures/{id}/refund", "refund", captures.refund, requests.REFUND, captures.whole_refund),
    Route("GET", _PAYMENTS + "/refunds/{id}", "payments", captures.retrieve_refund, whole=captures.whole_refund),
    _vault_post("/setup-tokens", vault.create_setup_token, requests.SETUP_TOKEN, vault.whole_setup_token),
    Route("GET", _VAULT + "/setup-tokens/{id}", "vault", vault.get_setup_token, whole=vault.whole_setup_token),
    _vault_post("/payment-tokens", vault.create_payment_token, requests.PAYMENT_TOKEN, vault.whole),
    Route("GET", _VAULT + "/payment-tokens", "vault", vault.list_payment_tokens),
    Route("GET", _VAULT + "/payment-tokens/{id}", "vault", vault.get_payment_token, whole=vault.whole),
    Route("DELETE", _VAULT + "/payment-tokens/{id}", "vault", vault.delete_payment_token, 204),
    Route("GET", _DISPUTES, "disputes", disputes.list_),
    Route("GET", _DISPUTES + "/{id}", "disputes", disputes.retrieve, whole=disputes.whole),
    Route("POST", _DISPUTES + "/{id}/provide-evidence", "disputes", disputes.provide_evidence, multipart=True),
    Route("POST", _DISPUTES + "/{id}/accept-claim", "disputes", disputes.accept_claim, multipart=True),
    Route("POST", _DISPUTES + "/{id}/appeal", "disputes", disputes.appeal, multipart=True),
    Route("GET", _HOOKS + "/webhooks", "webhooks", events.list_webhooks),
    Route("GET", _HOOKS + "/webhooks/{id}", "webhooks", events.retrieve_webhook),
    Route("GET", _HOOKS + "/webhooks-events", "webhooks", events.list_),
    Route("GET", _HOOKS + "/webhooks-events/{id}", "webhooks", events.retrieve),
    Route("POST", _HOOKS + "/webhooks-events/{id}/resend", "webhooks", events.resend, 202),
    Route(
        "POST",
        _HOOKS + "/verify-webhook-signature",
        "webhooks",
        notifications.verify,
        200,
        requests.VERIFY_SIGNATURE,
        body_required=True,
    ),
    Route("GET", "/v1/reporting/balances", "reporting", reporting.balances),
    Route("GET", "/v1/reporting/transactions", "reporting", reporting.transactions),
)

# What the application gives to PayPal's half; /v1/ is Stripe's otherwise.
PATHS = (
    "/v1/oauth2/{path:path}",
    "/v1/notifications/{path:path}",
    "/v1/customer/disputes",
    "/v1/customer/disputes/{path:path}",
    "/v1/reporting/{path:path}",
    "/v2/{path:path}",
    "/v3/{path:path}",
)


def match(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    for route in ROUTES:
        if route.method == method:
            found = route.pattern.match(path)
            if found is not None:
                return route, found.groups()
    return None
