"""The buyer's side of a hosted session: what is chosen and typed on the page becomes a PaymentIntent."""

from dataclasses import dataclass, replace
from typing import Any

from sandbox.store import Document
from sandbox.stripe import checkout_sessions, confirmation, customers, delayed, payment_intents
from sandbox.stripe.errors import ApiError
from sandbox.stripe.work import Work

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


@dataclass(frozen=True)
class Order:
    """What the page sends: the card (as a payment method), who buys, how and where it is shipped."""

    payment_method: str
    email: str
    name: str | None = None
    phone: str | None = None
    billing_address: dict[str, Any] | None = None
    shipping_rate: str | None = None
    shipping_name: str | None = None
    shipping_address: dict[str, Any] | None = None


def submit(work: Work, session_id: str, order: Order) -> Document:
    """Confirms the session's PaymentIntent, made on the first try. Raises ApiError or Declined."""
    intent = _prepared(work, session_id, order)
    # What a browser sees: no return address is needed, the page asks the bank's question itself.
    confirmation.confirm(replace(work, publishable=True), intent, {"payment_method": order.payment_method})
    return intent


def submit_delayed(work: Work, session_id: str, order: Order) -> Document:
    """The same with a bank debit: the session is complete, the money follows (or not). Raises ApiError."""
    intent = _prepared(work, session_id, order)
    delayed.begin(work, intent)
    return intent


def _prepared(work: Work, session_id: str, order: Order) -> Document:
    session = open_session(work, session_id)
    _take(session, order)
    work.save(session)
    if session["payment_intent"] is None:
        intent = _intent(work, session)
    else:
        intent = work.get("payment_intent", session["payment_intent"])
        if intent["status"] == "requires_action":
            # The buyer closed the bank's dialog and tries again.
            intent["_"]["three_d_secure"] = None
        intent |= {"amount": session["amount_total"], "shipping": _shipping(session) or intent["shipping"]}
    return intent


def open_session(work: Work, session_id: str) -> Document:
    """Raises ApiError for a session that is over."""
    session = work.get("checkout.session", session_id)
    if session["status"] == "open" and session["expires_at"] <= work.now:
        checkout_sessions.run_out(work, session_id)
        session = work.get("checkout.session", session_id)
    if session["status"] != "open":
        raise ApiError(400, "This session is over.", code=f"session_{session['status']}", stored=True)
    return session


def _take(session: Document, order: Order) -> None:
    if "@" not in order.email:
        raise ApiError(400, "Your email is invalid.", param="email")
    address = dict.fromkeys(_ADDRESS) | {
        name: value or None for name, value in (order.billing_address or {}).items() if name in _ADDRESS
    }
    session["customer_details"] = {
        "address": address,
        "business_name": None,
        "email": order.email,
        "individual_name": None,
        "name": order.name,
        "phone": order.phone,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if session["shipping_options"]:
        checkout_sessions.choose_shipping(session, order.shipping_rate or session["shipping_cost"]["shipping_rate"])
    collection = session["shipping_address_collection"]
    if collection is None:
        return
    given = order.shipping_address or {}
    if not order.shipping_name or not given.get("line1") or given.get("country") not in collection["allowed_countries"]:
        raise ApiError(400, "Your shipping address is incomplete.", param="shipping_address")
    session["collected_information"]["shipping_details"] = {
        "address": dict.fromkeys(_ADDRESS) | {name: given.get(name) or None for name in _ADDRESS},
        "name": order.shipping_name,
    }


def _intent(work: Work, session: Document) -> Document:
    data = session["_"]["intent_data"]
    customer = session["customer"]
    if customer is None and (session["customer_creation"] == "always" or data.get("setup_future_usage")):
        details = session["customer_details"]
        made = customers.create(replace(work, params={"email": details["email"], "name": details["name"]}))
        customer = made["id"]
    params: dict[str, Any] = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "automatic_payment_methods": {"enabled": True},
        **data,
    }
    if customer is not None:
        params["customer"] = customer
    shipping = _shipping(session)
    if shipping is not None:
        params["shipping"] = shipping
    made = payment_intents.create(replace(work, params=params))
    intent = work.get("payment_intent", made["id"])
    intent["_"]["checkout_session"] = session["id"]
    work.save(intent)
    session["payment_intent"] = intent["id"]
    work.save(session)
    return intent


def _shipping(session: Document) -> dict[str, Any] | None:
    details: dict[str, Any] | None = session["collected_information"]["shipping_details"]
    return details and {"carrier": None, "phone": None, "tracking_number": None, **details}
