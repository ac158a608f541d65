"""Staff, artisans, dashboards, webhooks and sweepers that pay back at the same moment: nothing twice."""

from functools import partial

import pytest

from common.clock import now as clock_now
from orders.contracts.refund import AmountOnly, Items, LineWish, PartLeft
from orders.services import (
    request_refund_of_part,
    resend_refund,
    resolve_requests,
    send_refund,
    settle_refund,
    withdraw_refund,
)
from payments.enums import RefundReason
from payments.models import Capture, Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.refunds import ask, lines_of, paid, parts_of
from tests.orders.shop import new_artisan, new_product, three_artisans
from tests.orders.test_refunds import EUR, REFUND_FAILS_LATER
from tests.orders.wire import Wire
from tests.races.at_once import at_once, kinds

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker", "no_throttle"),
]


def test_two_concurrent_60_refunds_of_100(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    results = at_once([partial(ask, order, AmountOnly(EUR(6000))) for _ in range(8)])
    assert kinds(results) == {"Refund": 1, "RefundTooLarge": 7}
    assert {error.members["left_minor"] for error in results if not isinstance(error, Refund)} == {4000}
    assert Capture.objects.get().refunded_minor == 6000
    send_refund(refund_id=Refund.objects.get().id, source="task", now=clock_now())
    assert [made["amount"] for made in stripe.summary()["refunds"]] == [6000]
    everything_agrees(stripe)


def test_a_double_click_in_two_tabs_pays_once(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 3)])
    wish = Items(lines=[LineWish(lines_of(order)[0].id, quantity=1)])
    results = at_once([partial(ask, order, wish, reference="ref_8kJmAAAAAAAAAAAAAAAAAA") for _ in range(6)])
    assert kinds(results) == {"Refund": 6}
    assert Refund.objects.count() == 1
    everything_agrees(stripe)


def test_staff_and_artisans_pay_back_the_same_order(stripe: Wire) -> None:
    order = paid(stripe, three_artisans())
    parts = parts_of(order)

    def by(number: int) -> Refund:
        part = parts[number]
        return request_refund_of_part(
            seller_order_id=part.public_id, artisan_id=part.artisan_id, wish=PartLeft(part.public_id),
            reason=RefundReason.OUT_OF_STOCK, note="", initiator="artisan:1", now=clock_now(),
        )  # fmt: skip

    at_once([*(partial(by, number) for number in (0, 1, 2, 0, 1, 2)), partial(ask, order), partial(ask, order)])
    assert Capture.objects.get().refunded_minor == 17094
    assert sum(refund.amount_minor for refund in Refund.objects.all()) == 17094
    assert balances("commission", "seller", "refunds_in_transit") == {"refunds_in_transit:EUR": -17094}
    everything_agrees(stripe)


def test_two_workers_the_sweeper_and_the_webhook_send_one_refund(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)])
    refund = ask(order)
    send = partial(send_refund, refund_id=refund.id, source="task", now=clock_now())
    at_once([send, send, partial(resolve_requests, now=clock_now()), send])
    [made] = stripe.summary()["refunds"]
    news = partial(settle_refund, processor="stripe", processor_refund_id=made["id"], source="webhook", now=clock_now())
    assert at_once([news, news, send, news]) == [None] * 4
    refund.refresh_from_db()
    assert (refund.status, refund.events.count()) == ("succeeded", 1)
    everything_agrees(stripe)


def test_the_same_dashboard_refund_delivered_twice_at_once_is_adopted_once(stripe: Wire) -> None:
    order = paid(stripe, three_artisans())
    [charge] = stripe.charges(order.public_id)
    made = stripe.dashboard_refund(charge["id"], 5000)["id"]
    news = partial(settle_refund, processor="stripe", processor_refund_id=made, source="webhook", now=clock_now())
    results = at_once([news] * 6)
    assert results == [None] * 6
    assert [refund.amount_minor for refund in Refund.objects.all()] == [5000]
    assert Capture.objects.get().refunded_minor == 5000
    everything_agrees(stripe)


def test_a_dashboard_refund_beside_our_own_is_booked_and_both_are_bounded(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    [charge] = stripe.charges(order.public_id)
    made = stripe.dashboard_refund(charge["id"], 6000)["id"]
    news = partial(settle_refund, processor="stripe", processor_refund_id=made, source="webhook", now=clock_now())
    at_once([news, partial(ask, order, AmountOnly(EUR(6000)))])
    for refund in Refund.objects.exclude(initiator="processor"):
        send_refund(refund_id=refund.id, source="task", now=clock_now())
    news()
    live = Refund.objects.filter(withdrawn_at__isnull=True)
    assert [(refund.amount_minor, refund.initiator) for refund in live] == [(6000, "processor")]
    assert balances("unallocated_refunds", "refunds_in_transit") == {}
    everything_agrees(stripe)


def test_bounced_refund_sent_again_by_two_people_goes_out_once_more(stripe: Wire) -> None:
    artisan = new_artisan(shipping=(0, 0))
    order = paid(stripe, [(new_product(artisan, price=10_000), 1)], card=REFUND_FAILS_LATER)
    refund = ask(order)
    send_refund(refund_id=refund.id, source="task", now=clock_now())
    refund.refresh_from_db()
    stripe.advance(60)
    bounced = partial(
        settle_refund, processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook",
        now=clock_now(),
    )  # fmt: skip
    at_once([bounced] * 4)
    assert balances("refunds_in_transit") == {"refunds_in_transit:EUR": -10_000}
    again = partial(resend_refund, refund_id=refund.id, source="staff", now=clock_now())
    results = at_once([again, again, again])
    assert kinds(results) == {"Refund": 1, "RefundInTheWay": 2}
    at_once([partial(send_refund, refund_id=refund.id, source="task", now=clock_now()), bounced])
    assert [made["amount"] for made in stripe.summary()["refunds"]] == [10_000, 10_000]
    assert balances("seller", "refunds_in_transit") == {}, "the artisan was debited once"
    everything_agrees(stripe)


def test_given_up_and_sent_again_at_once_is_one_of_the_two(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)], card=REFUND_FAILS_LATER)
    refund = ask(order)
    send_refund(refund_id=refund.id, source="task", now=clock_now())
    refund.refresh_from_db()
    stripe.advance(60)
    settle_refund(
        processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook", now=clock_now()
    )
    results = at_once(
        [
            partial(resend_refund, refund_id=refund.id, source="staff", now=clock_now()),
            partial(withdraw_refund, refund_id=refund.id, now=clock_now()),
        ]
    )
    assert kinds(results) == {"Refund": 1, "RefundInTheWay": 1}
    send_refund(refund_id=refund.id, source="task", now=clock_now())
    refund.refresh_from_db()
    assert (refund.status, refund.withdrawn_at is None) in {("succeeded", True), ("failed", False)}
    everything_agrees(stripe)
