"""Recording what was found: each edge once with its history, capture and fee once; older news change nothing."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from common.clock import now as clock_now
from common.models import AuditRecord
from common.money import Money
from payments import services as payments
from payments.contracts import PaymentFound, UnknownPayment, UnknownRefund
from payments.enums import PaymentStatus, RefundReason, RefundStatus
from payments.models import Capture, Payment, PaymentAttempt, PaymentEvent, Refund, RefundEvent
from payments.transitions import PAYMENT_TRANSITIONS
from tests.payments.fake_processor import FakeProcessor, declined, installed, paid

pytestmark = pytest.mark.django_db

AMOUNT = Money(4200, "EUR")


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


@pytest.fixture
def opened(processor: FakeProcessor) -> PaymentFound:
    """A payment that waits for the buyer."""
    found = payments.create_charge(
        order_reference="ord_1", amount=AMOUNT, quote_hash="a" * 64, receipt_email="a@b.example", now=clock_now()
    )
    _record(found)
    return found


def _record(found: PaymentFound, source: str = "browser") -> Any:
    with transaction.atomic():
        return payments.record_found(found=found, source=source, now=clock_now())


def _history() -> list[tuple[str, str, str]]:
    return list(PaymentEvent.objects.order_by("id").values_list("event", "from_status", "to_status"))


def test_a_capture_is_recorded_once_whoever_brings_it(opened: PaymentFound) -> None:
    first = _record(paid(opened), source="webhook")
    assert (first.event, first.payment.status) == ("captured", "succeeded")
    assert (first.capture.amount, first.capture.fee) == (AMOUNT, Money(151, "EUR"))
    assert (first.capture.order_reference, first.capture.quote_hash) == ("ord_1", "a" * 64)
    for source in ("browser", "sweeper", "webhook"):
        again = _record(paid(opened), source=source)
        assert (again.event, again.capture, again.late_fee) == (None, None, None)
    assert _history() == [
        ("accepted", "created", "requires_payment_method"),
        ("captured", "requires_payment_method", "succeeded"),
    ]
    assert PaymentEvent.objects.get(event="captured").source == "webhook"
    assert (Capture.objects.count(), PaymentAttempt.objects.count()) == (1, 1)
    assert AuditRecord.objects.filter(event_type="payment.captured", amount_minor=4200).count() == 1
    attempt = PaymentAttempt.objects.get()
    assert (attempt.outcome, attempt.card_last4, attempt.cvc_check) == ("succeeded", "4242", "pass")


def test_a_fee_that_comes_later_is_recorded_once(opened: PaymentFound) -> None:
    late = paid(opened, fee_minor=None)
    first = _record(late)
    assert first.capture.fee is None
    assert Payment.objects.get().next_look_up_at is not None, "the fee must be asked after"
    assert _record(late).late_fee is None
    made, fee = _record(paid(opened)).late_fee
    assert (made.capture_id, fee) == (Capture.objects.get().id, Money(151, "EUR"))
    assert Capture.objects.get().fee_minor == 151
    assert Payment.objects.get().next_look_up_at is None
    assert _record(paid(opened)).late_fee is None


def test_the_amount_is_stored_as_found_even_if_it_is_not_what_was_asked(opened: PaymentFound) -> None:
    recorded = _record(paid(opened, amount=Money(1, "USD")))
    assert recorded.capture.amount == Money(1, "USD")
    assert recorded.payment.amount == AMOUNT


def test_declines_are_kept_one_by_one_and_the_last_reason_is_told(opened: PaymentFound) -> None:
    for number in (1, 2, 2, 1):
        recorded = _record(declined(opened, number=number))
        assert recorded.event is None
    payment = Payment.objects.get()
    assert (payment.status, payment.failure_code, payment.decline_code) == (
        "requires_payment_method", "card_declined", "insufficient_funds",
    )  # fmt: skip
    assert "enough funds" in payment.failure_message
    assert PaymentAttempt.objects.filter(outcome="failed").count() == 2
    assert AuditRecord.objects.filter(event_type="payment.declined", decline_code="insufficient_funds").count() == 2
    _record(paid(opened))
    assert Payment.objects.get().failure_code == ""
    assert PaymentAttempt.objects.count() == 3


def test_news_from_before_the_capture_change_nothing(opened: PaymentFound) -> None:
    _record(paid(opened))
    before = _history()
    for status in PaymentStatus:
        if status in ("created", "unknown", "failed"):
            continue
        stale = dataclasses.replace(opened, status=status, charge=None)
        assert _record(stale).event is None
    assert _record(declined(opened)).event is None
    assert Payment.objects.get().status == "succeeded"
    assert Payment.objects.get().failure_code == ""
    assert _history() == before


def test_a_payment_that_succeeded_without_a_charge_is_not_taken_for_settled(opened: PaymentFound) -> None:
    """Without the charge there is nothing to book, and a payment that is over is never asked after again."""
    bare = dataclasses.replace(opened, status=PaymentStatus.SUCCEEDED, charge=None)
    recorded = _record(bare)
    assert recorded.capture is None
    assert Payment.objects.get().status != "succeeded"
    assert _record(paid(opened)).capture is not None


@pytest.mark.parametrize(("edge", "target"), list(PAYMENT_TRANSITIONS.items()), ids=str)
def test_each_edge_writes_one_row_of_history(opened: PaymentFound, edge: tuple[str, str], target: str) -> None:
    source, event = edge
    known_id = None if source in ("created", "unknown") else opened.processor_payment_id
    Payment.objects.update(status=source, processor_payment_id=known_id)
    found = paid(opened) if target == "succeeded" else dataclasses.replace(opened, status=PaymentStatus(target))
    if event in ("refused", "answer_lost"):
        return  # not found at the processor but told by our own call; see test_persist_call_record
    count = PaymentEvent.objects.count()
    assert _record(found, source="webhook").event == event
    row = PaymentEvent.objects.order_by("-id")[0]
    assert PaymentEvent.objects.count() == count + 1
    assert (row.from_status, row.event, row.to_status, row.source) == (source, event, target, "webhook")


def test_a_finding_of_somebody_else_s_payment_is_refused(opened: PaymentFound) -> None:
    foreign = dataclasses.replace(paid(opened), processor_payment_id="pi_foreign", payment_reference="pay_foreign")
    with pytest.raises(UnknownPayment):
        _record(foreign)
    # Our reference on another object: a copy, or somebody's forgery of our metadata.
    with pytest.raises(UnknownPayment):
        _record(dataclasses.replace(paid(opened), processor_payment_id="pi_copy"))
    with pytest.raises(UnknownPayment):
        _record(dataclasses.replace(paid(opened), processor="paypal"))
    assert not Capture.objects.exists()


def test_a_webhook_that_overtakes_the_answer_is_found_by_our_reference(processor: FakeProcessor) -> None:
    found = payments.create_charge(
        order_reference="ord_1", amount=AMOUNT, quote_hash="a" * 64, receipt_email="a@b.example", now=clock_now()
    )
    assert Payment.objects.get().processor_payment_id is None
    recorded = _record(paid(found), source="webhook")
    assert (recorded.event, recorded.payment.processor_payment_id) == ("captured", found.processor_payment_id)


def test_the_payment_s_row_is_locked_while_it_is_recorded(opened: PaymentFound) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        _record(paid(opened))
    assert [query["sql"] for query in queries if "FOR UPDATE" in query["sql"] and "payments_payment" in query["sql"]]


@pytest.mark.parametrize("table", ["payments_paymentevent", "payments_refundevent"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET source = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_can_t_be_rewritten(opened: PaymentFound, table: str, statement: str) -> None:
    _refund(opened)
    with pytest.raises(DatabaseError, match=r"(?i)cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def _refund(opened: PaymentFound) -> Refund:
    capture = _record(paid(opened)).capture
    with transaction.atomic():
        refund = payments.prepare_refund(capture_id=capture.capture_id, reason=RefundReason.SOLD_OUT, now=clock_now())
    found = payments.send_refund(refund=refund, now=clock_now())
    with transaction.atomic():
        payments.record_refund_found(found=found, source="task", now=clock_now())
    refund.refresh_from_db()
    return refund


def test_a_refund_gives_the_whole_capture_back_once(opened: PaymentFound, processor: FakeProcessor) -> None:
    refund = _refund(opened)
    assert (refund.status, refund.amount, refund.reason) == ("succeeded", AMOUNT, "sold_out")
    assert len(processor.refunds) == 1
    [found] = processor.refunds.values()
    with transaction.atomic():
        assert payments.record_refund_found(found=found, source="webhook", now=clock_now()).event is None
    assert list(RefundEvent.objects.values_list("event", "from_status", "to_status")) == [
        ("paid_back", "requested", "succeeded")
    ]
    with pytest.raises(IntegrityError, match="capture_never_refunded_beyond_itself"), transaction.atomic():
        payments.prepare_refund(capture_id=refund.capture_id, reason=RefundReason.SOLD_OUT, now=clock_now())


def test_a_refund_that_bounces_days_later_is_recorded(opened: PaymentFound, processor: FakeProcessor) -> None:
    _refund(opened)
    [found] = processor.refunds.values()
    bounced = dataclasses.replace(found, status=RefundStatus.FAILED, failure_code="expired_or_canceled_card")
    with transaction.atomic():
        recorded = payments.record_refund_found(found=bounced, source="webhook", now=clock_now())
    assert (recorded.event, recorded.refund.failure_code) == ("bounced", "expired_or_canceled_card")
    assert AuditRecord.objects.filter(event_type="refund.bounced", outcome="failed").count() == 1


def test_a_refund_that_is_not_ours_is_refused(opened: PaymentFound, processor: FakeProcessor) -> None:
    _refund(opened)
    [found] = processor.refunds.values()
    for foreign in (
        dataclasses.replace(found, refund_reference="", processor_refund_id="re_other"),
        dataclasses.replace(found, refund_reference="ref_other"),
        dataclasses.replace(found, processor_refund_id="re_other"),
    ):
        with pytest.raises(UnknownRefund), transaction.atomic():
            payments.record_refund_found(found=foreign, source="webhook", now=clock_now())


def test_a_refund_of_ours_whose_reference_was_wiped_out_in_the_dashboard_is_known_by_its_id(
    opened: PaymentFound, processor: FakeProcessor
) -> None:
    refund = _refund(opened)
    [found] = processor.refunds.values()
    nameless = dataclasses.replace(found, refund_reference="", status=RefundStatus.FAILED)
    recorded = payments.record_refund_found(found=nameless, source="webhook", now=clock_now())
    assert (recorded.refund.id, recorded.event) == (refund.id, "bounced")


@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("payment", {"amount_minor": 0}),
        ("payment", {"amount_minor": -1}),
        ("capture", {"amount_minor": 0}),
        ("capture", {"fee_minor": -1}),
        ("refund", {"amount_minor": 0}),
    ],
)
def test_postgresql_refuses_amounts_that_can_t_be(opened: PaymentFound, model: str, values: dict[str, int]) -> None:
    refund = _refund(opened)
    row = {"payment": refund.capture.payment, "capture": refund.capture, "refund": refund}[model]
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**values)


def test_open_payments_are_asked_after_with_growing_pauses(opened: PaymentFound) -> None:
    at = clock_now()
    assert payments.due_payments(now=at) == []
    pauses = []
    for _ in range(9):
        due_at = Payment.objects.get().next_look_up_at
        assert due_at is not None
        assert payments.due_payments(now=due_at - dt.timedelta(seconds=1)) == []
        [payment] = payments.due_payments(now=due_at)
        assert payments.due_payments(now=due_at) == [], "leased: no other sweeper takes it"
        payments.postpone_look_up(payment=payment, now=due_at)
        after = Payment.objects.get().next_look_up_at
        assert after is not None
        pauses.append(int((after - due_at).total_seconds()) // 60)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    _record(paid(opened))
    assert payments.due_payments(now=at + dt.timedelta(days=30)) == []
