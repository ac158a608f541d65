"""Take what the artisans have accepted of an authorized order."""

import datetime as dt

from django.db import transaction

from orders.enums import OrderStatus
from orders.models import Order
from orders.selectors.orders import charged_for
from orders.services.settle import Settled, apply_found
from orders.services.transition import lock_order
from payments import services as payments
from payments.enums import PaymentStatus
from payments.models import Payment


def capture_order(*, order_id: int, source: str, now: dt.datetime) -> Settled:
    """Carries the prepared capture out exactly once and applies what is found. Not in a transaction.

    One that was refused while the money is still held is asked for anew: the artisans have accepted, and wait.
    If the processor has let the money go, the order comes to nothing and the buyer is told. Raises OutcomeUnknown and
    ProcessorUnavailable, after which the caller comes again.
    """
    order = Order.objects.get(id=order_id)
    payment = Payment.objects.filter(public_id=order.payment_reference).first()
    if order.status != OrderStatus.CAPTURING or payment is None or payment.is_over:
        return Settled(order, payment, None)
    if payment.status == PaymentStatus.AUTHORIZED and payments.open_capture(payment) is None:
        _prepare_again(order, payment, now)
    found = payments.send_capture(payment=payment, now=now)
    return apply_found(order=order, found=found, source=source, now=now)


def _prepare_again(order: Order, payment: Payment, now: dt.datetime) -> None:
    with transaction.atomic():
        order = lock_order(order_id=order.id)
        if order.status == OrderStatus.CAPTURING:
            payments.prepare_capture(payment=payment, amount=charged_for(order), now=now)
