"""Record what a processor has told: attempts, transitions, the capture, the fee. Twice is the same as once."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from common import audit, context
from common.models import AuditRecord
from common.money import Money
from payments.contracts import CaptureMade, ChargeFound, PaymentFound, UnknownPayment
from payments.enums import TERMINAL_PAYMENT_STATUSES, AttemptOutcome, PaymentStatus
from payments.models import Capture, Payment, PaymentAttempt, PaymentEvent
from payments.transitions import payment_event


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
    payment = (
        Payment.objects.select_for_update()
        .filter(Q(processor_payment_id=found.processor_payment_id) | Q(public_id=found.payment_reference or "-"))
        .filter(processor=found.processor)
        .order_by("id")
        .first()
    )
    if payment is None or payment.processor_payment_id not in (None, found.processor_payment_id):
        raise UnknownPayment()
    return payment


def record_found(*, found: PaymentFound, source: str, now: dt.datetime) -> Recorded:
    """Applies a finding to the payment, in the caller's transaction. Stale findings change nothing.

    The amount that was captured is stored as found, even if it is not what was asked: the caller compares.
    """
    payment = lock_payment(found=found)
    charge = found.charge
    audits: list[AuditRecord] = []
    if charge is not None and _record_attempt(payment, charge) and charge.outcome == AttemptOutcome.FAILED:
        audits.append(_declined(payment, charge))
    event = payment_event(PaymentStatus(payment.status), found.status)
    previous = payment.status
    _update(payment, found, event, now)
    if event is not None:
        PaymentEvent.objects.create(
            payment=payment, event=event, from_status=previous, to_status=payment.status, source=source,
            trace_id=context.current().trace_id, occurred_at=now,
        )  # fmt: skip
    capture, late_fee = _record_capture(payment, charge, event, now)
    if capture is not None:
        audits.append(
            audit.entry(
                event_type="payment.captured", outcome="succeeded", subject=payment.public_id, amount=capture.amount,
                processor=payment.processor, processor_id=capture.processor_charge_id, command=f"settle:{source}",
            )
        )  # fmt: skip
    elif event == "voided":
        audits.append(
            audit.entry(
                event_type="payment.voided", outcome="succeeded", subject=payment.public_id, amount=payment.amount,
                processor=payment.processor, processor_id=found.processor_payment_id, command=f"settle:{source}",
            )
        )  # fmt: skip
    if audits:
        audit.record_all(audits)
    return Recorded(payment=payment, event=event, capture=capture, late_fee=late_fee)


def _update(payment: Payment, found: PaymentFound, event: str | None, now: dt.datetime) -> None:
    failure = found.failure
    wanted: dict[str, object] = {"processor_payment_id": found.processor_payment_id}
    if event is not None:
        wanted["status"] = found.status
    if not payment.is_over:
        wanted |= {
            "failure_code": failure.code if failure else "",
            "decline_code": failure.decline_code if failure else "",
            "failure_message": failure.message[:300] if failure else "",
        }
    if event is not None and found.status in TERMINAL_PAYMENT_STATUSES:
        wanted["next_look_up_at"] = None
    changed = {name: value for name, value in wanted.items() if getattr(payment, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(payment, name, value)
        payment.updated_at = now
        payment.save(update_fields=[*changed, "updated_at"])


def _record_capture(
    payment: Payment, charge: ChargeFound | None, event: str | None, now: dt.datetime
) -> tuple[CaptureMade | None, tuple[CaptureMade, Money] | None]:
    if charge is None or payment.status != PaymentStatus.SUCCEEDED or not charge.captured:
        return None, None
    if event == "captured":
        capture = Capture.objects.create(
            payment=payment,
            processor_charge_id=charge.processor_charge_id,
            amount_minor=charge.amount.amount_minor,
            currency=charge.amount.currency,
            fee_minor=charge.fee.amount_minor if charge.fee is not None else None,
            balance_transaction_id=charge.balance_transaction_id,
            captured_at=charge.created_at,
            recorded_at=now,
        )
        return _made(payment, capture, charge.fee), None
    if charge.fee is None:
        return None, None
    updated = Capture.objects.filter(
        payment=payment, processor_charge_id=charge.processor_charge_id, fee_minor__isnull=True
    ).update(fee_minor=charge.fee.amount_minor, balance_transaction_id=charge.balance_transaction_id)
    if not updated:
        return None, None
    return None, (_made(payment, Capture.objects.get(payment=payment), charge.fee), charge.fee)


def _made(payment: Payment, capture: Capture, fee: Money | None) -> CaptureMade:
    return CaptureMade(
        capture_id=capture.id,
        payment_reference=payment.public_id,
        order_reference=payment.order_reference,
        processor=payment.processor,
        processor_charge_id=capture.processor_charge_id,
        amount=capture.amount,
        fee=fee,
        quote_hash=payment.quote_hash,
    )


def _record_attempt(payment: Payment, charge: ChargeFound) -> bool:
    """Stores the charge; True when it is new. A known one only has its outcome brought up to date. One statement."""
    failure = charge.failure
    row = PaymentAttempt(
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
    columns = [field for field in PaymentAttempt._meta.concrete_fields if not field.primary_key]
    names = ", ".join(field.column for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO payments_paymentattempt ({names}) VALUES ({marks})"  # noqa: S608 names of our own model
            " ON CONFLICT (processor_charge_id) DO UPDATE SET outcome = excluded.outcome"
            " RETURNING xmax = 0",
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in columns],
        )
        return bool(cursor.fetchone()[0])


def _declined(payment: Payment, charge: ChargeFound) -> AuditRecord:
    failure = charge.failure
    return audit.entry(
        event_type="payment.declined", outcome="failed", subject=payment.public_id, amount=charge.amount,
        processor=payment.processor, processor_id=charge.processor_charge_id,
        failure_code=failure.code if failure else "", decline_code=failure.decline_code if failure else "",
    )  # fmt: skip
