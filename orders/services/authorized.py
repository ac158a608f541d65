"""Money is reserved and not taken: the artisans accept or decline their parts before anything is charged."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from catalog.services.stock import OutOfStock, release_reservation, reserve_stock
from common import outbox
from orders.enums import FulfilmentStatus, OrderStatus
from orders.models import Fulfilment, Order, OrderLine, SellerOrder
from orders.selectors.orders import is_replaced
from orders.services.acceptance import decide
from orders.services.fulfilment import cancel_parts, new_fulfilments
from orders.services.transition import move
from payments import services as payments
from payments.enums import CaptureMethod, MethodStatus, PaymentChannel
from payments.models import Payment, SavedMethod

# Before the processor lets the money go there must be time to capture it, and to try again.
_BEFORE_THE_END = dt.timedelta(hours=12)
# How long a buyer who has to confirm again may take.
_TO_CONFIRM_AGAIN = dt.timedelta(days=3)


def authorized(*, order: Order, payment: Payment, source: str, now: dt.datetime) -> None:
    """Places the order, or lets the money go if it is not for this offer any more. In the caller's transaction."""
    if not _is_for(order, payment, now):
        _let_go(order, payment)
        return
    order.payment_reference = payment.public_id
    order.accept_by = _accept_by(payment, now)
    move(order, "authorized", source=source, now=now)
    Fulfilment.objects.bulk_create(
        fulfilment
        # An order that is authorized once more has them: what was accepted or declined stays so.
        for part in SellerOrder.objects.filter(order=order, fulfilment__isnull=True).order_by("id")
        for fulfilment in new_fulfilments([part], _first_status(order, part), now=now)
    )
    outbox.enqueue(
        task="orders.tasks.after_authorization",
        kwargs={"order_id": order.id},
        key=f"authorized:{payment.public_id}",
    )
    decide(order=order, source=source, now=now)


def authorization_lost(*, order: Order, source: str, now: dt.datetime) -> None:
    """The processor let the money go before it was taken: the goods are free again and nothing was charged.

    Unless the buyer has agreed to a second try with a saved way to pay; then the goods stay reserved for it.
    """
    method = _agreed_method(order)
    if method is not None:
        _charge_again(order, method, source, now)
        return
    move(order, "authorization_lost", source=source, now=now)
    cancel_parts(order, source=source, now=now)
    release_reservation(reference=order.public_id, now=now)
    outbox.enqueue(
        task="orders.tasks.send_not_charged", kwargs={"order_id": order.id}, key=f"not-charged:{order.public_id}"
    )


def capture_declined(*, order: Order, source: str, now: dt.datetime) -> None:
    """The buyer's bank did not let the reserved money through: the order ends as if it had been let go.

    It is reserved still, and nobody can take it any more: the buyer gets it free at once, not when its time is over.
    """
    payment = Payment.objects.get(public_id=order.payment_reference)
    payments.prepare_void(payment=payment, now=now)
    authorization_lost(order=order, source=source, now=now)
    _let_go(order, payment)


def _agreed_method(order: Order) -> SavedMethod | None:
    """What the lost payment was made with, if its owner keeps it still and it was not charged again already."""
    tried = Payment.objects.filter(order_reference=order.public_id, channel=PaymentChannel.OFF_SESSION)
    if order.buyer_id is None or tried.exists():
        return None
    lost = Payment.objects.select_related("saved_method").get(public_id=order.payment_reference)
    method = lost.saved_method
    return method if method is not None and method.status == MethodStatus.ACTIVE else None


def _charge_again(order: Order, method: SavedMethod, source: str, now: dt.datetime) -> None:
    order.captured_minor = None
    move(order, "charged_again", source=source, now=now)
    order.payment_reference, order.accept_by, order.expires_at = "", None, now + _TO_CONFIRM_AGAIN
    order.save(update_fields=["payment_reference", "accept_by", "expires_at"])
    outbox.enqueue(
        task="orders.tasks.charge_off_session",
        kwargs={"order_id": order.id, "method_id": method.id},
        key=f"charge-again:{order.public_id}",
    )


def _is_for(order: Order, payment: Payment, now: dt.datetime) -> bool:
    """Whether this money may become the sale; takes the goods again that had been given free."""
    if order.payment_reference or (payment.authorized_minor, payment.quote_hash) != (
        order.total_minor, order.quote_hash
    ):  # fmt: skip
        return False
    if order.status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING):
        return True
    if order.status != OrderStatus.EXPIRED or is_replaced(order):
        return False
    lines = OrderLine.objects.filter(seller_order__order=order).values_list("product_id", "quantity")
    try:
        with transaction.atomic():
            reserve_stock(reference=order.public_id, items=list(lines), expires_at=now + settings.QUOTE_TTL, now=now)
    except OutOfStock:
        return False
    return True


def _let_go(order: Order, payment: Payment) -> None:
    outbox.enqueue(
        task="orders.tasks.void_payment",
        kwargs={"order_id": order.id},
        key=f"void:{payment.public_id}:not_for_this_offer",
    )


def _accept_by(payment: Payment, now: dt.datetime) -> dt.datetime:
    """The artisans' time, and never so long that the processor lets the money go (Stripe: 7 days for most cards)."""
    wanted = now + settings.ACCEPT_PERIOD
    if payment.authorized_until is None:
        return wanted
    return max(now, min(wanted, payment.authorized_until - _BEFORE_THE_END))


def _first_status(order: Order, part: SellerOrder) -> FulfilmentStatus:
    """Only what is made to order must be accepted; the rest waits for the payment, or for the review."""
    asks = order.capture_method == CaptureMethod.MANUAL and part.lines.filter(is_made_to_order=True).exists()
    return FulfilmentStatus.TO_ACCEPT if asks else FulfilmentStatus.ACCEPTED
