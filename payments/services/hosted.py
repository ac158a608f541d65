"""The processor's own payment page: the prices it shows, the page itself, and what became of it."""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from common import context
from common.ids import new_public_id
from common.money import Money
from payments.contracts import (
    HostedFound,
    HostedLine,
    HostedRequest,
    OutcomeUnknown,
    PaymentFound,
    PriceFound,
    PriceRequest,
    PriceWish,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import CaptureMethod, PaymentStatus, RequestKind, RequestState
from payments.models import Payment, ProcessorPrice, ProcessorRequest
from payments.processors import HostedProcessor, hosted_page_of, processor_named
from payments.services import delivery, outgoing
from payments.services.carry_out import carry_out
from payments.services.charge import mark, taken_up

_PROCESSOR = "stripe"


def ensure_prices(*, wishes: Sequence[PriceWish], now: dt.datetime) -> str:
    """The lines of a page for these wishes, as `ChargeTerms.hosted_lines` wants them. Not in a transaction.

    A price is registered once per product, name, amount and mode, and never changed. Raises the errors of
    `payments.contracts`; what was registered until then is found again.
    """
    return ",".join(f"{_price_id(wish, now)}:{wish.quantity}" for wish in wishes)


def open_hosted(*, payment: Payment, request: ProcessorRequest | None, now: dt.datetime) -> HostedFound:
    """The open page of this payment, made if it is new. Not in a transaction.

    Raises OutcomeUnknown and ProcessorUnavailable (ask again), and ProcessorRefused, also for a page whose total is not
    ours: that one is closed at once and nobody is sent there.
    """
    page = hosted_page_of(payment.processor)
    if payment.hosted_session_id:
        return page.retrieve_hosted(payment.hosted_session_id)
    request = request or taken_up(payment=payment, kind=RequestKind.CREATE_HOSTED, now=now)
    if request is None:
        raise ProcessorUnavailable("this payment is being canceled")
    try:
        found = _create_or_find(page, payment, request, now)
    except OutcomeUnknown as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    except ProcessorRefused as refused:
        outgoing.finish_failed(
            request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
        )
        mark(payment, PaymentStatus.FAILED, "refused", now)
        raise
    with transaction.atomic():
        Payment.objects.filter(id=payment.id, hosted_session_id__isnull=True).update(
            hosted_session_id=found.processor_session_id, updated_at=now
        )
        outgoing.finish_succeeded(request, processor_id=found.processor_session_id, now=now)
        mark(payment, PaymentStatus.REQUIRES_PAYMENT_METHOD, "accepted", now)
    payment.hosted_session_id = found.processor_session_id
    return found


def look_up_hosted(*, payment: Payment, now: dt.datetime) -> PaymentFound | None:
    """The payment behind the page; None while the buyer has not sent the form, or never will. Not in a transaction."""
    page = hosted_page_of(payment.processor)
    if payment.hosted_session_id:
        session: HostedFound | None = page.retrieve_hosted(payment.hosted_session_id)
    else:
        session = page.find_hosted(payment.public_id, since=payment.created_at)
    if session is None or not session.processor_payment_id:
        return None
    return processor_named(payment.processor).retrieve_payment(session.processor_payment_id)


def close_hosted(*, payment: Payment, key: str) -> PaymentFound | None:
    """Closes the page, so that nobody pays there any more; what was paid before is found. Not in a transaction.

    What was reserved on it is let go. Stripe cancels a payment behind its page then, and only then:
    https://docs.stripe.com/api/payment_intents/cancel
    """
    page = hosted_page_of(payment.processor)
    session_id = payment.hosted_session_id
    if not session_id:
        found = page.find_hosted(payment.public_id, since=payment.created_at)
        session_id = found.processor_session_id if found is not None else ""
    if session_id:
        # Refused when it is closed or paid already: the look-up tells which.
        with contextlib.suppress(ProcessorRefused):
            page.expire_hosted(session_id, idempotency_key=key)
    found_payment = look_up_hosted(payment=payment, now=payment.updated_at)
    if found_payment is None or found_payment.status != PaymentStatus.AUTHORIZED:
        return found_payment
    return _let_go(payment.processor, found_payment.processor_payment_id, key)


def _let_go(name: str, processor_payment_id: str, key: str) -> PaymentFound:
    processor = processor_named(name)
    try:
        # The key itself has closed the page, and a key is for one call.
        return processor.cancel_payment(processor_payment_id, idempotency_key=f"{key}:authorized")
    except ProcessorRefused:
        return processor.retrieve_payment(processor_payment_id)


def _create_or_find(
    page: HostedProcessor, payment: Payment, request: ProcessorRequest, now: dt.datetime
) -> HostedFound:
    asked = _as_asked(payment, request)

    def find() -> HostedFound | None:
        return page.find_hosted(payment.public_id, since=payment.created_at)

    request = outgoing.resume(request, find=find, now=now)
    found = outgoing.perform(
        request, send=lambda key: page.create_hosted(asked, idempotency_key=key), find=find, now=now
    )
    if found.total != asked.total:
        page.expire_hosted(found.processor_session_id, idempotency_key=f"{request.idempotency_key}:wrong_total")
        raise ProcessorRefused("the page asks for another amount", processor_code="hosted_total_differs")
    return found


def _as_asked(payment: Payment, request: ProcessorRequest) -> HostedRequest:
    """From the stored body alone, so that a key never carries another body."""
    body = request.body
    lines = [line.rpartition(":") for line in str(body["hosted_lines"]).split(",")]
    return HostedRequest(
        reference=payment.public_id,
        order_reference=payment.order_reference,
        lines=tuple(HostedLine(price_id, int(quantity)) for price_id, _, quantity in lines),
        total=payment.amount,
        quote_hash=payment.quote_hash,
        receipt_email=body["receipt_email"],
        success_url=body["return_url"],
        cancel_url=body["cancel_url"],
        expires_at=dt.datetime.fromisoformat(body["hosted_until"]),
        trace_id=body["trace_id"],
        capture_method=CaptureMethod(body["capture_method"]),
        delivery=delivery.unpacked(body),
    )


def register_price(*, request: ProcessorRequest, now: dt.datetime) -> None:
    """Brings an open request for a price to its end, whoever may want the price. Not in a transaction.

    Raises the errors of `payments.contracts`.
    """
    _registered(ProcessorPrice.objects.get(public_id=request.subject), now)


def _price_id(wish: PriceWish, now: dt.datetime) -> str:
    return _registered(_known_price(wish, now), now)


def _known_price(wish: PriceWish, now: dt.datetime) -> ProcessorPrice:
    price, _ = ProcessorPrice.objects.get_or_create(
        processor=_PROCESSOR,
        livemode=settings.ENVIRONMENT == "production",
        subject=wish.subject,
        name=wish.name[:200],
        amount_minor=wish.amount.amount_minor,
        currency=wish.amount.currency,
        defaults={"public_id": new_public_id("prc"), "created_at": now},
    )
    return price


def _registered(price: ProcessorPrice, now: dt.datetime) -> str:
    if price.processor_price_id is None:
        price.processor_price_id = _register(price, now)
        ProcessorPrice.objects.filter(id=price.id, processor_price_id__isnull=True).update(
            processor_price_id=price.processor_price_id
        )
    return price.processor_price_id


def _register(price: ProcessorPrice, now: dt.datetime) -> str:
    page = hosted_page_of(_PROCESSOR)
    request = _price_request(price, now)
    asked = PriceRequest(
        price.public_id, price.name, Money(price.amount_minor, price.currency), request.body["trace_id"]
    )

    def find() -> PriceFound | None:
        return page.find_price(price.public_id)

    request, found = carry_out(
        request, send=lambda key: page.create_price(asked, idempotency_key=key), find=find, now=now
    )
    outgoing.finish_succeeded(request, processor_id=found.processor_price_id, now=now)
    return found.processor_price_id


def _price_request(price: ProcessorPrice, now: dt.datetime) -> ProcessorRequest:
    with transaction.atomic():
        ProcessorPrice.objects.select_for_update().get(id=price.id)
        last = outgoing.latest_request(kind=RequestKind.CREATE_PRICE, subject=price.public_id)
        if last is not None and last.state != RequestState.FAILED:
            return last
        # The earlier one was refused, and the processor keeps that answer under its key.
        return outgoing.prepare(
            kind=RequestKind.CREATE_PRICE,
            processor=_PROCESSOR,
            subject=price.public_id,
            body={
                "price": price.public_id,
                "name_hash": hashlib.sha256(price.name.encode()).hexdigest(),
                "amount_minor": price.amount_minor,
                "currency": price.currency,
                "trace_id": context.current().trace_id,
            },
            now=now,
            attempt=last.attempt + 1 if last is not None else 1,
        )
