"""What confirming a payment and setting up a card have in common: the card chosen, and the 3D Secure question."""

from typing import Any
from urllib.parse import urlencode

from sandbox.store import Document
from sandbox.stripe import confirmation_tokens, payment_methods, views
from sandbox.stripe.cards import TestCard
from sandbox.stripe.errors import ApiError, doc_url
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.work import Work

_PAGE = "/js/3ds.html"
_NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def unexpected_state(work: Work, intent: Document, message: str) -> ApiError:
    shown = views.public(work, intent)
    kind = intent["object"]
    more: dict[str, Any] = {kind: views.for_browser(shown) if work.publishable else shown}
    return ApiError(400, message, code=f"{kind}_unexpected_state", stored=True, **more)


def payment_method(work: Work, intent: Document, params: dict[str, Any]) -> Document:
    """The payment method to confirm with, stored. Raises ApiError."""
    if "confirmation_token" in params:
        token = confirmation_tokens.retrieve(work, params["confirmation_token"])
        method = confirmation_tokens.redeem(work, params["confirmation_token"], intent=intent)
        intent["_"]["token_return_url"] = token["return_url"]
        if intent["object"] == "payment_intent":
            if token["shipping"]:
                intent["shipping"] = {"carrier": None, "tracking_number": None, **token["shipping"]}
            intent["setup_future_usage"] = token["setup_future_usage"] or intent["setup_future_usage"]
    elif "payment_method_data" in params:
        method = payment_methods.from_data(work, params["payment_method_data"])
    elif "payment_method" in params or intent["payment_method"]:
        method = payment_methods.resolve(work, params.get("payment_method") or intent["payment_method"])
    else:
        name = _NAMES[intent["object"]]
        raise unexpected_state(
            work,
            intent,
            f"You cannot confirm this {name} because it's missing a payment method. You can either update the "
            f"{name} with a payment method and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken.",
        )
    _check_usable(method, intent)
    return method


def _check_usable(method: Document, intent: Document) -> None:
    if method["_"]["spent"] and method["customer"] is None:
        raise ApiError(
            400,
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be used "
            "again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            stored=True,
        )
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise ApiError(
            400,
            f"The PaymentMethod {method['id']} belongs to a Customer. Please include the Customer in the `customer` "
            f"parameter on the {_NAMES[intent['object']]}.",
            param="customer",
            stored=True,
        )


def return_url(work: Work, intent: Document, params: dict[str, Any]) -> str | None:
    """Where the buyer is sent back to. Raises ApiError where an address is needed and not given."""
    address: str | None = params.get("return_url") or intent["_"].get("token_return_url")
    automatic = intent["automatic_payment_methods"]
    if (
        automatic
        and automatic["enabled"]
        and automatic["allow_redirects"] == "always"
        and not address
        and not work.publishable
        and not params.get("off_session")
    ):
        raise ApiError(
            400,
            f"This {_NAMES[intent['object']]} is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods might redirect your customer off of your page, you must provide a "
            "`return_url`. If you don't want to accept redirect-based payment methods, set "
            "`automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to "
            "`never` when creating Setup Intents and Payment Intents.",
        )
    return address


def must_authenticate(intent: Document, method: Document, card: TestCard) -> bool:
    """Setting up a card asks the buyer wherever a payment might."""
    off_session = bool(intent["_"].get("off_session"))
    match card.three_d_secure:
        case "off_session_free":
            return not (off_session and method["_"]["set_up"])
        case "set_up_before":
            return not off_session
        case "optional":
            return intent["payment_method_options"]["card"]["request_three_d_secure"] in ("any", "challenge")
    return card.three_d_secure != "no"


def ask(work: Work, intent: Document, *, return_url: str | None, in_page: bool) -> None:
    """Puts the intent into `requires_action` until the buyer has answered on the 3D Secure page."""
    kind, token = intent["object"], random_text(32)
    intent["_"]["three_d_secure"] = {"token": token, "return_url": return_url}
    query = {kind: intent["id"], "token": token}
    if return_url and not in_page:
        page = f"{work.base_url}{_PAGE}?{urlencode(query | {'return_url': return_url})}"
        action: dict[str, Any] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": page},
        }
    else:
        page = f"{work.base_url}{_PAGE}?{urlencode(query)}"
        action = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": new_id("payatt"), "stripe_js": page},
        }
    intent |= {"status": "requires_action", "next_action": action}
    work.save(intent)
    work.emit(f"{kind}.requires_action", intent)


def failure(work: Work, intent: Document, method: Document) -> dict[str, Any]:
    """The error of an authentication that the buyer failed or gave up."""
    code = f"{intent['object']}_authentication_failure"
    return {
        "type": "invalid_request_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        f"PaymentMethod to attempt to fulfill this {_NAMES[intent['object']]} again.",
        "payment_method": views.public(work, method),
    }
