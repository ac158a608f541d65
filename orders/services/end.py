"""The ends of an order that was not paid: the buyer goes back, or the time runs out. And voiding what was opened."""

import datetime as dt

import structlog
from django.db import transaction

from catalog.services.stock import release_reservation
from common import outbox
from orders.contracts.order import AlreadyPaid, PaymentRunning
from orders.enums import OrderStatus
from orders.models import Order
from orders.services.settle import apply_found, settle_order
from orders.services.start import withdraw
from orders.services.transition import lock_order, move
from payments import services as payments
from payments.contracts import ProcessorError
from payments.models import Payment

log = structlog.get_logger(__name__)


def cancel_checkout(*, order_id: int, now: dt.datetime) -> Order:
    """The buyer leaves the checkout: stock is free at once, the payment is voided after commit. Not in a transaction.

    The processor is asked first, so that a payment that has just gone through is not canceled but told. Raises
    AlreadyPaid and PaymentRunning; canceling what has ended already changes nothing.
    """
    settle_order(order_id=order_id, source="api", now=now)
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        if order.status == OrderStatus.PAID:
            raise AlreadyPaid()
        if order.status == OrderStatus.PROCESSING:
            raise PaymentRunning()
        if order.status == OrderStatus.AWAITING_PAYMENT:
            withdraw(order, now=now)
    return order


def expire_orders(*, now: dt.datetime, limit: int = 200) -> int:
    """Ends the orders whose time has run out; returns how many. Called by the schedule; two at once are harmless."""
    due = Order.objects.filter(status=OrderStatus.AWAITING_PAYMENT, expires_at__lte=now).order_by("expires_at")
    ended = 0
    for order_id in due.values_list("id", flat=True)[:limit]:
        ended += _expire(order_id, now)
    return ended


def _expire(order_id: int, now: dt.datetime) -> bool:
    try:
        # Paid in the last minute and not told yet? Then it is a sale and not an expiry.
        settle_order(order_id=order_id, source="sweeper", now=now)
    except ProcessorError as error:
        # Holding stock for as long as the processor is away would close the shop; a late payment is refunded.
        log.warning("expiring_without_look_up", order_id=order_id, code=error.code)
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        if order.status != OrderStatus.AWAITING_PAYMENT or order.expires_at > now:
            return False
        move(order, "expired", source="sweeper", now=now)
        release_reservation(reference=order.public_id, now=now)
        outbox.enqueue(
            task="orders.tasks.void_payment", kwargs={"order_id": order.id}, key=f"void:{order.public_id}:expired"
        )
    return True


def void_open_payment(*, order_id: int, now: dt.datetime) -> None:
    """Voids the living payment of an order that has ended unpaid; applies what is found. Not in a transaction.

    If it was paid in the last moment, the money becomes a late payment. Raises OutcomeUnknown and
    ProcessorUnavailable, after which the caller comes again.
    """
    order = Order.objects.get(id=order_id)
    if order.status not in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        return
    payment = Payment.objects.filter(order_reference=order.public_id).order_by("-id").first()
    if payment is None or payment.is_over:
        return
    with transaction.atomic():
        payments.prepare_void(payment=payment, now=now)
    found = payments.void_payment(payment=payment, now=now)
    if found is None:
        with transaction.atomic():
            payments.record_never_created(payment=payment, now=now)
        return
    apply_found(order=order, found=found, source="sweeper", now=now)


def settle_open_payments(*, now: dt.datetime) -> int:
    """The sweeper: asks after every payment that is due, so that a lost webhook costs time and nothing else."""
    asked = 0
    for payment in payments.due_payments(now=now):
        order = Order.objects.get(public_id=payment.order_reference)
        try:
            found = payments.look_up(payment=payment, now=now)
            apply_found(order=order, found=found, source="sweeper", now=now)
            asked += 1
        except ProcessorError as error:
            log.warning("look_up_failed", payment=payment.public_id, code=error.code)
        payments.postpone_look_up(payment=payment, now=now)
    return asked
