"""Ends that come at the wrong moment: a stale reader, a request still under way, a payment that comes back to life."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from catalog.models import Product
from common.clock import now as clock_now
from common.models import OutboxMessage
from orders.models import Order
from orders.services import cancel_checkout, expire_orders, settle_open_payments, settle_order, void_payments
from orders.services.settle import apply_found
from payments.contracts import OutcomeUnknown, PaymentFound, ProcessorRefused, ProcessorUnavailable
from payments.enums import PaymentStatus
from payments.models import Payment, ProcessorRequest, Refund
from payments.services.outgoing import LEASE
from reconciliation.selectors import local_findings
from tests.orders.books import balances
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.payments.fake_processor import Died, FakeProcessor, declined, installed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


def _stock(product: Product) -> tuple[int, int]:
    product.refresh_from_db()
    return product.stock_on_hand, product.stock_reserved


def _opened(product: Product | None = None) -> tuple[Order, PaymentFound]:
    order = check_out([(product or new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    return order, found


def _becomes(processor: FakeProcessor, found: PaymentFound, status: PaymentStatus) -> None:
    processor.becomes(found.processor_payment_id, status=status)


def _settle(order: Order) -> str:
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order.status


def _books_hold() -> None:
    assert [str(finding) for finding in local_findings()] == []


# ---- an order never waits for a payment that is not under way any more ---------------------------------------------


def test_a_decline_brought_by_somebody_who_read_the_order_too_early_counts(processor: FakeProcessor) -> None:
    order, found = _opened()
    stale = Order.objects.get(id=order.id)
    _becomes(processor, found, PaymentStatus.PROCESSING)
    assert _settle(order) == "processing"
    no = declined(found)
    processor.payments[found.processor_payment_id] = no
    apply_found(order=stale, found=no, source="webhook", now=clock_now())
    assert Payment.objects.get().status == "requires_payment_method"
    assert Order.objects.get().status == "awaiting_payment"


@pytest.mark.parametrize("status", [PaymentStatus.CANCELED, PaymentStatus.REQUIRES_ACTION])
def test_an_order_does_not_wait_for_a_payment_that_is_processed_no_more(
    processor: FakeProcessor, run_outbox: RunOutbox, status: PaymentStatus
) -> None:
    """Canceled in the processor's dashboard, or asked for another confirmation by the bank."""
    product = new_product(stock=1)
    order, found = _opened(product)
    stale = Order.objects.get(id=order.id)
    _becomes(processor, found, PaymentStatus.PROCESSING)
    assert _settle(order) == "processing"
    now_found = processor.becomes(found.processor_payment_id, status=status)
    apply_found(order=stale, found=now_found, source="webhook", now=clock_now())
    assert Order.objects.get().status == "awaiting_payment"
    assert expire_orders(now=order.expires_at) == 1
    run_outbox()
    assert _stock(product) == (1, 0)
    assert Payment.objects.get().status == "canceled"


def test_a_payment_that_was_processed_when_its_order_ended_is_voided_once_it_can_be(
    processor: FakeProcessor, run_outbox: RunOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, found = _opened()
    cancel_checkout(order_id=order.id, now=clock_now())
    _becomes(processor, found, PaymentStatus.PROCESSING)
    processor.before["cancel_payment"] = [ProcessorRefused(processor_code="payment_intent_unexpected_state")]
    run_outbox()
    assert Payment.objects.get().status == "processing"
    processor.payments[found.processor_payment_id] = declined(found)
    settle_open_payments(now=clock_now() + dt.timedelta(hours=2))
    assert processor.payments[found.processor_payment_id].status == "canceled"
    assert Payment.objects.get().status == "canceled"


# ---- a payment of which the processor has not answered yet -----------------------------------------------------------


def test_a_payment_that_may_still_be_on_its_way_is_not_taken_for_never_made(processor: FakeProcessor) -> None:
    order = check_out([(new_product(), 1)])
    processor.before["create_payment"] = [Died()]
    with pytest.raises(Died):
        confirm(order)  # stands for a worker that is still sending
    Order.objects.update(status="expired")
    with pytest.raises(ProcessorUnavailable):
        void_payments(order_id=order.id, now=clock_now())
    assert Payment.objects.get().status == "created"
    void_payments(order_id=order.id, now=clock_now() + LEASE + MINUTE)
    assert Payment.objects.get().status == "canceled"
    assert processor.payments == {}, "nobody makes it any more"


def test_asking_after_a_payment_of_an_order_that_has_ended_does_not_make_it(
    processor: FakeProcessor, run_outbox: RunOutbox
) -> None:
    order = check_out([(new_product(), 1)])
    processor.before["create_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        confirm(order)
    cancel_checkout(order_id=order.id, now=clock_now())  # asks, and so makes it: the order was open then
    assert len(processor.payments) == 1
    processor.payments.clear()
    processor.keys.clear()
    Payment.objects.update(processor_payment_id=None, status="unknown")
    ProcessorRequest.objects.filter(kind="create_payment").update(state="unknown", finished_at=None)
    settle_open_payments(now=clock_now() + dt.timedelta(hours=2))
    assert processor.payments == {}
    assert Payment.objects.get().status == "canceled"


def test_money_taken_for_a_payment_that_was_believed_never_made_is_booked_and_given_back(
    processor: FakeProcessor, run_outbox: RunOutbox
) -> None:
    order, found = _opened()
    cancel_checkout(order_id=order.id, now=clock_now())
    OutboxMessage.objects.all().delete()
    Payment.objects.update(status="canceled", next_look_up_at=None)
    processor.payments[found.processor_payment_id] = paid(found)
    assert _settle(order) == "refunding"
    assert balances("late_payments") == {"late_payments:EUR": -order.total_minor}
    run_outbox()
    assert Order.objects.get().status == "refunded"
    assert [refund.status for refund in processor.refunds.values()] == ["succeeded"]
    _books_hold()


# ---- one bad row does not stop the others ---------------------------------------------------------------------------


class Defect(RuntimeError):
    """Something nobody thought of."""


def _bad(processor: FakeProcessor, found: PaymentFound, monkeypatch: pytest.MonkeyPatch) -> None:
    real = processor.retrieve_payment

    def retrieve(processor_payment_id: str) -> Any:
        if processor_payment_id == found.processor_payment_id:
            raise Defect
        return real(processor_payment_id)

    monkeypatch.setattr(processor, "retrieve_payment", retrieve)


def test_a_payment_that_can_t_be_read_does_not_keep_the_sweeper_from_the_others(
    processor: FakeProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bad = _opened()
    order, good = _opened()
    processor.payments[good.processor_payment_id] = paid(good)
    _bad(processor, bad, monkeypatch)
    at = clock_now() + 2 * MINUTE
    with pytest.raises(Defect):
        settle_open_payments(now=at)
    order.refresh_from_db()
    assert order.status == "paid"
    next_look_up_at = Payment.objects.get(processor_payment_id=bad.processor_payment_id).next_look_up_at
    assert next_look_up_at is not None
    assert next_look_up_at > at + MINUTE / 2


def test_an_order_that_can_t_be_ended_does_not_keep_the_others_stock(
    processor: FakeProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bad = _opened()
    product = new_product(stock=1)
    order, _ = _opened(product)
    _bad(processor, bad, monkeypatch)
    with pytest.raises(Defect):
        expire_orders(now=order.expires_at)
    order.refresh_from_db()
    assert order.status == "expired"
    assert _stock(product) == (1, 0)


def test_while_the_processor_is_away_stock_is_freed_without_asking_for_every_order(
    processor: FakeProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [_opened()[0] for _ in range(6)]
    asked: list[str] = []

    def away(processor_payment_id: str) -> Any:
        asked.append(processor_payment_id)
        raise OutcomeUnknown

    monkeypatch.setattr(processor, "retrieve_payment", away)
    assert expire_orders(now=orders[-1].expires_at) == 6
    assert len(asked) == 3, "each question may take as long as a time-out"


# ---- money that can't become the sale -------------------------------------------------------------------------------


def test_goods_of_a_payment_of_another_amount_are_free_again(processor: FakeProcessor, run_outbox: RunOutbox) -> None:
    product = new_product(stock=1)
    order, found = _opened(product)
    other = dataclasses.replace(found.amount, amount_minor=found.amount.amount_minor - 1)
    processor.payments[found.processor_payment_id] = paid(found, amount=other)
    assert _settle(order) == "refunding"
    assert _stock(product) == (1, 0)
    run_outbox()
    assert Refund.objects.get().status == "succeeded"
    _books_hold()
