"""What a payment's outcome means for the hosted session that it was made in."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.work import Work


def completed(work: Work, intent: Document) -> None:
    """The buyer is done: with `payment_status` paid where the money is there, else unpaid (to be captured)."""
    session = _session(work, intent)
    if session is None or session["status"] != "open":
        return
    session |= {
        "customer": intent["customer"],
        "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid",
        "status": "complete",
        "url": None,
    }
    work.save(session)
    work.emit("checkout.session.completed", session)


def captured(work: Work, intent: Document) -> None:
    """What was authorized on the page has been captured since; no event tells of that."""
    session = _session(work, intent)
    if session is not None:
        session["payment_status"] = "paid"
        work.save(session)


def arrived(work: Work, intent: Document) -> None:
    """Money that takes days is there, or it failed."""
    session = _session(work, intent)
    if session is None:
        return
    succeeded = intent["status"] == "succeeded"
    if succeeded:
        session["payment_status"] = "paid"
        work.save(session)
    work.emit(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session)


def _session(work: Work, intent: Document) -> dict[str, Any] | None:
    session_id = intent["_"].get("checkout_session")
    return work.get("checkout.session", session_id) if session_id else None
