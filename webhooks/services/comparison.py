"""For the desk: what the event said, what the processor says now, and what we have, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import DomainError
from payments.processors import processor_named
from payments.processors.events import EventConcern
from webhooks.models import WebhookEvent
from webhooks.selectors import OurRecord, our_record


@dataclass(frozen=True, slots=True)
class Row:
    """One fact from three sides; an empty text means that a side has nothing to say about it.

    `differs` compares the processor's present view with ours: the event itself may rightly be out of date.
    """

    name: str
    event_said: str
    processor_says: str
    we_have: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`problem` tells why the processor's side is empty."""

    rows: tuple[Row, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class _Found:
    reference: str
    status: str
    amount: str


def compare(*, event: WebhookEvent) -> Comparison:
    """Asks the processor once; changes nothing."""
    found, problem = _ask(event)
    ours = our_record(event)
    item: Mapping[str, Any] = event.payload["data"]["object"]
    said_amount = f"{item.get('amount', '')} {str(item.get('currency', '')).upper()}".strip()
    return Comparison(
        rows=(
            _row("status", str(item.get("status", "")), found and found.status, ours and ours.status),
            _row("amount, minor units", said_amount, found and found.amount, ours and _amount(ours)),
            _row("our reference", event.reference, found and found.reference, ours and ours.reference),
            _row("id at the processor", event.subject_id, found and event.subject_id, ours and ours.processor_id),
        ),
        problem=problem,
    )


def _ask(event: WebhookEvent) -> tuple[_Found | None, str]:
    if not event.subject_id:
        return None, "Events of this kind are not looked up."
    processor = processor_named(event.source)
    try:
        if event.concern == EventConcern.PAYMENT:
            payment = processor.retrieve_payment(event.subject_id)
            return _Found(payment.payment_reference, payment.status, _minor(payment.amount.amount_minor, payment.amount.currency)), ""
        if event.concern == EventConcern.REFUND:
            refund = processor.retrieve_refund(event.subject_id)
            return _Found(refund.refund_reference, refund.status, _minor(refund.amount.amount_minor, refund.amount.currency)), ""
        transfer = processor.retrieve_transfer(event.subject_id)
    except DomainError as error:
        return None, f"The processor could not be asked: {error.detail}"
    amount = _minor(transfer.amount.amount_minor, transfer.amount.currency)
    return _Found(transfer.transfer_reference, "", amount), ""


def _amount(ours: OurRecord) -> str:
    return _minor(ours.amount.amount_minor, ours.amount.currency)


def _minor(amount_minor: int, currency: str) -> str:
    return f"{amount_minor} {currency}"


def _row(name: str, event_said: str, processor_says: str | None, we_have: str | None) -> Row:
    theirs, ours = processor_says or "", we_have or ""
    return Row(name, event_said, theirs, ours, differs=bool(theirs) and theirs != ours)
