"""Goods that are made to order: reserved first, accepted or declined by each artisan, and only then charged."""

import datetime as dt

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from catalog.models import Product
from common.clock import now as clock_now
from common.models import AuditRecord
from orders.contracts.order import AlreadyPaid, NotToBeAccepted, PartNotFound
from orders.models import CartItem, Fulfilment, FulfilmentEvent, Order, SellerOrder
from orders.selectors.orders import access_key, charged_for
from orders.services import (
    accept_part,
    cancel_checkout,
    confirm_delivery,
    decide_overdue,
    decline_part,
    expire_orders,
    review_order,
    settle_order,
    ship_part,
)
from payments.contracts import OutcomeUnknown
from payments.models import Payment, ProcessorRequest
from payouts.models import Payable
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.wire import DECLINED, Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

HOUR = dt.timedelta(hours=1)


def _two_made_to_order() -> tuple[Product, Product]:
    """A bowl of 40.00 and a chair of 60.00, postage 5.00 each, of two artisans."""
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=10, stock=0)
    chair = new_product(price=6000, is_made_to_order=True, lead_time_days=20, stock=0)
    return bowl, chair


def _authorized(stripe: Wire, *products: Product) -> Order:
    order = check_out([(product, 1) for product in products])
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def _part(order: Order, product: Product) -> SellerOrder:
    return SellerOrder.objects.get(order=order, artisan=product.artisan)


def _accept(order: Order, product: Product) -> None:
    accept_part(seller_order_id=_part(order, product).public_id, artisan_id=product.artisan_id, now=clock_now())


def _decline(order: Order, product: Product, reason: str = "The clay is out.") -> None:
    decline_part(
        seller_order_id=_part(order, product).public_id, artisan_id=product.artisan_id, reason=reason, now=clock_now()
    )


def _statuses(order: Order) -> list[str]:
    return list(Fulfilment.objects.filter(seller_order__order=order).order_by("id").values_list("status", flat=True))


def test_nothing_is_charged_before_the_artisans_have_accepted(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    payment = Payment.objects.get()
    assert (order.status, payment.status, payment.authorized_minor) == ("authorized", "authorized", 11000)
    assert order.payment_reference == payment.public_id
    assert balances() == {}
    assert not CartItem.objects.exists()
    assert order.accept_by is not None
    assert dt.timedelta(hours=71) < order.accept_by - clock_now() < dt.timedelta(hours=73)
    run_outbox()
    assert stripe.platform_balance() == {}
    _accept(order, bowl)
    run_outbox()
    order.refresh_from_db()
    assert (order.status, _statuses(order)) == ("authorized", ["accepted", "to_accept"])
    _accept(order, chair)
    order.refresh_from_db()
    assert (order.status, order.captured_minor) == ("capturing", 11000)
    run_outbox()
    order.refresh_from_db()
    assert (order.status, _statuses(order)) == ("paid", ["to_ship", "to_ship"])
    assert Payment.objects.get().status == "succeeded"
    assert balances("seller_held", "commission") == {
        f"seller_held:{bowl.artisan.public_id}:EUR": -4100,
        f"seller_held:{chair.artisan.public_id}:EUR": -5900,
        "commission:EUR": -1000,
    }
    everything_agrees(stripe)


def test_what_one_artisan_declines_is_not_charged(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    _decline(order, chair)
    _accept(order, bowl)
    run_outbox()
    order.refresh_from_db()
    assert (order.status, order.captured_minor, order.total_minor) == ("paid", 4500, 11000)
    assert (charged_for(order).amount_minor, _statuses(order)) == (4500, ["to_ship", "declined"])
    [charge] = stripe.charges(order.public_id)
    assert (charge["amount"], charge["amount_captured"]) == (11000, 4500)
    assert Payable.objects.get().amount_minor == 4100
    assert balances("seller_held", "commission") == {
        f"seller_held:{bowl.artisan.public_id}:EUR": -4100,
        "commission:EUR": -400,
    }
    everything_agrees(stripe)


def test_an_order_that_everybody_declines_is_not_charged_at_all(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    _decline(order, chair)
    _decline(order, bowl)
    assert "orders.tasks.send_not_charged" in run_outbox()
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status) == ("canceled", "canceled")
    [intent] = stripe.intents(order.public_id)
    assert (intent["status"], stripe.platform_balance()) == ("canceled", {})
    assert balances() == {}
    everything_agrees(stripe)


def test_what_is_left_and_too_little_to_be_charged_is_let_go(
    client: Client, stripe: Wire, run_outbox: RunOutbox, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    """Stripe takes no less than 0.50 EUR: it would refuse the capture for as long as the money is reserved."""
    maker = new_artisan(shipping=(0, 0))
    button = new_product(maker, price=49, is_made_to_order=True, lead_time_days=3, stock=0)
    chair = new_product(price=6000, is_made_to_order=True, lead_time_days=20, stock=0)
    order = _authorized(stripe, button, chair)
    _accept(order, button)
    _decline(order, chair)
    run_outbox()
    order.refresh_from_db()
    assert (order.status, order.captured_minor, Payment.objects.get().status) == ("canceled", None, "canceled")
    assert _statuses(order) == ["canceled", "declined"]
    [intent] = stripe.intents(order.public_id)
    assert (intent["status"], stripe.platform_balance(), balances()) == ("canceled", {}, {})
    told = AuditRecord.objects.get(event_type="order.too_little_accepted")
    assert (told.subject, told.amount_minor, told.failure_code) == (order.public_id, 49, "amount_too_small")
    [letter] = [letter for letter in mailoutbox if letter.subject == "Your order was not charged"]
    assert "What was left of it, €0.49, is less than a card can be charged." in letter.body
    page = client.get(f"/orders/{order.public_id}/?key={access_key(order)}", follow=True).content.decode()
    assert "€0.49 that was left is less than a card can be charged, and nothing was charged." in page
    client.force_login(maker.owner)
    page = client.get(f"/selling/orders/{_part(order, button).public_id}/").content.decode()
    assert "The order came to nothing: please don't make or send anything." in page
    everything_agrees(stripe)


def test_the_least_that_can_be_charged_is_charged(stripe: Wire, run_outbox: RunOutbox) -> None:
    button = new_product(new_artisan(shipping=(0, 0)), price=50, is_made_to_order=True, lead_time_days=3, stock=0)
    chair = new_product(price=6000, is_made_to_order=True, lead_time_days=20, stock=0)
    order = _authorized(stripe, button, chair)
    _decline(order, chair)
    _accept(order, button)
    run_outbox()
    order.refresh_from_db()
    assert (order.status, order.captured_minor) == ("paid", 50)
    everything_agrees(stripe)


def test_goods_from_the_shelf_of_a_declined_part_are_free_again(stripe: Wire, run_outbox: RunOutbox) -> None:
    maker = new_artisan()
    shelf, made = new_product(maker, stock=3), new_product(maker, stock=0, is_made_to_order=True, lead_time_days=5)
    other = new_product(stock=5)
    order = _authorized(stripe, shelf, made, other)
    assert _statuses(order) == ["to_accept", "accepted"], "what lies on the shelf waits for the payment only"
    _decline(order, shelf)
    run_outbox()
    order.refresh_from_db()
    shelf.refresh_from_db()
    other.refresh_from_db()
    assert (order.status, order.captured_minor) == ("paid", 2500)
    assert (shelf.stock_on_hand, shelf.stock_reserved) == (3, 0)
    assert (other.stock_on_hand, other.stock_reserved) == (4, 0)
    everything_agrees(stripe)


def test_what_nobody_accepts_in_time_is_let_go(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    _accept(order, bowl)
    assert order.accept_by is not None
    assert decide_overdue(now=order.accept_by - HOUR) == 0
    assert decide_overdue(now=order.accept_by) == 1
    run_outbox()
    order.refresh_from_db()
    assert (order.status, order.captured_minor, _statuses(order)) == ("paid", 4500, ["to_ship", "declined"])
    assert Fulfilment.objects.get(status="declined").decline_reason == "It was not confirmed in time."
    everything_agrees(stripe)


def test_an_authorization_that_the_processor_lets_go_ends_the_order(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    stripe._control("POST", "/clock", {"advance_seconds": 8 * 24 * 3600})
    stripe.idle()
    try:
        _accept(order, bowl)
        _accept(order, chair)
        assert "orders.tasks.send_not_charged" in run_outbox()
    finally:
        stripe._control("POST", "/clock", {"advance_seconds": -8 * 24 * 3600})
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().status) == ("expired", "canceled")
    assert _statuses(order) == ["canceled", "canceled"]
    assert balances() == {}


def test_a_lost_answer_to_the_capture_takes_the_money_once(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    stripe.fault("answer_lost", "/capture$")
    _accept(order, bowl)
    _accept(order, chair)
    with pytest.raises(OutcomeUnknown):
        run_outbox()
    run_outbox()
    order.refresh_from_db()
    assert (order.status, len(stripe.charges(order.public_id))) == ("paid", 1)
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    everything_agrees(stripe)


def test_money_taken_in_the_dashboard_before_anybody_accepted_is_a_sale(stripe: Wire) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    [intent] = stripe.intents(order.public_id)
    stripe._http.post(
        f"{stripe.url}/v1/payment_intents/{intent['id']}/capture",
        auth=("sk_test_sandbox", ""),
        headers={"Idempotency-Key": f"dashboard-{intent['id']}"},
    )
    stripe.idle()
    order = settle_order(order_id=order.id, source="webhook", now=clock_now()).order
    assert (order.status, _statuses(order)) == ("paid", ["to_ship", "to_ship"])
    everything_agrees(stripe)


def test_an_order_is_not_placed_twice(stripe: Wire) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    with pytest.raises(AlreadyPaid):
        confirm(order)
    with pytest.raises(AlreadyPaid):
        cancel_checkout(order_id=order.id, now=clock_now())
    assert expire_orders(now=clock_now() + 24 * HOUR) == 0


def test_a_declined_card_reserves_nothing(stripe: Wire) -> None:
    bowl, _ = _two_made_to_order()
    order = check_out([(bowl, 1)])
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret, card=DECLINED)
    order = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    assert (order.status, Payment.objects.get().status) == ("awaiting_payment", "requires_payment_method")


def test_money_reserved_for_an_order_that_has_ended_is_let_go(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl, _ = _two_made_to_order()
    order = check_out([(bowl, 1)])
    found = confirm(order).found
    assert found is not None
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(found.client_secret)
    order = settle_order(order_id=order.id, source="webhook", now=clock_now()).order
    run_outbox()
    [intent] = stripe.intents(order.public_id)
    assert (order.status, intent["status"], balances()) == ("canceled", "canceled", {})


def test_an_artisan_answers_for_their_own_part_only_and_once(stripe: Wire) -> None:
    bowl, chair = _two_made_to_order()
    order = _authorized(stripe, bowl, chair)
    with pytest.raises(PartNotFound):
        accept_part(seller_order_id=_part(order, bowl).public_id, artisan_id=chair.artisan_id, now=clock_now())
    _accept(order, bowl)
    _accept(order, bowl)
    assert FulfilmentEvent.objects.filter(event="accepted").count() == 1
    _decline(order, chair)
    with pytest.raises(NotToBeAccepted):
        _accept(order, chair)
    with pytest.raises(NotToBeAccepted):
        _decline(order, bowl)  # it is being charged


def test_a_sent_part_says_how(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product()
    order = _authorized(stripe, product)
    part = _part(order, product)
    for _ in range(2):
        shipped = ship_part(
            seller_order_id=part.public_id, artisan_id=product.artisan_id, carrier="An Post",
            tracking_number="CE123456785IE", now=clock_now(),
        )  # fmt: skip
    assert (shipped.status, shipped.carrier, shipped.tracking_number) == ("shipped", "An Post", "CE123456785IE")
    assert run_outbox().count("orders.tasks.send_shipped") == 1
    delivered = confirm_delivery(seller_order_id=part.public_id, artisan_id=product.artisan_id, now=clock_now())
    assert delivered.status == "delivered"


@pytest.mark.parametrize("approves", [True, False])
def test_a_large_order_waits_for_a_person(
    stripe: Wire, run_outbox: RunOutbox, settings: object, approves: bool
) -> None:
    settings.REVIEW_FROM_MINOR = {"EUR": 2500}  # type: ignore[attr-defined]
    product = new_product(stock=1)
    order = _authorized(stripe, product)
    run_outbox()
    assert (order.status, order.review, _statuses(order)) == ("authorized", "pending", ["accepted"])
    review_order(order_id=order.id, approves=approves, now=clock_now())
    with pytest.raises(NotToBeAccepted):
        review_order(order_id=order.id, approves=not approves, now=clock_now())
    run_outbox()
    order.refresh_from_db()
    product.refresh_from_db()
    if approves:
        assert (order.status, order.review, product.stock_on_hand) == ("paid", "approved", 0)
    else:
        assert (order.status, order.review) == ("canceled", "rejected")
        assert (product.stock_on_hand, product.stock_reserved) == (1, 0)
    everything_agrees(stripe)
