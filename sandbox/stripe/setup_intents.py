"""SetupIntents: a card made ready for later payments, https://docs.stripe.com/payments/setupintents/lifecycle"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import authentication, cards, lists, metadata, payment_methods, setup_attempts, views
from sandbox.stripe.authentication import must_authenticate, unexpected_state
from sandbox.stripe.cards import TestCard
from sandbox.stripe.errors import ApiError, Declined
from sandbox.stripe.ids import new_client_secret, new_id
from sandbox.stripe.work import Work

_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_NOT_SIMULATED = ("attach_to_self", "flow_directions", "mandate_data", "on_behalf_of", "single_use")
_ONLY_WITH_CONFIRM = ("return_url", "confirmation_token", "mandate_data")


def create(work: Work) -> Document:
    params = work.params
    confirm_now = params.get("confirm", False)
    for name in _ONLY_WITH_CONFIRM:
        if name in params and not confirm_now:
            raise ApiError(
                400,
                f"The parameter `{name}` cannot be passed when creating a SetupIntent unless `confirm` is set to true.",
                param=name,
            )
    intent = _new(work)
    _apply(work, intent, params)
    work.insert(intent)
    work.emit("setup_intent.created", intent)
    if confirm_now:
        _confirm(work, intent, params)
    return views.public(work, intent)


def _new(work: Work) -> Document:
    params, intent_id = work.params, new_id("seti")
    automatic = params.get("automatic_payment_methods")
    if automatic is None and "allowed_payment_method_types" not in params:
        automatic = {"enabled": True}
    if "card" not in params.get("allowed_payment_method_types", ["card"]):
        raise ApiError(400, "The sandbox's account accepts cards only.", param="allowed_payment_method_types")
    return {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "application": None,
        "automatic_payment_methods": (
            {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": automatic["enabled"]}
            if automatic
            else None
        ),
        "cancellation_reason": None,
        "client_secret": new_client_secret(intent_id),
        "created": work.now,
        "customer": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": {"id": "pmc_sandbox", "parent": None} if automatic else None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
        "_": {"three_d_secure": None},
    }


def _apply(work: Work, intent: Document, params: dict[str, Any]) -> None:
    for name in _NOT_SIMULATED:
        if params.get(name):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)
    if "customer" in params:
        intent["customer"] = work.get("customer", params["customer"], param="customer")["id"]
    if "description" in params:
        intent["description"] = params["description"]
    wish = ((params.get("payment_method_options") or {}).get("card") or {}).get("request_three_d_secure")
    if wish:
        intent["payment_method_options"]["card"]["request_three_d_secure"] = wish
    if "payment_method" in params:
        method = payment_methods.resolve(work, params["payment_method"])
        intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    intent["metadata"] = metadata.merged(intent["metadata"], params.get("metadata"))


def retrieve(work: Work, intent_id: str) -> Document:
    return views.public(work, _get(work, intent_id))


def list_(work: Work) -> Document:
    return lists.page(work, "setup_intent", url="/v1/setup_intents")


def update(work: Work, intent_id: str) -> Document:
    intent = _get(work, intent_id)
    if intent["status"] not in _CONFIRMABLE:
        frozen = [name for name in ("customer", "payment_method") if name in work.params]
        if frozen:
            raise unexpected_state(
                work,
                intent,
                f"You cannot update the {frozen[0]} of this SetupIntent because it has a status of {intent['status']}.",
            )
    _apply(work, intent, work.params)
    work.save(intent)
    return views.public(work, intent)


def confirm(work: Work, intent_id: str) -> Document:
    intent = _get(work, intent_id)
    if intent["status"] not in _CONFIRMABLE:
        raise unexpected_state(
            work,
            intent,
            f"You cannot confirm this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            f"with one of the following statuses may be confirmed: {', '.join(_CONFIRMABLE)}.",
        )
    _apply(work, intent, {name: value for name, value in work.params.items() if name != "payment_method"})
    _confirm(work, intent, work.params)
    return views.public(work, intent)


def _confirm(work: Work, intent: Document, params: dict[str, Any]) -> None:
    """Raises Declined, with all of it written down, or ApiError, with nothing changed."""
    method = authentication.payment_method(work, intent, params)
    return_url = authentication.return_url(work, intent, params)
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    intent["_"]["three_d_secure"] = None
    card = payment_methods.card_behind(method, now=work.now)
    if not must_authenticate(intent, method, card):
        _set_up(work, intent, method, card)
    elif card.three_d_secure_fails:
        _set_up(work, intent, method, cards.with_wrong_authentication(card))
    else:
        setup_attempts.begin(work, intent, method)
        authentication.ask(
            work, intent, return_url=return_url, in_page=work.publishable or bool(params.get("use_stripe_sdk"))
        )


def finish_authentication(work: Work, intent: Document, *, succeeded: bool) -> None:
    """The buyer's answer to the 3D Secure question. Raises Declined when the card is refused afterwards."""
    method = payment_methods.resolve(work, intent["payment_method"])
    intent["_"]["three_d_secure"] = None
    if succeeded:
        _set_up(work, intent, method, payment_methods.card_behind(method, now=work.now), authenticated=True)
        return
    error = authentication.failure(work, intent, method)
    setup_attempts.end(work, intent, status="failed", error=error)
    _back_to_start(work, intent, error)


def _set_up(work: Work, intent: Document, method: Document, card: TestCard, *, authenticated: bool = False) -> None:
    if not authenticated:
        setup_attempts.begin(work, intent, method)
    decline = cards.refusal_to_save(card)
    if decline is not None:
        error = cards.decline_error(decline) | {"payment_method": views.public(work, method)}
        setup_attempts.end(work, intent, status="failed", error=error)
        _back_to_start(work, intent, error)
        shown = views.public(work, intent)
        raise Declined(error | {"setup_intent": views.for_browser(shown) if work.publishable else shown})
    method["_"] |= {
        "spent": True,
        "reusable": True,
        "set_up": method["_"]["set_up"] or intent["usage"] == "off_session",
    }
    work.save(method)
    setup_attempts.end(work, intent, status="succeeded", authenticated=authenticated)
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    work.save(intent)
    if intent["customer"]:
        payment_methods.keep(work, method, intent["customer"])
    work.emit("setup_intent.succeeded", intent)


def _back_to_start(work: Work, intent: Document, error: dict[str, Any]) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": error,
    }
    work.save(intent)
    work.emit("setup_intent.setup_failed", intent)


def cancel(work: Work, intent_id: str) -> Document:
    intent = _get(work, intent_id)
    if intent["status"] not in _CONFIRMABLE:
        raise unexpected_state(
            work,
            intent,
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            f"with one of the following statuses may be canceled: {', '.join(_CONFIRMABLE)}.",
        )
    intent |= {
        "status": "canceled",
        "cancellation_reason": work.params.get("cancellation_reason"),
        "next_action": None,
    }
    intent["_"]["three_d_secure"] = None
    work.save(intent)
    work.emit("setup_intent.canceled", intent)
    return views.public(work, intent)


def _get(work: Work, intent_id: str) -> Document:
    return work.get("setup_intent", intent_id, param="intent")
