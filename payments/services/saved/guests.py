"""A guest who ticked "keep this" and registered afterwards: what was paid with is attached to the new customer."""

import datetime as dt

from django.db import transaction

from payments.contracts import MethodFound
from payments.enums import RequestKind
from payments.models import Payment, ProcessorRequest, SavedMethod
from payments.processors import keeper_of, processor_named
from payments.services import outgoing
from payments.services.carry_out import carry_out
from payments.services.saved.customers import ensure_customer
from payments.services.saved.keep import record_method


def keep_guest_method(*, payment_id: int, user_id: int, now: dt.datetime) -> SavedMethod | None:
    """Keeps what the payment was made with for the user who has claimed its order. Not in a transaction.

    Only with what the guest agreed to when paying: Stripe lets a card be kept afterwards only if that was said with
    the payment. None when there is nothing to be kept. Raises the errors of `payments.contracts`.
    """
    payment = Payment.objects.get(id=payment_id)
    if not payment.saves_method or payment.saved_method_id is not None or payment.processor_payment_id is None:
        return payment.saved_method
    found = _what_was_kept(payment)
    if found is None:
        return None
    customer = ensure_customer(user_id=user_id, processor=payment.processor, now=now)
    with transaction.atomic():
        if not Payment.objects.select_for_update().get(id=payment.id).saves_method:
            return None  # forgotten a moment ago
        request = outgoing.latest_request(kind=RequestKind.ATTACH_METHOD, subject=payment.public_id)
        if request is None:
            request = outgoing.prepare(
                kind=RequestKind.ATTACH_METHOD,
                processor=payment.processor,
                subject=payment.public_id,
                body={
                    "user_id": user_id,
                    "processor_method_id": found.processor_method_id,
                    "customer_id": customer.processor_customer_id or "",
                },
                now=now,
            )
    if request.finished_at is not None:
        return None
    return attach_method(payment=payment, request=request, now=now)


def _what_was_kept(payment: Payment) -> MethodFound | None:
    """From the payment, or, of what the processor kept after it, from the news that named it."""
    found = processor_named(payment.processor).retrieve_payment(str(payment.processor_payment_id)).method
    if found is None and payment.kept_method_id:
        return keeper_of(payment.processor).retrieve_method(payment.kept_method_id)
    return found


def attach_method(*, payment: Payment, request: ProcessorRequest, now: dt.datetime) -> SavedMethod | None:
    """Carries the request out; also called by the sweeper. Not in a transaction."""
    keeper, body = keeper_of(request.processor), request.body

    def find() -> MethodFound | None:
        found = keeper.retrieve_method(body["processor_method_id"])
        return found if found is not None and found.processor_customer_id == body["customer_id"] else None

    def send(key: str) -> MethodFound:
        return keeper.attach_method(body["processor_method_id"], body["customer_id"], idempotency_key=key)

    request, found = carry_out(request, send=send, find=find, now=now)
    with transaction.atomic():
        outgoing.finish_succeeded(request, processor_id=found.processor_method_id, now=now)
        method = record_method(
            processor=payment.processor,
            user_id=body["user_id"],
            found=found,
            consent_text=payment.consent_text,
            consented_at=payment.consented_at or payment.created_at,
            source="api",
            now=now,
        )
        Payment.objects.filter(id=payment.id).update(saved_method=method)
    return method
