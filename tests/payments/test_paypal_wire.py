"""The PayPal adapter over real HTTP to the sandbox, which holds every request against PayPal's contract."""

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from common.ids import new_public_id
from common.money import Money
from payments.contracts import (
    CaptureRequest,
    ChargeRequest,
    EvidenceFile,
    EvidenceRequest,
    OutcomeUnknown,
    PaymentFound,
    ProcessorRefused,
    ProcessorUnavailable,
    RefundFound,
    RefundRequest,
    SetupRequest,
    UnknownRefund,
)
from payments.enums import (
    CaptureMethod,
    DisputeReason,
    DisputeStatus,
    MethodKind,
    PaymentStatus,
    RefundStatus,
    SetupStatus,
)
from payments.processors import dispute_desk_of, keeper_of, paypal_client
from payments.processors.paypal.disputes import PayPalDisputes
from payments.processors.paypal.processor import PayPalProcessor
from payments.processors.paypal.vault import PayPalKeeper
from tests.support.sandbox import SandboxProcess

EUR42 = Money(4200, "EUR")


@pytest.fixture
def paypal(sandbox: SandboxProcess) -> Iterator[PayPalProcessor]:
    paypal_client.cache_clear()
    yield PayPalProcessor(paypal_client())
    paypal_client.cache_clear()


@pytest.fixture
def keeper(paypal: PayPalProcessor) -> PayPalKeeper:
    keeper = keeper_of("paypal")
    assert isinstance(keeper, PayPalKeeper)
    return keeper


@pytest.fixture
def desk(paypal: PayPalProcessor) -> PayPalDisputes:
    desk = dispute_desk_of("paypal")
    assert isinstance(desk, PayPalDisputes)
    return desk


def charge(**changed: Any) -> ChargeRequest:
    request = ChargeRequest(
        reference=new_public_id("pay"), order_reference=new_public_id("ord"), amount=EUR42, quote_hash="a" * 64,
        receipt_email="ada@example.org", trace_id="t", return_url="http://shop.test/back",
        cancel_url="http://shop.test/no",
    )  # fmt: skip
    return dataclasses.replace(request, **changed)


def key() -> str:
    return new_public_id("key")


def approve(sandbox: SandboxProcess, found: PaymentFound, **choice: Any) -> None:
    """What the buyer does at PayPal."""
    address = f"{sandbox.url}/paypal/checkout/{found.processor_payment_id}"
    requests.post(address, json={"action": "approve", **choice}, timeout=10).raise_for_status()


def to_take(found: PaymentFound, amount: Money | None = None) -> CaptureRequest:
    held = found.authorization
    return CaptureRequest(
        reference=found.payment_reference, processor_payment_id=found.processor_payment_id,
        processor_authorization_id=held.processor_authorization_id if held else "", amount=amount or found.amount,
        trace_id="t",
    )  # fmt: skip


def paid(sandbox: SandboxProcess, paypal: PayPalProcessor, **changed: Any) -> PaymentFound:
    choice = {name: changed.pop(name) for name in ("funding", "save") if name in changed}
    found = paypal.create_payment(charge(**changed), idempotency_key=key())
    approve(sandbox, found, **choice)
    return paypal.capture_payment(to_take(found), idempotency_key=key())


def refunded(paypal: PayPalProcessor, sale: PaymentFound, amount: Money, **changed: Any) -> RefundFound:
    assert sale.charge is not None
    request = RefundRequest(
        reference=new_public_id("ref"), processor_charge_id=sale.charge.processor_charge_id,
        processor_payment_id=sale.processor_payment_id, amount=amount, trace_id="t", note_to_payer="It was chipped.",
    )  # fmt: skip
    return paypal.create_refund(dataclasses.replace(request, **changed), idempotency_key=key())


def test_a_buyer_approves_and_we_take_the_money(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    request = charge()
    found = paypal.create_payment(request, idempotency_key=key())
    assert (found.status, found.amount) == (PaymentStatus.REQUIRES_PAYMENT_METHOD, EUR42)
    assert (found.payment_reference, found.quote_hash) == (request.reference, request.quote_hash)
    assert found.approval_url.startswith("http")
    approve(sandbox, found)
    assert paypal.retrieve_payment(found.processor_payment_id).status == PaymentStatus.APPROVED
    taken = paypal.capture_payment(to_take(found), idempotency_key=key())
    assert taken == paypal.retrieve_payment(found.processor_payment_id)
    assert taken.status == PaymentStatus.SUCCEEDED
    assert taken.charge is not None and taken.charge.captured
    # 2.99 % and 0.35: 1.2558 + 0.35
    assert (taken.charge.amount, taken.charge.fee) == (EUR42, Money(161, "EUR"))
    assert paypal.retrieve_balance().total == {"EUR": 4200 - 161}


def test_yen_have_no_decimals_on_the_way_there_and_back(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    sale = paid(sandbox, paypal, amount=Money(1500, "JPY"))
    assert sale.charge is not None and sale.charge.amount == Money(1500, "JPY")
    assert sale.charge.fee is not None and sale.charge.fee.currency == "JPY"


@pytest.mark.parametrize(
    ("fault", "more"),
    [("answer_lost", {}), ("error_500", {"carried_out": True, "stored": False}), ("slow", {"seconds": 3})],
)
def test_a_lost_order_is_found_by_asking_again_under_its_key(
    sandbox: SandboxProcess, settings: Any, fault: str, more: dict[str, Any]
) -> None:
    settings.PAYPAL_TIMEOUT_SECONDS = 1
    paypal_client.cache_clear()
    paypal = PayPalProcessor(paypal_client())
    sandbox.fault(path="^/v2/checkout/orders$", kind=fault, **more)
    request, same = charge(), key()
    with pytest.raises(OutcomeUnknown):
        paypal.create_payment(request, idempotency_key=same)
    if fault == "slow":
        with pytest.raises(ProcessorUnavailable):  # the first is still under way
            paypal.create_payment(request, idempotency_key=same)
        time.sleep(2.5)
    found = paypal.create_payment(request, idempotency_key=same)
    assert found.payment_reference == request.reference
    assert len(sandbox.summary()["paypal"]["orders"]) == 1
    paypal_client.cache_clear()


def test_a_capture_whose_answer_was_lost_is_seen_by_its_order(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    found = paypal.create_payment(charge(), idempotency_key=key())
    approve(sandbox, found)
    sandbox.fault(path="/capture$", kind="answer_lost")
    with pytest.raises(OutcomeUnknown):
        paypal.capture_payment(to_take(found), idempotency_key=key())
    assert paypal.retrieve_payment(found.processor_payment_id).status == PaymentStatus.SUCCEEDED
    # Another key finds it taken and takes nothing more.
    assert paypal.capture_payment(to_take(found), idempotency_key=key()).status == PaymentStatus.SUCCEEDED
    assert paypal.retrieve_balance().total == {"EUR": 4200 - 161}


def test_a_declined_instrument_can_be_replaced_by_another(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    found = paypal.create_payment(charge(), idempotency_key=key())
    approve(sandbox, found, funding="declined")
    declined = paypal.capture_payment(to_take(found), idempotency_key=key())
    assert declined.status == PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert declined.failure is not None and declined.failure.code == "instrument_declined"
    approve(sandbox, found, funding="balance")
    assert paypal.capture_payment(to_take(found), idempotency_key=key()).status == PaymentStatus.SUCCEEDED


def test_a_pending_payment_comes_or_is_denied(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    sale = paid(sandbox, paypal, funding="pending")
    assert sale.status == PaymentStatus.PROCESSING
    assert sale.charge is not None and sale.charge.fee is None and not sale.charge.captured
    sandbox.advance_clock(60)
    assert _until(paypal, sale, PaymentStatus.SUCCEEDED).charge is not None
    denied = paid(sandbox, paypal, funding="denied")
    assert _until(paypal, denied, PaymentStatus.CANCELED, sandbox).failure is not None


def test_what_is_not_approved_is_not_taken(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    found = paypal.create_payment(charge(), idempotency_key=key())
    again = paypal.capture_payment(to_take(found), idempotency_key=key())
    assert again.status == PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert paypal.cancel_payment(found.processor_payment_id, idempotency_key=key()).status == PaymentStatus.CANCELED


def test_an_order_that_was_left_alone_for_hours_is_over(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    found = paypal.create_payment(charge(), idempotency_key=key())
    sandbox.advance_clock(3 * 3600 + 60)
    with pytest.raises(ProcessorRefused):
        paypal.retrieve_payment(found.processor_payment_id)
    assert paypal.cancel_payment(found.processor_payment_id, idempotency_key=key()).status == PaymentStatus.CANCELED


def test_money_is_reserved_a_part_taken_and_the_rest_let_go(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    held = _authorized(sandbox, paypal)
    assert held.status == PaymentStatus.AUTHORIZED and held.authorization is not None
    assert held.authorization.amount == EUR42
    assert paypal.retrieve_balance().total == {}
    taken = paypal.capture_payment(to_take(held, Money(2500, "EUR")), idempotency_key=key())
    assert taken.status == PaymentStatus.SUCCEEDED
    assert taken.charge is not None and taken.charge.amount == Money(2500, "EUR")
    with pytest.raises(ProcessorRefused):
        paypal._client.sdk("capture", paypal._client.payments.capture_authorized_payment, {
            "authorization_id": held.authorization.processor_authorization_id, "paypal_request_id": key(), "body": {},
        })  # fmt: skip


def test_reserved_money_is_let_go(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    held = _authorized(sandbox, paypal)
    assert paypal.cancel_payment(held.processor_payment_id, idempotency_key=key()).status == PaymentStatus.CANCELED
    assert paypal.cancel_payment(held.processor_payment_id, idempotency_key=key()).status == PaymentStatus.CANCELED


def test_an_authorization_is_renewed_from_the_fourth_day_on(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    held = _authorized(sandbox, paypal)
    sandbox.advance_clock(5 * 24 * 3600)
    renewed = paypal.renew_authorization(to_take(held), idempotency_key=key())
    assert held.authorization is not None and renewed.authorization is not None
    first, second = held.authorization, renewed.authorization
    assert second.processor_authorization_id != first.processor_authorization_id
    assert first.honored_until is not None and second.honored_until is not None
    assert second.honored_until >= first.honored_until + dt.timedelta(days=4)
    assert paypal.capture_payment(to_take(renewed), idempotency_key=key()).status == PaymentStatus.SUCCEEDED


def test_parts_are_refunded_and_never_more_than_was_taken(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    sale = paid(sandbox, paypal)
    reference = new_public_id("ref")
    first = refunded(paypal, sale, Money(1000, "EUR"), reference=reference)
    assert (first.status, first.amount) == (RefundStatus.SUCCEEDED, Money(1000, "EUR"))
    assert (first.refund_reference, first.attempt) == (reference, 1)
    assert paypal.retrieve_refund(first.processor_refund_id) == first
    assert paypal.find_refund(reference, processor_payment_id=sale.processor_payment_id) == first
    with pytest.raises(ProcessorRefused) as refused:
        refunded(paypal, sale, Money(3201, "EUR"))
    assert refused.value.processor_code == "REFUND_AMOUNT_EXCEEDED"
    refunded(paypal, sale, Money(3200, "EUR"))
    assert paypal.retrieve_payment(sale.processor_payment_id).status == PaymentStatus.SUCCEEDED
    assert paypal.retrieve_balance().total == {"EUR": -161}


def test_a_lost_refund_is_found_and_made_once(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    sale = paid(sandbox, paypal)
    assert sale.charge is not None
    request = RefundRequest(
        reference=new_public_id("ref"), processor_charge_id=sale.charge.processor_charge_id,
        processor_payment_id=sale.processor_payment_id, amount=Money(1000, "EUR"), trace_id="t",
    )  # fmt: skip
    sandbox.fault(path="/refund$", kind="answer_lost")
    same = key()
    with pytest.raises(OutcomeUnknown):
        paypal.create_refund(request, idempotency_key=same)
    found = paypal.find_refund(request.reference, processor_payment_id=sale.processor_payment_id)
    assert found == paypal.create_refund(request, idempotency_key=same)
    assert paypal.retrieve_balance().total == {"EUR": 4200 - 161 - 1000}


def test_a_token_that_paypal_has_forgotten_is_replaced(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    found = paypal.create_payment(charge(), idempotency_key=key())
    sandbox.advance_clock(10 * 3600)
    with pytest.raises(ProcessorRefused):  # gone by then, and not "your key is wrong"
        paypal.retrieve_payment(found.processor_payment_id)


# ---- accounts that are kept


def test_a_paypal_account_kept_with_a_payment_pays_the_next_one_alone(
    sandbox: SandboxProcess, paypal: PayPalProcessor, keeper: PayPalKeeper
) -> None:
    sale = paid(sandbox, paypal, saves_method=True, save=True)
    assert sale.method is not None
    method = sale.method
    assert (method.kind, bool(method.payer_email)) == (MethodKind.PAYPAL, True)
    assert keeper.list_methods(method.processor_customer_id) == (keeper.retrieve_method(method.processor_method_id),)
    again = paypal.create_payment(charge(method_id=method.processor_method_id), idempotency_key=key())
    assert again.status == PaymentStatus.SUCCEEDED
    assert again.charge is not None and again.charge.amount == EUR42
    keeper.detach_method(method.processor_method_id, idempotency_key=key())
    keeper.detach_method(method.processor_method_id, idempotency_key=key())
    assert keeper.retrieve_method(method.processor_method_id) is None
    assert keeper.list_methods(method.processor_customer_id) == ()


def test_a_buyer_who_does_not_agree_keeps_nothing(sandbox: SandboxProcess, paypal: PayPalProcessor) -> None:
    assert paid(sandbox, paypal, saves_method=True, save=False).method is None


def test_a_charge_with_a_saved_account_is_found_in_the_report(
    sandbox: SandboxProcess, paypal: PayPalProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = paid(sandbox, paypal, saves_method=True, save=True)
    assert sale.method is not None
    request = charge(method_id=sale.method.processor_method_id)
    since = dt.datetime.now(dt.UTC)
    sandbox.fault(path="^/v2/checkout/orders$", kind="answer_lost")
    with pytest.raises(OutcomeUnknown):
        paypal.create_payment(request, idempotency_key=key())
    monkeypatch.setattr("payments.processors.paypal.processor.clock.now", lambda: since + dt.timedelta(hours=8))
    sandbox.advance_clock(8 * 3600)
    found = paypal.find_payment(request.reference, since=since)
    assert found is not None
    assert (found.status, found.payment_reference) == (PaymentStatus.SUCCEEDED, request.reference)
    assert paypal.find_payment(new_public_id("pay"), since=since) is None


def test_a_paypal_account_is_kept_without_paying(sandbox: SandboxProcess, keeper: PayPalKeeper) -> None:
    request = SetupRequest(
        reference=new_public_id("set"), kind=MethodKind.PAYPAL, processor_customer_id="",
        return_url="http://shop.test/back", cancel_url="http://shop.test/no", trace_id="t",
    )  # fmt: skip
    setup = keeper.create_setup(request, idempotency_key=key())
    assert (setup.status, setup.reference) == (SetupStatus.REQUIRES_ACTION, request.reference)
    assert setup.approval_url
    with pytest.raises(ProcessorRefused):
        keeper.complete_setup(setup.processor_setup_id, idempotency_key=key())
    assert keeper.find_completed(setup.processor_setup_id) is None
    requests.post(
        f"{sandbox.url}/paypal/agreements/{setup.processor_setup_id}", json={"action": "approve"}, timeout=10
    ).raise_for_status()
    assert keeper.retrieve_setup(setup.processor_setup_id).status == SetupStatus.APPROVED
    assert keeper.find_completed(setup.processor_setup_id) is None
    same = key()
    done = keeper.complete_setup(setup.processor_setup_id, idempotency_key=same)
    assert done.status == SetupStatus.SUCCEEDED and done.method is not None
    assert keeper.complete_setup(setup.processor_setup_id, idempotency_key=same).method == done.method
    assert keeper.retrieve_setup(setup.processor_setup_id).status == SetupStatus.SUCCEEDED
    assert keeper.find_completed(setup.processor_setup_id) == done
    assert keeper.retrieve_setup("9VT00000000000000").status == SetupStatus.CANCELED


# ---- disputes


def test_a_dispute_is_answered_and_won(sandbox: SandboxProcess, paypal: PayPalProcessor, desk: PayPalDisputes) -> None:
    sale = paid(sandbox, paypal)
    dispute = _disputed(sandbox, sale)
    found = desk.retrieve_dispute(dispute)
    assert sale.charge is not None
    assert (found.status, found.reason) == (DisputeStatus.NEEDS_RESPONSE, DisputeReason.NOT_RECEIVED)
    assert (found.processor_charge_id, found.amount) == (sale.charge.processor_charge_id, EUR42)
    assert found.processor_payment_id == sale.processor_payment_id
    assert (found.withdrawn.amount_minor, found.fee.amount_minor, found.is_inquiry) == (0, 0, False)
    assert found.evidence_due_at is not None
    evidence = EvidenceRequest(
        reference=new_public_id("dsp"), processor_dispute_id=dispute,
        texts={"tracking_number": "1Z999", "shipping_carrier": "DHL", "explanation": "It was delivered.",
               "customer_name": "Ada", "service_date": "2026-03-01"},
        files=(EvidenceFile("proof_of_delivery", "signed by ada.pdf", "application/pdf", b"%PDF-1.4"),),
        trace_id="t",
    )  # fmt: skip
    answered = desk.submit_evidence(evidence, idempotency_key=key())
    assert answered.status == DisputeStatus.UNDER_REVIEW
    # An answer whose own answer was lost is not an error the second time.
    assert desk.submit_evidence(evidence, idempotency_key=key()).status == DisputeStatus.UNDER_REVIEW
    _settle(sandbox, dispute, "RESOLVED_SELLER_FAVOUR")
    won = desk.retrieve_dispute(dispute)
    assert (won.status, won.withdrawn.amount_minor, won.fee.amount_minor) == (DisputeStatus.WON, 0, 0)


def test_a_lost_dispute_takes_amount_and_fee_and_is_no_refund_as_well(
    sandbox: SandboxProcess, paypal: PayPalProcessor, desk: PayPalDisputes
) -> None:
    sale = paid(sandbox, paypal)
    before = paypal.retrieve_balance().total["EUR"]
    dispute = _disputed(sandbox, sale, channel="EXTERNAL", reason="UNAUTHORISED")
    with pytest.raises(ProcessorRefused):
        refunded(paypal, sale, Money(100, "EUR"))
    _settle(sandbox, dispute, "RESOLVED_BUYER_FAVOUR")
    lost = desk.retrieve_dispute(dispute)
    assert (lost.status, lost.reason) == (DisputeStatus.LOST, DisputeReason.FRAUDULENT)
    assert (lost.withdrawn, lost.reinstated) == (EUR42, Money(0, "EUR"))
    assert lost.fee == Money(2000, "EUR")
    after = paypal.retrieve_balance().total["EUR"]
    assert before - after == (lost.withdrawn + lost.fee).amount_minor
    [reversal] = _refund_ids(sandbox)
    with pytest.raises(UnknownRefund):
        paypal.retrieve_refund(reversal)


def test_what_paypal_takes_back_without_a_dispute_is_found_as_a_refund(
    sandbox: SandboxProcess, paypal: PayPalProcessor
) -> None:
    sale = paid(sandbox, paypal)
    assert sale.charge is not None
    _post(sandbox, "reverse", {"capture_id": sale.charge.processor_charge_id})
    [reversal] = _refund_ids(sandbox)
    found = paypal.retrieve_refund(reversal)
    assert (found.refund_reference, found.amount, found.status) == ("", EUR42, RefundStatus.SUCCEEDED)
    assert found.processor_charge_id == sale.charge.processor_charge_id
    assert found.processor_payment_id == sale.processor_payment_id


def test_giving_in_loses_without_a_fee(sandbox: SandboxProcess, paypal: PayPalProcessor, desk: PayPalDisputes) -> None:
    dispute = _disputed(sandbox, paid(sandbox, paypal))
    accepted = desk.accept_dispute(dispute, idempotency_key=key())
    assert (accepted.status, accepted.withdrawn, accepted.fee) == (DisputeStatus.LOST, EUR42, Money(0, "EUR"))
    assert desk.accept_dispute(dispute, idempotency_key=key()).status == DisputeStatus.LOST


def _authorized(sandbox: SandboxProcess, paypal: PayPalProcessor) -> PaymentFound:
    found = paypal.create_payment(charge(capture_method=CaptureMethod.MANUAL), idempotency_key=key())
    approve(sandbox, found)
    return paypal.authorize_payment(to_take(found), idempotency_key=key())


def _until(
    paypal: PayPalProcessor, sale: PaymentFound, status: PaymentStatus, sandbox: SandboxProcess | None = None
) -> PaymentFound:
    if sandbox is not None:
        sandbox.advance_clock(60)
    deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=10)
    while (found := paypal.retrieve_payment(sale.processor_payment_id)).status != status:
        assert dt.datetime.now(dt.UTC) < deadline, found.status
    return found


def _post(sandbox: SandboxProcess, path: str, body: dict[str, Any]) -> Any:
    answer = requests.post(f"{sandbox.url}/_sandbox/paypal/{path}", json=body, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def _disputed(sandbox: SandboxProcess, sale: PaymentFound, **more: Any) -> str:
    assert sale.charge is not None
    given = {"capture_id": sale.charge.processor_charge_id, "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", **more}
    return str(_post(sandbox, "disputes", given)["dispute_id"])


def _settle(sandbox: SandboxProcess, dispute: str, outcome: str) -> None:
    _post(sandbox, f"disputes/{dispute}/settle", {"outcome": outcome})


def _refund_ids(sandbox: SandboxProcess) -> list[str]:
    return [refund["id"] for refund in sandbox.summary()["paypal"]["refunds"]]
