"""The payment of an order is being processed and the buyer checks the same cart out again: one order, one charge."""

import datetime as dt

import pytest

from catalog.models import Product
from common.clock import now as clock_now
from orders.contracts.order import Buyer, PaymentRunning
from orders.models import Order
from orders.selectors.cart import get_cart
from orders.services import settle_order
from orders.services.cart import merge_carts
from payments.enums import PaymentStatus
from payments.models import Payment
from reconciliation.selectors import local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, fill_cart, new_guest, new_product, new_user, owner_of
from tests.payments.fake_processor import FakeProcessor, declined, installed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


@pytest.fixture
def buyer() -> Buyer:
    return new_guest()


@pytest.fixture
def product() -> Product:
    return new_product(price=2000, stock=10)


@pytest.fixture
def running(processor: FakeProcessor, buyer: Buyer, product: Product) -> Order:
    """An order of one piece whose payment is being processed."""
    order = check_out([(product, 1)], buyer=buyer)
    found = confirm(order).found
    assert found is not None
    processor.becomes(found.processor_payment_id, status=PaymentStatus.PROCESSING)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "processing"
    return order


def _payment_at(processor: FakeProcessor) -> str:
    [payment_id] = processor.payments
    return payment_id


def _in_the_cart(buyer: Buyer) -> dict[str, int]:
    return {line.product.title: line.quantity for line in get_cart(owner=owner_of(buyer)).lines}


def test_the_same_cart_leads_to_the_order_that_is_being_paid(
    processor: FakeProcessor, running: Order, buyer: Buyer
) -> None:
    again = check_out(buyer=buyer)
    assert (again.id, again.status) == (running.id, "processing")
    settled = confirm(again)
    assert (settled.order.status, settled.payment and settled.payment.status) == ("processing", "processing")
    assert processor.calls.count("create_payment") == 1
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)


def test_so_does_a_cart_that_was_changed_meanwhile(
    processor: FakeProcessor, running: Order, buyer: Buyer, product: Product, run_outbox: RunOutbox
) -> None:
    """The cart still holds what is being paid for: a new order of it would charge that twice."""
    other = new_product(price=700)
    again = check_out([(other, 2)], buyer=buyer, email="grace@example.org")
    assert (again.id, again.status, again.total_minor) == (running.id, "processing", running.total_minor)
    assert (Order.objects.count(), processor.calls.count("create_payment")) == (1, 1)
    run_outbox()
    assert "cancel_payment" not in processor.calls

    payment_id = _payment_at(processor)
    processor.payments[payment_id] = paid(processor.payments[payment_id])
    assert settle_order(order_id=running.id, source="webhook", now=clock_now()).order.status == "paid"
    assert _in_the_cart(buyer) == {other.title: 2}, "what was bought has left, what was added is still there"
    rest = check_out(buyer=buyer)
    assert (rest.id != running.id, rest.status, rest.goods_minor) == (True, "awaiting_payment", 1400)
    assert [str(finding) for finding in local_findings()] == []


def test_when_the_payment_fails_the_changed_cart_is_offered_anew(
    processor: FakeProcessor, running: Order, buyer: Buyer, product: Product
) -> None:
    fill_cart(buyer, [(product, 1)])
    payment_id = _payment_at(processor)
    processor.payments[payment_id] = declined(processor.payments[payment_id])
    assert settle_order(order_id=running.id, source="webhook", now=clock_now()).order.status == "awaiting_payment"
    again = check_out(buyer=buyer)
    running.refresh_from_db()
    assert (running.status, again.status, again.goods_minor) == ("canceled", "awaiting_payment", 4000)


def test_an_offer_that_ran_out_while_its_payment_is_processed_is_not_called_uncharged(
    processor: FakeProcessor, running: Order, buyer: Buyer
) -> None:
    late = running.expires_at + dt.timedelta(hours=1)
    again = check_out(buyer=buyer, now=late)
    assert (again.id, again.status) == (running.id, "processing")
    with pytest.raises(PaymentRunning):
        confirm(again, now=late)
    assert processor.calls.count("create_payment") == 1


def test_somebody_elses_payment_does_not_matter(running: Order, product: Product) -> None:
    other = check_out([(product, 1)])
    assert (other.id != running.id, other.status) == (True, "awaiting_payment")


def test_a_guest_who_logs_in_while_the_payment_is_processed_does_not_pay_twice(
    processor: FakeProcessor, running: Order, buyer: Buyer, product: Product
) -> None:
    """Their cart joins the one that they had before, and with it what it knows of the order that is being paid."""
    user, other = new_user(), new_product(price=700)
    member = Buyer(user_id=user.pk, guest_scope=buyer.guest_scope)
    fill_cart(member, [(other, 1)])
    merge_carts(user_pk=user.pk, guest_scope=buyer.guest_scope, now=clock_now())
    assert _in_the_cart(member) == {other.title: 1, product.title: 1}

    again = check_out(buyer=member)
    assert (again.id, again.status, Order.objects.count()) == (running.id, "processing", 1)

    payment_id = _payment_at(processor)
    processor.payments[payment_id] = paid(processor.payments[payment_id])
    assert settle_order(order_id=running.id, source="webhook", now=clock_now()).order.status == "paid"
    assert _in_the_cart(member) == {other.title: 1}
    assert processor.calls.count("create_payment") == 1
