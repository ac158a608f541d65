"""Take what the artisans have accepted of an authorized order."""

import datetime as dt

from orders.enums import OrderStatus
from orders.models import Order
from orders.services.settle import Settled, apply_found
from payments import services as payments
from payments.models import Payment


def capture_order(*, order_id: int, source: str, now: dt.datetime) -> Settled:
    """Carries the prepared capture out exactly once and applies what is found. Not in a transaction.

    If the processor has let the money go, the order comes to nothing and the buyer is told. Raises OutcomeUnknown and
    ProcessorUnavailable, after which the caller comes again.
    """
    order = Order.objects.get(id=order_id)
    payment = Payment.objects.filter(public_id=order.payment_reference).first()
    if order.status != OrderStatus.CAPTURING or payment is None or payment.is_over:
        return Settled(order, payment, None)
    found = payments.send_capture(payment=payment, now=now)
    return apply_found(order=order, found=found, source=source, now=now)
