"""A buyer who changes how an open payment is paid, where the processor takes that once and for all.

A PayPal order is made with a kept account, to keep a new one, or neither. Another wish is another order, and the first
one, which took nothing and which only we could take, is over.
"""

import datetime as dt

from common import audit, context
from payments.contracts import ChargeTerms, PaymentInTheWay
from payments.enums import PaymentStatus, RequestKind
from payments.models import Payment, PaymentEvent, ProcessorRequest
from payments.processors import keeper_of

# Known to the processor, and waiting for the buyer.
_WAITING = (PaymentStatus.REQUIRES_PAYMENT_METHOD, PaymentStatus.REQUIRES_ACTION)
_TAKING = (RequestKind.CAPTURE_PAYMENT, RequestKind.AUTHORIZE_PAYMENT)


def make_way(*, alive: Payment, terms: ChargeTerms, now: dt.datetime) -> bool:
    """Ends the payment if it is to be paid in another way than it was made for; whether it did.

    In the caller's transaction, under the order's lock. Raises PaymentInTheWay while it may be taking money.
    """
    if keeper_of(alive.processor).can_choose_later or _is_as_wished(alive, terms):
        return False
    alive = Payment.objects.select_for_update().get(id=alive.id)
    is_being_taken = ProcessorRequest.objects.filter(
        subject=alive.public_id, kind__in=_TAKING, finished_at__isnull=True
    ).exists()
    if alive.status not in _WAITING or is_being_taken:
        raise PaymentInTheWay("this order is being paid with PayPal; try again in a moment")
    previous = alive.status
    Payment.objects.filter(id=alive.id).update(
        status=PaymentStatus.CANCELED, updated_at=now, next_look_up_at=None
    )  # fmt: skip
    PaymentEvent.objects.create(
        payment=alive, event="voided", from_status=previous, to_status=PaymentStatus.CANCELED, source="api",
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip
    audit.record(
        event_type="payment.voided", outcome="succeeded", subject=alive.public_id, amount=alive.amount,
        processor=alive.processor, processor_id=alive.processor_payment_id or "", failure_code="paid_otherwise",
    )  # fmt: skip
    return True


def _is_as_wished(alive: Payment, terms: ChargeTerms) -> bool:
    method = alive.saved_method.public_id if alive.saved_method is not None else ""
    return (method, alive.saves_method) == (terms.method_reference, terms.saves_method)
