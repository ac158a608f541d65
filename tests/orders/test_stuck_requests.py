"""Refunds and voids that the queue has given up on: the sweeper goes on for as long as it takes."""

import dataclasses
import datetime as dt

import pytest
from django.urls import reverse

from common.clock import now as clock_now
from common.models import OutboxMessage
from orders.models import Order
from orders.services import cancel_checkout, resolve_requests, settle_order, settle_refund
from payments.contracts import OutcomeUnknown, PaymentFound, ProcessorRefused
from payments.enums import PaymentStatus, RefundStatus
from payments.models import Payment, ProcessorRequest, Refund
from reconciliation.selectors import local_findings
from tests.orders.books import balances
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, new_user
from tests.payments.fake_processor import Died, FakeProcessor, installed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

DAY = dt.timedelta(days=1)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


def _opened() -> tuple[Order, PaymentFound]:
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    return order, found


def _late(processor: FakeProcessor) -> Order:
    """Paid after it was canceled: the refund is written down and waits."""
    order, found = _opened()
    cancel_checkout(order_id=order.id, now=clock_now())
    processor.payments[found.processor_payment_id] = paid(found)
    assert settle_order(order_id=order.id, source="webhook", now=clock_now()).order.status == "refunding"
    return order


def _queue_gives_up() -> None:
    OutboxMessage.objects.update(status="dead")


def _no_request_is_open() -> None:
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    assert not ProcessorRequest.objects.filter(next_try_at__isnull=False).exists()


@pytest.mark.parametrize("answer", ["never asked", "lost, not done", "lost, done"])
def test_a_refund_is_brought_to_its_end_without_the_queue(processor: FakeProcessor, answer: str) -> None:
    order = _late(processor)
    _queue_gives_up()
    if answer != "never asked":
        lost = processor.before if answer == "lost, not done" else processor.after
        lost["create_refund"] = [OutcomeUnknown()]
        assert resolve_requests(now=clock_now() + DAY / 24) == 0
    assert resolve_requests(now=clock_now() + DAY / 3) == 1
    order.refresh_from_db()
    assert order.status == "refunded"
    assert len(processor.refunds) == 1
    assert balances("late_payments") == {}
    _no_request_is_open()
    assert resolve_requests(now=clock_now() + 2 * DAY) == 0
    assert [str(finding) for finding in local_findings()] == []


def test_a_process_that_dies_between_the_answer_and_the_books_leaves_the_refund_to_the_sweeper(
    processor: FakeProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = _late(processor)
    _queue_gives_up()
    with monkeypatch.context() as patch:
        patch.setattr("orders.services.refunds.send.payments.record_refund_found", _die)
        with pytest.raises(Died):
            resolve_requests(now=clock_now() + DAY / 24)
    assert resolve_requests(now=clock_now() + DAY / 3) == 1
    order.refresh_from_db()
    assert (order.status, len(processor.refunds)) == ("refunded", 1)
    _no_request_is_open()


def _die(**_: object) -> None:
    raise Died


def test_news_of_a_refund_that_come_before_the_answer_end_its_request_too(
    processor: FakeProcessor, run_outbox: RunOutbox
) -> None:
    _late(processor)
    processor.after["create_refund"] = [Died()]
    with pytest.raises(Died):
        run_outbox()
    [made] = processor.refunds
    settle_refund(processor="stripe", processor_refund_id=made, source="webhook", now=clock_now())
    run_outbox()
    _no_request_is_open()
    assert Refund.objects.get().status == "succeeded"


def test_a_refund_that_the_processor_refuses_is_over_and_seen(processor: FakeProcessor) -> None:
    order = _late(processor)
    processor.before["create_refund"] = [ProcessorRefused(processor_code="charge_already_refunded")]
    assert resolve_requests(now=clock_now() + DAY / 24) == 1
    order.refresh_from_db()
    assert order.status == "refund_failed"
    [request] = ProcessorRequest.objects.filter(kind="refund")
    assert (request.state, request.error_code) == ("failed", "charge_already_refunded")
    _no_request_is_open()


def test_a_refund_that_the_bank_sends_back_is_found_without_news(processor: FakeProcessor) -> None:
    order = _late(processor)
    _queue_gives_up()
    pending = RefundStatus.PENDING
    real = processor.create_refund
    processor.create_refund = lambda *a, **k: dataclasses.replace(real(*a, **k), status=pending)  # type: ignore[method-assign]
    resolve_requests(now=clock_now() + DAY / 24)
    [made] = processor.refunds.values()
    assert Refund.objects.get().status == "pending"
    failed = dataclasses.replace(made, status=RefundStatus.FAILED, failure_code="lost_or_stolen_card")
    processor.refunds[made.processor_refund_id] = failed
    resolve_requests(now=clock_now() + DAY / 3)
    order.refresh_from_db()
    assert order.status == "refund_failed"
    assert balances("late_payments") == {"late_payments:EUR": -order.total_minor}


def test_a_void_is_brought_to_its_end_without_the_queue(processor: FakeProcessor, run_outbox: RunOutbox) -> None:
    order, found = _opened()
    cancel_checkout(order_id=order.id, now=clock_now())
    processor.before["cancel_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        run_outbox()
    _queue_gives_up()
    Payment.objects.update(next_look_up_at=None)  # the other sweeper does not help
    assert resolve_requests(now=clock_now() + DAY / 3) == 1
    assert processor.payments[found.processor_payment_id].status == "canceled"
    assert Payment.objects.get().status == "canceled"
    _no_request_is_open()


@pytest.mark.parametrize("status", [PaymentStatus.CANCELED, PaymentStatus.SUCCEEDED])
def test_a_void_of_what_has_ended_meanwhile_is_not_asked_for_ever(
    processor: FakeProcessor, run_outbox: RunOutbox, status: PaymentStatus
) -> None:
    order, found = _opened()
    cancel_checkout(order_id=order.id, now=clock_now())
    processor.before["cancel_payment"] = [Died()]
    with pytest.raises(Died):
        run_outbox()
    processor.payments[found.processor_payment_id] = (
        paid(found) if status == PaymentStatus.SUCCEEDED else dataclasses.replace(found, status=status)
    )
    settle_order(order_id=order.id, source="webhook", now=clock_now())
    run_outbox()
    resolve_requests(now=clock_now() + DAY / 3)
    assert Payment.objects.get().status == status
    _no_request_is_open()


def test_one_that_can_t_be_resolved_keeps_nobody_waiting(processor: FakeProcessor) -> None:
    bad, good = _late(processor), _late(processor)
    ProcessorRequest.objects.filter(subject=Refund.objects.earliest("id").public_id).update(body={})
    with pytest.raises(KeyError):
        resolve_requests(now=clock_now() + DAY / 3)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("refunding", "refunded")


def test_staff_see_what_is_stuck(processor: FakeProcessor, client: object) -> None:
    _late(processor)
    processor.before["create_refund"] = [OutcomeUnknown()]
    resolve_requests(now=clock_now() + DAY / 24)
    client.force_login(new_user(is_staff=True, is_superuser=True))  # type: ignore[attr-defined]
    page = client.get(reverse("admin:payments_processorrequest_changelist"), {"state__exact": "unknown"})  # type: ignore[attr-defined]
    assert page.status_code == 200
    assert Refund.objects.get().public_id in page.content.decode()
