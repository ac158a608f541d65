"""Ends that come about seldom: dashboards, refusals that last, news in the wrong hands. No money stays unbooked."""

import dataclasses
import datetime as dt

import pytest

from catalog.models import Product, StockReservation
from common.clock import now as clock_now
from common.models import AuditRecord
from common.money import Money
from orders.models import Fulfilment, Order, SellerOrder
from orders.services import (
    accept_part,
    decline_part,
    expire_orders,
    resolve_requests,
    settle_open_payments,
    settle_payment,
)
from orders.services.settle import apply_found
from payments.contracts import AuthorizationFound, OutcomeUnknown, PaymentFound, PaymentGone, ProcessorRefused
from payments.enums import PaymentChannel, PaymentStatus
from payments.models import Payment, ProcessorRequest, Refund
from reconciliation.selectors import local_findings
from tests.orders.books import balances
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_guest, new_product
from tests.payments.fake_processor import FakeProcessor, both_installed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def processors(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeProcessor, FakeProcessor]:
    return both_installed(monkeypatch)


def _open(order: Order, channel: PaymentChannel = PaymentChannel.ELEMENTS) -> PaymentFound:
    found = confirm(order, channel=channel).found
    assert found is not None
    return found


def _news(found: PaymentFound) -> Order:
    return settle_payment(
        processor=found.processor, processor_payment_id=found.processor_payment_id,
        payment_reference=found.payment_reference, source="webhook", now=clock_now(),
    ).order  # fmt: skip


def _authorized(stripe: FakeProcessor, *products: Product) -> tuple[Order, PaymentFound]:
    order = check_out([(product, 1) for product in products])
    found = _open(order)
    held = AuthorizationFound("", order.total, clock_now() + dt.timedelta(days=7))
    stripe.becomes(found.processor_payment_id, status=PaymentStatus.AUTHORIZED, authorization=held)
    return _news(found), found


def _two_made_to_order() -> tuple[Product, Product]:
    """40.00 and 60.00, postage 5.00 each, of two artisans."""
    return (
        new_product(price=4000, is_made_to_order=True, lead_time_days=10, stock=0),
        new_product(price=6000, is_made_to_order=True, lead_time_days=20, stock=0),
    )


def _part(order: Order, product: Product) -> str:
    return SellerOrder.objects.get(order=order, artisan=product.artisan).public_id


def _accept(order: Order, product: Product) -> None:
    accept_part(seller_order_id=_part(order, product), artisan_id=product.artisan_id, now=clock_now())


def _decline(order: Order, product: Product) -> None:
    decline_part(
        seller_order_id=_part(order, product), artisan_id=product.artisan_id, reason="No clay.", now=clock_now()
    )


def _taken_in_the_dashboard(stripe: FakeProcessor, found: PaymentFound, amount_minor: int) -> None:
    taken = paid(found, amount=Money(amount_minor, "EUR"))
    stripe.payments[found.processor_payment_id] = dataclasses.replace(taken, amount=found.amount)


def _books_hold() -> None:
    assert [str(finding) for finding in local_findings()] == []


def test_a_dashboard_that_takes_the_whole_although_a_part_was_declined_gives_it_back(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, _ = processors
    bowl, chair = _two_made_to_order()
    order, found = _authorized(stripe, bowl, chair)
    _decline(order, chair)
    _taken_in_the_dashboard(stripe, found, 11000)
    assert _news(found).status == "refunding"
    assert Refund.objects.get().amount_minor == 11000
    run_outbox()
    order.refresh_from_db()
    assert order.status == "refunded"
    _books_hold()


def test_a_dashboard_that_takes_what_nobody_has_declined_makes_the_sale(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, _ = processors
    bowl, chair = _two_made_to_order()
    order, found = _authorized(stripe, bowl, chair)
    _decline(order, chair)
    _taken_in_the_dashboard(stripe, found, 4500)
    assert _news(found).status == "paid"
    order.refresh_from_db()
    assert (order.captured_minor, Refund.objects.count()) == (4500, 0)
    _books_hold()


def test_money_taken_after_the_authorization_was_lost_is_booked(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, _ = processors
    bowl, chair = _two_made_to_order()
    order, found = _authorized(stripe, bowl, chair)
    _decline(order, chair)
    _accept(order, bowl)
    stripe.becomes(found.processor_payment_id, status=PaymentStatus.CANCELED, authorization=None)
    assert _news(found).status == "expired"
    _taken_in_the_dashboard(stripe, found, 4500)
    assert _news(found).status == "refunding"
    run_outbox()
    order.refresh_from_db()
    assert order.status == "refunded"
    _books_hold()


def test_a_capture_that_is_refused_while_the_money_is_held_is_tried_again(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, _ = processors
    bowl, _ = _two_made_to_order()
    order, _ = _authorized(stripe, bowl)
    _accept(order, bowl)
    stripe.before["capture_payment"] = [ProcessorRefused(processor_code="instrument_declined")]
    run_outbox()
    order.refresh_from_db()
    assert order.status == "capturing"
    [told] = AuditRecord.objects.filter(event_type="request.failed")
    assert (told.command, told.amount_minor, told.failure_code) == (
        "capture_payment", order.total_minor, "instrument_declined"
    )  # fmt: skip
    settle_open_payments(now=clock_now() + dt.timedelta(hours=2))
    order.refresh_from_db()
    assert order.status == "paid"
    _books_hold()


def test_news_read_with_an_old_order_do_not_leave_it_in_processing(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    _, paypal = processors
    order = check_out([(new_product(), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    old = Order.objects.get(id=order.id)
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.PROCESSING)
    assert _news(found).status == "processing"
    again = paypal.becomes(found.processor_payment_id, status=PaymentStatus.REQUIRES_PAYMENT_METHOD)
    apply_found(order=old, found=again, source="browser", now=clock_now())
    order.refresh_from_db()
    assert (Payment.objects.get().status, order.status) == ("requires_payment_method", "awaiting_payment")


def test_a_dashboard_that_takes_the_second_authorization_makes_the_sale_of_what_was_accepted(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    """The first was lost, the order waits for another one, and its parts are there already."""
    stripe, _ = processors
    bowl, chair = _two_made_to_order()
    order, _ = _authorized(stripe, bowl, chair)
    _decline(order, chair)
    Payment.objects.update(status="canceled")
    Order.objects.update(status="awaiting_payment", payment_reference="", accept_by=None)
    again = _open(order)
    _taken_in_the_dashboard(stripe, again, 4500)
    assert _news(again).status == "paid"
    assert list(Fulfilment.objects.order_by("id").values_list("status", flat=True)) == ["to_ship", "declined"]
    assert balances("commission") == {"commission:EUR": -400}


@pytest.mark.parametrize("second", ["awaiting_payment", "paid"])
def test_what_was_ordered_anew_after_its_time_was_over_is_not_sold_twice(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox, second: str
) -> None:
    """Stripe was away as the first offer ended; what the buyer had paid there comes to light afterwards."""
    stripe, _ = processors
    buyer = new_guest()
    order = check_out([(new_product(price=4000, stock=5), 1)], buyer=buyer)
    late = _open(order)
    stripe.payments[late.processor_payment_id] = paid(late)
    stripe.before["retrieve_payment"] = [OutcomeUnknown()]
    assert expire_orders(now=order.expires_at) == 1
    anew = check_out(buyer=buyer, now=order.expires_at)
    if second == "paid":
        found = _open(anew)
        stripe.payments[found.processor_payment_id] = paid(found)
        assert _news(found).status == "paid"
    assert _news(late).status == "refunding"
    assert (Refund.objects.get().reason, Refund.objects.get().amount_minor) == ("duplicate", 4500)
    run_outbox()
    order.refresh_from_db()
    anew.refresh_from_db()
    assert (order.status, anew.status) == ("refunded", second)
    _books_hold()


@pytest.mark.parametrize("outbox_first", [True, False])
def test_a_capture_without_an_answer_is_not_sent_again_once_the_card_has_paid(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox, outbox_first: bool
) -> None:
    stripe, paypal = processors
    order = check_out([(new_product(), 1)])
    card, approved = _open(order), _open(order, PaymentChannel.PAYPAL)
    paypal.becomes(approved.processor_payment_id, status=PaymentStatus.APPROVED)
    paypal.before["capture_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        _news(approved)
    stripe.payments[card.processor_payment_id] = paid(card)
    assert _news(card).status == "paid"
    if outbox_first:
        run_outbox()
    for hours in (1, 2):
        resolve_requests(now=clock_now() + dt.timedelta(hours=hours))
    assert paypal.calls.count("capture_payment") == 1
    assert dict(Payment.objects.values_list("channel", "status")) == {"elements": "succeeded", "paypal": "canceled"}
    assert (Refund.objects.count(), ProcessorRequest.objects.filter(finished_at=None).count()) == (0, 0)
    _books_hold()


def test_an_approved_payment_that_paypal_has_dropped_does_not_keep_the_order_in_processing(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    """PayPal was away for so long that the approval lapsed: the goods are free again, and the buyer can go on."""
    _, paypal = processors
    order = check_out([(new_product(stock=1), 1)])
    approved = _open(order, PaymentChannel.PAYPAL)
    paypal.becomes(approved.processor_payment_id, status=PaymentStatus.APPROVED)
    paypal.before["capture_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        _news(approved)
    later = clock_now() + dt.timedelta(hours=2)
    gone = PaymentGone(processor_code="RESOURCE_NOT_FOUND")
    paypal.before["retrieve_payment"] = [gone] * 20
    settle_open_payments(now=later)
    order.refresh_from_db()
    assert order.status == "processing"
    later += dt.timedelta(hours=2)
    resolve_requests(now=later)
    settle_open_payments(now=later)
    expire_orders(now=later)
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status) == ("expired", "canceled")
    assert StockReservation.objects.get().state == "released"
    assert not ProcessorRequest.objects.filter(kind="capture_payment", finished_at=None).exists()
    assert paypal.calls.count("capture_payment") == 1
