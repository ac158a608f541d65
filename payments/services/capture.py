"""Take the money that a buyer has approved (PayPal) or that is authorized; or reserve it first, where that is due."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from common import audit, context
from common.money import Money
from payments.contracts import (
    CaptureRequest,
    OutcomeUnknown,
    PaymentFound,
    PaymentGone,
    PaymentInTheWay,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import CaptureMethod, PaymentStatus, RequestKind
from payments.models import Payment, ProcessorRequest
from payments.processors import Processor, processor_named
from payments.services import outgoing

# What a finding looks like once the request was carried out; anything before it means that it was not.
_DONE = {
    RequestKind.CAPTURE_PAYMENT: (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING),
    RequestKind.AUTHORIZE_PAYMENT: (PaymentStatus.AUTHORIZED, PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING),
}


def prepare_capture(*, payment: Payment, amount: Money, now: dt.datetime) -> bool:
    """Writes down that `amount` is to be taken, in the caller's transaction. False while somebody is about to do so.

    A payment that the buyer approved and that is to be authorized first is authorized, whole. The caller holds the
    order's lock. Raises PaymentInTheWay unless the payment is approved or authorized, and for another amount.
    """
    payment = Payment.objects.select_for_update().get(id=payment.id)
    kind = _next_step(payment)
    void = outgoing.latest_request(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id)
    if void is not None and void.finished_at is None:
        raise PaymentInTheWay("this payment is being canceled")
    last = outgoing.latest_request(kind=kind, subject=payment.public_id)
    if last is not None and last.finished_at is None:
        if last.body["amount_minor"] != amount.amount_minor:
            raise PaymentInTheWay("another amount of this payment is being taken")
        return not outgoing.is_in_hand(last, now=now)
    if amount.currency != payment.currency or not 0 < amount.amount_minor <= payment.amount_minor:
        raise PaymentInTheWay(f"{amount} of {payment.amount} can't be taken")
    outgoing.prepare(
        kind=kind,
        processor=payment.processor,
        subject=payment.public_id,
        body={
            "payment": payment.public_id,
            "processor_payment_id": str(payment.processor_payment_id),
            "amount_minor": amount.amount_minor,
            "currency": amount.currency,
            "trace_id": context.current().trace_id,
        },
        now=now,
        # The earlier ones were refused, and the processor keeps that answer under their keys.
        attempt=last.attempt + 1 if last else 1,
    )
    audit.record(
        event_type=f"payment.{kind}_requested", outcome="requested", subject=payment.public_id, amount=amount,
        processor=payment.processor,
        processor_id=str(payment.processor_payment_id), command=kind.value,
    )  # fmt: skip
    return True


def send_capture(*, payment: Payment, now: dt.datetime) -> PaymentFound:
    """Carries the open request of `prepare_capture` out exactly once, and returns what the processor has then.

    Not in a transaction. What was found, a refusal by the bank too, is recorded by the caller with `record_found`,
    and with it the end of a request that was carried out.
    Raises OutcomeUnknown and ProcessorUnavailable, after which a sweeper comes again. Without an open request it is a
    look-up.
    """
    processor = processor_named(payment.processor)
    request = open_capture(payment)
    if request is None:
        return processor.retrieve_payment(str(payment.processor_payment_id))
    try:
        return _carry_out(processor, payment, request, now)
    except OutcomeUnknown as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise


def open_capture(payment: Payment) -> ProcessorRequest | None:
    """The request to take or reserve this payment's money that has no outcome yet."""
    return (
        ProcessorRequest.objects.filter(subject=payment.public_id, kind__in=list(_DONE), finished_at__isnull=True)
        .order_by("-id")
        .first()
    )


def _next_step(payment: Payment) -> RequestKind:
    if payment.status == PaymentStatus.AUTHORIZED:
        return RequestKind.CAPTURE_PAYMENT
    if payment.status == PaymentStatus.APPROVED:
        manual = payment.capture_method == CaptureMethod.MANUAL
        return RequestKind.AUTHORIZE_PAYMENT if manual else RequestKind.CAPTURE_PAYMENT
    raise PaymentInTheWay(f"nothing can be taken from a payment that is {payment.get_status_display()}")


def _carry_out(processor: Processor, payment: Payment, request: ProcessorRequest, now: dt.datetime) -> PaymentFound:
    kind = RequestKind(request.kind)
    payment_id: str = request.body["processor_payment_id"]

    def find() -> PaymentFound | None:
        found = processor.retrieve_payment(payment_id)
        return found if found.status in _DONE[kind] else None

    asked = CaptureRequest(
        reference=payment.public_id,
        processor_payment_id=payment_id,
        processor_authorization_id=_authorization(processor, payment, payment_id, now),
        amount=Money(request.body["amount_minor"], request.body["currency"]),
        trace_id=request.body["trace_id"],
    )
    calls: dict[RequestKind, Callable[..., PaymentFound]] = {
        RequestKind.CAPTURE_PAYMENT: processor.capture_payment,
        RequestKind.AUTHORIZE_PAYMENT: processor.authorize_payment,
    }
    try:
        if payment.is_over:
            # Canceled while the answer was lost: looked at and never sent again.
            raise ProcessorRefused(processor_code="payment_is_over")
        request = outgoing.resume(request, find=find, now=now)
        found = outgoing.perform(request, send=lambda key: calls[kind](asked, idempotency_key=key), find=find, now=now)
    except ProcessorRefused as refused:
        # Canceled, expired, captured by somebody else, declined: the payment itself says which.
        try:
            found = processor.retrieve_payment(payment_id)
        except PaymentGone as gone:
            # Nothing was taken and nothing can be; the look-up of the payment draws the conclusion.
            outgoing.finish_failed(
                request, error_code=gone.processor_code, processor_request_id=gone.processor_request_id, now=now
            )
            raise
        if found.status not in _DONE[kind]:
            outgoing.finish_failed(
                request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
            )
            return found
    if found.status not in _DONE[kind]:
        outgoing.finish_failed(request, error_code=f"payment_{found.status}", processor_request_id="", now=now)
    return found


def _authorization(processor: Processor, payment: Payment, payment_id: str, now: dt.datetime) -> str:
    """The id of the authorization to capture; renewed first where the processor does not stand by it any more."""
    if payment.status != PaymentStatus.AUTHORIZED or not payment.processor_authorization_id:
        return payment.processor_authorization_id
    found = processor.retrieve_payment(payment_id)
    held = found.authorization
    if held is not None:
        _close_renewal(payment, held.processor_authorization_id, now)
    if held is None or held.honored_until is None or held.honored_until > now:
        return held.processor_authorization_id if held is not None else payment.processor_authorization_id
    return _renewed(processor, payment, payment_id, held.processor_authorization_id, held.amount, now)


def _close_renewal(payment: Payment, authorization_id: str, now: dt.datetime) -> None:
    """A renewal whose answer was lost is over once another authorization is there than the one it was for."""
    request = outgoing.latest_request(kind=RequestKind.RENEW_AUTHORIZATION, subject=payment.public_id)
    if request is not None and request.finished_at is None and request.body["authorization"] != authorization_id:
        _finish_renewal(payment, request, authorization_id, now)


def _finish_renewal(payment: Payment, request: ProcessorRequest, authorization_id: str, now: dt.datetime) -> None:
    """Once: another worker may have found it renewed as well."""
    with transaction.atomic():
        if ProcessorRequest.objects.select_for_update().get(id=request.id).finished_at is not None:
            return
        outgoing.finish_succeeded(request, processor_id=authorization_id, now=now)
        audit.record(
            event_type="payment.authorization_renewed", outcome="succeeded", subject=payment.public_id,
            amount=payment.amount, processor=payment.processor, processor_id=authorization_id,
            command=RequestKind.RENEW_AUTHORIZATION.value,
        )  # fmt: skip


def _renewed(
    processor: Processor, payment: Payment, payment_id: str, authorization_id: str, amount: Money, now: dt.datetime
) -> str:
    """PayPal allows it once, from the fourth day on. Refused: the old one is tried, which may still work."""
    with transaction.atomic():
        request = outgoing.latest_request(kind=RequestKind.RENEW_AUTHORIZATION, subject=payment.public_id)
        if request is None:
            request = outgoing.prepare(
                kind=RequestKind.RENEW_AUTHORIZATION, processor=payment.processor, subject=payment.public_id,
                body={"payment": payment.public_id, "authorization": authorization_id}, now=now,
            )  # fmt: skip
    if request.finished_at is not None:
        return authorization_id
    asked = CaptureRequest(payment.public_id, payment_id, authorization_id, amount, context.current().trace_id)

    def find() -> PaymentFound | None:
        found = processor.retrieve_payment(payment_id)
        held = found.authorization
        return found if held is not None and held.processor_authorization_id != authorization_id else None

    try:
        renewed = outgoing.perform(
            request, send=lambda key: processor.renew_authorization(asked, idempotency_key=key), find=find, now=now
        )
    except ProcessorRefused as refused:
        outgoing.finish_failed(
            request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
        )
        return authorization_id
    held = renewed.authorization
    renewed_id = held.processor_authorization_id if held is not None else authorization_id
    _finish_renewal(payment, request, renewed_id, now)
    return renewed_id
