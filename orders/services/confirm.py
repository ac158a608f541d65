"""Confirm a checkout: open the one payment of the order and hand its secret to the buyer's browser."""

import datetime as dt

from django.db import transaction

from orders.contracts.order import AlreadyPaid, Buyer, OrderCanceled, PaymentRunning, QuoteExpired, QuoteMismatch
from orders.enums import OrderStatus
from orders.models import Order
from orders.selectors.orders import get_order
from orders.services.settle import Settled, apply_found
from payments import services as payments


def confirm_checkout(*, public_id: str, buyer: Buyer, quote_hash: str, now: dt.datetime) -> Settled:
    """The order's payment with its client secret, made at the processor if it is new. Not in a transaction.

    Confirming again gives the same payment as it stands now, so a double click, a second tab and a retry are one
    payment. Raises OrderNotFound, QuoteMismatch, QuoteExpired, PaymentRunning, OrderCanceled, AlreadyPaid, and the
    errors of `payments.contracts`.
    """
    with transaction.atomic():
        order = get_order(public_id=public_id, buyer=buyer, lock=True)
        prepared = _prepare(order, quote_hash, now)
    found = payments.open_charge(payment=prepared.payment, request=prepared.request, now=now)
    return apply_found(order=order, found=found, source="api", now=now)


def _prepare(order: Order, quote_hash: str, now: dt.datetime) -> payments.PreparedCharge:
    if order.quote_hash != quote_hash:
        raise QuoteMismatch()
    if order.status == OrderStatus.PAID:
        raise AlreadyPaid()
    if order.status == OrderStatus.CANCELED:
        raise OrderCanceled()
    open_statuses = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)
    if order.status not in open_statuses:
        raise QuoteExpired()
    if order.expires_at <= now:
        # "Nothing was charged" must not be said of a payment that may yet succeed.
        raise PaymentRunning() if order.status == OrderStatus.PROCESSING else QuoteExpired()
    return payments.prepare_charge(
        order_reference=order.public_id,
        amount=order.total,
        quote_hash=order.quote_hash,
        receipt_email=order.email,
        now=now,
    )
