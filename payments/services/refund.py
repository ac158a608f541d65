"""Give a whole capture back. (Partial refunds and their allocation are not built yet.)"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from common import audit, context
from common.ids import new_public_id
from payments.contracts import (
    OutcomeUnknown,
    ProcessorRefused,
    ProcessorUnavailable,
    RefundFound,
    RefundRequest,
    UnknownRefund,
)
from payments.enums import RefundReason, RefundStatus, RequestKind
from payments.models import Capture, ProcessorRequest, Refund, RefundEvent
from payments.processors import processor_named
from payments.services import outgoing
from payments.transitions import refund_event

# A refund takes days at the banks; its news come by webhook, this is for the ones that are lost.
_SILENT_FOR = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class RefundRecorded:
    """`event` is None when nothing was new."""

    refund: Refund
    order_reference: str
    event: str | None


def prepare_refund(*, capture_id: int, reason: RefundReason, now: dt.datetime) -> Refund:
    """Writes a refund of the whole capture and its request down, in the caller's transaction.

    The database refuses refunds beyond the capture, so a second call raises IntegrityError.
    """
    capture = Capture.objects.select_related("payment").get(id=capture_id)
    Capture.objects.filter(id=capture_id).update(refunded_minor=F("refunded_minor") + capture.amount_minor)
    refund = Refund.objects.create(
        public_id=new_public_id("ref"),
        capture=capture,
        amount_minor=capture.amount_minor,
        currency=capture.currency,
        reason=reason,
        created_at=now,
        updated_at=now,
    )
    outgoing.prepare(
        kind=RequestKind.REFUND,
        processor=capture.payment.processor,
        subject=refund.public_id,
        body={
            "refund": refund.public_id,
            "charge": capture.processor_charge_id,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "trace_id": context.current().trace_id,
        },
        now=now,
    )
    audit.record(
        event_type="refund.requested", outcome="requested", subject=refund.public_id, amount=refund.amount,
        processor=capture.payment.processor, processor_id=capture.processor_charge_id, command=f"refund:{reason}",
    )  # fmt: skip
    return refund


def send_refund(*, refund: Refund, now: dt.datetime) -> RefundFound:
    """Carries the prepared refund out exactly once. Not in a transaction.

    Raises OutcomeUnknown, ProcessorUnavailable (both are taken up again by the sweeper) and ProcessorRefused. What came
    of it, and with it the end of the request, is recorded by the caller with `record_refund_found` or `refuse_refund`.
    """
    payment = refund.capture.payment
    processor = processor_named(payment.processor)
    request = _request(refund)
    body = RefundRequest(
        reference=refund.public_id,
        processor_charge_id=refund.capture.processor_charge_id,
        processor_payment_id=str(payment.processor_payment_id),
        amount=refund.amount,
        trace_id=request.body["trace_id"],
    )

    def find() -> RefundFound | None:
        return processor.find_refund(refund.public_id, processor_payment_id=str(payment.processor_payment_id))

    try:
        request = outgoing.resume(request, find=find, now=now)
        found = outgoing.perform(
            request, send=lambda key: processor.create_refund(body, idempotency_key=key), find=find, now=now
        )
    except OutcomeUnknown as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    return found


def look_up_refund(*, processor: str, processor_refund_id: str) -> RefundFound:
    """The refund as the processor has it now. Not in a transaction."""
    return processor_named(processor).retrieve_refund(processor_refund_id)


def record_refund_found(*, found: RefundFound, source: str, now: dt.datetime) -> RefundRecorded:
    """Applies a finding, in the caller's transaction. Raises UnknownRefund for one that is not ours."""
    refund = (
        Refund.objects.select_for_update(of=("self",))
        .select_related("capture__payment")
        .filter(public_id=found.refund_reference or "-")
        .first()
    )
    if refund is None or refund.processor_refund_id not in (None, found.processor_refund_id):
        raise UnknownRefund()
    # However the answer came, the request that made it is over; the two are recorded together.
    outgoing.finish_succeeded(_request(refund), processor_id=found.processor_refund_id, now=now)
    return _apply(refund, found.status, found.processor_refund_id, found.failure_code, source, now)


def refuse_refund(*, refund_id: int, refused: ProcessorRefused, source: str, now: dt.datetime) -> RefundRecorded:
    """The processor refused to make it: the refund failed without money having moved. In the caller's transaction."""
    refund = Refund.objects.select_for_update(of=("self",)).select_related("capture__payment").get(id=refund_id)
    outgoing.finish_failed(
        _request(refund),
        error_code=refused.processor_code,
        processor_request_id=refused.processor_request_id,
        now=now,
    )
    return _apply(refund, RefundStatus.FAILED, refund.processor_refund_id, refused.processor_code, source, now)


def take_silent_refunds(*, now: dt.datetime, limit: int = 50) -> list[Refund]:
    """Accepted refunds of which nothing was heard for some hours, each to be asked after once in that time."""
    with transaction.atomic():
        silent = list(
            Refund.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("capture__payment")
            .filter(status=RefundStatus.PENDING, updated_at__lte=now - _SILENT_FOR)
            .order_by("updated_at")[:limit]
        )
        Refund.objects.filter(id__in=[refund.id for refund in silent]).update(updated_at=now)
    return silent


def _apply(
    refund: Refund,
    status: RefundStatus,
    processor_refund_id: str | None,
    failure_code: str,
    source: str,
    now: dt.datetime,
) -> RefundRecorded:
    payment = refund.capture.payment
    previous = RefundStatus(refund.status)
    event = refund_event(previous, status)
    if event is not None:
        refund.status = status
        refund.processor_refund_id = processor_refund_id
        refund.failure_code = failure_code[:80]
        refund.updated_at = now
        refund.save(update_fields=["status", "processor_refund_id", "failure_code", "updated_at"])
        RefundEvent.objects.create(
            refund=refund, event=event, from_status=previous, to_status=status, source=source,
            trace_id=context.current().trace_id, occurred_at=now,
        )  # fmt: skip
        audit.record(
            event_type=f"refund.{event}", outcome="failed" if status == RefundStatus.FAILED else "succeeded",
            subject=refund.public_id, amount=refund.amount, processor=payment.processor,
            processor_id=processor_refund_id or "", failure_code=failure_code[:80], command=f"refund:{refund.reason}",
        )  # fmt: skip
    return RefundRecorded(refund=refund, order_reference=payment.order_reference, event=event)


def _request(refund: Refund) -> ProcessorRequest:
    return (
        ProcessorRequest.objects.filter(kind=RequestKind.REFUND, subject=refund.public_id)
        .order_by("-attempt")[:1]
        .get()
    )
