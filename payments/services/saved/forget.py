"""What a guest wished to have kept and nobody has come for is forgotten at the processor.

PayPal keeps an account together with the payment or not at all, so a guest's is there before the guest has an account
here. A card of Stripe's that belongs to no customer needs no forgetting: it can't be charged again.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction

from common import audit, outbox
from payments.contracts import MethodFound, PaymentInTheWay
from payments.enums import RequestKind
from payments.models import Payment, SavedMethod
from payments.services import outgoing
from payments.services.saved.manage import carry_out_detaching


def forget_later(*, payment: Payment, found: MethodFound, now: dt.datetime) -> None:
    """Leaves word, in the caller's transaction, to look after GUEST_METHOD_DAYS whether somebody has come for it."""
    if found.processor_customer_id:
        outbox.enqueue(
            task="payments.tasks.forget_unclaimed_method",
            kwargs={"payment_id": payment.id, "processor_method_id": found.processor_method_id},
            key=f"forget:{payment.public_id}",
            available_at=now + settings.GUEST_METHODS_KEPT,
        )


def forget_unclaimed_method(*, payment_id: int, processor_method_id: str, now: dt.datetime) -> None:
    """Has the processor forget it, unless it has become somebody's. Not in a transaction; twice is the same as once.

    Raises PaymentInTheWay while it is being attached to a new user, and the errors of `payments.contracts`.
    """
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(id=payment_id)
        request = outgoing.latest_request(kind=RequestKind.DETACH_METHOD, subject=payment.public_id)
        if request is None:
            if SavedMethod.objects.filter(processor_method_id=processor_method_id).exists():
                return
            claim = outgoing.latest_request(kind=RequestKind.ATTACH_METHOD, subject=payment.public_id)
            if claim is not None and claim.finished_at is None:
                raise PaymentInTheWay("it is being kept for somebody who has registered")
            payment.saves_method = False
            payment.save(update_fields=["saves_method"])
            request = outgoing.prepare(
                kind=RequestKind.DETACH_METHOD,
                processor=payment.processor,
                subject=payment.public_id,
                body={"processor_method_id": processor_method_id},
                now=now,
            )
            audit.record(
                event_type="method.forgotten", outcome="requested", subject=payment.public_id,
                processor=payment.processor, processor_id=processor_method_id, command="forget_unclaimed_method",
            )  # fmt: skip
    if request.finished_at is None:
        carry_out_detaching(request, now=now)
