"""A payment that the processor does not let us cancel: asked again with growing pauses, a row for each call."""

import datetime as dt

import pytest

from common.clock import now as clock_now
from orders.models import Order
from orders.services import cancel_checkout, resolve_requests, settle_open_payments, void_payments
from payments.contracts import PaymentFound, ProcessorRefused
from payments.enums import PaymentStatus
from payments.models import Payment, ProcessorRequest
from reconciliation.selectors import local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.payments.fake_processor import FakeProcessor, installed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


def _left(processor: FakeProcessor) -> tuple[Order, PaymentFound]:
    """The buyer has gone, and the processor refuses to cancel what waits for the buyer's bank."""
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    cancel_checkout(order_id=order.id, now=clock_now())
    processor.becomes(found.processor_payment_id, status=PaymentStatus.REQUIRES_ACTION)
    processor.before["cancel_payment"] = [
        ProcessorRefused(processor_code="payment_intent_unexpected_state") for _ in range(1000)
    ]
    return order, found


def _sweep(start: dt.datetime, minutes: range) -> None:
    for minute in minutes:
        settle_open_payments(now=start + minute * MINUTE)
        resolve_requests(now=start + minute * MINUTE)


def _attempts() -> list[tuple[int, str]]:
    rows = ProcessorRequest.objects.filter(kind="cancel_payment").order_by("id")
    return list(rows.values_list("attempt", "error_code"))


def test_what_can_t_be_canceled_is_asked_less_and_less_often(processor: FakeProcessor, run_outbox: RunOutbox) -> None:
    order, _ = _left(processor)
    run_outbox()
    start = clock_now()
    _sweep(start, range(0, 2 * 24 * 60, 10))
    calls = processor.calls.count("cancel_payment")
    assert _attempts() == [(number, "payment_requires_action") for number in range(1, calls + 1)]
    # After 1, 2, 4 ... 1024 minutes, each no later than the next look at the payment, and from then on once a day.
    assert calls == 12
    for days in range(3, 8):
        settle_open_payments(now=start + days * DAY)
        void_payments(order_id=order.id, now=start + days * DAY)
    assert processor.calls.count("cancel_payment") == len(_attempts()) == calls + 5
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    assert [str(finding) for finding in local_findings()] == []


def test_while_it_can_t_be_canceled_it_is_looked_at(processor: FakeProcessor, run_outbox: RunOutbox) -> None:
    order, found = _left(processor)
    run_outbox()
    processor.payments[found.processor_payment_id] = paid(found)
    void_payments(order_id=order.id, now=clock_now())
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status, len(_attempts())) == ("refunding", "succeeded", 1)


def test_once_it_has_changed_it_is_canceled_at_once(processor: FakeProcessor, run_outbox: RunOutbox) -> None:
    order, found = _left(processor)
    for _ in range(4):
        run_outbox()
        void_payments(order_id=order.id, now=clock_now() + DAY)
        ProcessorRequest.objects.filter(kind="cancel_payment").update(finished_at=clock_now())
    processor.before["cancel_payment"] = []
    processor.becomes(found.processor_payment_id, status=PaymentStatus.REQUIRES_PAYMENT_METHOD)
    now = clock_now()
    for _ in range(2):  # the first looks, the second cancels
        void_payments(order_id=order.id, now=now)
    assert Payment.objects.get().status == "canceled"
    assert processor.payments[found.processor_payment_id].status == "canceled"
