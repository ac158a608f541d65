"""Sending and receiving goods, and what it means for the artisan's share."""

import datetime as dt

import pytest
from django.test import Client

from common.clock import now as clock_now
from common.guests import guest_scope
from orders.contracts.order import Buyer, NotUnderWay, OrderNotFound, PartNotFound
from orders.models import FulfilmentEvent, Order
from orders.selectors.orders import access_key
from orders.services import confirm_receipt
from payouts.models import Payable
from payouts.services import release_due
from tests.orders.books import balances, everything_agrees
from tests.orders.refunds import paid
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire
from tests.support.parcels import deliver, ship

pytestmark = pytest.mark.django_db
NOBODY = Buyer(user_id=None, guest_scope=guest_scope({}))
DAY = dt.timedelta(days=1)


def one_sale(stripe: Wire) -> Order:
    return paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])


def hold_of(order: Order) -> dt.datetime | None:
    return Payable.objects.get(order_reference=order.public_id).hold_until


def received_url(order: Order, part: str = "") -> str:
    return f"/orders/{order.public_id}/parts/{part or order.seller_orders.get().public_id}/received/"


def test_a_sale_is_due_some_days_after_its_goods_have_arrived_and_not_before(stripe: Wire) -> None:
    order = one_sale(stripe)
    assert release_due(now=clock_now() + 100 * DAY) == 0
    sent_at = clock_now()
    ship(order, now=sent_at)
    assert hold_of(order) == sent_at + 21 * DAY
    deliver(order, now=sent_at + DAY)
    assert hold_of(order) == sent_at + 8 * DAY
    assert release_due(now=sent_at + 8 * DAY) == 1
    [seller] = balances("seller")
    assert seller.startswith("seller_payable:")
    everything_agrees(stripe)


def test_each_part_of_an_order_waits_for_its_own_goods(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(new_artisan(), price=1000), 1), (new_product(new_artisan(), price=2000), 1)])
    first, second = order.seller_orders.order_by("id")
    ship(order)
    confirm_receipt(
        order_id=order.public_id, seller_order_id=first.public_id, buyer=NOBODY, access_key=access_key(order),
        now=clock_now(),
    )  # fmt: skip
    assert release_due(now=clock_now() + 8 * DAY) == 1
    assert Payable.objects.get(status="held").seller_order_reference == second.public_id


def test_the_buyer_says_that_it_has_arrived_and_the_hold_ends_sooner(stripe: Wire) -> None:
    order = one_sale(stripe)
    ship(order)
    part = order.seller_orders.get()
    received = clock_now()
    for _ in range(2):
        fulfilment = confirm_receipt(
            order_id=order.public_id, seller_order_id=part.public_id, buyer=NOBODY, access_key=access_key(order),
            now=received,
        )  # fmt: skip
    assert fulfilment.status == "delivered"
    assert hold_of(order) == received + 7 * DAY
    assert [event.source for event in FulfilmentEvent.objects.filter(event="delivered")] == ["buyer"]


def test_nobody_else_can_say_it_and_not_before_it_was_sent(stripe: Wire) -> None:
    order, other = one_sale(stripe), one_sale(stripe)
    part, key = order.seller_orders.get().public_id, access_key(order)
    with pytest.raises(NotUnderWay):
        confirm_receipt(order_id=order.public_id, seller_order_id=part, buyer=NOBODY, access_key=key, now=clock_now())
    ship(order)
    ship(other)
    for wrong_key in ("", access_key(other)):
        with pytest.raises(OrderNotFound):
            confirm_receipt(
                order_id=order.public_id, seller_order_id=part, buyer=NOBODY, access_key=wrong_key, now=clock_now()
            )
    with pytest.raises(PartNotFound):
        confirm_receipt(
            order_id=order.public_id, seller_order_id=other.seller_orders.get().public_id, buyer=NOBODY,
            access_key=key, now=clock_now(),
        )  # fmt: skip
    assert not FulfilmentEvent.objects.filter(event="delivered").exists()


def test_a_guest_with_the_link_from_the_letter_says_it_on_the_page_of_the_order(stripe: Wire) -> None:
    order = one_sale(stripe)
    page, browser = f"/orders/{order.public_id}/?key={access_key(order)}", Client()
    assert "I have received it" not in browser.get(page).content.decode()
    ship(order)
    assert "I have received it" in browser.get(page).content.decode()
    answer = browser.post(received_url(order), {"key": access_key(order)})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = browser.get(page).content.decode()
    assert "Delivered." in shown
    assert "Thank you for telling us" in shown
    assert "I have received it" not in shown


def test_a_stranger_gets_the_same_answer_as_for_an_order_that_does_not_exist(stripe: Wire) -> None:
    order = one_sale(stripe)
    ship(order)
    stranger = Client()
    assert stranger.post(received_url(order)).status_code == 404
    assert stranger.post(received_url(order, "sel_none"), {"key": access_key(order)}).status_code == 404
    assert stranger.get(received_url(order)).status_code == 405
    assert Client(enforce_csrf_checks=True).post(received_url(order)).status_code == 403
    assert hold_of(order) is not None
    assert not FulfilmentEvent.objects.filter(event="delivered").exists()
