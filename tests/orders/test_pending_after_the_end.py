"""What goes on at PayPal after we have called a payment off: found without news, and let go or given back."""

import dataclasses
import datetime as dt

import pytest

from catalog.models import Product
from common.clock import now as clock_now
from orders.models import Order
from orders.services import resolve_requests, settle_open_payments, settle_order, void_payments
from payments.contracts import ChargeFound, OutcomeUnknown, PaymentFound
from payments.enums import AttemptOutcome, PaymentChannel, PaymentStatus
from payments.models import Payment, ProcessorRequest, Refund
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


def _approved(paypal: FakeProcessor, product: Product) -> tuple[Order, PaymentFound]:
    order = check_out([(product, 1)])
    found = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert found is not None
    return order, paypal.becomes(found.processor_payment_id, status=PaymentStatus.APPROVED)


def _called_off_while_being_taken(paypal: FakeProcessor, product: Product) -> tuple[Order, PaymentFound]:
    """The answer is lost, the offer ends, and what PayPal shows at that moment is an approval and nothing else."""
    order, found = _approved(paypal, product)
    paypal.before["capture_payment"] = [OutcomeUnknown()]
    paypal.before["authorize_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        settle_order(order_id=order.id, source="browser", now=clock_now())
    Order.objects.filter(id=order.id).update(status="canceled")
    void_payments(order_id=order.id, now=clock_now())
    assert Payment.objects.get().status == "canceled"
    order.refresh_from_db()
    return order, found


def _pending(found: PaymentFound) -> ChargeFound:
    charge = paid(found).charge
    assert charge is not None
    return dataclasses.replace(charge, outcome=AttemptOutcome.PENDING, captured=False, fee=None)


def _books_hold() -> None:
    assert [str(finding) for finding in local_findings()] == []


def test_a_pending_capture_of_a_canceled_payment_is_asked_after_until_its_money_has_gone_back(
    paypal: FakeProcessor, run_outbox: RunOutbox
) -> None:
    """No webhook comes, neither of its being pending nor of its end."""
    order, found = _called_off_while_being_taken(paypal, new_product(price=4000))
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.PROCESSING, charge=_pending(found))
    assert resolve_requests(now=clock_now() + HOUR) == 1
    payment = Payment.objects.get()
    assert (payment.status, payment.next_look_up_at is not None) == ("processing", True)
    order.refresh_from_db()
    assert order.status == "canceled"
    paypal.payments[found.processor_payment_id] = paid(found)
    assert settle_open_payments(now=clock_now() + 3 * HOUR) == 1
    run_outbox()
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status) == ("refunded", "succeeded")
    assert (Refund.objects.get().reason, Refund.objects.get().amount_minor) == ("sold_out", 4500)
    assert balances("late_payments", "paypal_clearing") == {"paypal_clearing:EUR": -151}
    _books_hold()


def test_a_pending_capture_of_a_canceled_payment_that_comes_to_nothing_ends_it_again(paypal: FakeProcessor) -> None:
    _, found = _called_off_while_being_taken(paypal, new_product(price=4000))
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.PROCESSING)
    assert resolve_requests(now=clock_now() + HOUR) == 1
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.CANCELED)
    assert settle_open_payments(now=clock_now() + 3 * HOUR) == 1
    payment = Payment.objects.get()
    assert (payment.status, payment.next_look_up_at) == ("canceled", None)
    assert list(payment.events.order_by("id").values_list("event", flat=True)) == [
        "accepted", "approved", "voided", "processing_started", "voided"
    ]  # fmt: skip
    assert balances() == {}


def test_money_reserved_for_a_payment_that_was_called_off_meanwhile_does_not_stay_reserved(
    paypal: FakeProcessor, run_outbox: RunOutbox
) -> None:
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0)
    order, found = _called_off_while_being_taken(paypal, bowl)
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.AUTHORIZED)
    assert resolve_requests(now=clock_now() + HOUR) == 1
    run_outbox()
    assert paypal.payments[found.processor_payment_id].status == "canceled"
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status, balances()) == ("canceled", "canceled", {})
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
