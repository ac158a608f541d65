"""The ends of an order that was not paid: the buyer goes back, or the time runs out. And voiding what was opened."""

import datetime as dt

import structlog
from django.db import transaction

from catalog.services.stock import release_reservation
from common import outbox
from common.one_by_one import one_by_one
from common.rows import fetch_one
from orders.contracts.order import AlreadyPaid, PaymentRunning
from orders.enums import PLACED, OrderStatus
from orders.models import Order
from orders.selectors.orders import payments_of
from orders.services.capture import capture_order
from orders.services.fulfilment import cancel_parts
from orders.services.settle import apply_found, follow, settle_order
from orders.services.start import withdraw
from orders.services.transition import lock_order, move
from payments import services as payments
from payments.contracts import ProcessorError
from payments.enums import PaymentStatus
from payments.models import Payment

log = structlog.get_logger(__name__)

# Unpaid, or paid with money that goes back: nothing more is to be paid for it.
_CAME_TO_NOTHING = (
    OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REFUNDING, OrderStatus.REFUNDED, OrderStatus.REFUND_FAILED
)  # fmt: skip
# A processor that does not answer is left alone for the rest of a run: each question may take as long as a time-out.
_LOST_ANSWERS_PER_RUN = 3


def cancel_checkout(*, order_id: int, now: dt.datetime) -> Order:
    """The buyer leaves the checkout: stock is free at once, the payment is voided after commit. Not in a transaction.

    The processor is asked first, so that a payment that has just gone through is not canceled but told. Raises
    AlreadyPaid and PaymentRunning; canceling what has ended already changes nothing. Of an order that pays a refund
    back this gives up the one payment; the request stays, and is declined on its own page.
    """
    settle_order(order_id=order_id, source="api", now=now)
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        if order.status in PLACED:
            raise AlreadyPaid()
        if order.status == OrderStatus.PROCESSING:
            raise PaymentRunning()
        if order.status == OrderStatus.AWAITING_PAYMENT:
            withdraw(order, now=now)
    return order


def expire_orders(*, now: dt.datetime, limit: int = 200) -> int:
    """Ends the orders whose time has run out; returns how many. Called by the schedule; two at once are harmless."""
    due = Order.objects.filter(status=OrderStatus.AWAITING_PAYMENT, expires_at__lte=now).order_by("expires_at")
    run = _Expiry(now)
    one_by_one(due.values_list("id", flat=True)[:limit], run.end)
    return run.ended


class _Expiry:
    """One run: how many were ended, and how often the processor gave no answer."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._lost = 0
        self.ended = 0

    def end(self, order_id: int) -> None:
        if self._lost < _LOST_ANSWERS_PER_RUN:
            self._ask(order_id)
        self.ended += _expire(order_id, self._now)

    def _ask(self, order_id: int) -> None:
        """Paid in the last minute and not told yet? Then it is a sale and not an expiry."""
        try:
            settle_order(order_id=order_id, source="sweeper", now=self._now)
        except ProcessorError as error:
            # Holding stock for as long as the processor is away would close the shop; a late payment is refunded.
            self._lost += 1
            log.warning("expiring_without_look_up", order_id=order_id, code=error.code)


def _expire(order_id: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        if order.status != OrderStatus.AWAITING_PAYMENT or order.expires_at > now:
            return False
        move(order, "expired", source="sweeper", now=now)
        cancel_parts(order, source="sweeper", now=now)
        release_reservation(reference=order.public_id, now=now)
        outbox.enqueue(
            task="orders.tasks.void_payment", kwargs={"order_id": order.id}, key=f"void:{order.public_id}:expired"
        )
    return True


def void_payments(*, order_id: int, now: dt.datetime) -> None:
    """Voids the payments that this order does not need (any more) at the processor. Not in a transaction.

    Those are all of an order that came to nothing, and of one that is paid or authorized all but that one. A payment
    that turns out to have been made meanwhile is settled as the late payment that it is. Raises OutcomeUnknown and
    ProcessorUnavailable, after which the caller comes again.
    """
    order = fetch_one(Order, "WHERE id = %s", [order_id])
    lost: ProcessorError | None = None
    for payment in payments_of(order):
        try:
            _close(order, payment, now)
        except ProcessorError as error:
            # The other processor may well answer.
            lost = error
    if lost is not None:
        raise lost


def is_to_be_voided(order: Order, payment: Payment) -> bool:
    """What is being processed can't be canceled: it is asked after until it has succeeded or failed."""
    if payment.is_over or payment.status == PaymentStatus.PROCESSING:
        return False
    if order.status in _CAME_TO_NOTHING:
        return True
    if payment.status == PaymentStatus.AUTHORIZED and order.payment_reference != payment.public_id:
        return True  # reserved, but not for this offer
    return order.payment_reference not in ("", payment.public_id)


def _close(order: Order, payment: Payment, now: dt.datetime) -> None:
    if payment.is_over:
        payments.close_void(payment=payment, now=now)
    elif is_to_be_voided(order, payment):
        _void(order, payment, now)


def _void(order: Order, payment: Payment, now: dt.datetime) -> None:
    with transaction.atomic():
        is_to_be_sent = payments.prepare_void(payment=payment, now=now)
    if is_to_be_sent:
        found = payments.void_payment(payment=payment, now=now)
    elif payment.processor_payment_id:
        # It could not be canceled a moment ago, and may have ended otherwise.
        found = payments.look_up(payment=payment, now=now)
    else:
        return
    with transaction.atomic():
        if found is None:
            payments.record_never_created(payment=payment, now=now)
            return
        apply_found(order=order, found=found, source="void", now=now)


def settle_open_payments(*, now: dt.datetime) -> int:
    """The sweeper: asks after every payment that is due, so that a lost webhook costs time and nothing else."""
    answered: list[str] = []

    def ask(payment: Payment) -> None:
        # Before the look-up, so that one that ends in a defect is not asked after more often than the others.
        payments.postpone_look_up(payment=payment, now=now)
        try:
            _ask_after(payment, now)
            answered.append(payment.public_id)
        except ProcessorError as error:
            log.warning("look_up_failed", payment=payment.public_id, code=error.code)

    one_by_one(payments.due_payments(now=now), ask)
    return len(answered)


def _ask_after(payment: Payment, now: dt.datetime) -> None:
    order = Order.objects.get(public_id=payment.order_reference)
    if is_to_be_voided(order, payment):
        # Not looked up first: looking for a payment that was never made would make it.
        void_payments(order_id=order.id, now=now)
        return
    if order.status == OrderStatus.CAPTURING and payments.open_capture(payment) is None:
        capture_order(order_id=order.id, source="sweeper", now=now)
        return
    found = payments.look_up(payment=payment, now=now)
    if found is None:
        return
    settled = follow(order=order, found=found, source="sweeper", now=now)
    if settled.payment is not None and is_to_be_voided(settled.order, settled.payment):
        void_payments(order_id=order.id, now=now)
