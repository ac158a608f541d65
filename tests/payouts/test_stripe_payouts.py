"""Payouts from connected accounts to banks over the wire: what is asked of Stripe, and how its answer is read."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from common.money import Money
from payments.contracts import AccountBalance, BalanceFound, PayoutFound, PayoutRequest, ProcessorRefused
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payments.processors import processor_named
from payments.processors.stripe import payouts
from payments.processors.stripe.mapping import UnmappedStripeValue
from payments.processors.stripe.processor import StripeProcessor

BASE = "http://127.0.0.1:9"
ASKED = PayoutRequest("bpo_1", "acct_1", Money(4321, "EUR"), "ARTISANS HUB", "trace-1")


def payout(status: str = "pending", **more: Any) -> dict[str, Any]:
    return {
        "id": "po_1", "object": "payout", "amount": 4321, "currency": "eur", "status": status,
        "arrival_date": 1_800_000_000, "failure_code": None, "failure_message": None,
        "metadata": {"payout": "bpo_1"}, **more,
    }  # fmt: skip


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def processor() -> StripeProcessor:
    return StripeProcessor(api_key="sk_test_adapter", api_base=BASE, timeout_seconds=3)


def test_a_payout_is_asked_for_on_the_artisans_account(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.post(f"{BASE}/v1/payouts", json=payout())
    assert processor.create_payout(ASKED, idempotency_key="create_payout:bpo_1:1") == PayoutFound(
        "po_1", "bpo_1", "acct_1", Money(4321, "EUR"), ProcessorPayoutStatus.PENDING, dt.date(2027, 1, 15)
    )
    sent = wire.calls[0].request
    assert sent.headers["Idempotency-Key"] == "create_payout:bpo_1:1"
    assert sent.headers["Stripe-Account"] == "acct_1"
    assert {name: values[0] for name, values in parse_qs(str(sent.body)).items()} == {
        "amount": "4321", "currency": "eur", "statement_descriptor": "ARTISANS HUB", "metadata[payout]": "bpo_1",
        "metadata[trace_id]": "trace-1",
    }  # fmt: skip


def test_a_payout_that_came_back_says_why_in_our_words(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    document = payout("failed", failure_code="no_account", failure_message="No account could be located.")
    wire.get(f"{BASE}/v1/payouts/po_1", json=document)
    found = processor.retrieve_payout("po_1", processor_account_id="acct_1")
    assert (found.status, found.failure_code) == (ProcessorPayoutStatus.FAILED, PayoutFailure.ACCOUNT_NOT_FOUND)
    assert found.failure_message == "No account could be located."
    assert wire.calls[0].request.headers["Stripe-Account"] == "acct_1"


def test_found_by_our_reference_on_that_account_or_certainly_not_there(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    other = payout(id="po_0", metadata={})
    wire.get(
        f"{BASE}/v1/payouts", json={"object": "list", "data": [other, payout("paid")], "has_more": False, "url": "/"}
    )
    found = processor.find_payout("bpo_1", processor_account_id="acct_1")
    assert found is not None
    assert (found.processor_payout_id, found.status) == ("po_1", ProcessorPayoutStatus.PAID)
    assert processor.find_payout("bpo_2", processor_account_id="acct_1") is None
    assert {call.request.headers["Stripe-Account"] for call in wire.calls} == {"acct_1"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("pending", "pending"), ("in_transit", "in_transit"), ("paid", "paid"), ("failed", "failed"),
     ("canceled", "canceled")],
)  # fmt: skip
def test_every_status_is_mapped(
    wire: responses.RequestsMock, processor: StripeProcessor, theirs: str, ours: str
) -> None:
    wire.get(f"{BASE}/v1/payouts/po_1", json=payout(theirs))
    assert processor.retrieve_payout("po_1", processor_account_id="acct_1").status == ours


def test_a_status_that_the_table_does_not_know_fails_loudly(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.get(f"{BASE}/v1/payouts/po_1", json=payout("half_way"))
    with pytest.raises(UnmappedStripeValue):
        processor.retrieve_payout("po_1", processor_account_id="acct_1")


def test_a_failure_that_stripe_adds_later_is_a_failure_all_the_same(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.get(f"{BASE}/v1/payouts/po_1", json=payout("failed", failure_code="bank_on_the_moon"))
    found = processor.retrieve_payout("po_1", processor_account_id="acct_1")
    assert (found.status, found.failure_code) == (ProcessorPayoutStatus.FAILED, PayoutFailure.OTHER)


def test_every_word_for_a_failure_is_used() -> None:
    assert set(payouts.FAILURE.values()) == set(PayoutFailure) - {PayoutFailure.NONE, PayoutFailure.OTHER}


def test_too_little_on_the_account_is_a_refusal(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    refusal = {"error": {"type": "invalid_request_error", "code": "balance_insufficient", "message": "no"}}
    wire.post(f"{BASE}/v1/payouts", json=refusal, status=400)
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_payout(ASKED, idempotency_key="k")
    assert refused.value.processor_code == "balance_insufficient"


def test_an_account_out_of_our_reach_is_a_refusal_and_not_retried_for_ever(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    refusal = {"error": {"type": "invalid_request_error", "code": "account_invalid", "message": "no access"}}
    wire.post(f"{BASE}/v1/payouts", json=refusal, status=403)
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_payout(ASKED, idempotency_key="k")
    assert refused.value.processor_code == "account_invalid"


def test_balances_tell_what_can_be_used_now(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    document = {
        "object": "balance",
        "available": [{"amount": 700, "currency": "eur"}, {"amount": -5, "currency": "usd"}],
        "pending": [{"amount": 40, "currency": "eur"}],
    }
    wire.get(f"{BASE}/v1/balance", json=document)
    assert processor.retrieve_account_balance("acct_1") == AccountBalance({"EUR": 700, "USD": -5}, {"EUR": 40})
    assert wire.calls[0].request.headers["Stripe-Account"] == "acct_1"
    assert processor.retrieve_balance() == BalanceFound(
        total={"EUR": 740, "USD": -5}, available={"EUR": 700, "USD": -5}, pending={"EUR": 40}
    )
    assert "Stripe-Account" not in wire.calls[1].request.headers


def test_paypal_pays_no_artisan() -> None:
    paypal = processor_named("paypal")
    with pytest.raises(ProcessorRefused):
        paypal.create_payout(ASKED, idempotency_key="k")
    with pytest.raises(ProcessorRefused):
        paypal.create_onboarding_link("acct_1", return_url="https://shop/back", refresh_url="https://shop/again")
