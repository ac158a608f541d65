"""Confirmation tokens: what the buyer has chosen in the browser, to be confirmed by server code, once."""

from sandbox.store import Document
from sandbox.stripe import payment_methods, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

_EMPTY_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_TOKEN_LIFETIME_SECONDS = 12 * 3600


def create(work: Work) -> Document:
    params = work.params
    if "payment_method" in params:
        method = payment_methods.resolve(work, params["payment_method"])
    else:
        data = params.get("payment_method_data") or {}
        if data.get("type") != "card" or "card" not in data:
            raise ApiError(400, "The sandbox makes confirmation tokens of cards only.", param="payment_method_data")
        method = payment_methods.from_card(work, data["card"], billing=data.get("billing_details") or {})
        method["allow_redisplay"] = data.get("allow_redisplay", "unspecified")
    shipping = params.get("shipping")
    token: Document = {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": work.now,
        "expires_at": work.now + _TOKEN_LIFETIME_SECONDS,
        "livemode": False,
        "mandate_data": None,
        "payment_intent": None,
        "payment_method_options": None,
        "payment_method_preview": {
            "billing_details": method["billing_details"],
            "card": method["card"],
            "customer": method["customer"],
            "type": "card",
        },
        "return_url": params.get("return_url"),
        "setup_future_usage": params.get("setup_future_usage"),
        "setup_intent": None,
        "shipping": shipping and {"phone": None, **shipping, "address": _EMPTY_ADDRESS | shipping["address"]},
        "use_stripe_sdk": work.publishable,
        "_": {"method": method},
    }
    work.insert(token)
    return views.public(work, token)


def retrieve(work: Work, token_id: str) -> Document:
    return views.public(work, work.get("confirmation_token", token_id, param="confirmation_token"))


def redeem(work: Work, token_id: str, *, intent: Document) -> Document:
    """The payment method out of a confirmation token, which works once. Raises ApiError."""
    token = work.get("confirmation_token", token_id, param="confirmation_token")
    if token["payment_intent"] is not None or token["setup_intent"] is not None:
        raise ApiError(
            400,
            "The provided ConfirmationToken has already been used. Create a new one to confirm again.",
            param="confirmation_token",
        )
    if token["expires_at"] is not None and token["expires_at"] < work.now:
        raise ApiError(400, "The provided ConfirmationToken has expired.", param="confirmation_token")
    method: Document = token["_"]["method"]
    found = work.store.find(method["id"])
    token[intent["object"]], token["expires_at"] = intent["id"], None
    work.save(token)
    return found[0] if found is not None else work.insert(method | {"created": work.now})
