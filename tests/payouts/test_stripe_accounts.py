"""What is asked of Stripe for a demo artisan's account, and how its answer is read."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from payments.contracts import AccountFound, AccountRequest, OutcomeUnknown, ProcessorRefused
from payments.processors.stripe.accounts import TEST_COUNTRIES, create_params
from payments.processors.stripe.processor import StripeProcessor

BASE = "http://127.0.0.1:9"


def request(country: str = "DE", *, is_test: bool = True) -> AccountRequest:
    return AccountRequest(
        reference="art_1", display_name="Clara Ní Bhriain", email="clara@example.org", country=country, currency="EUR",
        has_test_identity=is_test, trace_id="trace-1",
    )  # fmt: skip


def account(transfers: str | None = "active") -> dict[str, Any]:
    return {
        "id": "acct_1",
        "object": "account",
        "country": "DE",
        "capabilities": {} if transfers is None else {"transfers": transfers},
        "metadata": {"artisan": "art_1"},
    }


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def processor() -> StripeProcessor:
    return StripeProcessor(api_key="sk_test_adapter", api_base=BASE, timeout_seconds=3)


def test_the_account_is_asked_for_with_our_key_and_reference(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.post(f"{BASE}/v1/accounts", json=account())
    found = processor.create_account(request(), idempotency_key="create_account:art_1:1")
    assert found == AccountFound("acct_1", "art_1", "DE", transfers_enabled=True)
    assert wire.calls[0].request.headers["Idempotency-Key"] == "create_account:art_1:1"
    sent = {name: values[0] for name, values in parse_qs(str(wire.calls[0].request.body)).items()}
    assert sent["metadata[artisan]"] == "art_1"
    assert sent["capabilities[transfers][requested]"] == "true"
    assert sent["controller[stripe_dashboard][type]"] == "none"
    assert sent["individual[address][line1]"] == "address_full_match"
    assert sent["external_account[account_number]"] == "DE89370400440532013000"


@pytest.mark.parametrize(
    ("status", "enabled"), [("active", True), ("inactive", False), ("pending", False), (None, False)]
)
def test_only_an_active_capability_can_be_paid_to(
    wire: responses.RequestsMock, processor: StripeProcessor, status: str | None, enabled: bool
) -> None:
    wire.get(f"{BASE}/v1/accounts/acct_1", json=account(status))
    assert processor.retrieve_account("acct_1").transfers_enabled is enabled


def test_found_by_our_reference_or_certainly_not_there(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    listed = {"object": "list", "data": [account()], "has_more": False, "url": "/v1/accounts"}
    wire.get(f"{BASE}/v1/accounts", json=listed)
    found = processor.find_account("art_1")
    assert found is not None
    assert found.processor_account_id == "acct_1"
    assert processor.find_account("art_2") is None


def test_failures_are_ours(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    refusal = {"error": {"type": "invalid_request_error", "code": "country_unsupported", "message": "no"}}
    wire.post(f"{BASE}/v1/accounts", json=refusal, status=400)
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_account(request(), idempotency_key="k")
    assert refused.value.processor_code == "country_unsupported"
    wire.replace("POST", f"{BASE}/v1/accounts", body=ConnectionResetError())
    with pytest.raises(OutcomeUnknown):
        processor.create_account(request(), idempotency_key="k")


def test_the_same_request_has_the_same_body_for_ever() -> None:
    """Stripe refuses a key that comes again with another body."""
    for country in TEST_COUNTRIES:
        assert create_params(request(country)) == create_params(request(country))


def test_a_real_artisan_gets_no_invented_identity() -> None:
    params = create_params(request(is_test=False))
    assert not {"individual", "external_account", "tos_acceptance"} & set(params)
