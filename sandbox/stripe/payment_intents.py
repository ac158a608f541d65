"""PaymentIntents and their states: https://docs.stripe.com/payments/paymentintents/lifecycle"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import (
    authentication,
    charges,
    checkout_outcome,
    confirmation,
    currencies,
    lists,
    metadata,
    payment_methods,
    refunds,
    search,
    views,
)
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_client_secret, new_id
from sandbox.stripe.work import Work

_CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
_CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_TEXTS = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
_NOT_SIMULATED = ("application_fee_amount", "on_behalf_of", "transfer_data", "mandate", "mandate_data", "hooks")
_CARD_OPTIONS = ("request_three_d_secure",)
_EMPTY_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def create(work: Work) -> Document:
    params = work.params
    refuse_not_simulated(params)
    if work.account:
        raise ApiError(400, "The sandbox does not simulate payments made for a connected account (direct charges).")
    currency = currencies.check_currency(params["currency"])
    currencies.check_charge_amount(params["amount"], currency)
    confirm = params.get("confirm", False)
    for name in ("off_session", "return_url", "confirmation_token", "mandate_data", "error_on_requires_action"):
        if name in params and not confirm:
            raise ApiError(
                400,
                f"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to "
                "true.",
                param=name,
            )
    intent = _new(work, currency)
    _apply(work, intent, params)
    if "payment_method" in params:
        method = payment_methods.resolve(work, params["payment_method"])
        intent["payment_method"], intent["status"] = method["id"], "requires_confirmation"
    work.insert(intent)
    work.emit("payment_intent.created", intent)
    if confirm:
        confirmation.confirm(work, intent, params)
    return views.public(work, intent)


def _new(work: Work, currency: str) -> Document:
    params, intent_id = work.params, new_id("pi")
    automatic = params.get("automatic_payment_methods")
    if automatic is None and "allowed_payment_method_types" not in params:
        # The default of recent API versions.
        automatic = {"enabled": True}
    if "card" not in params.get("allowed_payment_method_types", ["card"]):
        raise ApiError(400, "The sandbox's account accepts cards only.", param="allowed_payment_method_types")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": (
            {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": automatic["enabled"]}
            if automatic
            else None
        ),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": new_client_secret(intent_id),
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": work.now,
        "currency": currency,
        "customer": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": {"id": "pmc_sandbox", "parent": None} if automatic else None,
        "payment_method_options": {
            "card": {"installments": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        "_": {"three_d_secure": None, "off_session": False},
    }


def _apply(work: Work, intent: Document, params: dict[str, Any]) -> None:
    """What creation, update and confirmation may set alike."""
    if "customer" in params:
        intent["customer"] = work.get("customer", params["customer"], param="customer")["id"]
    for name in _TEXTS:
        if name in params:
            intent[name] = params[name]
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"] or None
    if "capture_method" in params:
        intent["capture_method"] = params["capture_method"]
    if "shipping" in params:
        shipping = params["shipping"]
        intent["shipping"] = shipping and _EMPTY_SHIPPING | shipping | {
            "address": _EMPTY_ADDRESS | {name: value or None for name, value in shipping["address"].items()}
        }
    card_options = (params.get("payment_method_options") or {}).get("card") or {}
    for name in card_options:
        if name not in _CARD_OPTIONS:
            raise ApiError(
                400,
                f"The sandbox does not simulate the parameter payment_method_options[card][{name}].",
                param=f"payment_method_options[card][{name}]",
            )
    if "request_three_d_secure" in card_options:
        intent["payment_method_options"]["card"]["request_three_d_secure"] = card_options["request_three_d_secure"]
    intent["metadata"] = metadata.merged(intent["metadata"], params.get("metadata"))


_EMPTY_SHIPPING = {"carrier": None, "phone": None, "tracking_number": None}


def update(work: Work, intent_id: str) -> Document:
    params = work.params
    intent = _get(work, intent_id)
    refuse_not_simulated(params)
    if intent["status"] not in _CHANGEABLE:
        frozen = [name for name in ("amount", "currency", "payment_method", "customer", "shipping") if name in params]
        if frozen:
            raise _unexpected_state(
                work,
                intent,
                f"This PaymentIntent's {frozen[0]} could not be updated because it has a status of {intent['status']}. "
                f"You may only update the {frozen[0]} of a PaymentIntent with one of the following statuses: "
                f"{', '.join(_CHANGEABLE)}.",
            )
    currency = currencies.check_currency(params["currency"]) if "currency" in params else intent["currency"]
    amount: int = params["amount"] if "amount" in params else intent["amount"]
    if "amount" in params or "currency" in params:
        currencies.check_charge_amount(amount, currency)
        intent["amount"], intent["currency"] = amount, currency
        if intent["status"] == "requires_action":
            # The buyer was asked to confirm another sum.
            intent["status"], intent["next_action"] = "requires_confirmation", None
            intent["_"]["three_d_secure"] = None
    _apply(work, intent, params)
    if "payment_method" in params:
        method = payment_methods.resolve(work, params["payment_method"])
        intent["payment_method"], intent["status"] = method["id"], "requires_confirmation"
        intent["next_action"] = None
    work.save(intent)
    return views.public(work, intent)


def retrieve(work: Work, intent_id: str) -> Document:
    return views.public(work, _get(work, intent_id))


def list_(work: Work) -> Document:
    return lists.page(work, "payment_intent", url="/v1/payment_intents")


def search_(work: Work) -> Document:
    return search.page(work, "payment_intent", url="/v1/payment_intents/search")


def confirm(work: Work, intent_id: str) -> Document:
    params = work.params
    intent = _get(work, intent_id)
    refuse_not_simulated(params)
    if params.get("amount_to_confirm", intent["amount"]) != intent["amount"]:
        raise ApiError(
            400, "The provided amount_to_confirm does not match the PaymentIntent's amount.", param="amount_to_confirm"
        )
    confirmation.check_confirmable(work, intent)
    _apply(work, intent, params)
    confirmation.confirm(work, intent, params)
    return views.public(work, intent)


def capture(work: Work, intent_id: str) -> Document:
    intent, params = _get(work, intent_id), work.params
    if intent["status"] != "requires_capture":
        raise _unexpected_state(
            work,
            intent,
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
        )
    amount: int = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    if not 1 <= amount <= intent["amount_capturable"]:
        raise ApiError(
            400,
            f"The amount to capture must be between 1 and the capturable amount ({intent['amount_capturable']}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    currencies.check_charge_amount(amount, intent["currency"], param="amount_to_capture")
    if params.get("final_capture") is False:
        raise ApiError(400, "Multicapture is not available for this payment.", param="final_capture", stored=True)
    for name in ("application_fee_amount", "transfer_data", "hooks", "amount_details"):
        if name in params:
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)
    charge = work.get("charge", intent["latest_charge"])
    # What is not captured is released, and counts as refunded: what is left to refund is what was captured.
    charge |= {"captured": True, "amount_captured": amount, "amount_refunded": charge["amount"] - amount}
    charge["payment_method_details"]["card"].pop("capture_before", None)
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if name in params:
            intent[name] = charge[name] = params[name]
    work.save(charge)
    charges.after_capture(work, charge, later=False)
    work.emit("charge.captured", charge, before={"captured": False})
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    intent["metadata"] = metadata.merged(intent["metadata"], params.get("metadata"))
    work.save(intent)
    work.emit("payment_intent.succeeded", intent)
    checkout_outcome.captured(work, intent)
    return views.public(work, intent)


def cancel(work: Work, intent_id: str) -> Document:
    intent = _get(work, intent_id)
    if intent["status"] not in _CANCELABLE:
        raise _unexpected_state(
            work,
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(_CANCELABLE)}.",
        )
    charge = work.get("charge", intent["latest_charge"]) if intent["status"] == "requires_capture" else None
    if charge is not None:
        charges.release(work, charge)
        work.emit("charge.refunded", charge, before={"refunded": False, "amount_refunded": 0})
    _canceled(work, intent, reason=work.params.get("cancellation_reason"))
    return views.public(work, intent)


def expire_authorization(work: Work, intent_id: str) -> None:
    """The job behind an authorization that nobody captured: Stripe cancels it by itself."""
    intent = _get(work, intent_id)
    if intent["status"] != "requires_capture":
        return
    charge = work.get("charge", intent["latest_charge"])
    charges.release(work, charge)
    refunds.of_expired(work, charge)
    work.emit("charge.expired", charge)
    _canceled(work, intent, reason="automatic")


def abandon(work: Work, intent_id: str) -> None:
    """Cancels what the buyer began on a hosted page that is over."""
    intent = _get(work, intent_id)
    if intent["status"] in _CHANGEABLE:
        _canceled(work, intent, reason="expired")


def _canceled(work: Work, intent: Document, *, reason: str | None) -> None:
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": work.now,
        "cancellation_reason": reason,
        "next_action": None,
    }
    intent["_"]["three_d_secure"] = None
    work.save(intent)
    work.emit("payment_intent.canceled", intent)


def _get(work: Work, intent_id: str) -> Document:
    return work.get("payment_intent", intent_id, param="intent")


def refuse_not_simulated(params: dict[str, Any]) -> None:
    """Honest about what is missing: a parameter that would move money elsewhere must not be ignored."""
    for name in _NOT_SIMULATED:
        if params.get(name):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)


def _unexpected_state(work: Work, intent: Document, message: str) -> ApiError:
    return authentication.unexpected_state(work, intent, message)
