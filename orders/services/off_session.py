"""Charge a saved way to pay without the buyer, once: when an authorization was lost that the buyer had agreed to renew.

Authorization is asked for again, for the same offer. What the bank refuses, or wants the buyer for, is told by e-mail,
and the same payment is confirmed by the buyer on the checkout page.
"""

import datetime as dt

from django.db import transaction

from common import outbox
from orders.enums import OrderStatus
from orders.models import Order
from orders.services.confirm import delivery_of
from orders.services.settle import follow
from orders.services.transition import lock_order
from payments import services as payments
from payments.contracts import ChargeTerms, PaymentDeclined, ProcessorRefused
from payments.enums import CaptureMethod, MethodStatus, PaymentChannel, PaymentStatus
from payments.models import SavedMethod

_NEEDS_THE_BUYER = (PaymentStatus.REQUIRES_PAYMENT_METHOD, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED)


def charge_off_session(*, order_id: int, method_id: int, now: dt.datetime) -> None:
    """Asks the processor once, and the buyer if that does not do. Not in a transaction; twice is the same as once.

    Raises OutcomeUnknown and ProcessorUnavailable, after which the caller comes again.
    """
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        method = SavedMethod.objects.select_related("customer").get(id=method_id)
        if order.status != OrderStatus.AWAITING_PAYMENT or order.expires_at <= now or order.recall_id is not None:
            return
        if method.status != MethodStatus.ACTIVE:
            _bring_back(order)
            return
        prepared = payments.prepare_charge(
            order_reference=order.public_id,
            amount=order.total,
            quote_hash=order.quote_hash,
            receipt_email=order.email,
            now=now,
            terms=ChargeTerms(
                channel=PaymentChannel.OFF_SESSION,
                processor=method.processor,
                capture_method=CaptureMethod(order.capture_method),
                customer_id=method.customer.processor_customer_id or "",
                method_id=method.processor_method_id,
                method_reference=method.public_id,
                delivery=delivery_of(order),
            ),
        )
    try:
        found = payments.open_charge(payment=prepared.payment, request=prepared.request, now=now)
    except (ProcessorRefused, PaymentDeclined):
        with transaction.atomic():
            _bring_back(order)
        return
    settled = follow(order=order, found=found, source="off_session", now=now)
    if settled.payment is not None and settled.payment.status in _NEEDS_THE_BUYER:
        with transaction.atomic():
            _bring_back(order)


def _bring_back(order: Order) -> None:
    outbox.enqueue(
        task="orders.tasks.send_confirm_again",
        kwargs={"order_id": order.id},
        key=f"confirm-again:{order.public_id}",
    )
