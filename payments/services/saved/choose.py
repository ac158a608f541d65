"""With what an order is paid: a saved way to pay, a new one, or a new one that is kept."""

import dataclasses
import datetime as dt

from common import context
from payments.contracts import ChargeTerms, MethodChoice, PaymentFound, PaymentInTheWay, UnknownMethod
from payments.enums import MethodStatus, PaymentStatus, RequestKind, RequestState
from payments.models import Payment, ProcessorRequest, SavedMethod
from payments.processors import keeper_of
from payments.services import outgoing
from payments.services.carry_out import carry_out
from payments.services.saved.consent import CONSENT, check_consent
from payments.services.saved.customers import ensure_customer
from payments.services.saved.manage import MethodUnusable
from payments.services.saved.moves import method_of

_OPEN = (
    PaymentStatus.CREATED,
    PaymentStatus.UNKNOWN,
    PaymentStatus.REQUIRES_PAYMENT_METHOD,
    PaymentStatus.REQUIRES_ACTION,
)


def with_method(
    *,
    terms: ChargeTerms,
    user_id: int | None,
    method_reference: str,
    saves_method: bool,
    now: dt.datetime,
    consent_text: str = CONSENT,
) -> ChargeTerms:
    """The terms with the user's saved method, or with the wish to keep the new one. Not in a transaction.

    `consent_text` are the words that were shown beside the wish. A guest's wish needs no customer: what is paid with
    can be attached to one later. Raises UnknownMethod (also for somebody else's), MethodUnusable, ConsentChanged, and
    the errors of `payments.contracts`.
    """
    if method_reference:
        if user_id is None:
            raise UnknownMethod()
        method = method_of(user_id=user_id, public_id=method_reference)
        if method.status != MethodStatus.ACTIVE or method.processor != terms.processor:
            raise MethodUnusable()
        return dataclasses.replace(
            terms,
            customer_id=method.customer.processor_customer_id or "",
            method_id=method.processor_method_id,
            method_reference=method.public_id,
        )
    if not saves_method:
        return terms
    check_consent(consent_text)
    terms = dataclasses.replace(terms, saves_method=True, consent_text=consent_text)
    if user_id is None:
        return terms
    customer = ensure_customer(user_id=user_id, processor=terms.processor, now=now)
    return dataclasses.replace(terms, customer_id=customer.processor_customer_id or "")


def prepare_choice(*, payment: Payment, terms: ChargeTerms, now: dt.datetime) -> ProcessorRequest | None:
    """Writes down that the open payment is to be paid as the terms say; None when that is what it says already.

    In the caller's transaction, which holds the order's lock. Raises PaymentInTheWay while another choice is on its
    way to the processor.
    """
    method = SavedMethod.objects.filter(public_id=terms.method_reference).first() if terms.method_reference else None
    wanted = (method.id if method is not None else None, terms.saves_method)
    last = outgoing.latest_request(kind=RequestKind.CHOOSE_METHOD, subject=payment.public_id)
    was_heard = last is None or last.state == RequestState.SUCCEEDED
    if was_heard and (payment.saved_method_id, payment.saves_method) == wanted:
        return None
    if payment.status not in _OPEN or not keeper_of(payment.processor).can_choose_later:
        return None
    if last is not None and last.finished_at is None:
        if outgoing.is_in_hand(last, now=now):
            raise PaymentInTheWay("another way to pay is being chosen; try again in a moment")
        outgoing.finish_failed(last, error_code="superseded", processor_request_id="", now=now)
    payment.saved_method, payment.saves_method, payment.updated_at = method, terms.saves_method, now
    payment.consent_text, payment.consented_at = terms.consent_text, now if terms.saves_method else None
    payment.save(update_fields=["saved_method", "saves_method", "consent_text", "consented_at", "updated_at"])
    return outgoing.prepare(
        kind=RequestKind.CHOOSE_METHOD,
        processor=payment.processor,
        subject=payment.public_id,
        body={
            "customer_id": terms.customer_id,
            "method_id": terms.method_id,
            "saves_method": int(terms.saves_method),
            "trace_id": context.current().trace_id,
        },
        now=now,
        attempt=last.attempt + 1 if last is not None else 1,
    )


def send_choice(
    *, payment: Payment, processor_payment_id: str, request: ProcessorRequest, now: dt.datetime
) -> PaymentFound:
    """Tells the processor, which has the payment by now. Not in a transaction. Raises the errors of
    `payments.contracts`."""
    keeper, body = keeper_of(payment.processor), request.body
    choice = MethodChoice(
        processor_payment_id=processor_payment_id,
        customer_id=body["customer_id"],
        method_id=body["method_id"],
        saves_method=bool(body["saves_method"]),
    )
    # Saying it again under the same key changes nothing, so there is nothing to look up before.
    request, found = carry_out(
        request, send=lambda key: keeper.choose_method(choice, idempotency_key=key), find=lambda: None, now=now
    )
    outgoing.finish_succeeded(request, processor_id=found.processor_payment_id, now=now)
    return found


def resume_choice(*, payment: Payment, request: ProcessorRequest, now: dt.datetime) -> None:
    """By the sweeper: a choice whose answer was lost is left; the buyer's next one says it anew."""
    outgoing.finish_failed(request, error_code="answer_lost_not_repeated", processor_request_id="", now=now)
