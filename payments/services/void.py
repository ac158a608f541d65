"""Void: cancel a payment at the processor before anything was captured."""

import datetime as dt

from payments.contracts import OutcomeUnknown, PaymentFound, ProcessorRefused, ProcessorUnavailable
from payments.enums import RequestKind
from payments.models import Payment, ProcessorRequest
from payments.processors import processor_named
from payments.services import outgoing


def prepare_void(*, payment: Payment, now: dt.datetime) -> None:
    """Writes the request down, in the caller's transaction; a second call changes nothing."""
    if not ProcessorRequest.objects.filter(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id).exists():
        outgoing.prepare(
            kind=RequestKind.CANCEL_PAYMENT,
            processor=payment.processor,
            subject=payment.public_id,
            body={"payment": payment.public_id, "processor_payment_id": payment.processor_payment_id or ""},
            now=now,
        )


def void_payment(*, payment: Payment, now: dt.datetime) -> PaymentFound:
    """Cancels it and returns the truth, which may be that it was paid meanwhile. Not in a transaction.

    A payment that the processor never answered for is looked up first. Raises OutcomeUnknown and
    ProcessorUnavailable.
    """
    processor = processor_named(payment.processor)
    request = (
        ProcessorRequest.objects.filter(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id)
        .order_by("-attempt")[:1]
        .get()
    )
    processor_payment_id = str(payment.processor_payment_id)

    def send(key: str) -> PaymentFound:
        try:
            return processor.cancel_payment(processor_payment_id, idempotency_key=key)
        except ProcessorRefused:
            # Stripe refuses to cancel what has succeeded, is processing or was canceled already: see which it is.
            return processor.retrieve_payment(processor_payment_id)

    def find() -> PaymentFound | None:
        found = processor.retrieve_payment(processor_payment_id)
        return found if found.status in ("canceled", "succeeded") else None

    try:
        found = outgoing.perform(request, send=send, find=find, now=now)
    except (OutcomeUnknown, ProcessorUnavailable) as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    outgoing.finish_succeeded(request, processor_id=found.processor_payment_id, now=now)
    return found
