"""Charges: one attempt to take the money, kept whether it worked or not."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import balance, cards, lists, metadata, payment_methods, views
from sandbox.stripe.cards import TestCard
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

_RISK_SCORE = {"normal": 21, "elevated": 68, "highest": 92}
# How long an issuer holds the money of a card that is not in the shop: https://docs.stripe.com/payments/place-a-hold
AUTHORIZATION_SECONDS = 7 * 24 * 3600
_NO_MORE = {"status": "unavailable"}


def retrieve(work: Work, charge_id: str) -> Document:
    return views.public(work, work.get("charge", charge_id))


def list_(work: Work) -> Document:
    return lists.page(work, "charge", url="/v1/charges")


def update(work: Work, charge_id: str) -> Document:
    charge, params = work.get("charge", charge_id), work.params
    for name in ("description", "receipt_email", "transfer_group"):
        if name in params:
            charge[name] = params[name]
    charge["metadata"] = metadata.merged(charge["metadata"], params.get("metadata"))
    work.save(charge)
    work.emit("charge.updated", charge)
    return views.public(work, charge)


def attempt(
    work: Work, intent: Document, method: Document, card: TestCard, *, authenticated: bool, capture: bool
) -> Document:
    """Charges the card. The charge is stored and told of, in whichever state; a refusal is in its `failure_code`."""
    charge = document(work, intent, method, card, authenticated=authenticated, capture=capture)
    work.insert(charge)
    if charge["paid"] and capture:
        after_capture(work, charge, later=intent["capture_method"] == "automatic_async")
    work.emit("charge.succeeded" if charge["paid"] else "charge.failed", charge)
    return charge


def document(
    work: Work, intent: Document, method: Document, card: TestCard, *, authenticated: bool, capture: bool
) -> Document:
    """The charge, not stored yet."""
    decline = card.decline
    amount = intent["amount"]
    paid = decline is None
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if paid and capture else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": paid and capture,
        "created": work.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(card),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(
            method,
            card,
            amount=amount,
            authenticated=authenticated,
            capture_before=work.now + AUTHORIZATION_SECONDS if paid and not capture else None,
        ),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
        "_": {"number": card.number},
    }


def after_capture(work: Work, charge: Document, *, later: bool) -> None:
    """The balance transaction, at once or (asynchronous capture) a moment later, and what the test card brings on.

    https://docs.stripe.com/payments/payment-intents/asynchronous-capture: until then the charge has none, neither in
    the answer nor in the events, and `charge.updated` tells when it does.
    """
    if later:
        work.schedule("settle_charge", charge["id"], in_seconds=work.option("capture_async_seconds", 0))
    else:
        settle(work, charge)
    if cards.CARDS[charge["_"]["number"]].dispute:
        work.schedule("open_dispute", charge["id"])


def settle(work: Work, charge: Document) -> None:
    """Books a captured charge on the balance, once."""
    if charge["balance_transaction"] is not None or not charge["captured"]:
        return
    card = cards.CARDS[charge["_"]["number"]]
    transaction = balance.book_charge(work, charge, instantly_available=card.instantly_available)
    charge["balance_transaction"] = transaction["id"]
    work.save(charge)


def settle_later(work: Work, charge_id: str) -> None:
    """The job behind asynchronous capture."""
    charge = work.get("charge", charge_id)
    if charge["balance_transaction"] is None:
        settle(work, charge)
        work.emit("charge.updated", charge, before={"balance_transaction": None})


def _outcome(card: TestCard) -> dict[str, Any]:
    decline = card.decline
    outcome: dict[str, Any] = {
        "advice_code": (decline.advice_code or None) if decline else None,
        "network_advice_code": None,
        "network_decline_code": (decline.network_decline_code or None) if decline else None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": card.risk_level,
        "risk_score": _RISK_SCORE[card.risk_level],
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if card.risk_level == "elevated":
        outcome["reason"] = "elevated_risk_level"
    if decline is not None and decline.blocked:
        outcome |= {
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "seller_message": "Stripe blocked this payment as too risky.",
            "type": "blocked",
        }
    elif decline is not None:
        outcome |= {
            "network_status": "declined_by_network",
            "reason": decline.decline_code,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        }
    return outcome


def release(work: Work, charge: Document) -> None:
    """Lets go of the whole amount of an authorization that was not captured; nothing moves on the balance."""
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}
    work.save(charge)


def _details(
    method: Document, card: TestCard, *, amount: int, authenticated: bool, capture_before: int | None
) -> dict[str, Any]:
    secure = None
    if authenticated:
        secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": new_id("3ds")[4:],
            "version": "2.2.0",
        }
    # The field is there only while there is something to capture.
    limit = {} if capture_before is None else {"capture_before": capture_before}
    return {
        "card": {
            **limit,
            "amount_authorized": amount if card.decline is None else None,
            "authorization_code": "000000" if card.decline is None else None,
            "brand": card.brand,
            "checks": payment_methods.checks(method),
            "country": card.country,
            "exp_month": method["card"]["exp_month"],
            "exp_year": method["card"]["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": method["card"]["fingerprint"],
            "funding": card.funding,
            "incremental_authorization": _NO_MORE,
            "installments": None,
            "last4": card.last4,
            "mandate": None,
            "multicapture": _NO_MORE,
            "network": card.brand,
            "network_token": {"used": False},
            "network_transaction_id": new_id("ntx")[4:19],
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": secure,
            "wallet": None,
        },
        "type": "card",
    }
