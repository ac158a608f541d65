"""PayPal's words -> ours: every value that PayPal publishes is mapped, and any other one stops us."""

from typing import Any

import pytest
from paypalserversdk.models.authorization_status import AuthorizationStatus
from paypalserversdk.models.capture_status import CaptureStatus
from paypalserversdk.models.order_status import OrderStatus
from paypalserversdk.models.refund_status import RefundStatus as TheirRefundStatus

from common.money import Money
from payments.enums import AttemptOutcome, MethodKind, PaymentStatus, RefundStatus
from payments.processors.paypal import mapping
from payments.processors.paypal.amounts import UnmappedPayPalValue, amount_document, money_in
from tests.payments import paypal_objects as documents


def _published(enumeration: type) -> set[str]:
    return {value for name, value in vars(enumeration).items() if name.isupper() and isinstance(value, str)}


def _of_order(status: str) -> PaymentStatus:
    return mapping.payment_found(documents.order(status=status)).status


def _of_authorization(status: str) -> PaymentStatus:
    payments = {"authorizations": [documents.authorization(status=status)]}
    return mapping.payment_found(documents.order(status="COMPLETED", payments=payments)).status


def _of_capture(status: str) -> PaymentStatus:
    return mapping.payment_found(
        documents.order(status="COMPLETED", payments={"captures": [documents.capture(status=status)]})
    ).status


def test_every_published_order_status_is_mapped() -> None:
    # COMPLETED never comes without a payment, whose status decides.
    statuses = {status: _of_order(status) for status in _published(OrderStatus) - {"COMPLETED"}}
    assert statuses == {
        "CREATED": PaymentStatus.REQUIRES_PAYMENT_METHOD,
        "SAVED": PaymentStatus.REQUIRES_PAYMENT_METHOD,
        "PAYER_ACTION_REQUIRED": PaymentStatus.REQUIRES_PAYMENT_METHOD,
        "APPROVED": PaymentStatus.APPROVED,
        "VOIDED": PaymentStatus.CANCELED,
    }


def test_every_published_authorization_status_is_mapped() -> None:
    statuses = {status: _of_authorization(status) for status in _published(AuthorizationStatus)}
    assert statuses == {
        "CREATED": PaymentStatus.AUTHORIZED,
        "PENDING": PaymentStatus.PROCESSING,
        "CAPTURED": PaymentStatus.PROCESSING,
        "PARTIALLY_CAPTURED": PaymentStatus.PROCESSING,
        "DENIED": PaymentStatus.CANCELED,
        "VOIDED": PaymentStatus.CANCELED,
    }


def test_every_published_capture_status_is_mapped() -> None:
    statuses = {status: _of_capture(status) for status in _published(CaptureStatus)}
    assert statuses == {
        "COMPLETED": PaymentStatus.SUCCEEDED,
        "PARTIALLY_REFUNDED": PaymentStatus.SUCCEEDED,
        "REFUNDED": PaymentStatus.SUCCEEDED,
        "PENDING": PaymentStatus.PROCESSING,
        "DECLINED": PaymentStatus.CANCELED,
        "FAILED": PaymentStatus.CANCELED,
    }


def test_every_published_refund_status_is_mapped() -> None:
    statuses = {
        status: mapping.refund_found(documents.refund(status=status)).status for status in _published(TheirRefundStatus)
    }
    assert statuses == {
        "PENDING": RefundStatus.PENDING,
        "COMPLETED": RefundStatus.SUCCEEDED,
        "FAILED": RefundStatus.FAILED,
        "CANCELLED": RefundStatus.FAILED,
    }


@pytest.mark.parametrize(
    "document",
    [
        documents.order(status="HALF_APPROVED"),
        documents.order(status="COMPLETED"),
        documents.order(payments={"captures": [documents.capture(status="MAYBE")]}),
        documents.order(payments={"authorizations": [documents.authorization(status="MAYBE")]}),
        documents.order(purchase_units=[]),
        documents.order(purchase_units=[{}, {}]),
        documents.order(payments={"captures": [documents.capture(create_time="yesterday")]}),
        documents.order(payments={"captures": [documents.capture(create_time="2026-03-01T10:00:00")]}),
    ],
)
def test_an_unknown_value_stops_us_loudly(document: dict[str, Any]) -> None:
    with pytest.raises(UnmappedPayPalValue):
        mapping.payment_found(document)


def test_money_that_was_taken_outweighs_an_earlier_refusal() -> None:
    captures = [
        documents.capture(id="CAP2", status="DECLINED", create_time="2026-03-02T10:00:00Z"),
        documents.capture(id="CAP1"),
    ]
    found = mapping.payment_found(documents.order(status="COMPLETED", payments={"captures": captures}))
    assert found.status == PaymentStatus.SUCCEEDED
    assert found.charge is not None and found.charge.processor_charge_id == "CAP1"


def test_a_pending_capture_has_taken_nothing_yet() -> None:
    pending = documents.capture(
        status="PENDING", status_details={"reason": "ECHECK"}, seller_receivable_breakdown={"gross_amount": {}}
    )
    charge = mapping.charge_found(pending)
    assert (charge.outcome, charge.captured, charge.fee) == (AttemptOutcome.PENDING, False, None)


def test_a_denied_payment_says_why_in_words_for_the_buyer() -> None:
    denied = documents.capture(status="DECLINED", status_details={"reason": "PENDING_REVIEW"})
    found = mapping.payment_found(documents.order(status="COMPLETED", payments={"captures": [denied]}))
    assert found.failure is not None
    assert (found.failure.code, found.failure.decline_code) == ("declined", "pending_review")
    assert "No money was taken" in found.failure.message
    assert found.charge is not None and found.charge.outcome == AttemptOutcome.FAILED


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("CREATED", "authorized"), ("PARTIALLY_CAPTURED", "authorized"), ("CAPTURED", "canceled"), ("VOIDED", "canceled")],
)
def test_a_declined_capture_leaves_reserved_what_is_reserved(authorization: str, status: str) -> None:
    made = {
        "captures": [documents.capture(status="DECLINED", status_details={"reason": "PENDING_REVIEW"})],
        "authorizations": [documents.authorization(status=authorization)],
    }
    found = mapping.payment_found(documents.order(status="COMPLETED", payments=made))
    assert found.status == status
    assert (found.authorization is not None) == (status == "authorized")
    assert found.charge is not None and found.charge.outcome == AttemptOutcome.FAILED
    assert found.failure is not None and found.failure.decline_code == "pending_review"


def test_the_newest_authorization_is_the_one_that_holds() -> None:
    held = [
        documents.authorization(id="AUTH2", create_time="2026-03-05T10:00:00Z"),
        documents.authorization(id="AUTH1"),
    ]
    found = mapping.payment_found(documents.order(status="COMPLETED", payments={"authorizations": held}))
    assert found.authorization is not None
    assert found.authorization.processor_authorization_id == "AUTH2"


def test_a_paypal_account_kept_with_a_payment_is_found() -> None:
    wallet = {
        "email_address": "ada@example.org",
        "attributes": {"vault": {"id": "tok1", "status": "VAULTED", "customer": {"id": "cus1"}}},
    }
    found = mapping.payment_found(documents.paid(payment_source={"paypal": wallet}))
    assert found.method is not None
    assert (found.method.processor_method_id, found.method.processor_customer_id) == ("tok1", "cus1")
    assert (found.method.kind, found.method.payer_email) == (MethodKind.PAYPAL, "ada@example.org")
    assert "ada@" not in repr(found)
    assert mapping.payment_found(documents.paid(payment_source={"paypal": {}})).method is None


def test_an_order_that_others_made_names_no_quote() -> None:
    foreign = documents.order()
    foreign["purchase_units"][0]["reference_id"] = "default"
    assert mapping.payment_found(foreign).quote_hash == ""


@pytest.mark.parametrize("amount", [Money(1, "EUR"), Money(99_999_999, "JPY"), Money(4200, "USD"), Money(7, "GBP")])
def test_amounts_come_back_as_they_were_sent(amount: Money) -> None:
    assert money_in(amount_document(amount)) == amount


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"currency_code": "EUR", "value": "1.005"},
        {"currency_code": "EUR", "value": "NaN"},
        {"currency_code": "EUR", "value": "ten"},
        {"currency_code": "JPY", "value": "1.50"},
    ],
)
def test_what_is_no_amount_stops_us_loudly(document: object) -> None:
    with pytest.raises(UnmappedPayPalValue):
        money_in(document)
