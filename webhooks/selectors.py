"""Reads for the sweeper and the desk."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from common.money import Money
from payments.models import Dispute, Payment, Refund
from payments.processors.events import EventConcern
from payouts.models import BankPayout, PayoutItem, Transfer
from webhooks.enums import EventStatus
from webhooks.models import WebhookEvent

_Row = TypeVar("_Row", Payment, Refund, Transfer, BankPayout)
_SOURCES = ("stripe", "paypal")
_NEED_ATTENTION = [EventStatus.PARKED, EventStatus.FAILED, EventStatus.DEAD]
_REPLAYED_AT_ONCE = 1000


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
    if concern is EventConcern.SELLER_PAYOUT:
        return set(BankPayout.objects.filter(public_id__in=references).values_list("public_id", flat=True))
    return set()


def our_record(event: WebhookEvent) -> OurRecord | None:
    """Our payment, refund, transfer, payout to a bank or dispute that the event is about; None when there is none."""
    subject, reference = event.subject_id, event.reference
    if event.concern == EventConcern.PAYMENT:
        payment = _first(
            Payment.objects.filter(processor_payment_id=subject), Payment.objects.filter(public_id=reference)
        )
        return _record(payment, payment.processor_payment_id) if payment else None
    if event.concern == EventConcern.REFUND:
        refund = _first(Refund.objects.filter(processor_refund_id=subject), Refund.objects.filter(public_id=reference))
        return _record(refund, refund.processor_refund_id) if refund else None
    if event.concern == EventConcern.TRANSFER:
        transfer = _first(
            Transfer.objects.filter(processor_transfer_id=subject), Transfer.objects.filter(public_id=reference)
        )
        return _record(transfer, transfer.processor_transfer_id) if transfer else None
    if event.concern == EventConcern.SELLER_PAYOUT:
        payout = _first(
            BankPayout.objects.filter(processor_payout_id=subject), BankPayout.objects.filter(public_id=reference)
        )
        return _record(payout, payout.processor_payout_id) if payout else None
    if event.concern == EventConcern.DISPUTE:
        dispute = Dispute.objects.filter(processor_dispute_id=subject).first()
        return _record(dispute, dispute.processor_dispute_id) if dispute else None
    return None


def _first(by_processor_id: QuerySet[_Row], by_reference: QuerySet[_Row]) -> _Row | None:
    return by_processor_id.first() or by_reference.first()


def _record(row: Payment | Refund | Transfer | BankPayout | Dispute, processor_id: str | None) -> OurRecord:
    return OurRecord(row.public_id, row.status, Money(row.amount_minor, row.currency), processor_id or "")


def about(term: str) -> Q:
    """The events that an id is about; every part of the condition has its index.

    The term is an event's id, the processor's id of an object, or our own id of an order, payment, refund, payout,
    transfer or dispute.
    Our ids lead to the processor's through our own records; events without such a record are parked, failed or dead.
    """
    payments = Payment.objects.filter(Q(public_id=term) | Q(order_reference=term))
    refunds = Refund.objects.filter(Q(public_id=term) | Q(capture__payment__in=payments))
    paid_out = PayoutItem.objects.filter(payable__order_reference=term)
    transfers = Transfer.objects.filter(
        Q(public_id=term) | Q(payout__public_id=term) | Q(payout__in=paid_out.values("payout"))
    )
    disputes = Dispute.objects.filter(Q(public_id=term) | Q(capture__payment__in=payments))
    subjects = [
        term,
        *payments.exclude(processor_payment_id=None).values_list("processor_payment_id", flat=True),
        *refunds.exclude(processor_refund_id=None).values_list("processor_refund_id", flat=True),
        *transfers.exclude(processor_transfer_id=None).values_list("processor_transfer_id", flat=True),
        *disputes.values_list("processor_dispute_id", flat=True),
    ]
    return (
        Q(source__in=_SOURCES, external_id=term)
        | (Q(subject_id__in=subjects) & ~Q(subject_id=""))
        | (Q(object_id=term) & ~Q(object_id=F("subject_id")))
        | (Q(status__in=_NEED_ATTENTION) & (Q(reference=term) | Q(order_reference=term)))
    )


def count_dead() -> int:
    """How many events were given up."""
    return WebhookEvent.objects.filter(status=EventStatus.DEAD).count()


def dead_event_ids() -> list[int]:
    """The oldest events that were given up, as many as are replayed at once."""
    dead = WebhookEvent.objects.filter(status=EventStatus.DEAD).order_by("id")
    return list(dead.values_list("id", flat=True)[:_REPLAYED_AT_ONCE])
