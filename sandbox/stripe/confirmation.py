"""Confirming a PaymentIntent: the payment method, 3D Secure, the charge, and what follows from each outcome."""

from dataclasses import replace
from typing import Any

from sandbox.store import Document
from sandbox.stripe import authentication, cards, charges, checkout_outcome, payment_methods, views
from sandbox.stripe.authentication import must_authenticate, unexpected_state
from sandbox.stripe.cards import TestCard
from sandbox.stripe.errors import Declined
from sandbox.stripe.work import Work

_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


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
    method = authentication.payment_method(work, intent, params)
    return_url = authentication.return_url(work, intent, params)
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    intent["_"] |= {"three_d_secure": None, "off_session": bool(params.get("off_session"))}
    card = payment_methods.card_behind(method, now=work.now)
    if not must_authenticate(intent, method, card):
        charge(work, intent, method, card, authenticated=False)
    elif params.get("off_session") or params.get("error_on_requires_action"):
        refused = replace(card, decline=cards.AUTHENTICATION_REQUIRED)
        charge(work, intent, method, refused, authenticated=False)
    elif card.three_d_secure_fails:
        charge(work, intent, method, cards.with_wrong_authentication(card), authenticated=False)
    else:
        authentication.ask(
            work, intent, return_url=return_url, in_page=work.publishable or bool(params.get("use_stripe_sdk"))
        )


def finish_authentication(work: Work, intent: Document, *, succeeded: bool) -> None:
    """The buyer's answer to the 3D Secure question. Raises Declined when the card is refused afterwards."""
    method = payment_methods.resolve(work, intent["payment_method"])
    intent["_"]["three_d_secure"] = None
    if succeeded:
        charge(work, intent, method, payment_methods.card_behind(method, now=work.now), authenticated=True)
        return
    _back_to_start(work, intent, authentication.failure(work, intent, method))


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
    usage = intent["setup_future_usage"]
    method["_"] |= {
        "spent": True,
        "reusable": method["_"]["reusable"] or usage is not None,
        "set_up": method["_"]["set_up"] or usage == "off_session",
    }
    work.save(method)
    if usage is not None and intent["customer"]:
        payment_methods.keep(work, method, intent["customer"])
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
    checkout_outcome.completed(work, intent)


def _back_to_start(work: Work, intent: Document, error: dict[str, Any]) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error,
    }
    work.save(intent)
    work.emit("payment_intent.payment_failed", intent)
