"""Confirming a PaymentIntent: the payment method, 3D Secure, the charge, and what follows from each outcome."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from sandbox.store import Document
from sandbox.stripe import cards, charges, payment_methods, views
from sandbox.stripe.cards import TestCard
from sandbox.stripe.errors import ApiError, Declined, doc_url
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.work import Work

_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_PAGE = "/js/3ds.html"


def unexpected_state(work: Work, intent: Document, message: str) -> ApiError:
    shown = views.public(work, intent)
    return ApiError(
        400,
        message,
        code="payment_intent_unexpected_state",
        stored=True,
        payment_intent=views.for_browser(shown) if work.publishable else shown,
    )


def check_confirmable(work: Work, intent: Document) -> None:
    status = intent["status"]
    if status == "succeeded":
        raise unexpected_state(
            work,
            intent,
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
        )
    if status not in _CONFIRMABLE:
        raise unexpected_state(
            work,
            intent,
            f"You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one "
            f"of the following statuses may be confirmed: {', '.join(_CONFIRMABLE)}.",
        )


def confirm(work: Work, intent: Document, params: dict[str, Any]) -> None:
    """Raises Declined, with all of it written down, or ApiError, with nothing changed."""
    method = _payment_method(work, intent, params)
    return_url = params.get("return_url") or intent["_"].get("token_return_url")
    automatic = intent["automatic_payment_methods"]
    if (
        automatic
        and automatic["enabled"]
        and automatic["allow_redirects"] == "always"
        and not return_url
        and not work.publishable
        and not params.get("off_session")
    ):
        raise ApiError(
            400,
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
            "Payment Intents.",
        )
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    intent["_"] |= {"three_d_secure": None, "off_session": bool(params.get("off_session"))}
    card = payment_methods.card_behind(method)
    if not _must_authenticate(intent, method, card):
        charge(work, intent, method, card, authenticated=False)
    elif params.get("off_session") or params.get("error_on_requires_action"):
        refused = replace(card, decline=cards.AUTHENTICATION_REQUIRED)
        charge(work, intent, method, refused, authenticated=False)
    elif card.three_d_secure_fails:
        charge(work, intent, method, cards.with_wrong_authentication(card), authenticated=False)
    else:
        _ask(work, intent, return_url=return_url, in_page=work.publishable or bool(params.get("use_stripe_sdk")))


def _payment_method(work: Work, intent: Document, params: dict[str, Any]) -> Document:
    if "confirmation_token" in params:
        token = payment_methods.retrieve_confirmation_token(work, params["confirmation_token"])
        method = payment_methods.redeem(work, params["confirmation_token"], intent_id=intent["id"])
        intent["_"]["token_return_url"] = token["return_url"]
        if token["shipping"]:
            intent["shipping"] = {"carrier": None, "tracking_number": None, **token["shipping"]}
        intent["setup_future_usage"] = token["setup_future_usage"] or intent["setup_future_usage"]
    elif "payment_method_data" in params:
        data = params["payment_method_data"]
        method = work.insert(
            payment_methods.from_card(work, data.get("card") or {}, billing=data.get("billing_details") or {})
        )
    elif "payment_method" in params or intent["payment_method"]:
        method = payment_methods.resolve(work, params.get("payment_method") or intent["payment_method"])
    else:
        raise unexpected_state(
            work,
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
        )
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
            "parameter on the PaymentIntent.",
            param="customer",
            stored=True,
        )
    return method


def _must_authenticate(intent: Document, method: Document, card: TestCard) -> bool:
    if card.three_d_secure == "off_session_free" and intent["_"]["off_session"]:
        return not method["_"]["set_up"]
    if card.three_d_secure == "optional":
        wish = intent["payment_method_options"]["card"]["request_three_d_secure"]
        return wish in ("any", "challenge")
    return card.three_d_secure != "no"


def _ask(work: Work, intent: Document, *, return_url: str | None, in_page: bool) -> None:
    """Puts the PaymentIntent into `requires_action` until the buyer has answered on the 3D Secure page."""
    token = random_text(32)
    intent["_"]["three_d_secure"] = {"token": token, "return_url": return_url}
    query = {"payment_intent": intent["id"], "token": token}
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
    work.emit("payment_intent.requires_action", intent)


def finish_authentication(work: Work, intent: Document, *, succeeded: bool) -> None:
    """The buyer's answer to the 3D Secure question. Raises Declined when the card is refused afterwards."""
    method = payment_methods.resolve(work, intent["payment_method"])
    intent["_"]["three_d_secure"] = None
    if succeeded:
        charge(work, intent, method, payment_methods.card_behind(method), authenticated=True)
        return
    code = "payment_intent_authentication_failure"
    error = {
        "type": "invalid_request_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": views.public(work, method),
    }
    _back_to_start(work, intent, error)


def charge(work: Work, intent: Document, method: Document, card: TestCard, *, authenticated: bool) -> None:
    """Charges the card and carries the outcome into the PaymentIntent. Raises Declined."""
    manual = intent["capture_method"] == "manual"
    made = charges.attempt(work, intent, method, card, authenticated=authenticated, capture=not manual)
    intent |= {"latest_charge": made["id"], "next_action": None}
    if card.decline is not None:
        error = cards.decline_error(card.decline, charge=made["id"])
        error["payment_method"] = views.public(work, method)
        _back_to_start(work, intent, error)
        shown = views.public(work, intent)
        raise Declined(error | {"payment_intent": views.for_browser(shown) if work.publishable else shown})
    method["_"] |= {"spent": True, "set_up": intent["setup_future_usage"] == "off_session"}
    if intent["setup_future_usage"] and intent["customer"]:
        method["customer"] = intent["customer"]
    work.save(method)
    intent["last_payment_error"] = None
    if manual:
        work.schedule("expire_authorization", intent["id"], in_seconds=charges.AUTHORIZATION_SECONDS)
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        work.save(intent)
        work.emit("payment_intent.amount_capturable_updated", intent)
    else:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        work.save(intent)
        work.emit("payment_intent.succeeded", intent)


def _back_to_start(work: Work, intent: Document, error: dict[str, Any]) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error,
    }
    work.save(intent)
    work.emit("payment_intent.payment_failed", intent)
