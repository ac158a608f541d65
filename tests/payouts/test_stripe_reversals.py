"""What is asked of Stripe to bring a transfer back, and how its answers are read."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from common.money import Money
from payments.contracts import (
    OutcomeUnknown,
    ProcessorRefused,
    ProcessorUnavailable,
    TransferReversalFound,
    TransferReversalRequest,
)
from payments.processors.stripe.processor import StripeProcessor

BASE = "http://127.0.0.1:9"
URL = f"{BASE}/v1/transfers/tr_1/reversals"
ASKED = TransferReversalRequest(
    reference="trr_ours", processor_transfer_id="tr_1", amount=Money(600, "EUR"), trace_id="trace-1"
)


def reversal(number: int = 1, metadata: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "id": f"trr_{number}",
        "object": "transfer_reversal",
        "amount": 600,
        "currency": "eur",
        "metadata": {"reversal": "trr_ours"} if metadata is None else metadata,
        "transfer": "tr_1",
    }


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def processor() -> StripeProcessor:
    return StripeProcessor(api_key="sk_test_adapter", api_base=BASE, timeout_seconds=3)


def test_a_reversal_is_asked_for_with_our_key_and_reference(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.post(URL, json=reversal())
    found = processor.create_transfer_reversal(ASKED, idempotency_key="transfer_reversal:trr_ours:1")
    assert found == TransferReversalFound("trr_1", "trr_ours", "tr_1", Money(600, "EUR"))
    assert wire.calls[0].request.headers["Idempotency-Key"] == "transfer_reversal:trr_ours:1"
    sent = {name: values[0] for name, values in parse_qs(str(wire.calls[0].request.body)).items()}
    assert sent == {"amount": "600", "metadata[reversal]": "trr_ours", "metadata[trace_id]": "trace-1"}


def test_all_reversals_of_a_transfer_are_listed_whoever_made_them(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    first = {"object": "list", "data": [reversal(1, {})], "has_more": True, "url": "/v1/transfers/tr_1/reversals"}
    wire.get(URL, json=first)
    wire.get(URL, json={**first, "data": [reversal(2)], "has_more": False})
    listed = processor.list_transfer_reversals("tr_1")
    assert [(found.processor_reversal_id, found.reversal_reference) for found in listed] == [
        ("trr_1", ""), ("trr_2", "trr_ours")
    ]  # fmt: skip


def test_too_little_in_the_artisans_account_is_a_refusal_with_its_code(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    error = {"type": "invalid_request_error", "code": "balance_insufficient", "message": "insufficient funds"}
    wire.post(URL, json={"error": error}, status=400)
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_transfer_reversal(ASKED, idempotency_key="k")
    assert refused.value.processor_code == "balance_insufficient"


@pytest.mark.parametrize(("status", "expected"), [(500, OutcomeUnknown), (429, ProcessorUnavailable)])
def test_what_may_have_been_carried_out_is_told_apart_from_what_was_not(
    wire: responses.RequestsMock, processor: StripeProcessor, status: int, expected: type[Exception]
) -> None:
    wire.post(URL, json={"error": {"type": "api_error", "message": "no"}}, status=status)
    with pytest.raises(expected):
        processor.create_transfer_reversal(ASKED, idempotency_key="k")
