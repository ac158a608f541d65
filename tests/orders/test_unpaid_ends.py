"""How a checkout ends without a sale: replaced, canceled, expired; and money that comes after the end."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.contrib.auth import get_user_model
from django.core import mail

from catalog.models import Product
from catalog.services.shop import ShopPage, change_shop
from catalog.services.stock import OutOfStock
from common.clock import now as clock_now
from common.models import AuditRecord
from common.money import Money
from orders.contracts.order import (
    AlreadyPaid,
    Buyer,
    CartChanged,
    CartEmpty,
    CartNotOrderable,
    OrderCanceled,
    OrderNotFound,
    QuoteExpired,
    QuoteMismatch,
    ShippingAddress,
)
from orders.models import Cart, Order
from orders.selectors.cart import get_cart
from orders.services import cancel_checkout, expire_orders, settle_open_payments, settle_order, start_checkout
from payments import services as payments
from payments.contracts import OutcomeUnknown
from payments.models import Payment, Refund
from payouts.models import Payable
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import ADDRESS, check_out, confirm, fill_cart, new_guest, new_product, owner_of
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _stock(product: Product) -> tuple[int, int]:
    product.refresh_from_db()
    return product.stock_on_hand, product.stock_reserved


def _secret(order: Order) -> str:
    found = confirm(order).found
    assert found is not None
    return found.client_secret


def _settle(order: Order) -> Order:
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def _expire(order: Order) -> None:
    assert expire_orders(now=order.expires_at) == 1
    order.refresh_from_db()
    assert order.status == "expired"


# ---- starting ----------------------------------------------------------------------------------------------------


def test_the_same_cart_again_is_the_same_offer() -> None:
    buyer, product = new_guest(), new_product(stock=5)
    first = check_out([(product, 2)], buyer=buyer)
    assert check_out(buyer=buyer).public_id == first.public_id
    assert _stock(product) == (5, 2)
    assert Order.objects.count() == 1


def test_an_offer_of_another_browser_is_replaced_by_one_that_can_be_paid_here() -> None:
    """A guest signs in and their cart becomes the account's; the same person goes on with it on another device."""
    guest, product = new_guest(), new_product(stock=5)
    first = check_out([(product, 2)], buyer=guest)
    user = get_user_model().objects.create_user("ida@example.org", "x")
    Cart.objects.filter(public_id=first.cart_reference).update(user=user, guest_scope=None)
    here = Buyer(user_id=user.pk, guest_scope="another-browser")
    second = check_out(buyer=here)
    first.refresh_from_db()
    assert (first.status, second.status, second.buyer_id) == ("canceled", "awaiting_payment", user.pk)
    assert _stock(product) == (5, 2)
    assert check_out(buyer=here).public_id == second.public_id


@pytest.mark.parametrize("change", ["quantity", "price", "e-mail", "expired"])
def test_a_changed_cart_is_a_new_offer_and_the_old_one_is_withdrawn(
    stripe: Wire, run_outbox: RunOutbox, change: str
) -> None:
    buyer, product = new_guest(), new_product(price=2000, stock=5)
    first = check_out([(product, 2)], buyer=buyer)
    secret = _secret(first)
    now = clock_now()
    if change == "quantity":
        fill_cart(buyer, [(product, 1)])
    elif change == "price":
        Product.objects.update(price_minor=2500)
    elif change == "expired":
        now = first.expires_at
    second = check_out(buyer=buyer, now=now, email="other@example.org" if change == "e-mail" else "ada@example.org")
    first.refresh_from_db()
    assert second.public_id != first.public_id
    assert (first.status, second.status) == ("canceled", "awaiting_payment")
    assert first.total_minor == 2 * 2000 + 600, "what was offered stays what it was"
    assert second.total_minor == {"quantity": 3 * 2000 + 700, "price": 2 * 2500 + 600}.get(change, 4600)
    assert _stock(product) == (5, 3 if change == "quantity" else 2)
    run_outbox()
    [intent] = stripe.intents(first.public_id)
    assert intent["status"] == "canceled"
    assert requests.post(
        f"{stripe.url}/v1/payment_intents/{intent['id']}/confirm",
        data={"key": "pk_test_sandbox", "client_secret": secret, "payment_method": "pm_card_visa"},
        timeout=10,
    ).status_code == 400  # fmt: skip
    assert Payment.objects.get(order_reference=first.public_id).status == "canceled"
    everything_agrees(stripe)


def test_what_the_buyer_did_not_look_at_is_not_ordered() -> None:
    buyer, product = new_guest(), new_product()

    def start(expected: str | None = None) -> None:
        cart = get_cart(owner=owner_of(buyer))
        start_checkout(
            buyer=buyer,
            cart=cart,
            expected_cart_hash=expected or cart.hash,
            email="ada@example.org",
            shipping_address=ShippingAddress(**ADDRESS),
            now=clock_now(),
        )

    with pytest.raises(CartEmpty):
        start()
    fill_cart(buyer, [(product, 1)])
    seen = get_cart(owner=owner_of(buyer)).hash
    Product.objects.update(price_minor=2001)
    with pytest.raises(CartChanged):
        start(seen)
    Product.objects.update(is_published=False)
    with pytest.raises(CartNotOrderable):
        start()
    assert not Order.objects.exists()
    assert _stock(product) == (10, 0)


def test_goods_that_another_checkout_holds_can_t_be_promised_twice() -> None:
    scarce, plenty = new_product(stock=1), new_product(stock=9)
    second_buyer = new_guest()
    fill_cart(second_buyer, [(scarce, 1), (plenty, 2)])
    check_out([(scarce, 1)])
    with pytest.raises(OutOfStock) as refused:
        check_out(buyer=second_buyer)
    assert refused.value.product_ids == (scarce.public_id,)
    assert (_stock(scarce), _stock(plenty)) == ((1, 1), (9, 0)), "all of it or none"
    assert Order.objects.count() == 1


# ---- confirming --------------------------------------------------------------------------------------------------


def test_only_the_offer_that_was_made_can_be_confirmed(stripe: Wire) -> None:
    product = new_product(price=2000)
    order = check_out([(product, 1)])
    with pytest.raises(QuoteMismatch):
        confirm(order, quote_hash="0" * 64)
    with pytest.raises(QuoteExpired):
        confirm(order, now=order.expires_at)
    assert not Payment.objects.exists()
    assert stripe.summary()["payment_intents"] == []
    Product.objects.update(price_minor=9999)
    confirm(order, now=order.expires_at - dt.timedelta(seconds=1))
    assert [intent["amount"] for intent in stripe.intents(order.public_id)] == [2500], "the price of the offer"


def test_postage_that_the_artisan_changes_meanwhile_is_not_charged(stripe: Wire) -> None:
    product = new_product(price=2000)
    order = check_out([(product, 1)])
    artisan = product.artisan
    page = ShopPage(
        tagline="Made by hand", story="A story.", location="Galway, Ireland", portrait_alt="",
        shipping_first_item=Money(900, "EUR"), shipping_additional_item=Money(900, "EUR"), dispatch_days=3,
    )  # fmt: skip
    change_shop(artisan=artisan, page=page, picture=None, now=clock_now())
    confirm(order)
    assert [intent["amount"] for intent in stripe.intents(order.public_id)] == [2500], "the postage of the offer"
    assert check_out([(product, 1)]).total_minor == 2900, "and the new one for who begins now"


def test_another_buyer_can_t_confirm_it(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    order.guest_scope = new_guest().guest_scope
    with pytest.raises(OrderNotFound):
        confirm(order)
    assert not Payment.objects.exists()


def test_what_has_ended_can_t_be_confirmed(stripe: Wire) -> None:
    paid, canceled = check_out([(new_product(), 1)]), check_out([(new_product(), 1)])
    stripe.pay(_secret(paid))
    _settle(paid)
    cancel_checkout(order_id=canceled.id, now=clock_now())
    with pytest.raises(AlreadyPaid):
        confirm(paid)
    with pytest.raises(OrderCanceled):
        confirm(canceled)
    assert len(stripe.summary()["payment_intents"]) == 1


# ---- canceling ---------------------------------------------------------------------------------------------------


def test_a_buyer_who_goes_back_frees_the_goods_and_voids_the_payment(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    _secret(order)
    for _ in range(2):
        assert cancel_checkout(order_id=order.id, now=clock_now()).status == "canceled"
    assert _stock(product) == (1, 0)
    assert run_outbox() == ["orders.tasks.void_payment"]
    assert [intent["status"] for intent in stripe.intents(order.public_id)] == ["canceled"]
    assert Payment.objects.get().status == "canceled"
    assert balances() == {}
    everything_agrees(stripe)


def test_a_checkout_that_was_never_confirmed_has_nothing_to_void(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = check_out([(new_product(), 1)])
    cancel_checkout(order_id=order.id, now=clock_now())
    run_outbox()
    assert stripe.summary()["payment_intents"] == []


def test_a_payment_that_has_just_gone_through_is_told_and_not_canceled(stripe: Wire) -> None:
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    stripe.pay(_secret(order))
    with pytest.raises(AlreadyPaid):
        cancel_checkout(order_id=order.id, now=clock_now())
    charged_once(stripe, order)
    assert _stock(product) == (0, 0)
    everything_agrees(stripe)


# ---- expiring ----------------------------------------------------------------------------------------------------


def test_time_runs_out_at_the_minute_and_not_before(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(stock=2)
    order = check_out([(product, 2)])
    _secret(order)
    assert order.expires_at - order.created_at == dt.timedelta(minutes=30)
    assert expire_orders(now=order.expires_at - dt.timedelta(seconds=1)) == 0
    assert _stock(product) == (2, 2)
    _expire(order)
    assert expire_orders(now=order.expires_at) == 0
    assert _stock(product) == (2, 0)
    run_outbox()
    assert [intent["status"] for intent in stripe.intents(order.public_id)] == ["canceled"]
    everything_agrees(stripe)


def test_paid_in_the_last_minute_and_not_told_yet_is_a_sale(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    stripe.pay(_secret(order))
    assert expire_orders(now=order.expires_at) == 0
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_the_sweeper_finds_a_payment_that_nobody_told_of(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    stripe.pay(_secret(order))
    assert settle_open_payments(now=clock_now()) == 0, "not due yet"
    assert settle_open_payments(now=clock_now() + dt.timedelta(seconds=61)) == 1
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_stock_is_freed_even_while_the_processor_is_away(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    secret = _secret(order)
    stripe.fault("reset", "^/v1/", method="GET", times=5)
    _expire(order)
    assert _stock(product) == (1, 0)
    stripe.clear_faults()
    stripe.pay(secret)
    run_outbox()
    order.refresh_from_db()
    assert order.status == "paid", "paid a moment later, the goods still there"
    everything_agrees(stripe)


def test_an_order_that_expires_between_the_look_up_and_its_answer_is_seen_as_it_is_now(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The competing write comes in mid-function: what was read before the look-up must not decide."""
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    stripe.pay(_secret(order))
    look_up = payments.look_up

    def expire_meanwhile(*, payment: Payment, now: dt.datetime) -> Any:
        found = look_up(payment=payment, now=now)
        monkeypatch.setattr(payments, "look_up", _away)
        assert expire_orders(now=order.expires_at) == 1
        return found

    monkeypatch.setattr(payments, "look_up", expire_meanwhile)
    assert _settle(order).status == "paid"
    assert list(order.events.order_by("id").values_list("event", "from_status")) == [
        ("started", ""),
        ("expired", "awaiting_payment"),
        ("paid", "expired"),
    ]
    assert _stock(product) == (0, 0)
    everything_agrees(stripe)


def _away(**_: Any) -> Any:
    raise OutcomeUnknown


# ---- late money --------------------------------------------------------------------------------------------------


def test_late_money_for_goods_that_are_still_there_is_a_sale(stripe: Wire) -> None:
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    secret = _secret(order)
    _expire(order)
    stripe.pay(secret)
    assert _settle(order).status == "paid"
    assert _stock(product) == (0, 0)
    charged_once(stripe, order)
    everything_agrees(stripe)


def _refunded(order: Order, stripe: Wire, *, reason: str, charged: int) -> None:
    """The buyer has everything back, the artisans nothing, and the processor's fee is our loss."""
    order.refresh_from_db()
    assert order.status == "refunded"
    refund = Refund.objects.get(capture__payment__order_reference=order.public_id)
    assert (refund.status, refund.reason, refund.amount_minor) == ("succeeded", reason, charged)
    [theirs] = [r for r in stripe.summary()["refunds"] if r["metadata"].get("refund") == refund.public_id]
    assert theirs["amount"] == charged
    assert not Payable.objects.filter(order_reference=order.public_id).exists()
    kinds = AuditRecord.objects.filter(event_type="order.late_payment", subject=order.public_id)
    assert list(kinds.values_list("failure_code", "amount_minor")) == [(reason, charged)]


def test_late_money_for_goods_that_are_gone_goes_back_by_itself(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(price=4000, stock=1)
    late = check_out([(product, 1)], email="late@example.org")
    secret = _secret(late)
    _expire(late)
    winner = check_out([(product, 1)])
    stripe.pay(_secret(winner))
    _settle(winner)
    stripe.pay(secret)
    assert _settle(late).status == "refunding"
    assert balances("late_payments") == {"late_payments:EUR": -4500}
    run_outbox()
    _refunded(late, stripe, reason="sold_out", charged=4500)
    everything_agrees(stripe)
    fees = 2 * (4500 * 15 // 1000 + 1 + 25)  # 1.5 % of 45.00 is 67.5 cents, rounded up, and 25 cents for each charge
    artisan = product.artisan.public_id
    assert balances() == {
        "stripe_clearing:EUR": 4500 - fees,
        "processor_fees:EUR": fees,
        f"seller_held:{artisan}:EUR": -4100,
        "commission:EUR": -400,
    }
    assert _stock(product) == (0, 0)
    letters = [message for message in mail.outbox if message.to == ["late@example.org"]]
    assert [letter.subject for letter in letters] == ["We have refunded €45.00"]
    html = str(letters[0].alternatives[0][0])  # type: ignore[attr-defined]
    for text in (str(letters[0].body), html):
        assert "€45.00" in text
        assert late.public_id in text
    _settle(late)
    run_outbox()
    assert len([message for message in mail.outbox if message.to == ["late@example.org"]]) == 1
    everything_agrees(stripe)


def test_money_for_a_checkout_that_was_replaced_goes_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    buyer, product = new_guest(), new_product(price=2000, stock=9)
    first = check_out([(product, 1)], buyer=buyer)
    old_secret = _secret(first)
    fill_cart(buyer, [(product, 1)])
    second = check_out(buyer=buyer)
    stripe.pay(_secret(second))
    _settle(second)
    stripe.pay(old_secret)
    run_outbox()  # the void comes too late and finds it paid
    charged_once(stripe, second)
    first.refresh_from_db()
    _refunded(first, stripe, reason=Refund.objects.get().reason, charged=2500)
    assert _stock(product) == (7, 0)
    everything_agrees(stripe)


@pytest.mark.parametrize("amount", [2499, 2501])
def test_an_amount_that_was_not_quoted_is_given_back_whole(
    stripe: Wire, run_outbox: RunOutbox, settings: Any, amount: int
) -> None:
    product = new_product(price=2000, stock=1)
    order = check_out([(product, 1)])
    secret = _secret(order)
    [intent] = stripe.intents(order.public_id)
    # Somebody with access to the processor's dashboard changes what is charged.
    requests.post(
        f"{stripe.url}/v1/payment_intents/{intent['id']}",
        data={"amount": amount},
        auth=("sk_test_sandbox", ""),
        headers={"Idempotency-Key": f"dashboard-{amount}-{intent['id']}"},
        timeout=9,
    ).raise_for_status()
    stripe.pay(secret)
    _settle(order)
    run_outbox()
    _refunded(order, stripe, reason="amount_mismatch", charged=amount)
    [letter] = mail.outbox
    given_back = f"€{amount / 100:.2f}"
    assert letter.subject == f"We have refunded {given_back}", "what was taken, and not what the order came to"
    for text in (str(letter.body), str(letter.alternatives[0][0])):  # type: ignore[attr-defined]
        assert f"Your payment of {given_back} was not the €25.00 that your order came to" in text
        assert "expired" not in text
    assert balances("seller_held", "commission", "late_payments") == {}
    assert _stock(product)[0] == 1
    everything_agrees(stripe)
