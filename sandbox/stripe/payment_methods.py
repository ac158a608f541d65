"""Payment methods and confirmation tokens: tokens for a card, made in the browser or ready-made for server code."""

import datetime as dt
import hashlib
from typing import Any

from sandbox.store import Document
from sandbox.stripe import cards, lists, metadata, views
from sandbox.stripe.errors import ApiError, missing_object
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

_EMPTY_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_TOKEN_LIFETIME_SECONDS = 12 * 3600


def create(work: Work) -> Document:
    params = work.params
    if "payment_method" in params or params.get("type", "card") != "card":
        raise ApiError(400, "The sandbox makes payment methods of the type `card` only.", param="type")
    if "card" not in params:
        raise ApiError(400, "Missing required param: card.", code="parameter_missing", param="card")
    method = from_card(work, params["card"], billing=params.get("billing_details") or {})
    method["metadata"] = metadata.merged({}, params.get("metadata"))
    method["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    work.insert(method)
    return views.public(work, method)


def retrieve(work: Work, method_id: str) -> Document:
    return views.public(work, resolve(work, method_id))


def list_(work: Work) -> Document:
    return lists.page(work, "payment_method", url="/v1/payment_methods")


def attach(work: Work, method_id: str) -> Document:
    method = resolve(work, method_id)
    customer = work.get("customer", work.params["customer"], param="customer")
    method["customer"] = customer["id"]
    work.save(method)
    work.emit("payment_method.attached", method)
    return views.public(work, method)


def detach(work: Work, method_id: str) -> Document:
    method = resolve(work, method_id)
    if method["customer"] is None:
        raise ApiError(
            400, "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    before = {"customer": method["customer"]}
    method["customer"], method["_"]["spent"] = None, True
    work.save(method)
    work.emit("payment_method.detached", method, before=before)
    return views.public(work, method)


def resolve(work: Work, method_id: str, *, param: str = "payment_method") -> Document:
    """The payment method with this id; one of the ready-made ids makes a new one. Raises ApiError."""
    card = cards.card_of_token(method_id)
    if card is not None:
        return work.insert(_document(work, card, exp=_default_expiry(work), cvc_given=True, billing={}))
    found = work.store.find(method_id)
    if found is None or found[0]["object"] != "payment_method" or found[1] != work.account:
        raise missing_object("PaymentMethod", method_id, param=param)
    return found[0]


def from_card(work: Work, given: dict[str, Any], *, billing: dict[str, Any]) -> Document:
    """A payment method, not stored yet, from a token or from a card's own figures. Raises ApiError."""
    if "token" in given:
        card = cards.card_of_token(given["token"])
        if card is None:
            raise missing_object("token", given["token"], param="card[token]")
        return _document(work, card, exp=_default_expiry(work), cvc_given=True, billing=billing)
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise ApiError(
                400, f"Missing required param: card[{name}].", code="parameter_missing", param=f"card[{name}]"
            )
    if not work.publishable:
        raise ApiError(
            402,
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test "
            "tokens that map to the test card you are using, see https://stripe.com/docs/testing. To enable testing "
            "raw card data APIs, see "
            "https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.",
        )
    card = cards.card_of_number(given["number"])
    today = dt.datetime.fromtimestamp(work.now, tz=dt.UTC)
    year = cards.check_expiry(given["exp_month"], given["exp_year"], today=(today.year, today.month))
    if "cvc" in given:
        cards.check_cvc(given["cvc"], card)
    return _document(work, card, exp=(given["exp_month"], year), cvc_given="cvc" in given, billing=billing)


def card_behind(method: Document) -> cards.TestCard:
    return cards.CARDS[method["_"]["number"]]


def checks(method: Document) -> dict[str, str | None]:
    """The results of the card's checks when it is charged. What the buyer did not give cannot be checked."""
    card, address = card_behind(method), method["billing_details"]["address"]
    return {
        "address_line1_check": card.line1_check if address["line1"] or card.line1_check == "fail" else None,
        "address_postal_code_check": (
            card.postal_code_check if address["postal_code"] or card.postal_code_check == "fail" else None
        ),
        "cvc_check": card.cvc_check if method["_"]["cvc_given"] else None,
    }


def _default_expiry(work: Work) -> tuple[int, int]:
    return 12, dt.datetime.fromtimestamp(work.now, tz=dt.UTC).year + 2


def _document(
    work: Work, card: cards.TestCard, *, exp: tuple[int, int], cvc_given: bool, billing: dict[str, Any]
) -> Document:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": _EMPTY_ADDRESS | {key: value or None for key, value in (billing.get("address") or {}).items()},
            "email": billing.get("email") or None,
            "name": billing.get("name") or None,
            "phone": billing.get("phone") or None,
            "tax_id": billing.get("tax_id") or None,
        },
        "card": _card_details(card, exp),
        "created": work.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_": {"number": card.number, "cvc_given": cvc_given, "spent": False, "set_up": False},
    }


def _card_details(card: cards.TestCard, exp: tuple[int, int]) -> dict[str, Any]:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "display_brand": {"amex": "american_express", "diners": "diners_club"}.get(card.brand, card.brand),
        "exp_month": exp[0],
        "exp_year": exp[1],
        "fingerprint": fingerprint(card),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.brand in ("visa", "mastercard")},
        "wallet": None,
    }


def fingerprint(card: cards.TestCard) -> str:
    """The same for every payment method of one card."""
    return hashlib.sha256(card.number.encode()).hexdigest()[:16]


# ---------------------------------------------------------------------- confirmation tokens
def create_confirmation_token(work: Work) -> Document:
    params = work.params
    if "payment_method" in params:
        method = resolve(work, params["payment_method"])
    else:
        data = params.get("payment_method_data") or {}
        if data.get("type") != "card" or "card" not in data:
            raise ApiError(400, "The sandbox makes confirmation tokens of cards only.", param="payment_method_data")
        method = from_card(work, data["card"], billing=data.get("billing_details") or {})
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


def retrieve_confirmation_token(work: Work, token_id: str) -> Document:
    return views.public(work, work.get("confirmation_token", token_id, param="confirmation_token"))


def redeem(work: Work, token_id: str, *, intent_id: str) -> Document:
    """The payment method out of a confirmation token, which works once. Raises ApiError."""
    token = work.get("confirmation_token", token_id, param="confirmation_token")
    if token["payment_intent"] is not None:
        raise ApiError(
            400,
            "The provided ConfirmationToken has already been used. Create a new one to confirm again.",
            param="confirmation_token",
        )
    if token["expires_at"] is not None and token["expires_at"] < work.now:
        raise ApiError(400, "The provided ConfirmationToken has expired.", param="confirmation_token")
    method: Document = token["_"]["method"]
    found = work.store.find(method["id"])
    token["payment_intent"], token["expires_at"] = intent_id, None
    work.save(token)
    return found[0] if found is not None else work.insert(method | {"created": work.now})
