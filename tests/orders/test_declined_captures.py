"""The bank refuses what was reserved for made-to-order goods: nothing is charged, and nothing stays reserved."""

import dataclasses
import datetime as dt

import pytest

from common.clock import now as clock_now
from orders.models import Order
from orders.services import accept_part, resolve_requests, settle_order, settle_payment
from payments.contracts import ChargeFound, PaymentFound
from payments.enums import AttemptOutcome, PaymentChannel, PaymentStatus
from payments.models import Payment, ProcessorRequest
from reconciliation.selectors import local_findings
from tests.orders.books import balances
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.payments.fake_processor import FakeProcessor, both_installed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def paypal(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return both_installed(monkeypatch)[1]


def _reserved(paypal: FakeProcessor) -> tuple[Order, PaymentFound]:
    """A bowl of 40.00, made to order, and PayPal's reservation for it."""
    order = check_out([(new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0), 1)])
    found = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert found is not None
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.APPROVED)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "authorized"
    return order, paypal.payments[found.processor_payment_id]


def _accept(order: Order) -> None:
    part = order.seller_orders.get()
    accept_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=clock_now())


def _charge(found: PaymentFound, outcome: AttemptOutcome) -> ChargeFound:
    charge = paid(found).charge
    assert charge is not None
    return dataclasses.replace(charge, outcome=outcome, captured=False, fee=None)


@pytest.mark.parametrize("first", ["declined at once", "pending, then declined"])
def test_money_whose_capture_was_declined_does_not_stay_reserved_for_weeks(
    paypal: FakeProcessor, run_outbox: RunOutbox, first: str
) -> None:
    order, held = _reserved(paypal)
    no = dataclasses.replace(held, charge=_charge(held, AttemptOutcome.FAILED))
    now_found = no
    if first != "declined at once":
        under_way = _charge(held, AttemptOutcome.PENDING)
        now_found = dataclasses.replace(held, status=PaymentStatus.PROCESSING, charge=under_way, authorization=None)

    def capture(*_: object, **__: object) -> PaymentFound:
        paypal.payments[held.processor_payment_id] = now_found
        return now_found

    paypal.capture_payment = capture  # type: ignore[method-assign]
    _accept(order)
    run_outbox()
    if first != "declined at once":
        assert (Order.objects.get().status, Payment.objects.get().status) == ("capturing", "processing")
        paypal.payments[held.processor_payment_id] = no
        settle_payment(
            processor="paypal", processor_payment_id=held.processor_payment_id, payment_reference=None,
            source="webhook", now=clock_now(),
        )  # fmt: skip
        assert "orders.tasks.send_not_charged" in run_outbox()
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status) == ("expired", "canceled")
    assert order.seller_orders.get().fulfilment.status == "canceled"
    assert paypal.payments[held.processor_payment_id].status == "canceled"
    assert paypal.calls.count("cancel_payment") == 1
    assert list(ProcessorRequest.objects.filter(kind="cancel_payment").values_list("attempt", "state")) == [
        (1, "succeeded")
    ]
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    assert balances() == {}
    assert [str(finding) for finding in local_findings()] == []


def test_the_void_after_a_declined_capture_is_sent_although_the_queue_has_given_up(paypal: FakeProcessor) -> None:
    order, held = _reserved(paypal)
    _accept(order)
    paypal.payments[held.processor_payment_id] = dataclasses.replace(held, charge=_charge(held, AttemptOutcome.FAILED))
    assert settle_order(order_id=order.id, source="webhook", now=clock_now()).order.status == "expired"
    resolve_requests(now=clock_now() + HOUR)
    assert paypal.payments[held.processor_payment_id].status == "canceled"
    assert Payment.objects.get().status == "canceled"
