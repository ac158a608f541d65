"""Refunds and disputes of the same sale, on the sandbox: nobody is paid back twice, nobody gives twice."""

import pytest

from orders.contracts.refund import AmountOnly, Items, LineWish, NothingToRefund, RefundTooLarge, RefundWhileDisputed
from orders.models import RefundAllocation
from payments.models import Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.disputed import decided, news, opened, sellers, sold, three_shares
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, lines_of
from tests.orders.test_refunds import EUR
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def test_while_it_is_disputed_nothing_is_paid_back_and_after_a_win_all_can_be(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order)
    news(dispute)
    for wish in (None, AmountOnly(EUR(100)), Items(lines=[LineWish(lines_of(order)[0].id, quantity=1)])):
        with pytest.raises(RefundWhileDisputed):
            ask(order, wish)
    assert not Refund.objects.exists()
    decided(stripe, dispute, won=True)
    news(dispute)
    ask(order)
    run_outbox()
    assert Refund.objects.get().status == "succeeded"
    assert balances("seller", "commission", "refunds_in_transit") == {}
    everything_agrees(stripe)


def test_what_a_dispute_won_for_the_buyer_is_not_paid_back_again(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order)
    news(dispute)
    decided(stripe, dispute, won=False)
    news(dispute)
    with pytest.raises(NothingToRefund):
        ask(order)
    everything_agrees(stripe)


def test_the_rest_of_a_sale_that_was_disputed_in_part_is_paid_back_from_what_is_left_of_everybody(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, amount=5000, reason="product_not_received")
    news(dispute)
    decided(stripe, dispute, won=False)
    news(dispute)
    with pytest.raises(RefundTooLarge):
        ask(order, AmountOnly(EUR(5501)))
    refund = ask(order)
    assert refund.amount_minor == 5500
    assert balances("seller", "goodwill") == {}, "each gave all they had of it, and we nothing"
    assert balances("commission") == {}
    run_outbox()
    everything_agrees(stripe)


def test_an_inquiry_is_answered_with_a_refund(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, inquiry=True)
    news(dispute)
    ask(order)
    run_outbox()
    assert Refund.objects.get().status == "succeeded"
    news(dispute)
    everything_agrees(stripe)


def test_paid_back_in_part_and_then_disputed_the_artisans_give_each_cent_once(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = sold(stripe, three_shares())
    anna, ben, cleo = sellers(order)
    ask(order, Items(lines=[LineWish(lines_of(order)[0].id, quantity=1)]))
    run_outbox()
    assert balances("seller_held") == {
        f"seller_held:{anna}:EUR": -500, f"seller_held:{ben}:EUR": -2745, f"seller_held:{cleo}:EUR": -2700
    }  # fmt: skip
    dispute = opened(stripe, order)
    news(dispute)
    assert balances("seller_disputed") == {
        f"seller_disputed:{anna}:EUR": -500, f"seller_disputed:{ben}:EUR": -2745, f"seller_disputed:{cleo}:EUR": -2700
    }  # fmt: skip
    everything_agrees(stripe)
    with pytest.raises(RefundWhileDisputed):
        ask(order)
    assert RefundAllocation.objects.count() == 1
    decided(stripe, dispute, won=True)
    news(dispute)
    assert ask(order).amount_minor == 6500
    run_outbox()
    assert balances("seller", "commission") == {}
    everything_agrees(stripe)
