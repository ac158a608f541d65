"""Persist, call, record: wherever the process dies or the answer is lost, one payment is made and it is found."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.clock import now as clock_now
from common.ids import new_public_id
from common.models import AuditRecord
from common.money import Money
from payments import services as payments
from payments.contracts import OutcomeUnknown, PaymentInTheWay, ProcessorRefused, ProcessorUnavailable
from payments.enums import PaymentStatus, RequestKind
from payments.models import Payment, PaymentEvent, ProcessorRequest
from payments.processors import STRIPE_REPLAY
from payments.services import outgoing
from tests.payments.fake_processor import Died, FakeProcessor, installed

pytestmark = pytest.mark.django_db(transaction=True)

AMOUNT = Money(4200, "EUR")
LATER = outgoing.LEASE + dt.timedelta(seconds=1)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


def _charge(**changed: Any) -> Any:
    return payments.create_charge(
        **{
            "order_reference": new_public_id("ord"),
            "amount": AMOUNT,
            "quote_hash": "a" * 64,
            "receipt_email": "ada@example.org",
            "now": clock_now(),
            **changed,
        }
    )


def _resume(at: dt.datetime) -> Any:
    """What the sweeper does with the only payment there is."""
    return payments.look_up(payment=Payment.objects.get(), now=at)


def _record(found: Any) -> Any:
    """The third phase, in the caller's transaction; it ends the request too."""
    with transaction.atomic():
        return payments.record_found(found=found, source="api", now=clock_now())


def _one_payment_there(processor: FakeProcessor) -> None:
    assert len(processor.payments) == 1
    assert len(processor.keys) == 1


def test_the_request_is_committed_before_the_call(processor: FakeProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = processor.create_payment

    def spy(request: Any, *, idempotency_key: str) -> Any:
        assert not transaction.get_connection().in_atomic_block
        row = ProcessorRequest.objects.get()
        seen.append((row.state, row.idempotency_key == idempotency_key, row.next_try_at is not None))
        return real(request, idempotency_key=idempotency_key)

    monkeypatch.setattr(processor, "create_payment", spy)
    found = _charge()
    assert seen == [("prepared", True, True)]
    assert ProcessorRequest.objects.get().state == "prepared", "open until it is recorded what came of it"
    _record(found)
    row = ProcessorRequest.objects.get()
    assert (row.state, row.tries, row.next_try_at) == ("succeeded", 1, None)
    assert row.finished_at is not None
    assert "4242" not in str(row.body)


def test_no_processor_is_called_inside_a_transaction(processor: FakeProcessor) -> None:
    with transaction.atomic():
        prepared = payments.prepare_charge(
            order_reference="ord_x", amount=AMOUNT, quote_hash="h", receipt_email="a@b.c", now=clock_now()
        )
        with pytest.raises(RuntimeError, match="transaction"):
            payments.open_charge(payment=prepared.payment, now=clock_now())
    assert processor.calls == []


# Where the process dies: before the call reached the processor, after the processor had done it, after its answer.
@pytest.mark.parametrize("death", ["before the call", "after the call", "after the answer"])
def test_a_process_that_dies_leaves_what_the_next_one_finds(processor: FakeProcessor, death: str) -> None:
    at = clock_now()
    if death == "after the answer":
        _charge(now=at)  # and nothing is recorded
    else:
        (processor.before if death == "before the call" else processor.after)["create_payment"] = [Died()]
        with pytest.raises(Died):
            _charge(now=at)
    row = ProcessorRequest.objects.get()
    assert (row.state, Payment.objects.get().status) == ("prepared", "created")
    assert payments.claim_due(kinds=[RequestKind.CREATE_PAYMENT], now=at + dt.timedelta(seconds=44)) == []
    [due] = payments.claim_due(kinds=[RequestKind.CREATE_PAYMENT], now=at + LATER)
    assert due.id == row.id
    processor.calls.clear()
    found = _resume(at + LATER)
    assert processor.calls[0] == "find_payment", "it must be looked up before it is sent again"
    _one_payment_there(processor)
    assert found.processor_payment_id in processor.payments
    _record(found)
    assert ProcessorRequest.objects.get().state == "succeeded"


def test_the_same_process_may_not_send_while_another_may_be_sending(processor: FakeProcessor) -> None:
    """Two at once within the lease: both use the same key, so the processor makes one."""
    at = clock_now()
    _charge(now=at, order_reference="ord_same")
    Payment.objects.update(processor_payment_id=None)
    _charge(now=at, order_reference="ord_same")
    _one_payment_there(processor)


def test_a_lost_answer_is_looked_up_at_once_for_the_buyer_who_waits(processor: FakeProcessor) -> None:
    processor.after["create_payment"] = [OutcomeUnknown()]
    found = _charge()
    assert processor.calls == ["create_payment", "find_payment"]
    assert found.processor_payment_id in processor.payments
    _record(found)
    assert ProcessorRequest.objects.get().state == "succeeded"
    assert Payment.objects.get().status == PaymentStatus.REQUIRES_PAYMENT_METHOD


def test_a_500_that_is_kept_under_the_key_is_overcome_by_one_new_attempt(processor: FakeProcessor) -> None:
    at = clock_now()
    processor.before["create_payment"] = [OutcomeUnknown() for _ in range(3)]
    with pytest.raises(OutcomeUnknown):
        _charge(now=at)
    for minute in (1, 2):
        with pytest.raises(OutcomeUnknown):
            _resume(at + dt.timedelta(minutes=minute))
    found = _resume(at + dt.timedelta(minutes=3))
    assert list(ProcessorRequest.objects.order_by("id").values_list("attempt", "state")) == [
        (1, "failed"),
        (2, "prepared"),
    ]
    _record(found)
    assert ProcessorRequest.objects.get(attempt=2).state == "succeeded"
    _one_payment_there(processor)


@pytest.mark.parametrize("carried_out", [True, False])
def test_an_outcome_that_stays_unknown_is_kept_as_such_and_resolved_later(
    processor: FakeProcessor, carried_out: bool
) -> None:
    at = clock_now()
    (processor.after if carried_out else processor.before)["create_payment"] = [OutcomeUnknown()]
    processor.before["find_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        _charge(now=at)
    assert Payment.objects.get().status == PaymentStatus.UNKNOWN
    row = ProcessorRequest.objects.get()
    assert (row.state, row.tries) == ("unknown", 1)
    assert row.next_try_at is not None and at < row.next_try_at <= at + dt.timedelta(seconds=10)
    assert list(PaymentEvent.objects.values_list("event", "from_status", "to_status")) == [
        ("answer_lost", "created", "unknown")
    ]
    processor.calls.clear()
    found = _resume(at + dt.timedelta(seconds=20))
    assert processor.calls == (["find_payment"] if carried_out else ["find_payment", "create_payment"])
    _one_payment_there(processor)
    with transaction.atomic():
        recorded = payments.record_found(found=found, source="sweeper", now=at)
    assert (recorded.event, recorded.payment.status) == ("accepted", "requires_payment_method")


def test_pauses_grow_and_end_below_half_an_hour(processor: FakeProcessor) -> None:
    at = clock_now()
    processor.before["create_payment"] = [OutcomeUnknown() for _ in range(20)]
    processor.before["find_payment"] = [OutcomeUnknown() for _ in range(40)]
    pauses = []
    with pytest.raises(OutcomeUnknown):
        _charge(now=at)
    for _ in range(12):
        row = ProcessorRequest.objects.get()
        assert row.next_try_at is not None
        pauses.append((row.next_try_at - at).total_seconds())
        at = row.next_try_at
        with pytest.raises(OutcomeUnknown):
            _resume(at)
    assert 5 <= pauses[0] <= 10
    assert all(5 * 2 ** min(n, 9) / 2 <= pause <= 1800 for n, pause in enumerate(pauses, start=1) if n < 9)
    assert max(pauses) <= 1800
    assert processor.payments == {}


def test_a_busy_processor_is_asked_again_with_the_same_key(processor: FakeProcessor) -> None:
    at = clock_now()
    processor.before["create_payment"] = [ProcessorUnavailable()]
    with pytest.raises(ProcessorUnavailable):
        _charge(now=at)
    assert Payment.objects.get().status == PaymentStatus.CREATED
    _resume(at + dt.timedelta(seconds=20))
    _one_payment_there(processor)


def test_a_refusal_ends_the_payment_with_history_and_audit_and_frees_the_order_for_another(
    processor: FakeProcessor,
) -> None:
    processor.before["create_payment"] = [ProcessorRefused("no", processor_code="amount_too_small")]
    with pytest.raises(ProcessorRefused):
        _charge(order_reference="ord_1")
    payment = Payment.objects.get()
    assert (payment.status, payment.next_look_up_at) == ("failed", None)
    assert list(payment.events.values_list("event", "to_status")) == [("refused", "failed")]
    row = ProcessorRequest.objects.get()
    assert (row.state, row.error_code, row.next_try_at) == ("failed", "amount_too_small", None)
    assert list(AuditRecord.objects.order_by("id").values_list("event_type", "failure_code")) == [
        ("payment.requested", ""),
        ("payment.refused", "amount_too_small"),
    ]
    _charge(order_reference="ord_1")
    assert Payment.objects.filter(order_reference="ord_1").count() == 2


def test_after_half_a_day_a_request_is_looked_up_but_never_sent_under_its_old_key(processor: FakeProcessor) -> None:
    at = clock_now()
    processor.before["create_payment"] = [Died()]
    with pytest.raises(Died):
        _charge(now=at)
    processor.calls.clear()
    with pytest.raises(OutcomeUnknown):
        _resume(at + STRIPE_REPLAY.window + dt.timedelta(seconds=1))
    assert set(processor.calls) == {"find_payment"}
    assert processor.payments == {}


def test_a_new_attempt_has_a_new_key_and_only_follows_a_look_up_and_exhausted_replays(processor: FakeProcessor) -> None:
    at = clock_now()
    processor.before["create_payment"] = [OutcomeUnknown() for _ in range(9)]
    with pytest.raises(OutcomeUnknown):
        _charge(now=at)
    row = ProcessorRequest.objects.get()
    assert payments.begin_again(row, now=at) is None, "replaying the same key can still help"
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            _resume(at + dt.timedelta(minutes=1))
    row.refresh_from_db()
    assert row.tries == 3
    with transaction.atomic():
        second = payments.begin_again(row, now=at)
    assert second is not None
    assert (second.attempt, second.body, second.idempotency_key != row.idempotency_key) == (2, row.body, True)
    row.refresh_from_db()
    assert (row.state, row.error_code, row.next_try_at) == ("failed", "replaced_by_new_attempt", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        payments.begin_again(ProcessorRequest(**{**row_values(row), "state": "unknown", "tries": 9}), now=at)


def row_values(row: ProcessorRequest) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_one_living_payment_per_order_and_never_for_another_amount(processor: FakeProcessor) -> None:
    first = _charge(order_reference="ord_1")
    assert _charge(order_reference="ord_1").processor_payment_id == first.processor_payment_id
    with pytest.raises(PaymentInTheWay):
        _charge(order_reference="ord_1", amount=Money(4201, "EUR"))
    with pytest.raises(PaymentInTheWay):
        _charge(order_reference="ord_1", quote_hash="b" * 64)
    _one_payment_there(processor)
    with pytest.raises(IntegrityError, match="payment_one_alive_per_channel"), transaction.atomic():
        Payment.objects.create(
            public_id="pay_second", order_reference="ord_1", processor="stripe", amount_minor=1, currency="EUR",
            quote_hash="", created_at=clock_now(), updated_at=clock_now(),
        )  # fmt: skip


def test_a_request_once_finished_is_not_reopened(processor: FakeProcessor) -> None:
    _record(_charge())
    row = ProcessorRequest.objects.get()
    outgoing.finish_unknown(row, error_code="late", now=clock_now())
    outgoing.finish_failed(row, error_code="late", processor_request_id="", now=clock_now())
    row.refresh_from_db()
    assert (row.state, row.error_code) == ("succeeded", "")
