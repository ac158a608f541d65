"""Ask the processor what has become of a payment, and keep asking with growing pauses until it is over."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from payments.contracts import BalanceFound, PaymentFound, PaymentGone
from payments.enums import PaymentChannel, PaymentStatus
from payments.models import Payment
from payments.processors import processor_named
from payments.services.charge import open_charge
from payments.services.hosted import look_up_hosted

_LEASE = dt.timedelta(seconds=60)
_HOLDS_NOTHING = (PaymentStatus.REQUIRES_PAYMENT_METHOD, PaymentStatus.REQUIRES_ACTION, PaymentStatus.APPROVED)
# PayPal keeps an order that nobody takes for three hours. What it does not find before is a fault of somebody's.
_DROPPED_AFTER = dt.timedelta(hours=3)


def look_up(*, payment: Payment, now: dt.datetime) -> PaymentFound | None:
    """The payment as the processor has it now; a payment whose creation got no answer is resolved first.

    None while there is nothing but the processor's own page, which the buyer has not sent. Not in a transaction. Raises
    the errors of `payments.contracts`.
    """
    if payment.processor_payment_id:
        try:
            return processor_named(payment.processor).retrieve_payment(payment.processor_payment_id)
        except PaymentGone:
            if payment.status not in _HOLDS_NOTHING or now < payment.created_at + _DROPPED_AFTER:
                raise
            return _dropped(payment, payment.processor_payment_id)
    if payment.channel == PaymentChannel.HOSTED:
        return look_up_hosted(payment=payment, now=now)
    return open_charge(payment=payment, now=now)


def _dropped(payment: Payment, processor_payment_id: str) -> PaymentFound:
    """Nobody can pay it any more, and nothing was taken, or the processor would keep it."""
    return PaymentFound(
        processor=payment.processor, processor_payment_id=processor_payment_id, status=PaymentStatus.CANCELED,
        amount=payment.amount, payment_reference=payment.public_id, quote_hash=payment.quote_hash, client_secret="",
        charge=None, failure=None,
    )  # fmt: skip


def look_up_at(*, processor: str, processor_payment_id: str) -> PaymentFound:
    """The payment with the processor's id as it is there now. Not in a transaction."""
    return processor_named(processor).retrieve_payment(processor_payment_id)


def processor_balance(*, processor: str) -> BalanceFound:
    """The platform's balance at the processor, available and pending. Not in a transaction."""
    return processor_named(processor).retrieve_balance()


def due_payments(*, now: dt.datetime, limit: int = 200) -> list[Payment]:
    """Takes the payments that are due to be asked after; each is leased for a minute."""
    with transaction.atomic():
        due = list(
            Payment.objects.select_for_update(skip_locked=True)
            .filter(next_look_up_at__lte=now)
            .order_by("next_look_up_at")[:limit]
        )
        Payment.objects.filter(id__in=[payment.id for payment in due]).update(
            next_look_up_at=now + _LEASE, look_ups=F("look_ups") + 1
        )
    return due


def postpone_look_up(*, payment: Payment, now: dt.datetime) -> None:
    """Sets the next time: 1, 2, 4 ... minutes after this one, at most an hour."""
    pause = min(dt.timedelta(minutes=1) * 2 ** min(payment.look_ups, 6), dt.timedelta(hours=1))
    Payment.objects.filter(id=payment.id, next_look_up_at__isnull=False).update(next_look_up_at=now + pause)
