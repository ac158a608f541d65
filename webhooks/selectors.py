"""Reads for the sweeper and the desk."""

from dataclasses import dataclass

from common.money import Money
from payments.models import Payment, Refund
from payments.processors.events import EventConcern
from payouts.models import Transfer
from webhooks.models import WebhookEvent


@dataclass(frozen=True, slots=True)
class OurRecord:
    """What our own books hold about an event's subject."""

    reference: str
    status: str
    amount: Money
    processor_id: str


def known_references(*, concern: EventConcern, references: set[str]) -> set[str]:
    """Which of our public ids exist as objects of that kind."""
    if not references:
        return set()
    if concern is EventConcern.PAYMENT:
        return set(Payment.objects.filter(public_id__in=references).values_list("public_id", flat=True))
    if concern is EventConcern.REFUND:
        return set(Refund.objects.filter(public_id__in=references).values_list("public_id", flat=True))
    if concern is EventConcern.TRANSFER:
        return set(Transfer.objects.filter(public_id__in=references).values_list("public_id", flat=True))
    return set()


def our_record(event: WebhookEvent) -> OurRecord | None:
    """Our payment, refund or transfer that the event is about; None when there is none."""
    if event.concern == EventConcern.PAYMENT:
        payment = (
            Payment.objects.filter(processor_payment_id=event.subject_id).first()
            or Payment.objects.filter(public_id=event.reference).first()
        )
        return payment and OurRecord(payment.public_id, payment.status, payment.amount, payment.processor_payment_id or "")
    if event.concern == EventConcern.REFUND:
        refund = (
            Refund.objects.filter(processor_refund_id=event.subject_id).first()
            or Refund.objects.filter(public_id=event.reference).first()
        )
        return refund and OurRecord(refund.public_id, refund.status, refund.amount, refund.processor_refund_id or "")
    if event.concern == EventConcern.TRANSFER:
        transfer = (
            Transfer.objects.filter(processor_transfer_id=event.subject_id).first()
            or Transfer.objects.filter(public_id=event.reference).first()
        )
        return transfer and OurRecord(
            transfer.public_id, transfer.status, transfer.amount, transfer.processor_transfer_id or ""
        )
    return None
