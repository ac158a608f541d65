"""PayPal's words -> ours, exhaustively, in one place: a value that is not listed here fails loudly."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from payments.contracts import AuthorizationFound, ChargeFound, MethodFound, PaymentFailure, PaymentFound, RefundFound
from payments.enums import AttemptOutcome, MethodKind, PaymentStatus, RefundStatus
from payments.processors.paypal.amounts import UnmappedPayPalValue, money_in

PROCESSOR = "paypal"
Value = TypeVar("Value")
Document = Mapping[str, Any]

# https://developer.paypal.com/docs/api/orders/v2/ : the status of an order that holds no payment yet.
_ORDER_STATUS = {
    "CREATED": PaymentStatus.REQUIRES_PAYMENT_METHOD,
    "SAVED": PaymentStatus.REQUIRES_PAYMENT_METHOD,
    # What an order begins with: the buyer is to choose a way to pay in PayPal, and to agree.
    "PAYER_ACTION_REQUIRED": PaymentStatus.REQUIRES_PAYMENT_METHOD,
    "APPROVED": PaymentStatus.APPROVED,
    "VOIDED": PaymentStatus.CANCELED,
}
# A denied payment uses its order up, so nothing can be paid on it any more.
_AUTHORIZATION_STATUS = {
    "CREATED": PaymentStatus.AUTHORIZED,
    "PENDING": PaymentStatus.PROCESSING,
    "DENIED": PaymentStatus.CANCELED,
    "VOIDED": PaymentStatus.CANCELED,
    "EXPIRED": PaymentStatus.CANCELED,
    # Only without a capture beside it: what was taken speaks for itself.
    "CAPTURED": PaymentStatus.PROCESSING,
    "PARTIALLY_CAPTURED": PaymentStatus.PROCESSING,
}
# The buyer's money is reserved still, and can be let go.
_HELD = ("CREATED", "PARTIALLY_CAPTURED")
_CAPTURE_STATUS = {
    "COMPLETED": PaymentStatus.SUCCEEDED,
    # Taken, and given back since.
    "PARTIALLY_REFUNDED": PaymentStatus.SUCCEEDED,
    "REFUNDED": PaymentStatus.SUCCEEDED,
    # Taken, and taken back by PayPal for the buyer; the dispute or refund tells.
    "REVERSED": PaymentStatus.SUCCEEDED,
    "PENDING": PaymentStatus.PROCESSING,
    "DECLINED": PaymentStatus.CANCELED,
    "FAILED": PaymentStatus.CANCELED,
}
_OUTCOME = {
    PaymentStatus.SUCCEEDED: AttemptOutcome.SUCCEEDED,
    PaymentStatus.PROCESSING: AttemptOutcome.PENDING,
    PaymentStatus.CANCELED: AttemptOutcome.FAILED,
}
_REFUND_STATUS = {
    "PENDING": RefundStatus.PENDING,
    "COMPLETED": RefundStatus.SUCCEEDED,
    "FAILED": RefundStatus.FAILED,
    "CANCELLED": RefundStatus.FAILED,
}
_HONORED_FOR = dt.timedelta(days=3)
_DECLINED = "PayPal did not let this payment through. No money was taken; try again, or pay by card."


def payment_found(order: Document) -> PaymentFound:
    """A whole order (`Prefer: return=representation`, or read): with its one purchase unit and that one's payments."""
    unit = _only_unit(order)
    payments = unit.get("payments") or {}
    capture = _decisive(payments.get("captures"), _CAPTURE_STATUS)
    authorization = _newest(payments.get("authorizations"))
    status = _status(order, capture, authorization)
    return PaymentFound(
        processor=PROCESSOR,
        processor_payment_id=_text(order.get("id")),
        status=status,
        amount=money_in(unit.get("amount")),
        payment_reference=_text(unit.get("custom_id")),
        quote_hash=_quote_hash(unit),
        client_secret="",
        charge=charge_found(capture) if capture is not None else None,
        failure=_why_not(status, capture, authorization),
        approval_url=link(order, "payer-action") or link(order, "approve"),
        authorization=authorization_found(authorization) if status == PaymentStatus.AUTHORIZED else None,
        method=_method_in(order),
        is_method_coming=_vault_in(order).get("status") == "APPROVED" and _method_in(order) is None,
    )


def charge_found(capture: Document) -> ChargeFound:
    """A capture. The fee is there once PayPal has taken the money."""
    status = mapped(_CAPTURE_STATUS, capture.get("status"), "capture status")
    amount = money_in(capture.get("amount"))
    breakdown = capture.get("seller_receivable_breakdown") or {}
    captured = status == PaymentStatus.SUCCEEDED
    fee = breakdown.get("paypal_fee")
    return ChargeFound(
        processor_charge_id=_text(capture.get("id")),
        outcome=_OUTCOME[status],
        captured=captured,
        amount=amount,
        # A breakdown without a fee says that there was none.
        fee=(money_in(fee) if fee else amount * 0) if captured and breakdown else None,
        balance_transaction_id=_text(capture.get("id")) if captured else "",
        created_at=time_in(capture.get("create_time")),
        failure=_failure(capture) if status == PaymentStatus.CANCELED else None,
    )


def authorization_found(authorization: Document | None) -> AuthorizationFound:
    """PayPal holds it for 29 days (`expires_at`), of which it vouches for the first three."""
    if authorization is None:
        raise UnmappedPayPalValue("authorized without an authorization")
    until = authorization.get("expiration_time")
    made_at = authorization.get("create_time")
    return AuthorizationFound(
        processor_authorization_id=_text(authorization.get("id")),
        amount=money_in(authorization.get("amount")),
        expires_at=time_in(until) if until else None,
        honored_until=time_in(made_at) + _HONORED_FOR if made_at else None,
    )


def first_authorization_id(order: Document) -> str:
    """The one that can be let go: a renewed authorization can't be voided, and ends with the one that it renews."""
    made = (_only_unit(order).get("payments") or {}).get("authorizations") or ()
    first = min(made, key=lambda authorization: str(authorization.get("create_time")), default=None)
    return "" if first is None else _text(first.get("id"))


def refund_found(refund: Document, *, processor_payment_id: str = "") -> RefundFound:
    reference, attempt = refund_reference_in(refund)
    details = refund.get("status_details") or {}
    return RefundFound(
        processor_refund_id=_text(refund.get("id")),
        refund_reference=reference,
        processor_payment_id=processor_payment_id,
        status=mapped(_REFUND_STATUS, refund.get("status"), "refund status"),
        amount=money_in(refund.get("amount")),
        failure_code=_text(details.get("reason")).lower(),
        processor_charge_id=link(refund, "up").rpartition("/")[2],
        attempt=attempt,
    )


def refund_custom_id(reference: str, attempt: int) -> str:
    """Our refund and the attempt at it, in the one field that PayPal keeps for us."""
    return f"{reference}.{attempt}"


def refund_reference_in(refund: Document) -> tuple[str, int]:
    """The reverse; an empty reference for a refund that was made in PayPal's dashboard.

    There a refund inherits what the sale said, which is the payment's reference and has no attempt.
    """
    reference, _, attempt = _text(refund.get("custom_id")).rpartition(".")
    return (reference, int(attempt)) if reference and attempt.isdecimal() else ("", 1)


def method_found(token: Document) -> MethodFound:
    """A vaulted PayPal account."""
    wallet = (token.get("payment_source") or {}).get("paypal") or {}
    return MethodFound(
        processor_method_id=_text(token.get("id")),
        processor_customer_id=_text((token.get("customer") or {}).get("id")),
        kind=MethodKind.PAYPAL,
        brand="paypal",
        payer_email=_text(wallet.get("email_address")),
    )


def link(document: Document, relation: str) -> str:
    """The address of a relation; empty when there is none."""
    for entry in document.get("links") or []:
        if entry.get("rel") == relation:
            return _text(entry.get("href"))
    return ""


def time_in(value: object) -> dt.datetime:
    """An RFC 3339 time, aware."""
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise UnmappedPayPalValue(f"time {value!r}") from error
    if moment.tzinfo is None:
        raise UnmappedPayPalValue(f"time {value!r}")
    return moment


def mapped(table: Mapping[str, Value], value: object, what: str) -> Value:
    try:
        return table[str(value)]
    except KeyError as error:
        raise UnmappedPayPalValue(f"{what} {value!r}") from error


def _status(order: Document, capture: Document | None, authorization: Document | None) -> PaymentStatus:
    """Money taken decides, then money reserved, then what the order itself says.

    A capture that was declined takes nothing, and leaves reserved what is reserved.
    """
    if capture is not None:
        status = mapped(_CAPTURE_STATUS, capture.get("status"), "capture status")
        is_held = authorization is not None and authorization.get("status") in _HELD
        return PaymentStatus.AUTHORIZED if status == PaymentStatus.CANCELED and is_held else status
    if authorization is not None:
        return mapped(_AUTHORIZATION_STATUS, authorization.get("status"), "authorization status")
    return mapped(_ORDER_STATUS, order.get("status"), "order status without a payment")


def _only_unit(order: Document) -> Document:
    units = order.get("purchase_units")
    if not isinstance(units, list) or len(units) != 1:
        raise UnmappedPayPalValue("an order with other than one purchase unit")
    unit: Document = units[0]
    return unit


def _decisive(payments: Iterable[Document] | None, table: Mapping[str, PaymentStatus]) -> Document | None:
    """What was taken before what is under way before what was declined; among equals the newest."""
    order = (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING, PaymentStatus.CANCELED)

    def rank(payment: Document) -> tuple[int, str]:
        return -order.index(mapped(table, payment.get("status"), "capture status")), str(payment.get("create_time"))

    return max(payments or (), key=rank, default=None)


def _newest(payments: Iterable[Document] | None) -> Document | None:
    return max(payments or (), key=lambda payment: str(payment.get("create_time")), default=None)


def _why_not(status: PaymentStatus, capture: Document | None, authorization: Document | None) -> PaymentFailure | None:
    """Why nothing was taken; what is reserved has a reason only if somebody tried to take it."""
    if status == PaymentStatus.CANCELED:
        return _failure(capture or authorization)
    return _failure(capture) if status == PaymentStatus.AUTHORIZED else None


def _failure(payment: Document | None) -> PaymentFailure | None:
    if payment is None:
        return None
    reason = _text((payment.get("status_details") or {}).get("reason")).lower()
    return PaymentFailure(code=_text(payment.get("status")).lower(), decline_code=reason, message=_DECLINED)


def _quote_hash(unit: Document) -> str:
    # PayPal itself calls a unit that we did not name "default".
    reference = _text(unit.get("reference_id"))
    return "" if reference == "default" else reference


def _method_in(order: Document) -> MethodFound | None:
    """The PayPal account that was kept with this order, as its buyer agreed."""
    vault = _vault_in(order)
    if not vault.get("id"):
        return None
    return method_found({**vault, "payment_source": order["payment_source"]})


def _vault_in(order: Document) -> Document:
    """What PayPal says of keeping the account. APPROVED and without an id: the buyer agreed, and PayPal is at it.

    PayPal answers as soon as it has the money, and may keep the account after that; an event names the id then.
    https://developer.paypal.com/docs/checkout/save-payment-methods/during-purchase/js-sdk/paypal/
    """
    wallet = (order.get("payment_source") or {}).get("paypal") or {}
    vault: Document = (wallet.get("attributes") or {}).get("vault") or {}
    return vault


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
