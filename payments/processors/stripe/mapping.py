"""Stripe's words -> ours, exhaustively, in one place: a value that is not listed here fails loudly."""

import datetime as dt
from typing import Literal, TypeVar

import stripe

from common.money import Money
from payments.contracts import (
    AuthorizationFound,
    ChargeFound,
    MethodFound,
    PaymentFailure,
    PaymentFound,
    RefundFound,
    TransferFound,
    TransferReversalFound,
)
from payments.enums import AttemptOutcome, CaptureMethod, MethodKind, PaymentStatus, RefundStatus

Status = TypeVar("Status")


class UnmappedStripeValue(RuntimeError):
    """Stripe sent a value that this table does not know: the table must be completed before money moves on it."""


# https://docs.stripe.com/payments/paymentintents/lifecycle
_PAYMENT_STATUS = {
    "requires_payment_method": PaymentStatus.REQUIRES_PAYMENT_METHOD,
    # We confirm with a method attached in one step; an intent found between the two still waits for the buyer.
    "requires_confirmation": PaymentStatus.REQUIRES_PAYMENT_METHOD,
    "requires_action": PaymentStatus.REQUIRES_ACTION,
    "processing": PaymentStatus.PROCESSING,
    "requires_capture": PaymentStatus.AUTHORIZED,
    "succeeded": PaymentStatus.SUCCEEDED,
    "canceled": PaymentStatus.CANCELED,
}
# "automatic_async" is Stripe's default for new integrations: the fee is told a moment later, the answer comes sooner.
CAPTURE_METHOD: dict[CaptureMethod, Literal["automatic_async", "manual"]] = {
    CaptureMethod.AUTOMATIC: "automatic_async",
    CaptureMethod.MANUAL: "manual",
}
_CHARGE_OUTCOME = {
    "succeeded": AttemptOutcome.SUCCEEDED,
    "pending": AttemptOutcome.PENDING,
    "failed": AttemptOutcome.FAILED,
}
_REFUND_STATUS = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_CHECKS = {"pass": "pass", "fail": "fail", "unavailable": "unavailable", "unchecked": "unchecked", None: ""}

# Words for the buyer. Stripe asks not to tell lost, stolen or fraud-suspected cards apart from a plain decline.
# https://docs.stripe.com/declines/codes
_PLAIN_DECLINE = "Your bank declined this card. Try another card, or ask your bank."
_BUYER_WORDS = {
    "insufficient_funds": "The card does not have enough funds for this. Try another card.",
    "expired_card": "The card has expired. Check the date, or try another card.",
    "incorrect_cvc": "The security code is not right. Check it and try again.",
    "invalid_cvc": "The security code is not right. Check it and try again.",
    "incorrect_number": "The card number is not right. Check it and try again.",
    "invalid_expiry_month": "The expiry date is not right. Check it and try again.",
    "invalid_expiry_year": "The expiry date is not right. Check it and try again.",
    "incorrect_zip": "The postal code does not fit the card. Check it and try again.",
    "processing_error": "Something went wrong at the card network. No money was taken; try again in a moment.",
    "card_velocity_exceeded": "The card has reached its limit. Try another card.",
    "withdrawal_count_limit_exceeded": "The card has reached its limit. Try another card.",
    "card_not_supported": "This card does not support this purchase. Try another card.",
    "currency_not_supported": "This card does not support the currency. Try another card.",
    "authentication_required": "Your bank asks you to confirm this payment. Try again and confirm it.",
    "payment_intent_authentication_failure": "Your bank could not confirm that it was you. No money was taken; "
    "try again or use another card.",
    "approve_with_id": "Your bank could not approve this. Try again, or ask your bank.",
    "try_again_later": "Your bank could not answer. No money was taken; try again in a moment.",
    "issuer_not_available": "Your bank could not answer. No money was taken; try again in a moment.",
}


def buyer_words(*, code: str, decline_code: str) -> str:
    """What to tell the buyer; the decline code says more than the code where there is one."""
    return _BUYER_WORDS.get(decline_code) or _BUYER_WORDS.get(code) or _PLAIN_DECLINE


def payment_found(intent: stripe.PaymentIntent) -> PaymentFound:
    """A PaymentIntent with `latest_charge.balance_transaction` expanded where it exists."""
    metadata: object = intent.metadata or {}
    latest = intent.latest_charge
    charge = latest if isinstance(latest, stripe.Charge) else None
    return PaymentFound(
        processor="stripe",
        processor_payment_id=intent.id,
        status=mapped(_PAYMENT_STATUS, intent.status, "payment status"),
        amount=_money(intent.amount, intent.currency),
        payment_reference=_text(metadata, "payment"),
        quote_hash=_text(metadata, "quote_hash"),
        client_secret=intent.client_secret or "",
        charge=charge_found(charge) if charge is not None else None,
        failure=_intent_failure(intent),
        authorization=_authorization(intent, charge) if intent.status == "requires_capture" else None,
        method=_kept_method(intent, charge) if charge is not None else None,
    )


def _kept_method(intent: stripe.PaymentIntent, charge: stripe.Charge) -> MethodFound | None:
    """What was paid with, once Stripe keeps it: with the customer, or for one who is still to come."""
    wanted = "setup_future_usage" in intent and intent.setup_future_usage == "off_session"
    details = charge.payment_method_details
    if not wanted or intent.status not in ("succeeded", "requires_capture") or details is None:
        return None
    method = intent.payment_method
    if not method:
        return None
    customer, card = intent.customer, details.card if "card" in details else None
    return MethodFound(
        processor_method_id=method if isinstance(method, str) else method.id,
        processor_customer_id=(customer if isinstance(customer, str) else customer.id) if customer else "",
        kind=MethodKind.CARD,
        brand=str(card.brand or "") if card is not None else "",
        last4=str(card.last4 or "") if card is not None else "",
        expiry_month=card.exp_month if card is not None else None,
        expiry_year=card.exp_year if card is not None else None,
    )


def _authorization(intent: stripe.PaymentIntent, charge: stripe.Charge | None) -> AuthorizationFound:
    """Stripe says on the charge until when it can be captured: 7 days for most cards, less for some."""
    details = charge.payment_method_details if charge is not None else None
    card = details.card if details is not None and "card" in details else None
    until = card.capture_before if card is not None and "capture_before" in card else None
    return AuthorizationFound(
        processor_authorization_id="",
        amount=_money(intent.amount_capturable, intent.currency),
        expires_at=moment(until) if until else None,
    )


def charge_found(charge: stripe.Charge) -> ChargeFound:
    """A Charge, with the card's checks and the fee when its balance transaction is there."""
    details = charge.payment_method_details
    card = details.card if details is not None and "card" in details else None
    checks = card.checks if card is not None else None
    secure = card.three_d_secure if card is not None else None
    transaction = charge.balance_transaction
    known = isinstance(transaction, stripe.BalanceTransaction)
    return ChargeFound(
        processor_charge_id=charge.id,
        outcome=mapped(_CHARGE_OUTCOME, charge.status, "charge status"),
        captured=bool(charge.captured),
        amount=_money(charge.amount_captured if charge.captured else charge.amount, charge.currency),
        fee=_money(transaction.fee, transaction.currency)
        if isinstance(transaction, stripe.BalanceTransaction)
        else None,
        balance_transaction_id=transaction.id if known and transaction else str(transaction or ""),  # type: ignore[union-attr]
        created_at=moment(charge.created),
        failure=_charge_failure(charge),
        card_brand=str(card.brand or "") if card is not None else "",
        card_last4=str(card.last4 or "") if card is not None else "",
        card_country=str(card.country or "") if card is not None else "",
        address_line1_check=_check(checks.address_line1_check if checks is not None else None),
        address_postal_code_check=_check(checks.address_postal_code_check if checks is not None else None),
        cvc_check=_check(checks.cvc_check if checks is not None else None),
        three_d_secure=str(secure.result or "") if secure is not None else "",
        risk_level=str(charge.outcome.risk_level or "") if charge.outcome is not None else "",
    )


def refund_found(refund: stripe.Refund) -> RefundFound:
    intent, charge = refund.payment_intent, refund.charge
    attempt = _text(refund.metadata or {}, "attempt")
    return RefundFound(
        processor_refund_id=refund.id,
        refund_reference=_text(refund.metadata or {}, "refund"),
        processor_payment_id=(intent if isinstance(intent, str) else intent.id) if intent else "",
        status=mapped(_REFUND_STATUS, refund.status, "refund status"),
        amount=_money(refund.amount, refund.currency),
        failure_code=str(refund.failure_reason or "") if "failure_reason" in refund else "",
        processor_charge_id=(charge if isinstance(charge, str) else charge.id) if charge else "",
        attempt=int(attempt) if attempt.isdecimal() else 1,
    )


def transfer_found(transfer: stripe.Transfer) -> TransferFound:
    destination = transfer.destination
    return TransferFound(
        processor_transfer_id=transfer.id,
        transfer_reference=_text(transfer.metadata or {}, "transfer"),
        amount=_money(transfer.amount, transfer.currency),
        reversed_amount=_money(transfer.amount_reversed, transfer.currency),
        destination_account_id=(destination if isinstance(destination, str) else destination.id) if destination else "",
    )


def transfer_reversal_found(reversal: stripe.TransferReversal) -> TransferReversalFound:
    transfer = reversal.transfer
    return TransferReversalFound(
        processor_reversal_id=reversal.id,
        reversal_reference=_text(reversal.metadata or {}, "reversal"),
        processor_transfer_id=transfer if isinstance(transfer, str) else transfer.id,
        amount=_money(reversal.amount, reversal.currency),
    )


def reference_in(metadata: object, name: str) -> str:
    """Our own id that an object carries in its metadata; empty for one that is not ours."""
    return _text(metadata or {}, name)


def _intent_failure(intent: stripe.PaymentIntent) -> PaymentFailure | None:
    error = intent.last_payment_error
    if error is None:
        return None
    code = str(error.code or "") if "code" in error else ""
    decline_code = str(error.decline_code or "") if "decline_code" in error else ""
    return PaymentFailure(code, decline_code, buyer_words(code=code, decline_code=decline_code))


def _charge_failure(charge: stripe.Charge) -> PaymentFailure | None:
    if charge.failure_code is None:
        return None
    reason = charge.outcome.reason if charge.outcome is not None and charge.outcome.reason else ""
    code = str(charge.failure_code)
    return PaymentFailure(code, str(reason), buyer_words(code=code, decline_code=str(reason)))


def mapped(table: dict[str, Status], value: object, what: str) -> Status:
    try:
        return table[str(value)]
    except KeyError as error:
        raise UnmappedStripeValue(f"{what} {value!r}") from error


def _check(value: object) -> str:
    try:
        return _CHECKS[value]  # type: ignore[index]
    except KeyError as error:
        raise UnmappedStripeValue(f"check {value!r}") from error


def _money(amount: int, currency: str) -> Money:
    # Stripe's minor units are ours for every currency on our allow-list.
    return Money(amount, currency.upper())


def _text(metadata: object, name: str) -> str:
    return str(metadata[name]) if name in metadata else ""  # type: ignore[index,operator]


def moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
