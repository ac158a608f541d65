"""Create a charge: one payment object at the processor for one order, whose secret the browser confirms."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from common import audit, context
from common.ids import new_public_id
from common.models import AuditRecord
from common.money import Money
from common.rows import fetch_first
from common.writes import Writes
from payments.contracts import (
    ChargeRequest,
    ChargeTerms,
    OutcomeUnknown,
    PaymentDeclined,
    PaymentFound,
    PaymentInTheWay,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import TERMINAL_PAYMENT_STATUSES, CaptureMethod, PaymentChannel, PaymentStatus, RequestKind
from payments.models import Payment, PaymentEvent, ProcessorRequest, SavedMethod
from payments.processors import processor_named
from payments.services import delivery, outgoing
from payments.services.record import FIRST_LOOK_UP
from payments.services.replace import make_way

# A card on our own page, taken at once.
CARD = ChargeTerms()
_ALIVE = "WHERE order_reference = %s AND channel = %s AND status NOT IN ('canceled', 'failed') ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class PreparedCharge:
    """`request` is set when the payment is new: it has not been sent yet."""

    payment: Payment
    request: ProcessorRequest | None


def create_charge(
    *,
    order_reference: str,
    amount: Money,
    quote_hash: str,
    receipt_email: str,
    now: dt.datetime,
    terms: ChargeTerms = CARD,
) -> PaymentFound:
    """Prepares and opens a charge in one call, for callers that have nothing else to write. Not in a transaction."""
    with transaction.atomic():
        prepared = prepare_charge(
            order_reference=order_reference, amount=amount, quote_hash=quote_hash, receipt_email=receipt_email, now=now,
            terms=terms,
        )  # fmt: skip
    return open_charge(payment=prepared.payment, request=prepared.request, now=now)


def prepare_charge(
    *,
    order_reference: str,
    amount: Money,
    quote_hash: str,
    receipt_email: str,
    now: dt.datetime,
    terms: ChargeTerms = CARD,
) -> PreparedCharge:
    """The order's living payment on the channel, or a new one with its request written. In the caller's transaction.

    The caller holds the order's lock. One that the buyer has not paid, and that can't be told with what it is paid now,
    gives way to a new one. Raises PaymentInTheWay when the living payment is for something else.
    """
    alive = fetch_first(Payment, _ALIVE, [order_reference, terms.channel])
    if alive is not None:
        if (alive.amount, alive.quote_hash) != (amount, quote_hash):
            raise PaymentInTheWay("another amount of this order is being paid")
        if not make_way(alive=alive, terms=terms, now=now):
            return PreparedCharge(alive, None)
    payment = Payment(
        public_id=new_public_id("pay"),
        order_reference=order_reference,
        processor=terms.processor,
        channel=terms.channel,
        capture_method=terms.capture_method,
        saves_method=terms.saves_method,
        consent_text=terms.consent_text,
        consented_at=now if terms.saves_method else None,
        saved_method=_saved(terms),
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        quote_hash=quote_hash,
        status=PaymentStatus.CREATED,
        created_at=now,
        updated_at=now,
        next_look_up_at=now + FIRST_LOOK_UP,
    )
    request = _request(payment, receipt_email, terms, now)
    writes = Writes()
    writes.insert("payment", payment)
    writes.insert("request", request)
    writes.insert("audit", _requested(payment))
    ids = writes.execute()
    payment.id, request.id = ids["payment"][0], ids["request"][0]
    return PreparedCharge(payment, request)


def _saved(terms: ChargeTerms) -> SavedMethod | None:
    return SavedMethod.objects.get(public_id=terms.method_reference) if terms.method_reference else None


def _request(payment: Payment, receipt_email: str, terms: ChargeTerms, now: dt.datetime) -> ProcessorRequest:
    return outgoing.build(
        kind=RequestKind.CREATE_HOSTED if terms.channel == PaymentChannel.HOSTED else RequestKind.CREATE_PAYMENT,
        processor=payment.processor,
        subject=payment.public_id,
        body={
            "order": payment.order_reference,
            "payment": payment.public_id,
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
            "quote_hash": payment.quote_hash,
            "receipt_email": receipt_email,
            "trace_id": context.current().trace_id,
            "capture_method": terms.capture_method.value,
            "customer_id": terms.customer_id,
            "method_id": terms.method_id,
            "is_off_session": int(terms.channel == PaymentChannel.OFF_SESSION),
            "saves_method": int(terms.saves_method),
            "return_url": terms.return_url,
            "cancel_url": terms.cancel_url,
            "hosted_lines": terms.hosted_lines,
            "hosted_until": terms.hosted_until,
            **delivery.packed(terms.delivery),
        },
        now=now,
    )


def _requested(payment: Payment) -> AuditRecord:
    return audit.entry(
        event_type="payment.requested",
        outcome="requested",
        subject=payment.public_id,
        amount=payment.amount,
        processor=payment.processor,
        command="create_charge",
    )


def open_charge(*, payment: Payment, now: dt.datetime, request: ProcessorRequest | None = None) -> PaymentFound:
    """What the processor has for this payment, made there first if it is new. Not in a transaction.

    `request` is what `prepare_charge` has just written, to save reading it again. A lost answer is looked up once at
    once, for the buyer who waits; still lost, OutcomeUnknown is raised and the sweeper goes on. Raises
    ProcessorUnavailable and ProcessorRefused too. What was found, and with it the end of the request, is recorded by
    the caller with `record_found`.
    """
    processor = processor_named(payment.processor)
    if payment.processor_payment_id:
        return processor.retrieve_payment(payment.processor_payment_id)
    if request is None:
        request = taken_up(payment=payment, kind=RequestKind.CREATE_PAYMENT, now=now)
        if request is None:
            return _found_while_voided(payment)
    try:
        request = outgoing.resume(request, find=lambda: _find(payment), now=now)
        found = _create_or_find(payment, request, now)
    except OutcomeUnknown as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        if payment.status == PaymentStatus.CREATED:
            mark(payment, PaymentStatus.UNKNOWN, "answer_lost", now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    except (ProcessorRefused, PaymentDeclined) as refused:
        # A decline is raised only where no payment was made; otherwise the payment that was made says it.
        _refuse(payment, request, refused, now)
        raise
    return found


def _create_or_find(payment: Payment, request: ProcessorRequest, now: dt.datetime) -> PaymentFound:
    processor = processor_named(payment.processor)
    charge = _as_asked(payment, request)

    def send(key: str) -> PaymentFound:
        return processor.create_payment(charge, idempotency_key=key)

    try:
        return outgoing.perform(request, send=send, find=lambda: _find(payment), now=now)
    except OutcomeUnknown:
        found = outgoing.look_again(request, send=send, find=lambda: _find(payment), now=now)
        if found is None:
            raise
        return found


def _as_asked(payment: Payment, request: ProcessorRequest) -> ChargeRequest:
    """From the stored body alone, so that a key never carries another body."""
    body = request.body
    return ChargeRequest(
        reference=payment.public_id,
        order_reference=payment.order_reference,
        amount=payment.amount,
        quote_hash=payment.quote_hash,
        receipt_email=body["receipt_email"],
        trace_id=body["trace_id"],
        capture_method=CaptureMethod(body["capture_method"]),
        customer_id=body["customer_id"],
        method_id=body["method_id"],
        is_off_session=bool(body["is_off_session"]),
        saves_method=bool(body["saves_method"]),
        return_url=body["return_url"],
        cancel_url=body["cancel_url"],
        delivery=delivery.unpacked(body),
    )


def _find(payment: Payment) -> PaymentFound | None:
    return processor_named(payment.processor).find_payment(payment.public_id, since=payment.created_at)


def taken_up(*, payment: Payment, kind: RequestKind, now: dt.datetime) -> ProcessorRequest | None:
    """The request that makes the payment, marked as being sent once more; None once the payment is to be voided.

    Under the lock under which a void is asked for, so that a payment is not made by one while another finds that there
    is none and calls it off.
    """
    with transaction.atomic():
        Payment.objects.select_for_update().get(id=payment.id)
        if outgoing.latest_request(kind=RequestKind.CANCEL_PAYMENT, subject=payment.public_id) is not None:
            return None
        request = outgoing.latest_request(kind=kind, subject=payment.public_id)
        if request is not None:
            outgoing.extend_lease(request, now=now)
    return request


def _found_while_voided(payment: Payment) -> PaymentFound:
    found = _find(payment)
    if found is None:
        raise ProcessorUnavailable("this payment is being canceled")
    return found


def _refuse(payment: Payment, request: ProcessorRequest, refused: ProcessorError, now: dt.datetime) -> None:
    with transaction.atomic():
        outgoing.finish_failed(
            request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
        )
        mark(payment, PaymentStatus.FAILED, "refused", now)
        audit.record(
            event_type="payment.refused", outcome="failed", subject=payment.public_id, amount=payment.amount,
            processor=payment.processor, failure_code=refused.processor_code, command="create_charge",
        )  # fmt: skip


def mark(payment: Payment, status: PaymentStatus, event: str, now: dt.datetime) -> None:
    """Moves a payment that nobody else has moved meanwhile."""
    with transaction.atomic():
        moved = Payment.objects.filter(id=payment.id, status=payment.status).update(
            status=status, updated_at=now, **({"next_look_up_at": None} if status in TERMINAL_PAYMENT_STATUSES else {})
        )
        if moved:
            PaymentEvent.objects.create(
                payment=payment, event=event, from_status=payment.status, to_status=status, source="api",
                trace_id=context.current().trace_id, occurred_at=now,
            )  # fmt: skip
            payment.status = status
