"""The hold of an artisan's share: it starts when the goods are sent, and ends some days after they have arrived."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import transaction

from catalog.models import Artisan
from common.money import Money
from payouts import services
from payouts.models import Payable
from payouts.selectors import policy_seen
from tests.orders.shop import new_artisan
from tests.payouts.hub import NOW, audited, books, credit, debit, sell

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def sold(artisan: Artisan, share_minor: int = 1500) -> Payable:
    """Held until its part is sent."""
    order = sell([(artisan, share_minor)], now=NOW, hold=None)
    return Payable.objects.get(order_reference=order)


def shipped(payable: Payable, now: dt.datetime) -> Payable:
    with transaction.atomic():
        services.parts_shipped(seller_order_references=[payable.seller_order_reference], now=now)
    payable.refresh_from_db()
    return payable


def delivered(payable: Payable, now: dt.datetime) -> Payable:
    with transaction.atomic():
        services.part_delivered(seller_order_reference=payable.seller_order_reference, now=now)
    payable.refresh_from_db()
    return payable


def holds_for(artisan: Artisan, days: int) -> None:
    terms = replace(policy_seen(artisan=artisan).terms, hold_days=days)
    services.change_policy(artisan_id=artisan.pk, terms=terms, now=NOW)


def test_what_is_never_sent_is_never_released() -> None:
    sold(new_artisan())
    assert services.release_due(now=NOW + 400 * DAY) == 0
    assert Payable.objects.get().hold_until is None


def test_goods_that_were_sent_are_taken_to_arrive_after_fourteen_days() -> None:
    payable = shipped(sold(new_artisan()), NOW)
    assert payable.hold_until == NOW + 21 * DAY
    assert services.release_due(now=NOW + 21 * DAY - dt.timedelta(seconds=1)) == 0
    assert services.release_due(now=NOW + 21 * DAY) == 1
    assert [(event.event, event.from_status, event.to_status) for event in payable.events.order_by("id")] == [
        ("part_shipped", "held", "held"), ("hold_over", "held", "released")
    ]  # fmt: skip
    assert audited(payable.public_id)[0] == ("payable.hold_set", "succeeded")


def test_a_delivery_ends_the_hold_sooner_and_never_later() -> None:
    early, late = shipped(sold(new_artisan()), NOW), shipped(sold(new_artisan()), NOW)
    assert delivered(early, NOW + 3 * DAY).hold_until == NOW + 10 * DAY
    assert delivered(early, NOW + 5 * DAY).hold_until == NOW + 10 * DAY
    assert delivered(late, NOW + 15 * DAY).hold_until == NOW + 21 * DAY
    assert [event.event for event in early.events.order_by("id")] == ["part_shipped", "part_delivered"]
    assert [event.event for event in late.events.order_by("id")] == ["part_shipped"]


def test_the_days_are_the_artisans_own_as_they_are_when_the_goods_are_sent() -> None:
    trusted, usual = new_artisan(), new_artisan()
    holds_for(trusted, 2)
    first = shipped(sold(trusted), NOW)
    assert (first.hold_until, shipped(sold(usual), NOW).hold_until) == (NOW + 16 * DAY, NOW + 21 * DAY)
    holds_for(trusted, 30)
    first.refresh_from_db()
    assert first.hold_until == NOW + 16 * DAY, "what was sent before keeps its day"
    assert shipped(sold(trusted), NOW).hold_until == NOW + 44 * DAY
    # The goods arrive: the longer hold of today would end later than what was promised.
    assert delivered(first, NOW + DAY).hold_until == NOW + 16 * DAY


def test_what_was_released_by_hand_before_it_was_sent_stays_released() -> None:
    payable = sold(new_artisan())
    services.release_now(payable_ids=[payable.pk], now=NOW)
    assert shipped(payable, NOW).status == "released"
    assert payable.hold_until == NOW + 21 * DAY
    assert [event.event for event in payable.events.order_by("id")] == ["released_early"]


def test_what_a_part_gets_back_is_held_as_long_as_the_part() -> None:
    artisan = new_artisan()
    payable = sold(artisan)
    debit(payable, 1500)
    credit(payable, 1500)
    again = Payable.objects.get(origin_reference="ref_1")
    assert (again.status, again.hold_until) == ("held", None)
    shipped(payable, NOW)
    again.refresh_from_db()
    assert again.hold_until == NOW + 21 * DAY
    assert services.release_due(now=NOW + 21 * DAY) == 1
    assert books()[f"seller_payable:{artisan.public_id}"] == 1500
    again.refresh_from_db()
    assert again.left == Money(1500, "EUR")


def test_a_part_that_nothing_is_owed_for_is_sent_all_the_same() -> None:
    services.parts_shipped(seller_order_references=["sel_none"], now=NOW)
    services.part_delivered(seller_order_reference="sel_none", now=NOW)
