"""Customer sessions: what Stripe.js may show and do of a customer's saved cards, for half an hour.

https://docs.stripe.com/payments/accept-a-payment-deferred?type=payment#save-payment-methods
"""

import hmac
import json
from typing import Any

from sandbox.store import Document
from sandbox.stripe import payment_methods, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.work import Work

_LIFETIME_SECONDS = 30 * 60
_COMPONENTS = ("buy_button", "customer_sheet", "mobile_payment_element", "payment_element", "pricing_table")
_FEATURES: dict[str, Any] = {
    "payment_method_allow_redisplay_filters": ["always"],
    "payment_method_redisplay": "disabled",
    "payment_method_redisplay_limit": 3,
    "payment_method_remove": "disabled",
    "payment_method_save": "disabled",
    "payment_method_save_usage": None,
}


def create(work: Work) -> Document:
    components = work.params["components"]
    for name in components:
        if name != "payment_element":
            raise ApiError(400, f"The sandbox does not simulate the component {name}.", param=f"components[{name}]")
    if "customer" not in work.params:
        raise ApiError(400, "Missing required param: customer.", code="parameter_missing", param="customer")
    customer = work.get("customer", work.params["customer"], param="customer")
    element = components.get("payment_element") or {"enabled": False}
    features = None
    if element["enabled"]:
        features = _FEATURES | element.get("features", {})
        _check(features)
    session_id = new_id("cuss")
    session: Document = {
        "id": session_id,
        "object": "customer_session",
        "client_secret": f"{session_id}_secret_{random_text(32)}",
        "components": {name: {"enabled": False} for name in _COMPONENTS}
        | {
            "active_entitlements": {"enabled": False},
            "customer_portal": {"enabled": False},
            "customer_sheet": {"enabled": False, "features": None},
            "mobile_payment_element": {"enabled": False, "features": None},
            "payment_element": {"enabled": element["enabled"], "features": features},
        },
        "created": work.now,
        "customer": customer["id"],
        "expires_at": work.now + _LIFETIME_SECONDS,
        "livemode": False,
        "_": {},
    }
    work.insert(session)
    # Customer sessions have no id that anybody sees.
    return {name: value for name, value in session.items() if name not in ("_", "id")}


def _check(features: dict[str, Any]) -> None:
    at = "components[payment_element][features]"
    if features["payment_method_save"] == "disabled" and features["payment_method_save_usage"]:
        raise ApiError(
            400,
            "You can only set `payment_method_save_usage` when `payment_method_save` is `enabled`.",
            param=f"{at}[payment_method_save_usage]",
        )
    if not 1 <= features["payment_method_redisplay_limit"] <= 10:
        raise ApiError(
            400,
            "`payment_method_redisplay_limit` must be between 1 and 10.",
            code="parameter_invalid_integer",
            param=f"{at}[payment_method_redisplay_limit]",
        )


# ---------------------------------------------------------------------- what Stripe.js asks
def of_secret(work: Work, secret: object) -> Document:
    """Raises ApiError for a secret that is none, or no longer."""
    text = secret if isinstance(secret, str) else ""
    found = work.store.find(text.partition("_secret_")[0])
    if (
        found is None
        or found[0]["object"] != "customer_session"
        or not hmac.compare_digest(found[0]["client_secret"].encode(), text.encode())
    ):
        raise ApiError(
            400, "The customer session client secret provided is invalid.", param="customer_session_client_secret"
        )
    if found[0]["expires_at"] <= work.now:
        raise ApiError(400, "The customer session has expired.", param="customer_session_client_secret")
    return found[0]


def for_element(work: Work) -> Document:
    """The saved cards that the Payment Element may show, newest first, and what it may do with them."""
    session = of_secret(work, work.params.get("customer_session_client_secret"))
    features = session["components"]["payment_element"]["features"] or _FEATURES
    methods: list[Document] = []
    if features["payment_method_redisplay"] == "enabled":
        where = [
            ("json_extract(document, '$.customer') = ?", session["customer"]),
            (
                "json_extract(document, '$.allow_redisplay') IN (SELECT value FROM json_each(?))",
                json.dumps(features["payment_method_allow_redisplay_filters"]),
            ),
        ]
        methods = work.store.select(
            "payment_method", account=work.account, where=where, limit=features["payment_method_redisplay_limit"]
        )
    return {
        "object": "elements_session",
        "customer": {
            "features": features,
            "payment_methods": [views.for_browser(views.public(work, method)) for method in methods],
        },
    }


def detach(work: Work, method_id: str) -> Document:
    """Removes a saved card at the buyer's wish, where the session allows it."""
    session = of_secret(work, work.params.get("customer_session_client_secret"))
    features = session["components"]["payment_element"]["features"] or _FEATURES
    method = payment_methods.resolve(work, method_id)
    if features["payment_method_remove"] != "enabled" or method["customer"] != session["customer"]:
        raise ApiError(403, "This customer session does not allow removing this payment method.")
    return payment_methods.detach(work, method_id)
