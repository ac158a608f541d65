"""The Stripe adapter: what it sends, and that every way of failing becomes one of our typed errors."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses

from common.money import Money
from payments.contracts import (
    AccountRequest,
    AuthorizationFound,
    CaptureRequest,
    ChargeRequest,
    OutcomeUnknown,
    PaymentDeclined,
    PayoutRequest,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
    RefundRequest,
    TransferRequest,
)
from payments.processors.stripe.processor import StripeProcessor
from tests.payments import stripe_objects as documents
from tests.security.watch import everything_logged

BASE = "http://127.0.0.1:9"
INTENTS = f"{BASE}/v1/payment_intents"

CHARGE = ChargeRequest(
    reference="pay_1",
    order_reference="ord_1",
    amount=Money(4200, "EUR"),
    quote_hash="a" * 64,
    receipt_email="ada@example.org",
    trace_id="trace-1",
)
CAPTURE = CaptureRequest(
    reference="pay_1", processor_payment_id="pi_1", processor_authorization_id="", amount=Money(2500, "EUR"),
    trace_id="t",
)  # fmt: skip
REFUND = RefundRequest(
    reference="ref_1", processor_charge_id="ch_1", processor_payment_id="pi_1", amount=Money(4200, "EUR"), trace_id="t"
)
TRANSFER = TransferRequest(
    reference="trf_1",
    destination_account_id="acct_1",
    amount=Money(1000, "EUR"),
    group="pyt_1",
    trace_id="t",
)


PAYOUT = PayoutRequest("bpo_1", "acct_1", Money(900, "EUR"), "ARTISANS HUB", "trace-1")
ACCOUNT = AccountRequest(
    reference="art_1",
    display_name="Clay and Fire",
    email="clay@example.org",
    country="IE",
    currency="EUR",
    has_test_identity=True,
    trace_id="t",
)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def processor() -> StripeProcessor:
    return StripeProcessor(api_key="sk_test_adapter", api_base=BASE + "/", timeout_seconds=3)


def _create(processor: StripeProcessor) -> Any:
    return processor.create_payment(CHARGE, idempotency_key="create_payment:pay_1:1")


def test_a_payment_is_created_with_our_key_amount_and_metadata(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.post(INTENTS, json=documents.intent(status="requires_payment_method", latest_charge=None))
    found = _create(processor)
    assert found.processor_payment_id == "pi_1"
    [call] = wire.calls
    assert call.request.headers["Idempotency-Key"] == "create_payment:pay_1:1"
    assert call.request.headers["Authorization"] == "Bearer sk_test_adapter"
    sent = {name: values[0] for name, values in parse_qs(str(call.request.body)).items()}
    assert (sent["amount"], sent["currency"], sent["transfer_group"]) == ("4200", "eur", "ord_1")
    assert (sent["metadata[payment]"], sent["metadata[order]"]) == ("pay_1", "ord_1")
    assert (sent["metadata[quote_hash]"], sent["metadata[trace_id]"]) == ("a" * 64, "trace-1")
    assert not [name for name in sent if "card" in name or "payment_method_types" in name]


@pytest.mark.parametrize("currency, amount", [("JPY", 500), ("KWD", 1250)])
def test_minor_units_go_out_as_they_are(
    wire: responses.RequestsMock, processor: StripeProcessor, currency: str, amount: int
) -> None:
    wire.post(INTENTS, json=documents.intent(amount=amount, currency=currency.lower(), latest_charge=None))
    request = ChargeRequest(
        reference="pay_1",
        order_reference="ord_1",
        amount=Money(amount, currency),
        quote_hash="",
        receipt_email="a@b.c",
        trace_id="",
    )
    assert processor.create_payment(request, idempotency_key="k").amount == Money(amount, currency)
    assert parse_qs(str(wire.calls[0].request.body))["amount"] == [str(amount)]


ERRORS: dict[str, tuple[int, dict[str, Any], type[ProcessorError]]] = {
    "declined": (
        402,
        documents.error("card_error", code="card_declined", decline_code="insufficient_funds"),
        PaymentDeclined,
    ),
    "rate limited": (429, documents.error("invalid_request_error", code="rate_limit"), ProcessorUnavailable),
    "key in flight": (409, documents.error("idempotency_error"), ProcessorUnavailable),
    "object locked": (409, documents.error("invalid_request_error", code="lock_timeout"), ProcessorUnavailable),
    "lock time-out": (400, documents.error("invalid_request_error", code="lock_timeout"), ProcessorUnavailable),
    "other body under the key": (400, documents.error("idempotency_error"), ProcessorRefused),
    "bad request": (
        400,
        documents.error("invalid_request_error", code="amount_too_small", param="amount"),
        ProcessorRefused,
    ),
    "not found": (404, documents.error("invalid_request_error", code="resource_missing"), ProcessorRefused),
    "wrong key": (401, documents.error("invalid_request_error"), ProcessorUnavailable),
    "forbidden": (403, documents.error("invalid_request_error"), ProcessorUnavailable),
    "500": (500, documents.error("api_error"), OutcomeUnknown),
    "502": (502, documents.error("api_error"), OutcomeUnknown),
    "503": (503, documents.error("api_error"), OutcomeUnknown),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_answer_that_says_no_is_one_of_our_errors(
    wire: responses.RequestsMock, processor: StripeProcessor, name: str
) -> None:
    status, body, ours = ERRORS[name]
    wire.post(INTENTS, json=body, status=status, headers={"Request-Id": "req_77"})
    with everything_logged() as log, pytest.raises(ProcessorError) as caught:
        _create(processor)
    assert type(caught.value) is ours
    assert caught.value.processor_code == body["error"].get("code", "")
    assert caught.value.processor_request_id == "req_77"
    assert len(wire.calls) == 1, "the SDK repeated a request behind our back"
    assert "sk_test_adapter" not in log.getvalue()


@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "", "{"])
def test_an_answer_that_is_no_json_is_a_lost_answer(
    wire: responses.RequestsMock, processor: StripeProcessor, body: str
) -> None:
    wire.post(INTENTS, body=body, status=502)
    with pytest.raises(OutcomeUnknown):
        _create(processor)


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ConnectTimeout("slow"),
        requests.exceptions.ConnectionError("reset"),
        requests.exceptions.ChunkedEncodingError("cut off"),
        requests.exceptions.SSLError("tls"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_silence_is_unknown_and_never_a_failure(
    wire: responses.RequestsMock, processor: StripeProcessor, error: Exception
) -> None:
    wire.post(INTENTS, body=error)
    with pytest.raises(OutcomeUnknown):
        _create(processor)
    assert len(wire.calls) == 1


CALLS: dict[str, tuple[str, str, Callable[[StripeProcessor], Any]]] = {
    "retrieve_payment": ("GET", "/v1/payment_intents/pi_1", lambda p: p.retrieve_payment("pi_1")),
    "find_payment": ("GET", "/v1/payment_intents", lambda p: p.find_payment("pay_1", since=dt.datetime.now(tz=dt.UTC))),
    "cancel_payment": (
        "POST",
        "/v1/payment_intents/pi_1/cancel",
        lambda p: p.cancel_payment("pi_1", idempotency_key="k"),
    ),
    "capture_payment": (
        "POST",
        "/v1/payment_intents/pi_1/capture",
        lambda p: p.capture_payment(CAPTURE, idempotency_key="k"),
    ),
    "create_refund": ("POST", "/v1/refunds", lambda p: p.create_refund(REFUND, idempotency_key="k")),
    "retrieve_refund": ("GET", "/v1/refunds/re_1", lambda p: p.retrieve_refund("re_1")),
    "find_refund": ("GET", "/v1/refunds", lambda p: p.find_refund("ref_1", processor_payment_id="pi_1")),
    "create_transfer": ("POST", "/v1/transfers", lambda p: p.create_transfer(TRANSFER, idempotency_key="k")),
    "retrieve_transfer": ("GET", "/v1/transfers/tr_1", lambda p: p.retrieve_transfer("tr_1")),
    "find_transfer": ("GET", "/v1/transfers", lambda p: p.find_transfer("trf_1", group="pyt_1")),
    "create_account": ("POST", "/v1/accounts", lambda p: p.create_account(ACCOUNT, idempotency_key="k")),
    "retrieve_account": ("GET", "/v1/accounts/acct_1", lambda p: p.retrieve_account("acct_1")),
    "find_account": ("GET", "/v1/accounts", lambda p: p.find_account("art_1")),
    "retrieve_balance": ("GET", "/v1/balance", lambda p: p.retrieve_balance()),
    "create_onboarding_link": (
        "POST",
        "/v1/account_links",
        lambda p: p.create_onboarding_link("acct_1", return_url="https://a", refresh_url="https://b"),
    ),
    "create_payout": ("POST", "/v1/payouts", lambda p: p.create_payout(PAYOUT, idempotency_key="k")),
    "retrieve_payout": (
        "GET",
        "/v1/payouts/po_1",
        lambda p: p.retrieve_payout("po_1", processor_account_id="acct_1"),
    ),
    "find_payout": ("GET", "/v1/payouts", lambda p: p.find_payout("bpo_1", processor_account_id="acct_1")),
    "retrieve_account_balance": ("GET", "/v1/balance", lambda p: p.retrieve_account_balance("acct_1")),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [429, 500])
def test_every_call_speaks_our_errors(
    wire: responses.RequestsMock, processor: StripeProcessor, name: str, status: int
) -> None:
    method, path, call = CALLS[name]
    wire.add(method, BASE + path, json=documents.error("api_error"), status=status)
    with pytest.raises(ProcessorUnavailable if status == 429 else OutcomeUnknown):
        call(processor)


def test_every_call_of_the_processor_is_in_this_list() -> None:
    public = {
        name for name in dir(StripeProcessor) if not name.startswith("_") and callable(getattr(StripeProcessor, name))
    }
    assert public == set(CALLS) | {
        "create_payment",
        "authorize_payment",
        "renew_authorization",
        "create_transfer_reversal",
        "list_transfer_reversals",
    }


def test_cards_have_no_second_step_of_authorization(processor: StripeProcessor) -> None:
    for call in (processor.authorize_payment, processor.renew_authorization):
        with pytest.raises(ProcessorRefused):
            call(CAPTURE, idempotency_key="k")


def test_an_authorization_is_captured_in_part(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    taken = documents.charge(amount_captured=2500)
    wire.post(f"{INTENTS}/pi_1/capture", json=documents.intent(latest_charge=taken))
    found = processor.capture_payment(CAPTURE, idempotency_key="capture_payment:pay_1:1")
    assert found.charge is not None
    assert found.charge.amount == Money(2500, "EUR")
    sent = wire.calls[0].request
    assert "amount_to_capture=2500" in str(sent.body)
    assert sent.headers["Idempotency-Key"] == "capture_payment:pay_1:1"


def test_an_authorization_says_how_much_and_until_when(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    charge = documents.charge(captured=False, amount_captured=0)
    charge["payment_method_details"]["card"]["capture_before"] = 1_790_604_800
    wire.get(
        f"{INTENTS}/pi_1",
        json=documents.intent(status="requires_capture", amount_capturable=4200, latest_charge=charge),
    )
    found = processor.retrieve_payment("pi_1")
    assert found.status == "authorized"
    assert found.authorization == AuthorizationFound(
        processor_authorization_id="", amount=Money(4200, "EUR"),
        expires_at=dt.datetime.fromtimestamp(1_790_604_800, tz=dt.UTC),
    )  # fmt: skip
    assert found.charge is not None
    assert (found.charge.captured, found.charge.amount) == (False, Money(4200, "EUR"))


def test_found_by_our_reference_on_a_later_page(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    other = documents.intent(id="pi_other", metadata={"payment": "pay_other"}, latest_charge=None)
    first = {**documents.listed(other, url="/v1/payment_intents"), "has_more": True}
    wire.get(INTENTS, json=first)
    wire.get(INTENTS, json=documents.listed(documents.intent(latest_charge="ch_1"), url="/v1/payment_intents"))
    wire.get(f"{INTENTS}/pi_1", json=documents.intent())
    found = processor.find_payment("pay_1", since=dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    assert found is not None
    assert found.processor_payment_id == "pi_1"
    assert "created%5Bgte%5D=1795262100" in str(wire.calls[0].request.url) or "created[gte]=1795262100" in str(
        wire.calls[0].request.url
    ), "five minutes of clock skew are allowed for"
    assert "starting_after=pi_other" in str(wire.calls[1].request.url)


def test_not_found_is_none_and_not_a_guess(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    wire.get(INTENTS, json=documents.listed(url="/v1/payment_intents"))
    wire.get(f"{BASE}/v1/refunds", json=documents.listed(documents.refund(metadata={}), url="/v1/refunds"))
    wire.get(f"{BASE}/v1/transfers", json=documents.listed(url="/v1/transfers"))
    assert processor.find_payment("pay_1", since=dt.datetime.now(tz=dt.UTC)) is None
    assert processor.find_refund("ref_1", processor_payment_id="pi_1") is None
    assert processor.find_transfer("trf_1", group="pyt_1") is None


def test_refund_and_transfer_carry_key_amount_and_reference(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.post(f"{BASE}/v1/refunds", json=documents.refund())
    wire.post(f"{BASE}/v1/transfers", json=documents.transfer())
    processor.create_refund(REFUND, idempotency_key="refund:ref_1:1")
    processor.create_transfer(TRANSFER, idempotency_key="transfer:trf_1:1")
    assert [call.request.headers["Idempotency-Key"] for call in wire.calls] == ["refund:ref_1:1", "transfer:trf_1:1"]
    refund, transfer = (parse_qs(str(call.request.body)) for call in wire.calls)
    assert (refund["charge"], refund["amount"], refund["metadata[refund]"]) == (["ch_1"], ["4200"], ["ref_1"])
    assert (transfer["destination"], transfer["amount"], transfer["currency"]) == (["acct_1"], ["1000"], ["eur"])
    assert ("source_transaction" in transfer, transfer["transfer_group"]) == (False, ["pyt_1"])


def test_the_balance_is_available_and_pending_together_per_currency(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    parts = {
        "available": [{"amount": 100, "currency": "eur"}, {"amount": 7, "currency": "jpy"}],
        "pending": [{"amount": -30, "currency": "eur"}],
    }
    wire.get(f"{BASE}/v1/balance", json={"object": "balance", **parts})
    assert processor.retrieve_balance().total == {"EUR": 70, "JPY": 7}
