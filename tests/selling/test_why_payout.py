"""Why this payout? Every line of it, in exact figures, and for random histories: it adds up, or it is not told."""

import datetime as dt
import random
from dataclasses import replace

import pytest
from django.test import Client

from catalog.models import Artisan
from common.clock import now as clock_now
from common.money import Money
from orders.contracts.refund import Items, LineWish
from orders.contracts.seller_money import FiguresDiffer, PayoutStory, StoryKind
from orders.models import Order, SellerOrder
from orders.selectors.why_payout import why_payout
from payouts.enums import PayoutStatus
from payouts.models import Payable, Payout, PayoutItem, ShareDebit, TransferReversal
from tests.orders.refunds import ask, lines_of, paid
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire
from tests.payouts.hub import credit, debit, sell
from tests.selling.paid_out import bank_says, give_back, pay_out, release, withhold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]


def _sold(stripe: Wire, artisan: Artisan, *, price: int, pieces: int, title: str) -> tuple[Order, SellerOrder]:
    order = paid(stripe, [(new_product(artisan, price=price, title=title), pieces)])
    return order, SellerOrder.objects.get(order=order)


def _told(story: PayoutStory) -> list[list[tuple[str, int]]]:
    return [[(line.kind.value, line.amount.amount_minor) for line in item.lines] for item in story.items]


def _the_payable(part: SellerOrder) -> Payable:
    return Payable.objects.select_related("artisan").get(seller_order_reference=part.public_id, origin_reference="")


@pytest.fixture
def artisan(db: None) -> Artisan:
    return new_artisan(shipping=(500, 100))


def test_a_sale_a_partial_refund_a_reserve_and_a_released_reserve_to_the_cent(stripe: Wire, artisan: Artisan) -> None:
    _, mug = _sold(stripe, artisan, price=1000, pieces=1, title="Mug")
    release()
    kept = withhold(_the_payable(mug), 140)
    first = pay_out(artisan)
    assert first.amount_minor == 1260

    order, bowl = _sold(stripe, artisan, price=2000, pieces=2, title="Salad bowl")
    refund = ask(order, Items(lines=[LineWish(lines_of(order)[0].pk, quantity=1)]))
    release()
    reserve = withhold(_the_payable(bowl), 240)
    give_back(kept)
    second = pay_out(artisan)
    bank_says(second, PayoutStatus.PAID, arrival=dt.date(2026, 11, 30))

    story = why_payout(second)
    assert story.amount == Money(2300, "EUR")
    assert _told(story) == [
        [("goods", 4000), ("commission", -400), ("shipping", 600), ("refund", -1800), ("reserve_withheld", -240)],
        [("reserve_released", 140)],
    ]
    assert {kind.value: amount.amount_minor for kind, amount in story.sums.items()} == {
        "goods": 4000, "commission": -400, "shipping": 600, "refund": -1800, "reserve_withheld": -240,
        "reserve_released": 140,
    }  # fmt: skip

    client = Client()
    client.force_login(artisan.owner)
    told = client.get(f"/api/v1/seller/payouts/{second.public_id}").json()
    assert (told["payout"]["amount_minor"], told["payout"]["status"], told["payout"]["arrival_date"]) == (
        2300, "paid", "2026-11-30",
    )  # fmt: skip
    goods, _, _, back, withheld = told["items"][0]["lines"]
    assert (goods["title"], goods["quantity"], goods["unit_price_minor"]) == ("Salad bowl", 2, 2000)
    assert (back["reference"], back["buyer_got_minor"]) == (refund.public_id, 2000)
    assert back["order_url"] == told["items"][0]["order_url"] == f"/selling/orders/{bowl.public_id}/"
    assert (withheld["reference"], withheld["until"][:10]) == (reserve.public_id, f"{reserve.release_at:%Y-%m-%d}")
    [given] = told["items"][1]["lines"]
    assert (given["reference"], given["payout"]) == (kept.public_id, first.public_id)
    assert sum(line["amount_minor"] for item in told["items"] for line in item["lines"]) == 2300
    assert sum(row["amount_minor"] for row in told["sums"]) == 2300
    sales = client.get("/api/v1/seller/sales").json()["sales"]
    assert [sale["payout"] for sale in sales] == [second.public_id, first.public_id]

    stranger = Client()
    stranger.force_login(new_artisan().owner)
    assert stranger.get(f"/api/v1/seller/payouts/{second.public_id}").status_code == 404
    assert stranger.get("/api/v1/seller/payouts").json()["payouts"] == []


def test_a_debt_that_was_kept_is_traced_to_its_order_and_to_the_payout_that_it_came_from(
    stripe: Wire, artisan: Artisan
) -> None:
    order, mug = _sold(stripe, artisan, price=1000, pieces=1, title="Mug")
    release()
    first = pay_out(artisan)
    refund = ask(order)  # all of it, after it has left: 14.00 of the artisan's
    TransferReversal.objects.update(status="failed", failure_code="balance_insufficient")
    _sold(stripe, artisan, price=2000, pieces=1, title="Bowl")
    release()
    second = pay_out(artisan)
    [item] = why_payout(second).items
    assert [(line.kind.value, line.amount.amount_minor) for line in item.lines] == [
        ("goods", 2000), ("commission", -200), ("shipping", 500), ("debt", -1400)
    ]  # fmt: skip
    debt = item.lines[-1]
    assert (debt.reference, debt.part_reference, debt.payout_reference) == (
        refund.public_id, mug.public_id, first.public_id,
    )  # fmt: skip
    assert debt.buyer_got == Money(1500, "EUR")


def test_a_refused_payout_keeps_its_story_and_the_next_one_tells_what_came_after(artisan: Artisan) -> None:
    sell([(artisan, 5000)])
    release()
    refused = pay_out(artisan, refused=True)
    debit(Payable.objects.get(), 1500, now=clock_now())
    again = pay_out(artisan)
    assert [_told(why_payout(payout)) for payout in (refused, again)] == [
        [[("share", 5000)]],
        [[("share", 5000), ("refund", -1500)]],
    ]
    client = Client()
    client.force_login(artisan.owner)
    listed = client.get("/api/v1/seller/payouts").json()["payouts"]
    assert [(row["status"], row["amount_minor"]) for row in listed] == [("transferred", 3500), ("refused", 5000)]
    assert "nothing was moved" in listed[1]["failure_text"]


def test_a_payout_that_the_bank_did_not_take_says_what_to_do(artisan: Artisan) -> None:
    sell([(artisan, 5000)])
    release()
    payout = pay_out(artisan)
    bank_says(payout, PayoutStatus.BANK_FAILED)
    client = Client()
    client.force_login(artisan.owner)
    told = client.get(f"/api/v1/seller/payouts/{payout.public_id}").json()["payout"]
    assert (told["status"], told["attempts"]) == ("bank_failed", 1)
    assert "because the bank account has been closed." in told["failure_text"]
    assert "enter another bank account" in told["failure_text"]
    [balance] = client.get("/api/v1/seller/money").json()["balances"]
    assert (balance["on_its_way_minor"], balance["stuck_minor"], balance["paid_minor"]) == (5000, 5000, 0)


def test_what_does_not_add_up_is_not_told(artisan: Artisan) -> None:
    sell([(artisan, 5000)])
    release()
    payout = pay_out(artisan)
    item = why_payout(payout).items[0]
    with pytest.raises(FiguresDiffer):
        replace(item, amount=Money(4999, "EUR"))
    with pytest.raises(FiguresDiffer):
        PayoutStory(payout.public_id, Money(5001, "EUR"), (item,))


def test_a_large_payout_costs_no_more_queries_than_a_small_one(
    artisan: Artisan, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        sell([(artisan, 700)])
    release()
    payout = pay_out(artisan)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert len(why_payout(payout).items) == 12


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happened_each_payout_adds_up_and_is_what_the_history_left(artisan: Artisan, seed: int) -> None:
    """What a payable was paid is counted anew here: from the rows of what was taken and given, not from its history."""
    rolled = random.Random(seed)
    reserves = []
    for number in range(rolled.randint(6, 14)):
        sell([(artisan, rolled.randint(100, 9000))])
        if rolled.random() < 0.6:
            release()
        here = list(Payable.objects.filter(artisan=artisan, status__in=["held", "released"]).order_by("id"))
        if here and rolled.random() < 0.7:
            one = rolled.choice(here)
            taken = rolled.randint(1, one.left.amount_minor)
            debit(one, taken, reference=f"ref_{number}", now=clock_now())
            if rolled.random() < 0.4:
                credit(one, rolled.randint(1, taken), reference=f"ref_{number}", by=f"dsp_{number}", now=clock_now())
        free = [
            row
            for row in Payable.objects.filter(status="released", reserve=None).order_by("id")
            if row.left.amount_minor > 1
        ]
        if free and rolled.random() < 0.5:
            one = rolled.choice(free)
            reserves.append(withhold(one, rolled.randint(1, one.left.amount_minor - 1)))
        if reserves and rolled.random() < 0.4:
            give_back(reserves.pop(rolled.randrange(len(reserves))))
        gone = list(Payable.objects.filter(status="transferred", origin_reference="").order_by("id"))
        if gone and rolled.random() < 0.3:
            one = rolled.choice(gone)
            if not one.payout_items.filter(payable__seller_order_reference__in=_debited()).exists():
                debit(
                    one,
                    rolled.randint(1, one.left.amount_minor),
                    reference=f"late_{number}",
                    collects=False,
                    now=clock_now(),
                )
        if Payable.objects.filter(status="released").exists() and rolled.random() < 0.5:
            pay_out(artisan, refused=rolled.random() < 0.3)
    release()
    if Payable.objects.filter(status="released").exists():
        pay_out(artisan)
    payouts = list(Payout.objects.order_by("id"))
    assert payouts
    for payout in payouts:
        story = why_payout(payout)
        assert sum(line.amount.amount_minor for item in story.items for line in item.lines) == payout.amount_minor
        assert sum(amount.amount_minor for amount in story.sums.values()) == payout.amount_minor
        assert StoryKind.OTHER not in story.sums
    for item in PayoutItem.objects.exclude(payout__status="refused").select_related("payable"):
        assert item.amount_minor == item.payable.left.amount_minor


def _debited() -> set[str]:
    return set(ShareDebit.objects.values_list("seller_order_reference", flat=True))
