"""Payments whose money arrives days later: a bank debit, which only the control API can choose for a hosted session.

https://docs.stripe.com/payments/sepa-debit and https://docs.stripe.com/checkout/fulfillment#delayed-notification
"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import cards, charges, checkout_outcome, payment_methods, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.work import Work

# Stripe's test account that succeeds or fails, as it is told to: AT61 1904 3002 3457 3201
_BANK = {"bank_code": "19043", "branch_code": "", "country": "AT", "fingerprint": "sandboxsepadebit", "last4": "3201"}
_CARD = cards.CARDS["4242424242424242"]  # has no say in it; a charge of the sandbox knows of its test card


def begin(work: Work, intent: Document) -> None:
    """The buyer has given the order to debit the account; the caller's session is complete, and unpaid."""
    method = payment_methods.resolve(work, "pm_card_visa")
    del method["card"]
    method |= {"type": "sepa_debit", "sepa_debit": _BANK | {"generated_from": None}}
    method["_"]["spent"] = True
    work.save(method)
    charge = charges.document(
        work,
        intent,
        payment_methods.resolve(work, "pm_card_visa"),
        _CARD,
        authenticated=False,
        capture=True,
    )
    charge |= {
        "paid": False,
        "payment_method": method["id"],
        "payment_method_details": {
            "type": "sepa_debit",
            "sepa_debit": _BANK | {"expected_debit_date": None, "mandate": None},
        },
        "status": "pending",
    }
    work.insert(charge)
    work.emit("charge.pending", charge)
    intent |= {
        "latest_charge": charge["id"],
        "payment_method": method["id"],
        "payment_method_types": ["card", "sepa_debit"],
        "status": "processing",
    }
    work.save(intent)
    work.emit("payment_intent.processing", intent)
    checkout_outcome.completed(work, intent)


def arrive(work: Work, intent: Document, *, succeeded: bool) -> None:
    """Days later: the bank has paid, or it has not. Raises ApiError."""
    if intent["status"] != "processing":
        raise ApiError(400, "There is no money on its way for this payment.")
    charge = work.get("charge", intent["latest_charge"])
    if succeeded:
        charge |= {"paid": True, "status": "succeeded"}
        work.save(charge)
        charges.settle(work, charge)
        work.emit("charge.succeeded", charge)
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        work.save(intent)
        work.emit("payment_intent.succeeded", intent)
    else:
        _fail(work, intent, charge)
    checkout_outcome.arrived(work, intent)


def _fail(work: Work, intent: Document, charge: Document) -> None:
    message = "The customer's account has insufficient funds to cover this payment."
    charge |= {
        "amount_captured": 0,
        "captured": False,
        "failure_code": "insufficient_funds",
        "failure_message": message,
        "status": "failed",
    }
    work.save(charge)
    work.emit("charge.failed", charge)
    error: dict[str, Any] = {
        "type": "card_error",
        "code": "payment_intent_payment_attempt_failed",
        "charge": charge["id"],
        "message": message,
        "payment_method": views.public(work, work.get("payment_method", intent["payment_method"])),
    }
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    work.save(intent)
    work.emit("payment_intent.payment_failed", intent)
