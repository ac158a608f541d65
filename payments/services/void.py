"""Void: cancel a payment at the processor before anything was captured."""

import datetime as dt

import structlog

from common import audit, context
from payments.contracts import OutcomeUnknown, PaymentFound, ProcessorRefused, ProcessorUnavailable
from payments.enums import TERMINAL_PAYMENT_STATUSES, PaymentChannel, PaymentStatus, RequestKind
from payments.models import Payment, PaymentEvent, ProcessorRequest
from payments.processors import processor_named
from payments.services import outgoing
from payments.services.hosted import close_hosted

log = structlog.get_logger(__name__)

_NEVER_CREATED = "never_created"
_FIRST_PAUSE, _LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(days=1)
# The last: the processor's own page was open, and nobody sent it.
_NOTHING_THERE = (PaymentStatus.CREATED, PaymentStatus.UNKNOWN, PaymentStatus.REQUIRES_PAYMENT_METHOD)


def prepare_void(*, payment: Payment, now: dt.datetime) -> bool:
    """Writes the request down, in the caller's transaction; a second call changes nothing while the first is open.

    From then on nobody makes the payment any more (`open_charge` looks under the same lock). False, and nothing is
    written, while it is too early to ask again what was asked in vain: the pause doubles from a minute to a day, and
    ends when something about the payment changes.
    """
    current = Payment.objects.select_for_update().get(id=payment.id)
    last = outgoing.latest_request(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id)
    if last is not None and last.finished_at is None:
        return True
    if last is not None and _is_too_early(last, current, now):
        return False
    # The earlier ones were refused, and the processor keeps that answer under their keys.
    outgoing.prepare(
        kind=RequestKind.CANCEL_PAYMENT,
        processor=payment.processor,
        subject=payment.public_id,
        body={"payment": payment.public_id, "processor_payment_id": payment.processor_payment_id or ""},
        now=now,
        attempt=last.attempt + 1 if last else 1,
    )
    return True


def _is_too_early(last: ProcessorRequest, payment: Payment, now: dt.datetime) -> bool:
    """Whether `last` has found that the payment, as it stands, can't be canceled, and not long ago."""
    if last.finished_at is None or last.error_code not in (_in_vain(payment.status), _NEVER_CREATED):
        return False
    doubled = 1 << min(last.attempt - 1, 11)
    return now < last.finished_at + min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


def _in_vain(status: str) -> str:
    return f"payment_{status}"


def void_payment(*, payment: Payment, now: dt.datetime) -> PaymentFound | None:
    """Cancels it and returns the truth, which may be that it was paid meanwhile. Not in a transaction.

    A payment that the processor never answered for is looked up first; None says that it certainly does not exist
    there (the caller records that with `record_never_created`). Raises OutcomeUnknown, ProcessorUnavailable and
    ProcessorRefused; the request stays open then, and the sweeper takes it up again.
    """
    request = outgoing.latest_request(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id)
    if request is None:
        raise ProcessorRequest.DoesNotExist(f"prepare_void comes first, for {payment.public_id}")
    found: PaymentFound | None = None
    try:
        is_hosted = payment.channel == PaymentChannel.HOSTED
        processor_payment_id = payment.processor_payment_id or ("" if is_hosted else _unanswered(payment, now))
        if is_hosted:
            _must_have_arrived(RequestKind.CREATE_HOSTED, payment, now)
            # Stripe does not cancel a payment behind its page; the page is closed, or it is paid by now.
            found = close_hosted(payment=payment, key=request.idempotency_key)
        elif processor_payment_id:
            call = _Cancellation(payment.processor, processor_payment_id)
            request = outgoing.resume(request, find=call.find, now=now)
            found = outgoing.perform(request, send=call.send, find=call.find, now=now)
    except (OutcomeUnknown, ProcessorRefused) as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    if found is None:
        outgoing.finish_failed(request, error_code=_NEVER_CREATED, processor_request_id="", now=now)
    elif found.status == PaymentStatus.CANCELED:
        outgoing.finish_succeeded(request, processor_id=found.processor_payment_id, now=now)
    else:
        outgoing.finish_failed(request, error_code=_in_vain(found.status), processor_request_id="", now=now)
        log.warning("not_voided", payment=payment.public_id, status=found.status, attempt=request.attempt)
    return found


class _Cancellation:
    """The call for one payment object at the processor."""

    def __init__(self, processor: str, processor_payment_id: str) -> None:
        self._processor = processor_named(processor)
        self._id = processor_payment_id

    def send(self, key: str) -> PaymentFound:
        try:
            return self._processor.cancel_payment(self._id, idempotency_key=key)
        except ProcessorRefused:
            # Stripe refuses to cancel what has succeeded, is processing or was canceled already: see which it is.
            return self._processor.retrieve_payment(self._id)

    def find(self) -> PaymentFound | None:
        found = self._processor.retrieve_payment(self._id)
        return found if found.status in TERMINAL_PAYMENT_STATUSES else None


def _unanswered(payment: Payment, now: dt.datetime) -> str:
    """The processor's id of a payment whose creation got no answer; empty when it certainly was not made."""
    _must_have_arrived(RequestKind.CREATE_PAYMENT, payment, now)
    found = processor_named(payment.processor).find_payment(payment.public_id, since=payment.created_at)
    return found.processor_payment_id if found is not None else ""


def _must_have_arrived(kind: RequestKind, payment: Payment, now: dt.datetime) -> None:
    making = outgoing.latest_request(kind=kind, subject=payment.public_id)
    if making is not None and outgoing.is_in_hand(making, now=now):
        # It may reach the processor after our look-up, and would live on there unknown to us.
        raise ProcessorUnavailable("the payment may still be on its way to the processor")


def close_void(*, payment: Payment, now: dt.datetime) -> None:
    """Ends a request to void what is over already, whoever brought that to light."""
    request = outgoing.latest_request(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id)
    if request is None or request.finished_at is not None:
        return
    if payment.status == PaymentStatus.CANCELED:
        outgoing.finish_succeeded(request, processor_id=payment.processor_payment_id or "", now=now)
    else:
        outgoing.finish_failed(request, error_code=_in_vain(payment.status), processor_request_id="", now=now)


def record_never_created(*, payment: Payment, now: dt.datetime) -> None:
    """Ends a payment that was never made at the processor, in the caller's transaction."""
    ended = Payment.objects.filter(id=payment.id, processor_payment_id__isnull=True, status__in=_NOTHING_THERE).update(
        status=PaymentStatus.CANCELED, updated_at=now, next_look_up_at=None
    )
    if not ended:
        return
    ProcessorRequest.objects.filter(
        subject=payment.public_id,
        kind__in=[RequestKind.CREATE_PAYMENT, RequestKind.CREATE_HOSTED],
        finished_at__isnull=True,
    ).update(state="failed", error_code=_NEVER_CREATED, finished_at=now, next_try_at=None)
    PaymentEvent.objects.create(
        payment=payment, event="voided", from_status=payment.status, to_status=PaymentStatus.CANCELED, source="sweeper",
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip
    audit.record(
        event_type="payment.voided", outcome="succeeded", subject=payment.public_id, amount=payment.amount,
        processor=payment.processor, failure_code=_NEVER_CREATED,
    )  # fmt: skip
