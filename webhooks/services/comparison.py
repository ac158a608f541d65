"""For the desk: what the event said, what the processor says now, and what we have, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common import audit
from common.errors import DomainError
from common.money import Money
from payments.enums import ProcessorPayoutStatus
from payments.processors import dispute_desk_of, processor_named
from payments.processors.events import EventConcern
from webhooks.models import WebhookEvent
from webhooks.selectors import our_record


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
class _Side:
    status: str = ""
    amount: str = ""
    reference: str = ""
    processor_id: str = ""


_NOTHING = _Side()
# What has neither an amount nor a status of ours; a connected account is looked at on its own page.
_NOT_LOOKED_UP = (EventConcern.METHOD, EventConcern.SETUP, EventConcern.SELLER_ACCOUNT, EventConcern.PLATFORM_PAYOUT)


def compare(*, event: WebhookEvent) -> Comparison:
    """Asks the processor once and changes nothing; the audit trail tells who looked."""
    audit.record(
        event_type="webhook.compared",
        outcome="succeeded",
        subject=event.reference[:60],
        command="webhook desk",
        processor=event.source,
        processor_id=event.external_id,
    )
    theirs, problem = _what_the_processor_says(event)
    said, ours = _what_the_event_said(event), _what_we_have(event)
    return Comparison(
        rows=(
            _row("status", said.status, theirs.status, ours.status),
            _row("amount, minor units", said.amount, theirs.amount, ours.amount),
            _row("our reference", said.reference, theirs.reference, ours.reference),
            _row("id at the processor", said.processor_id, theirs.processor_id, ours.processor_id),
        ),
        problem=problem,
    )


def _what_the_event_said(event: WebhookEvent) -> _Side:
    if not event.payload:
        return _Side(reference=event.reference, processor_id=event.subject_id)  # its body is no longer kept
    item: Mapping[str, Any] = event.payload["data"]["object"]
    amount = f"{item.get('amount', '')} {str(item.get('currency', '')).upper()}".strip()
    return _Side(str(item.get("status", "")), amount, event.reference, event.subject_id)


def _what_we_have(event: WebhookEvent) -> _Side:
    record = our_record(event)
    return _Side(record.status, _minor(record.amount), record.reference, record.processor_id) if record else _NOTHING


def _what_the_processor_says(event: WebhookEvent) -> tuple[_Side, str]:
    if not event.subject_id or event.concern in _NOT_LOOKED_UP:
        return _NOTHING, "Events of this kind are not looked up."
    try:
        return _ask(event), ""
    except DomainError as error:
        return _NOTHING, f"The processor could not be asked: {error.detail}"


def _ask(event: WebhookEvent) -> _Side:
    subject = event.subject_id
    if event.concern == EventConcern.DISPUTE:
        dispute = dispute_desk_of(event.source).retrieve_dispute(subject)
        # The processor keeps no id of ours for it until we answer.
        return _Side(dispute.status, _minor(dispute.amount), "", subject)
    processor = processor_named(event.source)
    if event.concern == EventConcern.PAYMENT:
        payment = processor.retrieve_payment(subject)
        return _Side(payment.status, _minor(payment.amount), payment.payment_reference, subject)
    if event.concern == EventConcern.REFUND:
        refund = processor.retrieve_refund(subject)
        return _Side(refund.status, _minor(refund.amount), refund.refund_reference, subject)
    if event.concern == EventConcern.SELLER_PAYOUT:
        payout = processor.retrieve_payout(subject, processor_account_id=event.connected_account_id)
        # For us it is on its way from the moment it was accepted.
        handed_over = payout.status == ProcessorPayoutStatus.IN_TRANSIT
        status = ProcessorPayoutStatus.PENDING if handed_over else payout.status
        return _Side(status, _minor(payout.amount), payout.payout_reference, subject)
    # A transfer has no status at the processor: it exists, or it does not.
    transfer = processor.retrieve_transfer(subject)
    return _Side("", _minor(transfer.amount), transfer.transfer_reference, subject)


def _minor(amount: Money) -> str:
    return f"{amount.amount_minor} {amount.currency}"


def _row(name: str, event_said: str, processor_says: str, we_have: str) -> Row:
    return Row(name, event_said, processor_says, we_have, differs=bool(processor_says) and processor_says != we_have)
