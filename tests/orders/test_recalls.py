"""Refunds issued in error, asked back from the buyer, against the real sandbox: the split, the books, the bounds."""

import datetime as dt
from typing import Any

import pytest

from common.clock import now as clock_now
from common.ids import new_public_id
from common.money import Money
from ledger.selectors import entry_by_source
from orders.contracts.recall import ConsentMissing, InvalidRecall, NotRecallable, RecallOver, RecallTooLarge
from orders.contracts.refund import (
    AmountOnly,
    EverythingLeft,
    GoodwillWish,
    InvalidRefund,
    Items,
    LineWish,
    ShippingWish,
)
from orders.models import Fulfilment, Order, OrderLine, Recall, RecallAllocation, RecallConsent
from orders.services import agree_to_recall, decline_recall, request_refund, settle_order
from payments.enums import RefundReason
from payments.models import Capture, Payment, Refund
from payouts.services import release_due, run_payouts
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.disputed import decided, news, opened
from tests.orders.fixtures import RunOutbox
from tests.orders.recalls import agreed, asked_back, paid_back, refunded
from tests.orders.refunds import ask, lines_of, paid, parts_of
from tests.orders.shop import confirm, new_artisan, new_guest, new_product, three_artisans
from tests.orders.test_refunds import REFUND_PENDING
from tests.orders.wire import Wire
from tests.payouts.test_sandbox import connected
from tests.support.parcels import deliver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
OWN = ("commission", "goodwill", "seller", "late_payments", "refunds_in_transit", "dispute_losses")


def EUR(minor: int) -> Money:
    return Money(minor, "EUR")


def fees() -> int:
    return sum(capture.fee_minor or 0 for capture in Capture.objects.all())


def mixed(order: Order) -> Items:
    """A bowl and a euro of a scarf, a part of the shipping, goodwill of an artisan and of ours: 30.80."""
    _, wool, wood = parts_of(order)
    return Items(
        lines=[LineWish(lines_of(order)[0].id, quantity=1), LineWish(lines_of(order)[2].id, amount=EUR(100))],
        shipping=[ShippingWish(wool.public_id, EUR(250))],
        goodwill=[GoodwillWish(EUR(200)), GoodwillWish(EUR(30), wood.public_id)],
    )


# ---- the split and its books -----------------------------------------------------------------------------------------


def test_a_whole_refund_asked_back_and_paid_leaves_the_books_of_the_sale(stripe: Wire, run_outbox: RunOutbox) -> None:
    sale = paid(stripe, three_artisans())
    before = balances(*OWN)
    refund = refunded(sale, run_outbox)
    assert balances(*OWN) == {}
    recall = asked_back(refund)
    assert Order.objects.count() == 1, "there is nothing that could be charged before the buyer agrees"
    assert balances(*OWN) == {}, "asking moves no money"
    everything_agrees(stripe)
    order = paid_back(stripe, recall)
    charged_once(stripe, order)
    assert (order.goods_minor, order.shipping_minor, order.platform_minor, order.total_minor) == (15994, 1100, 0, 17094)
    assert balances(*OWN) == before
    assert balances("stripe_clearing") == {"stripe_clearing:EUR": 17094 - fees()}
    everything_agrees(stripe)
    assert set(Fulfilment.objects.filter(seller_order__order=order).values_list("status", flat=True)) == {"delivered"}
    assert release_due(now=clock_now()) == 3, "nothing is sent, so the shares are due at once"
    everything_agrees(stripe)


def test_a_part_and_then_the_rest_give_everybody_exactly_what_was_taken(stripe: Wire, run_outbox: RunOutbox) -> None:
    basket = three_artisans()
    sale = paid(stripe, basket)
    clay, wool, wood = [product.artisan.public_id for product, _ in basket]
    before = balances(*OWN)
    refund = refunded(sale, run_outbox, mixed(sale))
    assert balances(*OWN) == {
        "commission:EUR": -1600 + 260,
        "goodwill:EUR": 200,
        f"seller_held:{clay}:EUR": -5100 + 2250,
        f"seller_held:{wool}:EUR": -9495 + 250,
        f"seller_held:{wood}:EUR": -899 + 120,
    }
    first = paid_back(stripe, asked_back(refund, 1000))
    # 10.00 of 30.80 over 2.50 + 22.50, 0.10 + 0.90, 2.50, 2.00 and 0.30, largest remainder.
    split = sorted(RecallAllocation.objects.values_list("commission_minor", "share_minor", "platform_minor"))
    assert split == [(0, 0, 65), (0, 10, 0), (0, 81, 0), (3, 29, 0), (81, 731, 0)]
    assert (first.goods_minor, first.shipping_minor, first.platform_minor) == (854, 81, 65)
    assert balances(*OWN) == {
        "commission:EUR": -1600 + 260 - 84,
        "goodwill:EUR": 200 - 65,
        f"seller_held:{clay}:EUR": -5100 + 2250 - 731,
        f"seller_held:{wool}:EUR": -9495 + 250 - 81,
        f"seller_held:{wood}:EUR": -899 + 120 - 39,
    }
    everything_agrees(stripe)
    with pytest.raises(RecallTooLarge) as refused:
        asked_back(refund, 2081)
    assert refused.value.members["left_minor"] == 2080
    paid_back(stripe, asked_back(refund, 2080))
    assert balances(*OWN) == before
    everything_agrees(stripe)


def test_goodwill_that_we_bore_comes_back_to_us_alone(stripe: Wire, run_outbox: RunOutbox) -> None:
    sale = paid(stripe, three_artisans())
    refund = refunded(sale, run_outbox, Items(goodwill=[GoodwillWish(EUR(700))]))
    before = balances("seller", "commission")
    assert balances("goodwill") == {"goodwill:EUR": 700}
    order = paid_back(stripe, asked_back(refund))
    assert (order.seller_orders.count(), order.platform_minor, order.goods_minor) == (0, 700, 0)
    assert balances("goodwill") == {}
    assert balances("seller", "commission") == before
    everything_agrees(stripe)
    entry = entry_by_source(f"sale:{order.payment_reference}")
    assert entry is not None


def test_where_commission_stays_with_us_the_artisan_gets_the_whole_back(
    stripe: Wire, run_outbox: RunOutbox, settings: Any
) -> None:
    settings.REFUND_RETURNS_COMMISSION = False
    artisan = new_artisan(shipping=(0, 0))
    sale = paid(stripe, [(new_product(artisan, price=10_000), 1)])
    before = balances(*OWN)
    order = paid_back(stripe, asked_back(refunded(sale, run_outbox)))
    [part] = order.seller_orders.all()
    assert (part.share_minor, part.commission_minor) == (10_000, 0)
    # Of the refund the artisan owed the commission, which came from no share of this sale.
    assert balances("commission") == {"commission:EUR": -1000}
    release_due(now=clock_now() + dt.timedelta(days=8))
    assert sum(balances("seller").values()) == sum(amount for code, amount in before.items() if "seller" in code)
    everything_agrees(stripe)


def test_yen_have_no_fractions(stripe: Wire, run_outbox: RunOutbox) -> None:
    one, two = (new_artisan(currency="JPY", shipping=(0, 0)) for _ in range(2))
    sale = paid(stripe, [(new_product(one, price=101), 1), (new_product(two, price=202), 1)])
    before = balances(*OWN)
    refund = refunded(sale, run_outbox)
    for amount in (100, 150, 53):
        paid_back(stripe, asked_back(refund, amount))
        everything_agrees(stripe)
    assert balances(*OWN) == before


def test_an_artisan_whose_transfer_came_back_is_paid_once_more(stripe: Wire, run_outbox: RunOutbox) -> None:
    artisan = connected(new_artisan(shipping=(0, 0)))
    sale = paid(stripe, [(new_product(artisan, price=10_000), 1)])
    deliver(sale)
    later = clock_now() + dt.timedelta(days=8)
    release_due(now=later)
    assert run_payouts(now=later).succeeded == 1
    refund = refunded(sale, run_outbox)
    assert balances("seller") == {}, "the transfer was reversed"
    order = paid_back(stripe, asked_back(refund))
    release_due(now=clock_now())
    assert run_payouts(now=clock_now()).succeeded == 1
    assert balances("seller") == {}
    assert [(one["amount"], one["amount_reversed"]) for one in stripe.summary()["transfers"]] == [
        (9000, 9000),
        (9000, 0),
    ]
    assert order.seller_orders.get().share_minor == 9000
    everything_agrees(stripe)


# ---- what comes after it was paid ------------------------------------------------------------------------------------


def _again(order: Order, wish: Any = None) -> Refund:
    return request_refund(
        order_id=order.id, wish=wish or EverythingLeft(), reason=RefundReason.GOODWILL, note="", initiator="staff:1",
        now=clock_now(),
    )  # fmt: skip


def test_what_was_paid_back_can_be_refunded_like_any_sale(stripe: Wire, run_outbox: RunOutbox) -> None:
    sale = paid(stripe, three_artisans())
    refund = refunded(sale, run_outbox, mixed(sale))
    after_refund = balances(*OWN)
    order = paid_back(stripe, asked_back(refund))
    with pytest.raises(InvalidRefund):
        _again(order, EverythingLeft(restocks=True))
    assert _again(order, AmountOnly(EUR(80))).amount_minor == 80
    run_outbox()
    everything_agrees(stripe)
    assert _again(order).amount_minor == 3000
    run_outbox()
    assert balances(*OWN) == after_refund
    everything_agrees(stripe)


def test_a_refund_of_what_was_paid_back_can_be_asked_back_itself(stripe: Wire, run_outbox: RunOutbox) -> None:
    sale = paid(stripe, three_artisans())
    before = balances(*OWN)
    order = paid_back(stripe, asked_back(refunded(sale, run_outbox)))
    second = _again(order)
    run_outbox()
    second.refresh_from_db()
    assert balances(*OWN) == {}
    last = paid_back(stripe, asked_back(second))
    assert last.recall is not None
    assert last.recall.sale == order
    assert balances(*OWN) == before
    everything_agrees(stripe)


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_of_it_is_a_dispute_like_any_other(stripe: Wire, run_outbox: RunOutbox, won: bool) -> None:
    sale = paid(stripe, three_artisans())
    refund = refunded(sale, run_outbox, mixed(sale))
    before = balances(*OWN)
    order = paid_back(stripe, asked_back(refund))
    paid_for = balances(*OWN)
    dispute = opened(stripe, order, reason="product_not_received")
    news(dispute)
    everything_agrees(stripe)
    decided(stripe, dispute, won=won)
    news(dispute)
    if won:
        assert balances(*OWN) == paid_for
    else:
        # The artisans and our commission lose what they had got back; what we had borne is our loss once more.
        lost = {**before, "dispute_losses:EUR": 200, "goodwill:EUR": 0}
        assert balances(*OWN) == {code: amount for code, amount in lost.items() if amount}
    everything_agrees(stripe)


# ---- bounds and refusals ---------------------------------------------------------------------------------------------


def test_only_money_that_the_buyer_has_for_good_is_asked_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    sale = paid(stripe, three_artisans(), card=REFUND_PENDING)
    refund = ask(sale)
    with pytest.raises(NotRecallable):
        asked_back(refund)
    run_outbox()
    refund.refresh_from_db()
    assert refund.status == "pending"
    with pytest.raises(NotRecallable):
        asked_back(refund)
    assert not Recall.objects.exists()


@pytest.mark.parametrize(
    ("amount", "reason"),
    [(Money(0, "EUR"), "x"), (Money(-1, "EUR"), "x"), (Money(100, "USD"), "x"), (EUR(100), " "), (EUR(1), "x" * 501)],
)
def test_what_makes_no_sense_is_refused(stripe: Wire, run_outbox: RunOutbox, amount: Money, reason: str) -> None:
    refund = refunded(paid(stripe, [(new_product(), 1)]), run_outbox)
    from orders.services import request_recall

    with pytest.raises(InvalidRecall):
        request_recall(refund_id=refund.id, amount=amount, reason=reason, initiator="staff:1", now=clock_now())
    assert not Recall.objects.exists()


def test_less_than_can_be_charged_is_not_asked_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    refund = refunded(paid(stripe, [(new_product(), 1)]), run_outbox)
    with pytest.raises(InvalidRecall, match=r"Less than €0\.50 can't be charged\. Ask for €0\.50 or more, at most"):
        asked_back(refund, 49)
    paid_back(stripe, asked_back(refund, 50))
    everything_agrees(stripe)


def test_dinars_are_asked_back_in_steps_that_can_be_charged(stripe: Wire, run_outbox: RunOutbox) -> None:
    artisan = new_artisan(currency="KWD", shipping=(0, 0))
    refund = refunded(paid(stripe, [(new_product(artisan, price=12_340), 1)]), run_outbox)
    with pytest.raises(InvalidRecall):
        asked_back(refund, 1_005)
    paid_back(stripe, asked_back(refund, 1_010))
    everything_agrees(stripe)


def test_a_form_sent_twice_asks_once(stripe: Wire, run_outbox: RunOutbox) -> None:
    refund = refunded(paid(stripe, [(new_product(), 1)]), run_outbox)
    reference = new_public_id("rcl")
    first = asked_back(refund, 100, reference=reference)
    assert asked_back(refund, 100, reference=reference) == first
    other = refunded(paid(stripe, [(new_product(), 1)]), run_outbox)
    with pytest.raises(InvalidRecall):
        asked_back(other, 100, reference=reference)
    assert Recall.objects.count() == 1


def test_nobody_pays_without_having_agreed_to_the_very_words(stripe: Wire, run_outbox: RunOutbox) -> None:
    refund = refunded(paid(stripe, [(new_product(), 1)]), run_outbox)
    recall = asked_back(refund)
    from orders.selectors.orders import access_key_of

    with pytest.raises(ConsentMissing):
        agree_to_recall(
            public_id=recall.public_id, buyer=new_guest(), words="Whatever.", now=clock_now(),
            access_key=access_key_of(recall.public_id),
        )  # fmt: skip
    assert (Order.objects.count(), Payment.objects.count(), RecallConsent.objects.count()) == (1, 1, 0)


def test_the_consent_is_kept_with_the_order_that_it_made(stripe: Wire, run_outbox: RunOutbox) -> None:
    from common import context

    refund = refunded(paid(stripe, [(new_product(), 1)]), run_outbox)
    recall = asked_back(refund)
    context.bind(ip="203.0.113.9")
    at = clock_now()
    order = agreed(recall, now=at)
    consent = RecallConsent.objects.get()
    assert (consent.order, consent.ip, consent.agreed_at, consent.user) == (order, "203.0.113.9", at, None)
    assert consent.text == (
        f"I agree to pay {recall.amount} to Artisan's Hub, because I was refunded this amount by mistake (refund "
        f"{refund.public_id}). I know that I am free to decline, and that nothing is charged unless I pay on the next "
        "page."
    )
    assert OrderLine.objects.filter(seller_order__order=order).count() == 1
    assert list(recall.events.values_list("event", flat=True)) == ["asked", "agreed"]
    everything_agrees(stripe)


def test_agreeing_again_is_the_same_order_and_in_another_browser_a_new_one(stripe: Wire, run_outbox: RunOutbox) -> None:
    recall = asked_back(refunded(paid(stripe, [(new_product(), 1)]), run_outbox))
    here, there = new_guest(), new_guest()
    first = agreed(recall, buyer=here)
    confirm(first)
    assert agreed(recall, buyer=here) == first
    second = agreed(recall, buyer=there)
    first.refresh_from_db()
    assert (first.status, second.status) == ("canceled", "awaiting_payment")
    assert (second.buyer_id, second.guest_scope) == (None, there.guest_scope)
    run_outbox()
    assert Payment.objects.get(order_reference=first.public_id).status == "canceled"
    everything_agrees(stripe)


def test_after_the_time_is_over_nobody_agrees(stripe: Wire, run_outbox: RunOutbox) -> None:
    recall = asked_back(refunded(paid(stripe, [(new_product(), 1)]), run_outbox))
    with pytest.raises(RecallOver):
        agreed(recall, now=clock_now() + dt.timedelta(days=14))
    agreed(recall, now=clock_now() + dt.timedelta(days=13, hours=23))


def test_whoever_has_paid_can_not_decline(stripe: Wire, run_outbox: RunOutbox) -> None:
    from orders.selectors.orders import access_key_of

    recall = asked_back(refunded(paid(stripe, [(new_product(), 1)]), run_outbox))
    order = paid_back(stripe, recall)
    key = access_key_of(recall.public_id)
    with pytest.raises(RecallOver):
        decline_recall(public_id=recall.public_id, buyer=new_guest(), access_key=key, now=clock_now())
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    everything_agrees(stripe)
