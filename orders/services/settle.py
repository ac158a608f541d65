"""Settle a payment: whoever brings the news (browser, webhook, sweeper), the processor is asked, its answer applied.

The look-up happens outside any transaction. What follows is one transaction: lock the order, then the payment; record
the finding; and if money was captured just now, complete the sale or arrange its return, book it, and leave the
messages in the outbox. All of it or none: a process killed in the middle leaves no trace, and the next one does it.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from common.rows import fetch_first, fetch_one
from orders.enums import OrderStatus
from orders.models import Order
from orders.selectors.orders import payments_to_ask
from orders.services import books
from orders.services.authorized import authorization_lost, authorized, capture_declined
from orders.services.captured import captured
from orders.services.claim import keep_later
from orders.services.transition import lock_order, move
from payments import services as payments
from payments.contracts import MethodFound, PaymentFound, UnknownPayment
from payments.enums import AttemptOutcome, PaymentChannel, PaymentStatus
from payments.models import Payment
from payments.services import saved

_BY_THEIR_ID = "WHERE processor = %s AND processor_payment_id = %s ORDER BY id LIMIT 1"
# Somebody else's news, or our own answer, may have brought the processor's id a moment ago.
_BY_OUR_ID = "WHERE processor = %s AND public_id = %s AND coalesce(processor_payment_id, %s) = %s ORDER BY id LIMIT 1"
_UNDER_WAY = (PaymentStatus.PROCESSING, PaymentStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Settled:
    """The order and its payment after the finding was applied. `found` is None when nothing was asked."""

    order: Order
    payment: Payment | None
    found: PaymentFound | None


def settle_order(*, order_id: int, source: str, now: dt.datetime) -> Settled:
    """Asks the processor about the order's current payment and applies the answer. Not in a transaction."""
    return settle(order=fetch_one(Order, "WHERE id = %s", [order_id]), source=source, now=now)


def settle(*, order: Order, source: str, now: dt.datetime) -> Settled:
    """As `settle_order`, for callers that have just read the order.

    A buyer who changed from PayPal back to the card has a payment on each: while the current one says that nothing has
    moved, the others that are alive are asked too.
    """
    known = payments_to_ask(order)
    if not known:
        return Settled(order, None, None)
    settled = _ask(order, known[0], source, now)
    for payment in known[1:]:
        if settled.order.status != OrderStatus.AWAITING_PAYMENT or payment.is_over:
            break
        if _never_reached_the_buyer(payment):
            # Nobody can have paid it; the sweeper resolves it.
            continue
        asked = _ask(settled.order, payment, source, now)
        if asked.order.status != OrderStatus.AWAITING_PAYMENT:
            return asked
    return settled


def _never_reached_the_buyer(payment: Payment) -> bool:
    """Without the processor's id there is nothing to confirm. Stripe's own page and an account that is kept need none:
    the one is paid there, the other by the request that makes the payment.
    """
    is_paid_without = payment.channel == PaymentChannel.HOSTED or payment.saved_method_id is not None
    return payment.processor_payment_id is None and not is_paid_without


def _ask(order: Order, payment: Payment, source: str, now: dt.datetime) -> Settled:
    found = payments.look_up(payment=payment, now=now)
    return Settled(order, payment, None) if found is None else follow(order=order, found=found, source=source, now=now)


def settle_payment(
    *,
    processor: str,
    processor_payment_id: str,
    payment_reference: str | None,
    source: str,
    now: dt.datetime,
) -> Settled:
    """As `settle_order`, for news that name the processor's id. Not in a transaction.

    `payment_reference` is what the news say our reference is; the look-up confirms it, so news that come before the
    answer to our own request are applied too. Raises UnknownPayment for payments that are not ours.
    """
    payment = fetch_first(Payment, _BY_THEIR_ID, [processor, processor_payment_id])
    if payment is None and payment_reference:
        given = [processor, payment_reference, processor_payment_id, processor_payment_id]
        payment = fetch_first(Payment, _BY_OUR_ID, given)
    if payment is None:
        raise UnknownPayment()
    found = payments.look_up_at(processor=processor, processor_payment_id=processor_payment_id)
    order = fetch_one(Order, "WHERE public_id = %s", [payment.order_reference])
    return follow(order=order, found=found, source=source, now=now)


def follow(*, order: Order, found: PaymentFound, source: str, now: dt.datetime) -> Settled:
    """Applies a finding, and takes the money of a payment that the buyer has approved. Not in a transaction.

    Raises the errors of `payments.contracts` when the processor does not answer; a sweeper comes again.
    """
    settled = apply_found(order=order, found=found, source=source, now=now)
    payment = settled.payment
    if payment is None or payment.status != PaymentStatus.APPROVED:
        return settled
    order, is_ours_to_send = _about_to_take(order.id, payment, source, now)
    if not is_ours_to_send:
        return Settled(order, payment, found)
    return apply_found(order=order, found=payments.send_capture(payment=payment, now=now), source=source, now=now)


def apply_found(*, order: Order, found: PaymentFound, source: str, now: dt.datetime) -> Settled:
    """Applies a finding in one transaction. Applying it twice, or an older one later, changes nothing."""
    try:
        return _apply(order, found, source, now, locks=not _leaves_order_alone(order, found))
    except _OrderConcerned:
        return _apply(order, found, source, now, locks=True)


class _OrderConcerned(Exception):
    """The finding moves the order after all, and its lock was not taken: nothing was written."""


def _apply(order: Order, found: PaymentFound, source: str, now: dt.datetime, *, locks: bool) -> Settled:
    with transaction.atomic():
        if locks:
            # The order's lock comes before the payment's, everywhere.
            order = lock_order(order_id=order.id)
        recorded = payments.record_found(found=found, source=source, now=now)
        if recorded.event == "declined" and not locks:
            raise _OrderConcerned
        payment = recorded.payment
        if recorded.capture is not None:
            captured(order=order, capture=recorded.capture, source=source, now=now)
        elif recorded.late_fee is not None:
            books.book_fee(capture=recorded.late_fee[0], fee=recorded.late_fee[1], now=now)
        elif _is_declined_capture(order, payment, found):
            capture_declined(order=order, source=source, now=now)
        elif recorded.event == "authorized":
            authorized(order=order, payment=payment, source=source, now=now)
        elif recorded.event == "processing_started" and order.status == OrderStatus.AWAITING_PAYMENT:
            move(order, "payment_processing", source=source, now=now)
        elif recorded.event not in (None, "approved", "processing_started"):
            _came_to_nothing(order, payment, source, now)
        if found.method is not None and (recorded.event in ("captured", "authorized") or _was_awaited(payment, found)):
            keep_method(order=order, payment=payment, method=found.method, source=source, now=now)
    return Settled(order, payment, found)


def _was_awaited(payment: Payment, found: PaymentFound) -> bool:
    """Whether the payment was recorded before the processor had kept what was paid with (PayPal)."""
    return payment.channel == PaymentChannel.PAYPAL and found.status in (
        PaymentStatus.SUCCEEDED, PaymentStatus.AUTHORIZED
    )  # fmt: skip


def keep_method(*, order: Order, payment: Payment, method: MethodFound, source: str, now: dt.datetime) -> None:
    """What a registered buyer has paid with and agreed to keep. A guest's waits a while for an account.

    In the caller's transaction, which holds the locks of order and payment; twice is the same as once.
    """
    if not payment.saves_method or payment.saved_method_id is not None or payment.kept_method_id:
        return
    payment.kept_method_id = method.processor_method_id
    payment.save(update_fields=["kept_method_id"])
    if order.buyer_id is None:
        saved.forget_later(payment=payment, found=method, now=now)
        return
    if not method.processor_customer_id:
        # Paid as a guest, and claimed before the payment was settled.
        keep_later(payment=payment, user_id=order.buyer_id)
        return
    payment.saved_method = saved.record_method(
        processor=payment.processor, user_id=order.buyer_id, found=method, consent_text=payment.consent_text,
        consented_at=payment.consented_at or payment.created_at, source=source, now=now,
    )  # fmt: skip
    payment.save(update_fields=["saved_method"])
    if payment.saved_method is None:
        saved.forget_later(payment=payment, found=method, now=now)


def _about_to_take(order_id: int, payment: Payment, source: str, now: dt.datetime) -> tuple[Order, bool]:
    """Writes down that the approved payment is taken, if it is for the offer as it stands.

    An offer that has ended is not paid: nothing is taken, and the approval lapses. While it is being taken the order
    can't expire.
    """
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        is_open = order.status == OrderStatus.PROCESSING or (
            order.status == OrderStatus.AWAITING_PAYMENT and order.expires_at > now
        )
        statuses = dict(Payment.objects.filter(order_reference=order.public_id).values_list("id", "status"))
        is_approved = statuses.pop(payment.id, "") == PaymentStatus.APPROVED
        # The bank has the card in hand: what it says comes first, or the buyer would be charged on both.
        if PaymentStatus.PROCESSING in statuses.values():
            return order, False
        if not (is_open and is_approved) or (payment.amount, payment.quote_hash) != (order.total, order.quote_hash):
            return order, False
        is_ours = payments.prepare_capture(payment=payment, amount=order.total, now=now)
        if order.status == OrderStatus.AWAITING_PAYMENT:
            move(order, "payment_processing", source=source, now=now)
    return order, is_ours


def _is_declined_capture(order: Order, payment: Payment, found: PaymentFound) -> bool:
    """Whether what was reserved for the accepted parts was tried to be taken, and the buyer's bank said no.

    The reservation itself is there still. Asked of the state and not of an event, because the answer may be the first
    news of the capture, or follow on its being pending.
    """
    is_declined = found.charge is not None and found.charge.outcome == AttemptOutcome.FAILED
    is_the_sale = order.status == OrderStatus.CAPTURING and order.payment_reference == payment.public_id
    return is_declined and is_the_sale and payment.status == PaymentStatus.AUTHORIZED


def _came_to_nothing(order: Order, payment: Payment, source: str, now: dt.datetime) -> None:
    """Declined, asked for another confirmation, or canceled at the processor: the order would wait for ever."""
    if order.status == OrderStatus.PROCESSING:
        others = Payment.objects.filter(order_reference=order.public_id, status__in=_UNDER_WAY).exclude(id=payment.id)
        if not others.exists():
            move(order, "payment_failed", source=source, now=now)
    elif order.payment_reference == payment.public_id and order.status in (
        OrderStatus.AUTHORIZED, OrderStatus.CAPTURING
    ):  # fmt: skip
        authorization_lost(order=order, source=source, now=now)


def _leaves_order_alone(order: Order, found: PaymentFound) -> bool:
    """Whether nothing was tried yet, so that whatever is recorded can't move the order: its lock is saved.

    `order` may have been read long ago, so its status alone does not tell; and what PayPal has declined looks untried.
    So this is a guess, which `apply_found` takes back.
    """
    untried = found.status == PaymentStatus.REQUIRES_PAYMENT_METHOD and found.charge is None
    return untried and order.status == OrderStatus.AWAITING_PAYMENT
