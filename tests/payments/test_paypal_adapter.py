"""The PayPal adapter: what it sends, and that every way of failing becomes one of our typed errors."""

import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from common.money import Money
from payments.contracts import (
    AuthenticationRequired,
    AuthorizationFound,
    CaptureRequest,
    ChargeRequest,
    OutcomeUnknown,
    PaymentDeclined,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
    RefundRequest,
    TransferRequest,
)
from payments.enums import CaptureMethod, PaymentStatus, RefundStatus
from payments.processors.paypal.client import PayPalClient
from payments.processors.paypal.processor import PayPalProcessor
from tests.payments import paypal_objects as documents
from tests.payments.paypal_objects import BASE
from tests.security.watch import everything_logged

TOKEN = f"{BASE}/v1/oauth2/token"
ORDERS = f"{BASE}/v2/checkout/orders"
PAYMENTS = f"{BASE}/v2/payments"
CHARGE = ChargeRequest(
    reference="pay_1", order_reference="ord_1", amount=Money(4200, "EUR"), quote_hash="a" * 64,
    receipt_email="ada@example.org", trace_id="trace-1", return_url="http://shop/back", cancel_url="http://shop/no",
)  # fmt: skip
CAPTURE = CaptureRequest(
    reference="pay_1", processor_payment_id="ORDER1", processor_authorization_id="", amount=Money(4200, "EUR"),
    trace_id="t",
)  # fmt: skip
PART = dataclasses.replace(CAPTURE, processor_authorization_id="AUTH1", amount=Money(2500, "EUR"))
REFUND = RefundRequest(
    reference="ref_1", processor_charge_id="CAP1", processor_payment_id="ORDER1", amount=Money(1000, "EUR"),
    trace_id="t", note_to_payer="The bowl was chipped.",
)  # fmt: skip


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, json={"access_token": "token-1", "token_type": "Bearer", "expires_in": 32400})
        yield mock


@pytest.fixture
def processor() -> PayPalProcessor:
    return PayPalProcessor(
        PayPalClient(client_id="id-1", client_secret="secret-1", api_base=BASE + "/", timeout_seconds=3)
    )


def _create(processor: PayPalProcessor) -> Any:
    return processor.create_payment(CHARGE, idempotency_key="create_payment:pay_1:1")


def _capture(processor: PayPalProcessor) -> Any:
    return processor.capture_payment(CAPTURE, idempotency_key="key")


def _sent(wire: responses.RequestsMock, index: int = -1) -> Any:
    body = wire.calls[index].request.body
    return json.loads(body or "null")


def _header(wire: responses.RequestsMock, name: str, index: int = -1) -> str:
    return str(wire.calls[index].request.headers.get(name))


def test_an_order_is_created_with_our_key_reference_and_quote(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(ORDERS, json=documents.order())
    found = _create(processor)
    assert _header(wire, "PayPal-Request-Id") == "create_payment:pay_1:1"
    assert _header(wire, "Authorization") == "Bearer token-1"
    assert _header(wire, "Prefer") == "return=representation"
    assert _sent(wire) == {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": "a" * 64,
                "custom_id": "pay_1",
                "invoice_id": "ord:1-pay:1",
                "description": "Artisan's Hub order ord_1",
                "amount": {"currency_code": "EUR", "value": "42.00"},
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "brand_name": "Artisan's Hub",
                    "shipping_preference": "NO_SHIPPING",
                    "user_action": "PAY_NOW",
                    "return_url": "http://shop/back",
                    "cancel_url": "http://shop/no",
                }
            }
        },
    }
    assert (found.processor, found.processor_payment_id) == ("paypal", "ORDER1")
    assert (found.status, found.amount) == (PaymentStatus.REQUIRES_PAYMENT_METHOD, Money(4200, "EUR"))
    assert (found.payment_reference, found.quote_hash) == ("pay_1", "a" * 64)
    assert found.approval_url == "https://www.sandbox.paypal.com/checkoutnow?token=ORDER1"


def test_the_same_request_has_the_same_bytes(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    wire.post(ORDERS, json=documents.order())
    _create(processor)
    _create(processor)
    assert wire.calls[-1].request.body == wire.calls[-2].request.body


def test_money_that_is_only_to_be_reserved_is_so_from_the_start(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(ORDERS, json=documents.order(intent="AUTHORIZE"))
    manual = dataclasses.replace(CHARGE, capture_method=CaptureMethod.MANUAL)
    processor.create_payment(manual, idempotency_key="key")
    assert _sent(wire)["intent"] == "AUTHORIZE"


def test_a_saved_paypal_is_charged_without_a_visit_to_paypal(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(ORDERS, json=documents.paid())
    found = processor.create_payment(
        dataclasses.replace(CHARGE, method_id="tok1", customer_id="cus1"), idempotency_key="key"
    )
    wallet = _sent(wire)["payment_source"]["paypal"]
    # Where PayPal asks for the buyer all the same, it knows the way back.
    assert (wallet.pop("experience_context")["return_url"], wallet) == (CHARGE.return_url, {"vault_id": "tok1"})
    assert found.status == PaymentStatus.SUCCEEDED
    assert found.charge is not None and found.charge.fee == Money(161, "EUR")


def test_a_buyer_who_agrees_has_the_paypal_account_kept(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(ORDERS, json=documents.order())
    processor.create_payment(dataclasses.replace(CHARGE, saves_method=True, customer_id="cus1"), idempotency_key="key")
    attributes = _sent(wire)["payment_source"]["paypal"]["attributes"]
    assert attributes["vault"]["store_in_vault"] == "ON_SUCCESS"
    assert attributes["vault"]["usage_type"] == "MERCHANT"
    assert attributes["customer"] == {"id": "cus1"}
    assert attributes["vault"]["permit_multiple_payment_tokens"] is False
    processor.create_payment(dataclasses.replace(CHARGE, saves_method=True), idempotency_key="key2")
    attributes = _sent(wire)["payment_source"]["paypal"]["attributes"]
    assert "customer" not in attributes
    assert attributes["vault"]["permit_multiple_payment_tokens"] is True


@pytest.mark.parametrize(
    ("amount", "value"),
    [
        (Money(500, "JPY"), "500"),
        (Money(4200, "GBP"), "42.00"),
        (Money(5, "USD"), "0.05"),
        (Money(120000, "HUF"), "1200"),
    ],
)
def test_every_currency_has_the_decimals_that_paypal_takes(
    wire: responses.RequestsMock, processor: PayPalProcessor, amount: Money, value: str
) -> None:
    wire.post(ORDERS, json=documents.order(value=value, currency=amount.currency))
    found = processor.create_payment(dataclasses.replace(CHARGE, amount=amount), idempotency_key="key")
    assert _sent(wire)["purchase_units"][0]["amount"] == {"currency_code": amount.currency, "value": value}
    assert found.amount == amount


@pytest.mark.parametrize(
    ("amount", "code"),
    [(Money(1250, "KWD"), "currency_not_supported"), (Money(120050, "HUF"), "decimals_not_supported")],
)
def test_money_that_paypal_does_not_take_is_refused_before_it_is_asked(
    processor: PayPalProcessor, amount: Money, code: str
) -> None:
    with responses.RequestsMock() as nothing, pytest.raises(ProcessorRefused, match="Pay by card") as refused:
        processor.create_payment(dataclasses.replace(CHARGE, amount=amount), idempotency_key="key")
    assert refused.value.processor_code == code
    assert len(nothing.calls) == 0


def test_what_the_buyer_approved_is_taken(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    wire.post(f"{ORDERS}/ORDER1/capture", json=documents.paid())
    found = _capture(processor)
    assert _header(wire, "PayPal-Request-Id") == "key"
    assert found.status == PaymentStatus.SUCCEEDED
    assert found.charge is not None
    assert (found.charge.processor_charge_id, found.charge.captured) == ("CAP1", True)
    assert (found.charge.amount, found.charge.fee) == (Money(4200, "EUR"), Money(161, "EUR"))
    assert found.charge.balance_transaction_id == "CAP1"
    assert found.charge.created_at == dt.datetime(2026, 3, 1, 10, 5, tzinfo=dt.UTC)


def test_a_declined_instrument_leads_back_to_the_choice_at_paypal(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(f"{ORDERS}/ORDER1/capture", json=documents.error("INSTRUMENT_DECLINED"), status=422)
    wire.get(f"{ORDERS}/ORDER1", json=documents.order(status="APPROVED"))
    found = _capture(processor)
    assert found.status == PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert found.failure is not None and found.failure.code == "instrument_declined"
    assert "Choose another card" in found.failure.message
    assert found.approval_url


@pytest.mark.parametrize("issue", ["ORDER_ALREADY_CAPTURED", "INSTRUMENT_DECLINED"])
def test_a_refusal_of_what_somebody_else_has_taken_is_found_paid(
    wire: responses.RequestsMock, processor: PayPalProcessor, issue: str
) -> None:
    wire.post(f"{ORDERS}/ORDER1/capture", json=documents.error(issue), status=422)
    wire.get(f"{ORDERS}/ORDER1", json=documents.paid())
    found = _capture(processor)
    assert (found.status, found.failure) == (PaymentStatus.SUCCEEDED, None)


def test_an_approved_order_that_paypal_refuses_to_capture_is_refused(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(f"{ORDERS}/ORDER1/capture", json=documents.error("DUPLICATE_INVOICE_ID"), status=422)
    wire.get(f"{ORDERS}/ORDER1", json=documents.order(status="APPROVED"))
    with pytest.raises(ProcessorRefused) as refused:
        _capture(processor)
    assert refused.value.processor_code == "DUPLICATE_INVOICE_ID"


def test_money_is_reserved_until_paypal_lets_it_go(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    authorized = documents.order(
        intent="AUTHORIZE", status="COMPLETED", payments={"authorizations": [documents.authorization()]}
    )
    wire.post(f"{ORDERS}/ORDER1/authorize", json=authorized)
    found = processor.authorize_payment(CAPTURE, idempotency_key="key")
    assert found.status == PaymentStatus.AUTHORIZED
    held = found.authorization
    assert held is not None
    assert (held.processor_authorization_id, held.amount) == ("AUTH1", Money(4200, "EUR"))
    assert held.expires_at == dt.datetime(2026, 3, 30, 10, 5, tzinfo=dt.UTC)
    assert held.honored_until == dt.datetime(2026, 3, 4, 10, 5, tzinfo=dt.UTC)
    assert found.charge is None


def test_a_part_of_what_is_reserved_is_taken_and_the_rest_let_go(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    taken = documents.capture(amount=documents.amount("25.00"))
    wire.post(f"{PAYMENTS}/authorizations/AUTH1/capture", json=taken, status=201)
    wire.get(
        f"{ORDERS}/ORDER1",
        json=documents.order(
            intent="AUTHORIZE", status="COMPLETED",
            payments={"authorizations": [documents.authorization(status="CAPTURED")], "captures": [taken]},
        ),
    )  # fmt: skip
    found = processor.capture_payment(PART, idempotency_key="key")
    assert _sent(wire, 1) == {"amount": {"currency_code": "EUR", "value": "25.00"}, "final_capture": True}
    assert _header(wire, "PayPal-Request-Id", 1) == "key"
    assert found.status == PaymentStatus.SUCCEEDED
    assert found.charge is not None and found.charge.amount == Money(2500, "EUR")


@pytest.mark.parametrize("issue", ["AUTHORIZATION_EXPIRED", "INSTRUMENT_DECLINED"])
def test_reserved_money_that_can_t_be_taken_is_a_refusal(
    wire: responses.RequestsMock, processor: PayPalProcessor, issue: str
) -> None:
    wire.post(f"{PAYMENTS}/authorizations/AUTH1/capture", json=documents.error(issue), status=422)
    wire.get(
        f"{ORDERS}/ORDER1",
        json=documents.order(status="COMPLETED", payments={"authorizations": [documents.authorization()]}),
    )
    with pytest.raises(ProcessorRefused) as refused:
        processor.capture_payment(PART, idempotency_key="key")
    assert refused.value.processor_code == issue


def test_a_renewed_authorization_is_the_one_to_capture(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    renewed = documents.authorization(id="AUTH2", create_time="2026-03-06T10:00:00Z")
    wire.post(f"{PAYMENTS}/authorizations/AUTH1/reauthorize", json=renewed, status=201)
    wire.get(
        f"{ORDERS}/ORDER1",
        json=documents.order(status="COMPLETED", payments={"authorizations": [documents.authorization()]}),
    )
    found = processor.renew_authorization(PART, idempotency_key="key")
    assert found.status == PaymentStatus.AUTHORIZED
    assert isinstance(found.authorization, AuthorizationFound)
    assert found.authorization.processor_authorization_id == "AUTH2"


def test_reserved_money_is_let_go(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    held = documents.order(status="COMPLETED", payments={"authorizations": [documents.authorization()]})
    gone = documents.order(status="COMPLETED", payments={"authorizations": [documents.authorization(status="VOIDED")]})
    wire.get(f"{ORDERS}/ORDER1", json=held)
    wire.post(f"{PAYMENTS}/authorizations/AUTH1/void", status=204)
    wire.get(f"{ORDERS}/ORDER1", json=gone)
    found = processor.cancel_payment("ORDER1", idempotency_key="key")
    assert found.status == PaymentStatus.CANCELED


def test_a_renewed_authorization_is_let_go_with_the_first(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    """PayPal: a reauthorization can't be voided, only the authorization that it renews."""
    renewed = documents.authorization(id="AUTH2", create_time="2026-03-06T10:00:00Z")
    both = {"authorizations": [renewed, documents.authorization()]}
    gone = {"authorizations": [{**renewed, "status": "VOIDED"}, documents.authorization(status="VOIDED")]}
    wire.get(f"{ORDERS}/ORDER1", json=documents.order(status="COMPLETED", payments=both))
    wire.post(f"{PAYMENTS}/authorizations/AUTH1/void", status=204)
    wire.get(f"{ORDERS}/ORDER1", json=documents.order(status="COMPLETED", payments=gone))
    assert processor.cancel_payment("ORDER1", idempotency_key="key").status == PaymentStatus.CANCELED


@pytest.mark.parametrize("status", ["CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"])
def test_an_order_that_only_we_could_take_counts_as_canceled(
    wire: responses.RequestsMock, processor: PayPalProcessor, status: str
) -> None:
    wire.get(f"{ORDERS}/ORDER1", json=documents.order(status=status))
    assert processor.cancel_payment("ORDER1", idempotency_key="key").status == PaymentStatus.CANCELED


def test_an_order_that_paypal_has_dropped_counts_as_canceled(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    gone = documents.error("INVALID_RESOURCE_ID", name="RESOURCE_NOT_FOUND")
    wire.get(f"{ORDERS}/ORDER1", json=gone, status=404)
    found = processor.cancel_payment("ORDER1", idempotency_key="key")
    assert (found.status, found.processor_payment_id) == (PaymentStatus.CANCELED, "ORDER1")


def test_what_was_paid_is_not_canceled(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    wire.get(f"{ORDERS}/ORDER1", json=documents.paid())
    assert processor.cancel_payment("ORDER1", idempotency_key="key").status == PaymentStatus.SUCCEEDED


def test_a_part_is_refunded_with_our_reference(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    wire.post(f"{PAYMENTS}/captures/CAP1/refund", json=documents.refund(status="PENDING"), status=201)
    found = processor.create_refund(REFUND, idempotency_key="refund:ref_1:1")
    assert _sent(wire) == {
        "amount": {"currency_code": "EUR", "value": "10.00"},
        "custom_id": "ref_1.1",
        "note_to_payer": "The bowl was chipped.",
    }
    assert _header(wire, "PayPal-Request-Id") == "refund:ref_1:1"
    assert (found.processor_refund_id, found.refund_reference, found.attempt) == ("REF1", "ref_1", 1)
    assert (found.status, found.amount) == (RefundStatus.PENDING, Money(1000, "EUR"))
    assert (found.processor_charge_id, found.processor_payment_id) == ("CAP1", "ORDER1")


def test_a_refund_is_found_among_those_of_its_order(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    refunds = [
        documents.refund(id="REF1", status="FAILED"),
        documents.refund(id="REF2", custom_id="ref_1.2"),
        documents.refund(id="REF3", custom_id="pay_1"),
    ]
    wire.get(f"{ORDERS}/ORDER1", json=documents.paid() | documents.order(payments={"refunds": refunds}))
    found = processor.find_refund("ref_1", processor_payment_id="ORDER1")
    assert found is not None
    assert (found.processor_refund_id, found.attempt, found.status) == ("REF2", 2, RefundStatus.SUCCEEDED)
    assert processor.find_refund("ref_9", processor_payment_id="ORDER1") is None


def test_a_refund_made_in_the_dashboard_names_none_of_ours(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.get(f"{PAYMENTS}/refunds/REF1", json=documents.refund(custom_id="pay_1"))
    wire.get(f"{BASE}/v1/customer/disputes", json={"links": []})
    wire.get(f"{PAYMENTS}/captures/CAP1", json=documents.capture())
    found = processor.retrieve_refund("REF1")
    assert (found.refund_reference, found.processor_charge_id) == ("", "CAP1")
    assert found.processor_payment_id == "ORDER1"


def test_balances_are_told_per_currency(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    balances = [
        {"currency": "EUR", "total_balance": documents.amount("140.39"), "available_balance": documents.amount("1.00")},
        {"currency": "JPY", "total_balance": documents.amount("500", "JPY")},
    ]
    wire.get(f"{BASE}/v1/reporting/balances", json={"balances": balances})
    assert processor.retrieve_balance().total == {"EUR": 14039, "JPY": 500}


def test_a_lost_payment_with_a_saved_paypal_is_found_in_the_report(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=8)
    report = f"{BASE}/v1/reporting/transactions"
    other = {"transaction_info": {"transaction_id": "CAP9", "custom_field": "pay_9"}}
    ours = {"transaction_info": {"transaction_id": "CAP1", "custom_field": "pay_1"}}
    wire.get(report, json={"transaction_details": [other], "total_pages": 2})
    wire.get(report, json={"transaction_details": [ours], "total_pages": 2})
    wire.get(f"{PAYMENTS}/captures/CAP1", json=documents.capture())
    wire.get(f"{ORDERS}/ORDER1", json=documents.paid())
    found = processor.find_payment("pay_1", since=since)
    assert found is not None and found.processor_payment_id == "ORDER1"


def test_a_report_that_names_the_payment_without_its_order_is_no_proof_that_there_is_none(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    ours = {"transaction_info": {"transaction_id": "CAP1", "custom_field": "pay_1"}}
    wire.get(f"{BASE}/v1/reporting/transactions", json={"transaction_details": [ours], "total_pages": 1})
    told_nothing = {name: value for name, value in documents.capture().items() if name != "supplementary_data"}
    wire.get(f"{PAYMENTS}/captures/CAP1", json=told_nothing)
    with pytest.raises(OutcomeUnknown):
        processor.find_payment("pay_1", since=dt.datetime.now(dt.UTC) - dt.timedelta(hours=8))


def test_a_report_that_may_be_incomplete_proves_nothing(processor: PayPalProcessor) -> None:
    with pytest.raises(OutcomeUnknown):
        processor.find_payment("pay_1", since=dt.datetime.now(dt.UTC) - dt.timedelta(hours=6))


def test_paypal_sends_no_money_on_to_artisans(processor: PayPalProcessor) -> None:
    transfer = TransferRequest(
        reference="trf_1", destination_account_id="acct_1", amount=Money(1, "EUR"), group="pyt_1", trace_id="t",
    )  # fmt: skip
    with pytest.raises(ProcessorRefused, match="Stripe"):
        processor.create_transfer(transfer, idempotency_key="key")


# ---- failures


@pytest.mark.parametrize(
    ("status", "document", "error", "code"),
    [
        (422, documents.error("INSTRUMENT_DECLINED"), PaymentDeclined, "INSTRUMENT_DECLINED"),
        (422, documents.error("PAYER_ACTION_REQUIRED"), AuthenticationRequired, "PAYER_ACTION_REQUIRED"),
        (422, documents.error("ORDER_NOT_APPROVED"), ProcessorRefused, "ORDER_NOT_APPROVED"),
        (400, documents.error("INVALID_CURRENCY_CODE"), ProcessorRefused, "INVALID_CURRENCY_CODE"),
        (404, {"name": "RESOURCE_NOT_FOUND", "message": "none"}, ProcessorRefused, "RESOURCE_NOT_FOUND"),
        (409, documents.error("PREVIOUS_REQUEST_IN_PROGRESS"), ProcessorUnavailable, "PREVIOUS_REQUEST_IN_PROGRESS"),
        (422, documents.error("DUPLICATE_REQUEST_ID"), ProcessorRefused, "DUPLICATE_REQUEST_ID"),
        (429, {"name": "RATE_LIMIT_REACHED"}, ProcessorUnavailable, "RATE_LIMIT_REACHED"),
        (403, {"name": "NOT_AUTHORIZED"}, ProcessorUnavailable, "NOT_AUTHORIZED"),
        (500, documents.error("INTERNAL_SERVICE_ERROR"), OutcomeUnknown, "INTERNAL_SERVICE_ERROR"),
        (503, "<html>down</html>", OutcomeUnknown, "http_503"),
        (302, "", OutcomeUnknown, "http_302"),
        (200, "<html>a page in between</html>", OutcomeUnknown, "unreadable"),
    ],
)  # fmt: skip
def test_every_answer_becomes_one_of_our_errors(
    wire: responses.RequestsMock,
    processor: PayPalProcessor,
    status: int,
    document: Any,
    error: type[ProcessorError],
    code: str,
) -> None:
    headers = {"PayPal-Debug-Id": "debug-1", "Location": "http://127.0.0.1:9/elsewhere"}
    body = {"json": document} if isinstance(document, dict) else {"body": document}
    wire.post(ORDERS, status=status, headers=headers, **body)
    with pytest.raises(ProcessorError) as raised:
        _create(processor)
    assert type(raised.value) is error
    assert (raised.value.processor_code, raised.value.processor_request_id) == (code, "debug-1")


_UNREACHABLE = requests.ConnectionError(
    MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (requests.ReadTimeout(), OutcomeUnknown),
        (requests.ConnectionError("reset by peer"), OutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError(), OutcomeUnknown),
        (requests.ConnectTimeout(), ProcessorUnavailable),
        (_UNREACHABLE, ProcessorUnavailable),
    ],
)
def test_only_what_never_left_is_known_not_to_be_done(
    wire: responses.RequestsMock, processor: PayPalProcessor, failure: Exception, error: type[ProcessorError]
) -> None:
    wire.post(ORDERS, body=failure)
    with pytest.raises(ProcessorError) as raised:
        _create(processor)
    assert type(raised.value) is error


def test_a_post_is_never_sent_twice_behind_our_back(wire: responses.RequestsMock, processor: PayPalProcessor) -> None:
    wire.post(ORDERS, json={}, status=503)
    with pytest.raises(OutcomeUnknown):
        _create(processor)
    assert len([call for call in wire.calls if call.request.url == ORDERS]) == 1


def test_one_token_serves_until_it_ends(
    wire: responses.RequestsMock, processor: PayPalProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.get(f"{ORDERS}/ORDER1", json=documents.order())
    processor.retrieve_payment("ORDER1")
    processor.retrieve_payment("ORDER1")
    assert _tokens_asked(wire) == 1
    monkeypatch.setattr("payments.processors.paypal.client.time.monotonic", _later(32400 - 61))
    processor.retrieve_payment("ORDER1")
    assert _tokens_asked(wire) == 1
    monkeypatch.setattr("payments.processors.paypal.client.time.monotonic", _later(32400 - 30))
    processor.retrieve_payment("ORDER1")
    assert _tokens_asked(wire) == 2


def test_a_token_that_was_revoked_is_replaced_and_the_call_made_once(processor: PayPalProcessor) -> None:
    with responses.RequestsMock() as wire:
        for name in ("token-1", "token-2"):
            wire.post(TOKEN, json={"access_token": name, "expires_in": 32400})
        wire.post(ORDERS, json={"name": "AUTHENTICATION_FAILURE"}, status=401)
        wire.post(ORDERS, json=documents.order())
        assert _create(processor).processor_payment_id == "ORDER1"
        used = [call.request.headers["Authorization"] for call in wire.calls if call.request.url == ORDERS]
    assert used == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"error": "invalid_client"}, "status": 401},
        {"json": {}, "status": 503},
        {"body": requests.ReadTimeout()},
        {"body": "no json"},
        {"json": {"access_token": ""}},
    ],
)
def test_without_a_token_nothing_was_asked_of_paypal(processor: PayPalProcessor, answer: dict[str, Any]) -> None:
    with responses.RequestsMock() as wire, pytest.raises(ProcessorUnavailable):
        wire.post(TOKEN, **answer)
        _create(processor)


def test_threads_share_the_session_and_the_token(processor: PayPalProcessor) -> None:
    done: list[str] = []
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json={"access_token": "token-1", "expires_in": 32400})
        wire.get(f"{ORDERS}/ORDER1", json=documents.order())
        processor.retrieve_payment("ORDER1")
        threads = [
            threading.Thread(target=lambda: done.append(processor.retrieve_payment("ORDER1").status)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 8
        assert _tokens_asked(wire) == 1


def test_neither_key_nor_token_nor_approval_address_is_logged(
    wire: responses.RequestsMock, processor: PayPalProcessor
) -> None:
    wire.post(ORDERS, json=documents.order())
    wire.post(f"{ORDERS}/ORDER1/capture", json=documents.error("ORDER_NOT_APPROVED"), status=422)
    wire.get(f"{ORDERS}/ORDER1", json=documents.order())
    with everything_logged() as lines:
        found = _create(processor)
        _capture(processor)
    text = lines.getvalue()
    assert '"call": "create_payment"' in text and "ORDER_NOT_APPROVED" in text
    for secret in ("token-1", "secret-1", "aWQtMTpzZWNyZXQtMQ", "checkoutnow"):
        assert secret not in text
    assert "checkoutnow" not in repr(found)


def _tokens_asked(wire: responses.RequestsMock) -> int:
    return len([call for call in wire.calls if call.request.url == TOKEN])


def _later(seconds: int) -> Callable[[], float]:
    import time

    now = time.monotonic() + seconds
    return lambda: now


def test_neither_a_netrc_file_nor_a_cookie_changes_what_we_send(
    wire: responses.RequestsMock, processor: PayPalProcessor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    cookie = {"Set-Cookie": "session=theirs; Path=/"}
    wire.get(f"{ORDERS}/ORDER1", json=documents.order(), headers=cookie)
    wire.get(f"{BASE}/v1/customer/disputes/PP-1", json={}, headers=cookie)
    for _ in range(2):
        processor.retrieve_payment("ORDER1")
        processor._client.rest("test", "GET", "/v1/customer/disputes/PP-1")
    ours = [call.request for call in wire.calls if call.request.url != TOKEN]
    assert len(ours) == 4
    assert {request.headers["Authorization"] for request in ours} == {"Bearer token-1"}
    assert all("Cookie" not in request.headers for request in ours)
