"""SetupAttempts: each try to set up a card, kept whether it worked or not."""

from typing import Any

from sandbox.store import Document, field_is
from sandbox.stripe import lists, payment_methods
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work


def begin(work: Work, intent: Document, method: Document) -> None:
    """Writes the attempt down and makes it the SetupIntent's latest; the caller saves the SetupIntent."""
    card = method["card"]
    attempt: Document = {
        "id": new_id("setatt"),
        "object": "setup_attempt",
        "application": None,
        "created": work.now,
        "customer": intent["customer"],
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": None,
        "payment_method": method["id"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "checks": payment_methods.checks(method),
                "country": card["country"],
                "exp_month": card["exp_month"],
                "exp_year": card["exp_year"],
                "fingerprint": card["fingerprint"],
                "funding": card["funding"],
                "last4": card["last4"],
                "network": card["brand"],
                "three_d_secure": None,
                "wallet": None,
            },
            "type": "card",
        },
        "setup_error": None,
        "setup_intent": intent["id"],
        "status": "requires_action",
        "usage": intent["usage"],
        "_": {},
    }
    work.insert(attempt)
    intent["latest_attempt"] = attempt["id"]


def end(
    work: Work,
    intent: Document,
    *,
    status: str,
    error: dict[str, Any] | None = None,
    authenticated: bool = False,
) -> None:
    attempt = work.get("setup_attempt", intent["latest_attempt"])
    attempt |= {"status": status, "setup_error": error}
    if authenticated:
        attempt["payment_method_details"]["card"]["three_d_secure"] = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": new_id("3ds")[4:],
            "version": "2.2.0",
        }
    work.save(attempt)


def list_(work: Work) -> Document:
    work.get("setup_intent", work.params["setup_intent"], param="setup_intent")
    return lists.page(
        work,
        "setup_attempt",
        url="/v1/setup_attempts",
        where=[(field_is("setup_intent"), work.params["setup_intent"])],
    )
