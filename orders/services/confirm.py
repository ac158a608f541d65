"""Confirm a checkout: open the one payment of the order and hand its secret to the buyer's browser."""

import dataclasses
import datetime as dt

from django.conf import settings
from django.db import transaction

from orders.contracts.order import AlreadyPaid, Buyer, OrderCanceled, PaymentRunning, QuoteExpired, QuoteMismatch
from orders.enums import PLACED, OrderStatus, RecallStatus
from orders.models import Order, Recall
from orders.selectors.orders import get_order
from orders.services.settle import Settled, follow
from payments import services as payments
from payments.contracts import ChargeTerms, Delivery
from payments.enums import CaptureMethod, PaymentChannel, PaymentStatus
from payments.models import Payment
from payments.services import saved

_PROCESSOR = {
    PaymentChannel.ELEMENTS: "stripe",
    PaymentChannel.HOSTED: "stripe",
    PaymentChannel.OFF_SESSION: "stripe",
    PaymentChannel.PAYPAL: "paypal",
}


def confirm_checkout(
    *,
    public_id: str,
    buyer: Buyer,
    quote_hash: str,
    now: dt.datetime,
    channel: PaymentChannel = PaymentChannel.ELEMENTS,
    method_reference: str = "",
    saves_method: bool = False,
    consent_text: str = saved.CONSENT,
) -> Settled:
    """The order's payment on the channel, made at the processor if it is new. Not in a transaction.

    `method_reference` is our id of a way to pay that the buyer has saved; `saves_method` says that the buyer agrees to
    have the new one kept, and `consent_text` which words were shown. An open payment takes either over; the browser
    then confirms it at the processor.

    Confirming again gives the same payment as it stands now, so a double click, a second tab and a retry are one
    payment. A buyer who has changed from card to PayPal has one on each, and only one of them becomes the sale.
    Raises OrderNotFound, QuoteMismatch, QuoteExpired, PaymentRunning, OrderCanceled, AlreadyPaid, UnknownMethod,
    MethodUnusable, ConsentChanged, and the errors of `payments.contracts`.
    """
    with_method: ChargeTerms | None = None
    if method_reference or saves_method:
        order = get_order(public_id=public_id, buyer=buyer)
        with_method = saved.with_method(
            terms=terms_of(order, channel), user_id=order.buyer_id, method_reference=method_reference,
            saves_method=saves_method, consent_text=consent_text, now=now,
        )  # fmt: skip
    choice = None
    with transaction.atomic():
        order = get_order(public_id=public_id, buyer=buyer, lock=True)
        terms = _in_place_of_the_tried(order, with_method or terms_of(order, channel))
        prepared = prepare_payment(order, quote_hash, terms, now)
        payment = prepared.payment
        if prepared.request is None:
            choice = saved.prepare_choice(payment=payment, terms=terms, now=now)
    if choice is None or payment.processor_payment_id is None:
        found = payments.open_charge(payment=payment, request=prepared.request, now=now)
    if choice is not None:
        found = saved.send_choice(
            payment=payment, processor_payment_id=payment.processor_payment_id or found.processor_payment_id,
            request=choice, now=now,
        )  # fmt: skip
    return follow(order=order, found=found, source="api", now=now)


def _in_place_of_the_tried(order: Order, terms: ChargeTerms) -> ChargeTerms:
    """A payment that was tried without the buyer is confirmed by the buyer: it is not left behind for another one."""
    tried = Payment.objects.filter(
        order_reference=order.public_id, channel=PaymentChannel.OFF_SESSION, processor=terms.processor
    )
    if terms.channel != PaymentChannel.ELEMENTS or order.capture_method != CaptureMethod.MANUAL:
        return terms
    is_alive = tried.exclude(status__in=[PaymentStatus.CANCELED, PaymentStatus.FAILED]).exists()
    return dataclasses.replace(terms, channel=PaymentChannel.OFF_SESSION) if is_alive else terms


def terms_of(order: Order, channel: PaymentChannel) -> ChargeTerms:
    """How this order is paid on the channel. The addresses are where PayPal's own page sends the buyer."""
    is_paypal = channel == PaymentChannel.PAYPAL
    return ChargeTerms(
        channel=channel,
        processor=_PROCESSOR[channel],
        capture_method=CaptureMethod(order.capture_method),
        return_url=f"{settings.SITE_URL}/checkout/return/?order={order.public_id}" if is_paypal else "",
        cancel_url=f"{settings.SITE_URL}/checkout/?order={order.public_id}" if is_paypal else "",
        delivery=delivery_of(order),
    )


def delivery_of(order: Order) -> Delivery:
    """The address as it was frozen with the order."""
    return Delivery(**order.shipping_address)


def prepare_payment(order: Order, quote_hash: str, terms: ChargeTerms, now: dt.datetime) -> payments.PreparedCharge:
    """Writes the payment down if the offer can still be paid. In the caller's transaction, under the order's lock."""
    if order.quote_hash != quote_hash:
        raise QuoteMismatch()
    if order.status in PLACED:
        raise AlreadyPaid()
    if order.status == OrderStatus.CANCELED:
        raise OrderCanceled()
    open_statuses = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)
    if order.status not in open_statuses:
        raise QuoteExpired()
    if order.expires_at <= now:
        # "Nothing was charged" must not be said of a payment that may yet succeed.
        raise PaymentRunning() if order.status == OrderStatus.PROCESSING else QuoteExpired()
    if order.recall_id is not None and _is_recall_over(order.recall_id):
        raise OrderCanceled()
    if _is_charged_by_this(terms) and _is_under_way_elsewhere(order, terms):
        raise PaymentRunning()
    return payments.prepare_charge(
        order_reference=order.public_id,
        amount=order.total,
        quote_hash=order.quote_hash,
        receipt_email=order.email,
        now=now,
        terms=terms,
    )


def _is_charged_by_this(terms: ChargeTerms) -> bool:
    """A PayPal account that is kept pays at once, by the request that makes the payment: nobody confirms it after."""
    return terms.channel == PaymentChannel.PAYPAL and terms.method_id != ""


def _is_under_way_elsewhere(order: Order, terms: ChargeTerms) -> bool:
    """The bank has the card in hand, or Stripe's page was sent: what they say comes first, or both would charge."""
    others = Payment.objects.filter(order_reference=order.public_id).exclude(channel=terms.channel)
    return others.filter(status__in=[PaymentStatus.PROCESSING, PaymentStatus.APPROVED]).exists()


def _is_recall_over(recall_id: int) -> bool:
    """A request to pay back may end while its payment is under way, and that payment may fail: then nobody pays."""
    return Recall.objects.values_list("status", flat=True).get(id=recall_id) != RecallStatus.ASKED
