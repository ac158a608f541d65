"""Disputes on the real sandbox, to the cent: what is kept back, given back and lost, and by whom; once each."""

import pytest

from common.models import AuditRecord
from orders.models import DisputeAllocation
from payments.contracts import UnknownPayment
from payments.models import Dispute, DisputeEvent
from payouts.models import Payable, SellerDebt
from tests.orders.books import balances, everything_agrees
from tests.orders.disputed import (
    STRIPE_FEE,
    books_without_sale,
    decided,
    escalated,
    news,
    opened,
    sellers,
    sold,
    three_shares,
    transferred,
)
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
CHARGE_FEE = 183  # 1.5 % and 0.25 of 105.00


def test_a_dispute_keeps_every_share_back_and_a_win_gives_all_back(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    anna, ben, cleo = sellers(order)
    at_rest = balances()
    dispute = opened(stripe, order, reason="product_not_received")
    recorded = news(dispute)
    assert (recorded.status, recorded.reason, recorded.liability) == ("needs_response", "not_received", "artisan")
    assert (recorded.amount_minor, recorded.withdrawn_minor, recorded.fee_minor) == (10500, 10500, 2000)
    assert books_without_sale(order) == {
        "stripe_clearing:EUR": -CHARGE_FEE - STRIPE_FEE,
        "commission:EUR": -955,
        "disputed:EUR": 10500,
        "dispute_fees:EUR": STRIPE_FEE,
        f"seller_disputed:{anna}:EUR": -4100,
        f"seller_disputed:{ben}:EUR": -2745,
        f"seller_disputed:{cleo}:EUR": -2700,
    }
    assert set(Payable.objects.values_list("status", flat=True)) == {"canceled"}
    everything_agrees(stripe)

    decided(stripe, dispute, won=True)
    assert news(dispute).status == "won"
    assert balances() == at_rest
    kept = Payable.objects.filter(status="held").order_by("id").values_list("amount_minor", "debited_minor")
    assert list(kept) == [(4100, 0), (2745, 0), (2700, 0)]
    everything_agrees(stripe)
    assert list(DisputeEvent.objects.order_by("id").values_list("event", "from_status", "to_status")) == [
        ("opened", "", "needs_response"),
        ("won", "needs_response", "won"),
    ]
    told = AuditRecord.objects.filter(event_type__startswith="dispute.").order_by("id")
    assert list(told.values_list("event_type", "amount_minor")) == [
        ("dispute.opened", 10500),
        ("dispute.withdrawn", 10500),
        ("dispute.fee_charged", 2000),
        ("dispute.won", 10500),
        ("dispute.reinstated", 10500),
        ("dispute.fee_returned", -2000),
    ]


def test_a_won_dispute_delivered_twice_credits_once(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    dispute = opened(stripe, order)
    news(dispute)
    news(dispute)
    decided(stripe, dispute, won=True)
    for _ in range(3):
        news(dispute)
    assert balances() == at_rest
    assert DisputeEvent.objects.count() == 2
    assert AuditRecord.objects.filter(event_type="dispute.reinstated").count() == 1
    everything_agrees(stripe)


def test_a_dispute_that_is_first_heard_of_when_it_is_won_moves_nothing_for_good(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    dispute = opened(stripe, order)
    decided(stripe, dispute, won=True)
    assert news(dispute).status == "won"
    assert balances() == at_rest
    everything_agrees(stripe)


def test_goods_that_never_arrived_are_the_artisans_loss_and_we_give_our_commission_up(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, reason="product_not_received")
    news(dispute)
    decided(stripe, dispute, won=False)
    recorded = news(dispute)
    assert (recorded.status, recorded.lost_minor, recorded.closed_at is not None) == ("lost", 10500, True)
    assert books_without_sale(order) == {
        "stripe_clearing:EUR": -CHARGE_FEE - STRIPE_FEE,
        "dispute_fees:EUR": STRIPE_FEE,
    }
    everything_agrees(stripe)


def test_a_stolen_card_is_our_loss_and_the_artisans_keep_their_shares(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    anna, ben, cleo = sellers(order)
    dispute = opened(stripe, order, reason="fraudulent")
    news(dispute)
    decided(stripe, dispute, won=False)
    news(dispute)
    assert books_without_sale(order) == {
        "stripe_clearing:EUR": -CHARGE_FEE - STRIPE_FEE,
        "commission:EUR": -955,
        "dispute_losses:EUR": 10500,
        "dispute_fees:EUR": STRIPE_FEE,
        f"seller_held:{anna}:EUR": -4100,
        f"seller_held:{ben}:EUR": -2745,
        f"seller_held:{cleo}:EUR": -2700,
    }
    kept = Payable.objects.filter(status="held").order_by("id").values_list("amount_minor", "debited_minor")
    assert list(kept) == [(4100, 0), (2745, 0), (2700, 0)]
    everything_agrees(stripe)


def test_a_dispute_that_is_first_heard_of_when_it_is_lost_is_booked_whole(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, reason="product_unacceptable")
    decided(stripe, dispute, won=False)
    recorded = news(dispute)
    assert (recorded.status, recorded.lost_minor) == ("lost", 10500)
    assert books_without_sale(order) == {
        "stripe_clearing:EUR": -CHARGE_FEE - STRIPE_FEE,
        "dispute_fees:EUR": STRIPE_FEE,
    }
    everything_agrees(stripe)


def test_a_dispute_of_a_part_is_split_by_what_remains_of_each(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    anna, ben, cleo = sellers(order)
    dispute = opened(stripe, order, amount=1000)
    news(dispute)
    # 10.00 over 45.00, 30.00 and 30.00; commission 4.00, 2.55 and 3.00 in proportion, half a cent to even.
    rows = DisputeAllocation.objects.order_by("id").values_list("amount_minor", "commission_minor", "share_minor")
    assert list(rows) == [(428, 38, 390), (286, 24, 262), (286, 29, 257)]
    assert balances("seller_disputed") == {
        f"seller_disputed:{anna}:EUR": -390,
        f"seller_disputed:{ben}:EUR": -262,
        f"seller_disputed:{cleo}:EUR": -257,
    }
    everything_agrees(stripe)


@pytest.mark.parametrize(
    ("parts", "amount", "expected"),
    [(3, 100, [34, 33, 33]), (7, 1, [1])],
    ids=["100 over 3", "1 over 7"],
)
def test_cents_are_split_by_largest_remainder(stripe: Wire, parts: int, amount: int, expected: list[int]) -> None:
    items = [(new_product(new_artisan(shipping=(0, 0)), price=3000), 1) for _ in range(parts)]
    dispute = opened(stripe, sold(stripe, items), amount=amount)
    news(dispute)
    assert list(DisputeAllocation.objects.order_by("id").values_list("amount_minor", flat=True)) == expected
    decided(stripe, dispute, won=False)
    news(dispute)
    everything_agrees(stripe)


@pytest.mark.parametrize(("currency", "price"), [("JPY", 12345), ("KWD", 12340)])
@pytest.mark.parametrize("won", [True, False])
def test_currencies_with_other_digits_balance_too(stripe: Wire, currency: str, price: int, won: bool) -> None:
    artisan = new_artisan(currency=currency, shipping=(330, 0))
    order = sold(stripe, [(new_product(artisan, price=price), 1)])
    dispute = opened(stripe, order, reason="product_not_received")
    news(dispute)
    assert balances(f"disputed:{currency}") == {f"disputed:{currency}": price + 330}
    decided(stripe, dispute, won=won)
    news(dispute)
    assert balances("disputed", "seller_disputed", "dispute_losses") == {}
    everything_agrees(stripe)


def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    inquiry = opened(stripe, order, inquiry=True)
    recorded = news(inquiry)
    assert (recorded.status, recorded.is_inquiry, recorded.withdrawn_minor) == ("inquiry_needs_response", True, 0)
    assert balances() == at_rest
    escalated(stripe, inquiry)
    assert news(inquiry).status == "needs_response"
    assert balances("disputed") == {"disputed:EUR": 10500}
    everything_agrees(stripe)


def test_an_inquiry_that_is_closed_has_moved_nothing(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    inquiry = opened(stripe, order, inquiry=True)
    news(inquiry)
    decided(stripe, inquiry, won=True)
    assert news(inquiry).status == "inquiry_closed"
    assert balances() == at_rest
    everything_agrees(stripe)


def test_a_share_that_had_left_is_owed_while_disputed_and_brought_back_after_the_loss(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = sold(stripe, [(new_product(new_artisan(shipping=(500, 0)), price=4000), 1)])
    [anna] = sellers(order)
    transferred(order)
    run_outbox()
    dispute = opened(stripe, order, reason="product_not_received")
    news(dispute)
    run_outbox()
    assert balances("seller_") == {f"seller_receivable:{anna}:EUR": 4100, f"seller_disputed:{anna}:EUR": -4100}
    assert not SellerDebt.objects.get().collects, "no transfer is reversed before it is decided"
    everything_agrees(stripe)
    decided(stripe, dispute, won=False)
    news(dispute)
    run_outbox()
    assert balances("seller_", "commission", "dispute_losses") == {}
    assert (SellerDebt.objects.get().recovered_minor, SellerDebt.objects.get().open_minor) == (4100, 0)
    everything_agrees(stripe)


def test_a_win_after_the_share_had_left_forgives_what_was_owed(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, [(new_product(new_artisan(shipping=(500, 0)), price=4000), 1)])
    transferred(order)
    run_outbox()
    at_rest = balances()
    dispute = opened(stripe, order)
    news(dispute)
    decided(stripe, dispute, won=True)
    news(dispute)
    run_outbox()
    assert balances() == at_rest
    assert SellerDebt.objects.get().forgiven_minor == 4100
    everything_agrees(stripe)


def test_a_second_dispute_after_a_won_one_counts_for_itself(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    first = opened(stripe, order, amount=6000)
    news(first)
    decided(stripe, first, won=True)
    news(first)
    second = opened(stripe, order, amount=10500, reason="product_not_received")
    news(second)
    decided(stripe, second, won=False)
    news(second)
    assert set(Dispute.objects.values_list("status", "lost_minor")) == {("won", 0), ("lost", 10500)}
    assert balances("seller_", "commission", "dispute_losses", "disputed") == {}
    everything_agrees(stripe)


def test_a_second_dispute_after_a_lost_one_takes_no_share_twice(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    first = opened(stripe, order, amount=6000, reason="product_not_received")
    news(first)
    decided(stripe, first, won=False)
    news(first)
    # The sandbox takes what banks can: the same money once more.
    second = opened(stripe, order, amount=10500, reason="product_not_received")
    news(second)
    decided(stripe, second, won=False)
    news(second)
    assert balances("seller_", "commission") == {}
    assert balances("dispute_losses") == {"dispute_losses:EUR": 6000}, "what no sale is left for is ours"
    everything_agrees(stripe)


def test_a_dispute_heard_of_before_its_payment_settles_the_payment_first(stripe: Wire) -> None:
    order = check_out(three_shares())
    stripe.pay(confirm(order).found.client_secret, "4000000000000259")  # type: ignore[union-attr]
    [dispute] = stripe.summary()["disputes"]
    assert news(dispute["id"]).status == "needs_response"
    order.refresh_from_db()
    assert order.status == "paid"
    assert balances("disputed") == {"disputed:EUR": 10500}
    everything_agrees(stripe)


def test_a_dispute_of_somebody_else_s_charge_is_not_ours(stripe: Wire) -> None:
    order = check_out(three_shares())
    stripe.pay(confirm(order).found.client_secret, "4000000000000259")  # type: ignore[union-attr]
    [dispute] = stripe.summary()["disputes"]
    from payments.models import Payment

    Payment.objects.update(public_id="pay_of_another_shop", processor_payment_id="pi_of_another_shop")
    with pytest.raises(UnknownPayment):
        news(dispute["id"])
    assert not Dispute.objects.exists()
