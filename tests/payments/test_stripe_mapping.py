"""Stripe's words -> ours: exhaustive against the values that the installed package's own types name."""

import typing
from typing import Any

import pytest
import stripe

from common.money import Money
from payments.enums import AttemptOutcome, CheckResult, PaymentStatus, RefundStatus
from payments.processors.stripe import mapping
from tests.payments import stripe_objects


def _literals(annotation: Any) -> set[str]:
    """The values of every Literal inside an annotation such as Union[Literal['a', 'b'], str]."""
    if typing.get_origin(annotation) is typing.Literal:
        return set(typing.get_args(annotation))
    return {value for inner in typing.get_args(annotation) for value in _literals(inner)}


def _intent(**changed: Any) -> stripe.PaymentIntent:
    return stripe.PaymentIntent.construct_from(stripe_objects.intent(**changed), "sk_test_x")


def _charge(**changed: Any) -> stripe.Charge:
    return stripe.Charge.construct_from(stripe_objects.charge(**changed), "sk_test_x")


def test_every_status_of_a_payment_intent_is_mapped() -> None:
    known = _literals(stripe.PaymentIntent.__annotations__["status"])
    assert len(known) >= 7
    assert known == set(mapping._PAYMENT_STATUS)
    ours = {status: mapping.payment_found(_intent(status=status)).status for status in known}
    assert ours == {
        "requires_payment_method": PaymentStatus.REQUIRES_PAYMENT_METHOD,
        "requires_confirmation": PaymentStatus.REQUIRES_PAYMENT_METHOD,
        "requires_action": PaymentStatus.REQUIRES_ACTION,
        "processing": PaymentStatus.PROCESSING,
        "requires_capture": PaymentStatus.AUTHORIZED,
        "succeeded": PaymentStatus.SUCCEEDED,
        "canceled": PaymentStatus.CANCELED,
    }


def test_every_status_of_a_charge_is_mapped() -> None:
    known = _literals(stripe.Charge.__annotations__["status"])
    assert known == set(mapping._CHARGE_OUTCOME)
    assert {status: mapping.charge_found(_charge(status=status)).outcome for status in known} == {
        "succeeded": AttemptOutcome.SUCCEEDED,
        "pending": AttemptOutcome.PENDING,
        "failed": AttemptOutcome.FAILED,
    }


# The package types a refund's status and the checks as plain text; these are the values its documentation lists.
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("pending", RefundStatus.PENDING),
        ("requires_action", RefundStatus.PENDING),
        ("succeeded", RefundStatus.SUCCEEDED),
        ("failed", RefundStatus.FAILED),
        ("canceled", RefundStatus.FAILED),
    ],
)
def test_every_status_of_a_refund_is_mapped(theirs: str, ours: RefundStatus) -> None:
    refund = stripe.Refund.construct_from(stripe_objects.refund(status=theirs), "sk_test_x")
    assert mapping.refund_found(refund).status == ours
    assert (
        theirs in (stripe.Refund.__doc__ or "") + str(stripe.Refund.__annotations__) or theirs in mapping._REFUND_STATUS
    )


@pytest.mark.parametrize("theirs", ["pass", "fail", "unavailable", "unchecked", None])
def test_every_result_of_a_check_is_mapped(theirs: str | None) -> None:
    document = stripe_objects.charge()
    document["payment_method_details"]["card"]["checks"] = {
        "address_line1_check": theirs, "address_postal_code_check": theirs, "cvc_check": theirs,
    }  # fmt: skip
    found = mapping.charge_found(stripe.Charge.construct_from(document, "sk_test_x"))
    assert found.address_line1_check == found.address_postal_code_check == found.cvc_check == (theirs or "")
    assert found.cvc_check in CheckResult.values


@pytest.mark.parametrize("status", ["on_fire", "", None, "Succeeded"])
def test_a_value_we_don_t_know_fails_loudly(status: str | None) -> None:
    with pytest.raises(mapping.UnmappedStripeValue):
        mapping.payment_found(_intent(status=status))
    with pytest.raises(mapping.UnmappedStripeValue):
        mapping.charge_found(_charge(status=status))
    with pytest.raises(mapping.UnmappedStripeValue):
        mapping.refund_found(stripe.Refund.construct_from(stripe_objects.refund(status=status), "sk_test_x"))
    document = stripe_objects.charge()
    document["payment_method_details"]["card"]["checks"]["cvc_check"] = status or "maybe"
    with pytest.raises(mapping.UnmappedStripeValue):
        mapping.charge_found(stripe.Charge.construct_from(document, "sk_test_x"))


def test_all_of_a_payment_is_read() -> None:
    found = mapping.payment_found(_intent())
    assert found.amount == Money(4200, "EUR")
    assert (found.payment_reference, found.quote_hash) == ("pay_1", "a" * 64)
    assert found.charge is not None
    assert (found.charge.fee, found.charge.balance_transaction_id) == (Money(151, "EUR"), "txn_1")
    assert (found.charge.card_brand, found.charge.card_last4, found.charge.card_country) == ("visa", "4242", "US")
    assert found.charge.created_at.isoformat() == "2026-09-21T14:13:20+00:00"
    assert found.client_secret not in repr(found), "the secret must not reach a log by way of a repr"


def test_what_is_not_there_yet_stays_open() -> None:
    early = mapping.payment_found(_intent(status="requires_payment_method", latest_charge=None, metadata={}))
    assert (early.charge, early.failure, early.payment_reference) == (None, None, "")
    unknown_fee = mapping.charge_found(_charge(balance_transaction="txn_2"))
    assert (unknown_fee.fee, unknown_fee.balance_transaction_id) == (None, "txn_2")
    no_fee = mapping.charge_found(_charge(balance_transaction=None, payment_method_details=None, outcome=None))
    assert (no_fee.fee, no_fee.balance_transaction_id, no_fee.card_last4, no_fee.risk_level) == (None, "", "", "")


@pytest.mark.parametrize(
    ("code", "decline_code", "words"),
    [
        ("card_declined", "insufficient_funds", "enough funds"),
        ("expired_card", "", "expired"),
        ("incorrect_cvc", "", "security code"),
        ("payment_intent_authentication_failure", "", "could not confirm that it was you"),
        ("card_declined", "generic_decline", "declined this card"),
        ("card_declined", "never_seen_before", "declined this card"),
        ("", "", "declined this card"),
    ],
)
def test_a_decline_is_told_in_words_a_buyer_understands(code: str, decline_code: str, words: str) -> None:
    assert words in mapping.buyer_words(code=code, decline_code=decline_code)


@pytest.mark.parametrize(
    "decline_code", ["lost_card", "stolen_card", "fraudulent", "merchant_blacklist", "pickup_card", "restricted_card"]
)
def test_suspicion_is_never_told(decline_code: str) -> None:
    assert mapping.buyer_words(code="card_declined", decline_code=decline_code) == mapping._PLAIN_DECLINE


def test_a_transfer_is_read_whole() -> None:
    found = mapping.transfer_found(stripe.Transfer.construct_from(stripe_objects.transfer(amount_reversed=30), "sk"))
    assert (found.amount, found.reversed_amount) == (Money(1000, "EUR"), Money(30, "EUR"))
    assert (found.transfer_reference, found.destination_account_id) == ("trf_1", "acct_1")
