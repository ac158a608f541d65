"""A way to pay that the processor has kept only after it took the money: its news name it, and the order it came with.

PayPal answers a capture as soon as it has the money; the buyer's account may be kept some seconds or hours later.
"""

import datetime as dt

from django.db import transaction

from orders.services.settle import keep_method, settle_payment
from orders.services.transition import lock_order
from payments.contracts import UnknownMethod, UnknownPayment
from payments.enums import PaymentStatus
from payments.models import Payment
from payments.services import saved

_PAID = (PaymentStatus.SUCCEEDED, PaymentStatus.AUTHORIZED)


def keep_late_method(
    *, processor: str, processor_method_id: str, processor_payment_id: str, source: str, now: dt.datetime
) -> None:
    """Keeps it for the buyer who paid with it and agreed. Not in a transaction; twice is the same as once.

    The payment is asked after first: the news may come before the answer to its capture. Nothing is kept of a payment
    that came to nothing, and nothing that is gone again. Raises UnknownMethod where nobody here has agreed to keep it,
    and the errors of `payments.contracts`.
    """
    try:
        settled = settle_payment(
            processor=processor, processor_payment_id=processor_payment_id, payment_reference=None, source=source,
            now=now,
        )  # fmt: skip
    except UnknownPayment as error:
        raise UnknownMethod() from error
    if settled.payment is None or not settled.payment.saves_method:
        raise UnknownMethod()
    method = saved.look_up_method(processor=processor, processor_method_id=processor_method_id)
    if method is None:
        return
    with transaction.atomic():
        order = lock_order(order_id=settled.order.id)
        payment = Payment.objects.select_for_update(of=("self",)).get(id=settled.payment.id)
        if payment.status in _PAID:
            keep_method(order=order, payment=payment, method=method, source=source, now=now)
