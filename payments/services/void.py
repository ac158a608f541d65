"""Void: cancel a payment at the processor before anything was captured."""

import datetime as dt

from common import audit, context
from payments.contracts import OutcomeUnknown, PaymentFound, ProcessorRefused, ProcessorUnavailable
from payments.enums import PaymentStatus, RequestKind
from payments.models import Payment, PaymentEvent, ProcessorRequest
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


def void_payment(*, payment: Payment, now: dt.datetime) -> PaymentFound | None:
    """Cancels it and returns the truth, which may be that it was paid meanwhile. Not in a transaction.

    A payment that the processor never answered for is looked up first; None says that it certainly does not exist
    there (the caller records that with `record_never_created`). Raises OutcomeUnknown and ProcessorUnavailable.
    """
    processor = processor_named(payment.processor)
    request = (
        ProcessorRequest.objects.filter(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id)
        .order_by("-attempt")[:1]
        .get()
    )
    processor_payment_id = payment.processor_payment_id or request.processor_id
    if not processor_payment_id:
        unanswered = processor.find_payment(payment.public_id, since=payment.created_at)
        if unanswered is None:
            outgoing.finish_failed(request, error_code="never_created", processor_request_id="", now=now)
            return None
        processor_payment_id = unanswered.processor_payment_id

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


def record_never_created(*, payment: Payment, now: dt.datetime) -> None:
    """Ends a payment that was never made at the processor, in the caller's transaction."""
    ended = Payment.objects.filter(
        id=payment.id, processor_payment_id__isnull=True, status__in=[PaymentStatus.CREATED, PaymentStatus.UNKNOWN]
    ).update(status=PaymentStatus.CANCELED, updated_at=now, next_look_up_at=None)
    if not ended:
        return
    ProcessorRequest.objects.filter(
        subject=payment.public_id, kind=RequestKind.CREATE_PAYMENT, finished_at__isnull=True
    ).update(state="failed", error_code="never_created", finished_at=now, next_try_at=None)
    PaymentEvent.objects.create(
        payment=payment, event="voided", from_status=payment.status, to_status=PaymentStatus.CANCELED, source="sweeper",
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip
    audit.record(
        event_type="payment.voided", outcome="succeeded", subject=payment.public_id, amount=payment.amount,
        processor=payment.processor, failure_code="never_created",
    )  # fmt: skip
