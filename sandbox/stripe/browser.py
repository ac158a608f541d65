"""What is different for Stripe.js: a publishable key, the object's client secret, card figures, reduced answers."""

import hmac
from typing import Any

from sandbox.store import Document
from sandbox.stripe.contract import Endpoint, ParameterInvalid
from sandbox.stripe.errors import ApiError
from sandbox.stripe.routes import Route
from sandbox.stripe.work import Work

# What Stripe.js adds to its requests and the server's types do not know.
_ADDED_BY_STRIPE_JS = ("key", "_stripe_account", "_stripe_version", "client_context", "expected_payment_method_type",
                       "referrer", "guid", "muid", "sid", "payment_user_agent")  # fmt: skip
_FOR_SERVERS_ONLY = ("off_session", "error_on_requires_action", "mandate", "amount_to_confirm", "capture_method")

_INTENTS = {"payment_intent": "/v1/payment_intents/", "setup_intent": "/v1/setup_intents/"}


def read(endpoint: Endpoint | None, methods: Endpoint, raw: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a browser's request; `methods` is the endpoint that makes payment methods.

    Where only Stripe.js knows the endpoint, they are what came. Raises ParameterInvalid.
    """
    raw = {name: value for name, value in raw.items() if name not in _ADDED_BY_STRIPE_JS}
    if endpoint is None:
        return raw
    raw.pop("client_secret", None)
    for name in _FOR_SERVERS_ONLY:
        if name in raw:
            raise ParameterInvalid(
                f"The parameter {name} cannot be used with a publishable key.", param=name, code="parameter_unknown"
            )
    data = raw.pop("payment_method_data", None)
    values = endpoint.read(raw)
    if isinstance(data, dict):
        # The server's types know neither cards nor their figures here: only browsers may send them.
        data = {name: value for name, value in data.items() if name not in _ADDED_BY_STRIPE_JS}
        values["payment_method_data"] = methods.read(data, "payment_method_data")
    return values


def check_secret(work: Work, route: Route, ids: tuple[str, ...], raw: dict[str, Any]) -> None:
    """A publishable key reaches an intent only together with its client secret. Raises ApiError."""
    kind = next((kind for kind, prefix in _INTENTS.items() if route.template.startswith(prefix)), None)
    if kind is None:
        return
    given = raw.get("client_secret")
    if not isinstance(given, str) or not given:
        raise ApiError(400, "Missing required param: client_secret.", code="parameter_missing", param="client_secret")
    intent: Document = work.get(kind, ids[0], param="intent")
    if not hmac.compare_digest(given.encode(), intent["client_secret"].encode()):
        raise ApiError(
            400,
            "The client_secret provided does not match the client_secret associated with the "
            f"{'PaymentIntent' if kind == 'payment_intent' else 'SetupIntent'}.",
            code="resource_missing",
            param="client_secret",
        )
