"""Record what a processor has told: attempts, transitions, the capture, the fee. Twice is the same as once."""

import datetime as dt
from dataclasses import dataclass

import structlog
from django.db import connection

from common import audit, context
from common.models import AuditRecord
from common.money import Money
from common.rows import fetch_first
from common.writes import Writes
from payments.contracts import CaptureMade, ChargeFound, PaymentFound, UnknownPayment
from payments.enums import (
    TERMINAL_PAYMENT_STATUSES,
    AttemptOutcome,
    CaptureMethod,
    PaymentChannel,
    PaymentStatus,
    RequestKind,
)
from payments.models import Capture, Payment, PaymentAttempt, PaymentEvent
from payments.transitions import payment_event

log = structlog.get_logger(__name__)

_LOCK = "WHERE (processor_payment_id = %s OR public_id = %s) AND processor = %s ORDER BY id LIMIT 1 FOR UPDATE"
_FEE = (
    "UPDATE payments_capture SET fee_minor = %s, balance_transaction_id = %s"
    " WHERE payment_id = %s AND processor_charge_id = %s AND fee_minor IS NULL RETURNING id"
)
FIRST_LOOK_UP = dt.timedelta(seconds=60)
_FEE_LOOK_UP = dt.timedelta(seconds=30)
# PayPal sends its news for three days; what it has not kept by then it does not keep any more.
_METHOD_AWAITED = dt.timedelta(days=3)
_ANSWERED = (
    "UPDATE payments_processorrequest SET state = 'succeeded', processor_id = %s, finished_at = %s, next_try_at = NULL,"
    " tries = tries + 1 WHERE subject = %s AND kind IN ('create_payment', 'create_hosted') AND finished_at IS NULL"
    " RETURNING id"
)

_TAKEN = (
    "UPDATE payments_processorrequest SET state = 'succeeded', processor_id = %s, finished_at = %s, next_try_at = NULL,"
    " tries = tries + 1 WHERE subject = %s AND kind = ANY (%s::text[]) AND finished_at IS NULL RETURNING id"
)
# What each finding says was carried out.
_CARRIED_OUT = {
    PaymentStatus.AUTHORIZED: [RequestKind.AUTHORIZE_PAYMENT.value],
    PaymentStatus.PROCESSING: [RequestKind.AUTHORIZE_PAYMENT.value, RequestKind.CAPTURE_PAYMENT.value],
    PaymentStatus.SUCCEEDED: [RequestKind.AUTHORIZE_PAYMENT.value, RequestKind.CAPTURE_PAYMENT.value],
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became new by recording: each of the three is set at most once in a payment's life."""

    payment: Payment
    event: str | None
    capture: CaptureMade | None
    late_fee: tuple[CaptureMade, Money] | None


def lock_payment(*, found: PaymentFound) -> Payment:
    """The row of the payment that was found, locked. The caller has locked the order before, if it needs it.

    Raises UnknownPayment when neither id nor reference is ours, or when the reference belongs to another object.
    """
    payment = fetch_first(Payment, _LOCK, [found.processor_payment_id, found.payment_reference or "-", found.processor])
    if payment is None or payment.processor_payment_id not in (None, found.processor_payment_id):
        raise UnknownPayment()
    return payment


def record_found(*, found: PaymentFound, source: str, now: dt.datetime) -> Recorded:
    """Applies a finding to the payment, in the caller's transaction. Stale findings change nothing.

    The amount that was captured is stored as found, even if it is not what was asked: the caller compares. Two
    statements, and one for the audit trail when a new attempt was declined.
    """
    payment = lock_payment(found=found)
    charge = found.charge
    previous = payment.status
    captured = charge is not None and charge.captured
    event = payment_event(PaymentStatus(previous), found.status)
    if event == "captured" and not captured:
        # Without the charge there is nothing to book, and a payment that is over is never asked after again.
        log.error("paid_without_a_charge", payment=payment.public_id)
        event = None
    writes = Writes()
    _write_payment(writes, payment, found, event, now)
    if event is not None:
        writes.insert("history", _history(payment, event, previous, source, now))
    if charge is not None:
        # Known charges only have their outcome brought up to date; `is_new` tells the two apart.
        conflict = "(processor_charge_id) DO UPDATE SET outcome = excluded.outcome"
        writes.insert("is_new", _attempt(payment, charge), on_conflict=conflict, returning="xmax = 0")
    if event == "captured" and charge is not None:
        writes.insert("capture", _capture(payment, charge, now))
    if event in ("authorized", "captured", "voided"):
        writes.insert("audit", _done(payment, found, event, source))
    if event == "captured" and charge is not None and charge.fee:
        # A fee that is told later has its row then.
        writes.insert("fee_audit", _fee_charged(payment, charge, charge.fee))
    result = writes.execute()
    capture = _made(payment, charge, result["capture"][0]) if event == "captured" and charge is not None else None
    late_fee = None
    if charge is not None and event is None and payment.status == PaymentStatus.SUCCEEDED:
        late_fee = _late_fee(payment, charge)
    if charge is not None and charge.outcome == AttemptOutcome.FAILED and result["is_new"] == [True]:
        audit.record_all([_declined(payment, charge)])
    return Recorded(payment=payment, event=event, capture=capture, late_fee=late_fee)


def _write_payment(writes: Writes, payment: Payment, found: PaymentFound, event: str | None, now: dt.datetime) -> None:
    failure = found.failure
    wanted: dict[str, object] = {"processor_payment_id": found.processor_payment_id}
    is_open = not payment.is_over or event is not None
    if is_open:
        wanted |= {
            "failure_code": failure.code if failure else "",
            "decline_code": failure.decline_code if failure else "",
            "failure_message": failure.message[:300] if failure else "",
        }
    held = found.authorization
    if held is not None and is_open:
        wanted |= {
            "processor_authorization_id": held.processor_authorization_id,
            "authorized_minor": held.amount.amount_minor,
            "authorized_until": held.expires_at,
        }
    if event is not None:
        wanted["status"] = found.status
        if found.status in TERMINAL_PAYMENT_STATUSES:
            wanted["next_look_up_at"] = now + _FEE_LOOK_UP if _has_more_to_tell(payment, found, now) else None
        elif payment.is_over:
            # Not over after all: news of how it ends may be lost as any other.
            wanted |= {"next_look_up_at": now + FIRST_LOOK_UP, "look_ups": 0}
    elif payment.status == found.status == PaymentStatus.SUCCEEDED and not _has_more_to_tell(payment, found, now):
        wanted["next_look_up_at"] = None
    if payment.processor_payment_id is None:
        # However the answer came, the request that made it is over; the two are recorded together.
        writes.raw("request", _ANSWERED, [found.processor_payment_id, now, payment.public_id])
    if found.status in _CARRIED_OUT and _is_taken_by_us(payment):
        # Recorded with what came of it, so that nobody finds the request over and the money not taken yet.
        carried_out = _CARRIED_OUT[found.status]
        writes.raw("taken", _TAKEN, [found.processor_payment_id, now, payment.public_id, carried_out])
    changed = [name for name, value in wanted.items() if getattr(payment, name) != value]
    if changed:
        for name in changed:
            setattr(payment, name, wanted[name])
        payment.updated_at = now
        writes.update("payment", payment, [*changed, "updated_at"])


def _is_taken_by_us(payment: Payment) -> bool:
    """Whether the money comes by a request of ours, and not by the buyer's confirmation alone."""
    return payment.channel == PaymentChannel.PAYPAL or payment.capture_method == CaptureMethod.MANUAL


def _has_more_to_tell(payment: Payment, found: PaymentFound, now: dt.datetime) -> bool:
    """Whether what was captured is asked after again.

    Stripe computes a fee a moment after the charge, and PayPal may keep the buyer's account some time after it.
    """
    if found.status != PaymentStatus.SUCCEEDED or found.charge is None:
        return False
    is_keeping = payment.saves_method and found.is_method_coming and now < payment.created_at + _METHOD_AWAITED
    return found.charge.fee is None or (is_keeping and payment.kept_method_id == "")


def _history(payment: Payment, event: str, previous: str, source: str, now: dt.datetime) -> PaymentEvent:
    return PaymentEvent(
        payment=payment,
        event=event,
        from_status=previous,
        to_status=payment.status,
        source=source,
        trace_id=context.current().trace_id,
        occurred_at=now,
    )


def _capture(payment: Payment, charge: ChargeFound, now: dt.datetime) -> Capture:
    return Capture(
        payment=payment,
        processor_charge_id=charge.processor_charge_id,
        amount_minor=charge.amount.amount_minor,
        currency=charge.amount.currency,
        fee_minor=charge.fee.amount_minor if charge.fee is not None else None,
        balance_transaction_id=charge.balance_transaction_id,
        captured_at=charge.created_at,
        recorded_at=now,
    )


def _made(payment: Payment, charge: ChargeFound, capture_id: int) -> CaptureMade:
    return CaptureMade(
        capture_id=capture_id,
        payment_reference=payment.public_id,
        order_reference=payment.order_reference,
        processor=payment.processor,
        processor_charge_id=charge.processor_charge_id,
        amount=charge.amount,
        fee=charge.fee,
        quote_hash=payment.quote_hash,
    )


def _late_fee(payment: Payment, charge: ChargeFound) -> tuple[CaptureMade, Money] | None:
    """The fee of a capture that was recorded before the processor had computed it; once."""
    if charge.fee is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _FEE, [charge.fee.amount_minor, charge.balance_transaction_id, payment.id, charge.processor_charge_id]
        )
        told = cursor.fetchone()
    if told is None:
        return None
    Payment.objects.filter(id=payment.id).update(next_look_up_at=None)
    return _made(payment, charge, told[0]), charge.fee


def _attempt(payment: Payment, charge: ChargeFound) -> PaymentAttempt:
    failure = charge.failure
    return PaymentAttempt(
        payment=payment,
        processor_charge_id=charge.processor_charge_id,
        outcome=charge.outcome,
        amount_minor=charge.amount.amount_minor,
        currency=charge.amount.currency,
        failure_code=failure.code if failure else "",
        decline_code=failure.decline_code if failure else "",
        failure_message=failure.message[:300] if failure else "",
        card_brand=charge.card_brand,
        card_last4=charge.card_last4,
        card_country=charge.card_country,
        address_line1_check=charge.address_line1_check,
        address_postal_code_check=charge.address_postal_code_check,
        cvc_check=charge.cvc_check,
        three_d_secure=charge.three_d_secure,
        risk_level=charge.risk_level,
        attempted_at=charge.created_at,
    )


def _done(payment: Payment, found: PaymentFound, event: str, source: str) -> AuditRecord:
    charge = found.charge
    return audit.entry(
        event_type=f"payment.{event}",
        outcome="succeeded",
        subject=payment.public_id,
        amount=charge.amount if charge is not None and event == "captured" else payment.amount,
        processor=payment.processor,
        processor_id=charge.processor_charge_id if charge is not None else found.processor_payment_id,
        command=f"settle:{source}",
    )


def _fee_charged(payment: Payment, charge: ChargeFound, fee: Money) -> AuditRecord:
    return audit.entry(
        event_type="payment.fee_charged", outcome="succeeded", subject=payment.public_id, amount=fee,
        processor=payment.processor, processor_id=charge.processor_charge_id,
    )  # fmt: skip


def _declined(payment: Payment, charge: ChargeFound) -> AuditRecord:
    failure = charge.failure
    return audit.entry(
        event_type="payment.declined", outcome="failed", subject=payment.public_id, amount=charge.amount,
        processor=payment.processor, processor_id=charge.processor_charge_id,
        failure_code=failure.code if failure else "", decline_code=failure.decline_code if failure else "",
    )  # fmt: skip
