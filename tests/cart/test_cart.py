"""The cart: exact sums, one query, clear refusals, and nothing lost when two carts become one."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.contracts import PricedProduct, Seller, ShippingRule
from catalog.models import Artisan, Product
from catalog.services.stock import reserve_stock
from common.money import Money
from orders.contracts.cart import CartGroup, CartLine, CartSnapshot, LineProblem
from orders.models import Cart, CartItem
from orders.selectors.cart import CartOwner, cart_pieces, get_cart
from orders.services.cart import (
    CartFull,
    MixedCurrencies,
    NotEnoughStock,
    ProductNotOnSale,
    QuantityOutOfBounds,
    accept_prices,
    add_to_cart,
    merge_carts,
    remove,
    set_quantity,
)
from tests.catalog.shop import make_artisan, make_product, make_user

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
GUEST = CartOwner(guest_scope="guest:0123456789")


def add(product: Product, quantity: int = 1, owner: CartOwner = GUEST) -> None:
    add_to_cart(owner=owner, product_id=product.public_id, quantity=quantity, now=NOW)


def quantities(owner: CartOwner) -> dict[int, int]:
    return {line.product.pk: line.quantity for line in get_cart(owner=owner).lines}


@pytest.mark.django_db
def test_sums_by_artisan_to_the_cent() -> None:
    potter = make_artisan(first_minor=690, additional_minor=150)
    tanner = make_artisan(first_minor=750, additional_minor=0)
    bowl, jug = make_product(potter, price_minor=2800), make_product(potter, price_minor=6200)
    belt = make_product(tanner, price_minor=7400)
    add(bowl, 2)
    add(belt, 3)
    add(jug, 1)
    cart = get_cart(owner=GUEST)
    assert [(group.seller.pk, group.goods.amount_minor, group.shipping.amount_minor) for group in cart.groups] == [
        (potter.pk, 2 * 2800 + 6200, 690 + 2 * 150),
        (tanner.pk, 3 * 7400, 750),
    ]
    assert (cart.goods, cart.shipping, cart.total) == (Money(34000, "EUR"), Money(1740, "EUR"), Money(35740, "EUR"))
    assert cart.pieces == cart_pieces(owner=GUEST) == 6
    assert cart.can_check_out


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 50])
def test_one_query_for_one_line_and_for_fifty(count: int) -> None:
    makers = [make_artisan() for _ in range(min(count, 10))]
    for number in range(count):
        add(make_product(makers[number % len(makers)]))
    with CaptureQueriesContext(connection) as queries:
        cart = get_cart(owner=GUEST)
        assert cart.hash
        assert len(cart.lines) == count
    assert len(queries) == 1


@pytest.mark.django_db
def test_adding_sums_up_and_setting_replaces() -> None:
    bowl = make_product(stock_on_hand=9)
    add(bowl, 2)
    add(bowl, 3)
    assert quantities(GUEST) == {bowl.pk: 5}
    set_quantity(owner=GUEST, product_id=bowl.public_id, quantity=1, now=NOW)
    assert quantities(GUEST) == {bowl.pk: 1}
    set_quantity(owner=GUEST, product_id=bowl.public_id, quantity=0, now=NOW)
    assert get_cart(owner=GUEST).is_empty
    remove(owner=GUEST, product_id=bowl.public_id, now=NOW)


@pytest.mark.django_db
def test_refusals() -> None:
    bowl = make_product(stock_on_hand=3)
    hidden = make_product(is_published=False)
    closed = make_product(make_artisan(is_published=False))
    for quantity in (0, -1, 100):
        with pytest.raises(QuantityOutOfBounds):
            add(bowl, quantity)
    for gone in (hidden, closed):
        with pytest.raises(ProductNotOnSale):
            add(gone)
    add(bowl, 2)
    with pytest.raises(NotEnoughStock, match=r"Only 3 of .* and your cart holds 2 already") as refusal:
        add(bowl, 2)
    assert refusal.value.members == {"available": 3}
    with pytest.raises(NotEnoughStock, match="Only 3"):
        set_quantity(owner=GUEST, product_id=bowl.public_id, quantity=4, now=NOW)
    assert quantities(GUEST) == {bowl.pk: 2}


@pytest.mark.django_db
def test_a_lower_quantity_is_taken_even_if_it_is_still_too_many() -> None:
    bowl = make_product(stock_on_hand=8)
    add(bowl, 8)
    Product.objects.filter(pk=bowl.pk).update(stock_on_hand=3)
    set_quantity(owner=GUEST, product_id=bowl.public_id, quantity=5, now=NOW)
    assert get_cart(owner=GUEST).lines[0].problem is LineProblem.NOT_ENOUGH


@pytest.mark.django_db
def test_currencies_do_not_mix() -> None:
    euros, dollars = make_product(), make_product(make_artisan(currency="USD"))
    add(euros)
    with pytest.raises(MixedCurrencies, match=r"EUR.*USD"):
        add(dollars)
    remove(owner=GUEST, product_id=euros.public_id, now=NOW)
    add(dollars)
    assert get_cart(owner=GUEST).currency == "USD"


@pytest.mark.django_db
def test_a_cart_has_room_for_a_hundred_products() -> None:
    maker = make_artisan()
    for _ in range(100):
        add(make_product(maker))
    with pytest.raises(CartFull):
        add(make_product(maker))


@pytest.mark.django_db
def test_problems_are_named_and_keep_from_the_checkout() -> None:
    gone, sold, few, dearer = (make_product(stock_on_hand=5) for _ in range(4))
    for product in (gone, sold, few, dearer):
        add(product, 3)
    Product.objects.filter(pk=gone.pk).update(is_published=False)
    Product.objects.filter(pk=sold.pk).update(stock_on_hand=0)
    Product.objects.filter(pk=few.pk).update(stock_on_hand=2)
    Product.objects.filter(pk=dearer.pk).update(price_minor=1200)
    cart = get_cart(owner=GUEST)
    assert [line.problem for line in cart.lines] == [
        LineProblem.UNAVAILABLE, LineProblem.SOLD_OUT, LineProblem.NOT_ENOUGH, LineProblem.PRICE_CHANGED,
    ]  # fmt: skip
    assert not cart.can_check_out
    for product in (gone, sold, few):
        remove(owner=GUEST, product_id=product.public_id, now=NOW)
    assert get_cart(owner=GUEST).can_check_out
    accept_prices(owner=GUEST)
    assert get_cart(owner=GUEST).lines[0].problem is None


@pytest.mark.django_db
def test_price_and_postage_changes_change_the_hash() -> None:
    maker = make_artisan()
    bowl = make_product(maker)
    add(bowl)
    seen = {get_cart(owner=GUEST).hash}
    Product.objects.filter(pk=bowl.pk).update(price_minor=1001)
    seen.add(get_cart(owner=GUEST).hash)
    Artisan.objects.filter(pk=maker.pk).update(shipping_first_item_minor=501)
    seen.add(get_cart(owner=GUEST).hash)
    add(bowl)
    seen.add(get_cart(owner=GUEST).hash)
    assert len(seen) == 4


@pytest.mark.django_db
def test_a_guests_cart_is_handed_over_at_log_in() -> None:
    user, bowl = make_user(), make_product()
    add(bowl, 2)
    cart_id = get_cart(owner=GUEST).id
    assert merge_carts(user_pk=user.pk, guest_scope=GUEST.guest_scope, now=NOW) is False
    assert get_cart(owner=CartOwner(user_pk=user.pk)).id == cart_id
    assert get_cart(owner=GUEST).is_empty


@pytest.mark.django_db
def test_two_carts_become_one_without_buying_more_than_was_chosen() -> None:
    user, bowl, jug, cup = make_user(), make_product(), make_product(), make_product()
    mine = CartOwner(user_pk=user.pk)
    add(bowl, 1, mine)
    add(jug, 4, mine)
    add(bowl, 3)
    add(jug, 1)
    add(cup, 2)
    merge_carts(user_pk=user.pk, guest_scope=GUEST.guest_scope, now=NOW)
    assert quantities(mine) == {bowl.pk: 3, jug.pk: 4, cup.pk: 2}
    assert Cart.objects.count() == 1
    merge_carts(user_pk=user.pk, guest_scope=GUEST.guest_scope, now=NOW)
    assert quantities(mine) == {bowl.pk: 3, jug.pk: 4, cup.pk: 2}


@pytest.mark.django_db
def test_an_older_cart_in_another_currency_gives_way_and_that_is_told() -> None:
    user, euros, dollars = make_user(), make_product(), make_product(make_artisan(currency="USD"))
    mine = CartOwner(user_pk=user.pk)
    add(euros, 1, mine)
    add(dollars, 1)
    assert merge_carts(user_pk=user.pk, guest_scope=GUEST.guest_scope, now=NOW) is True
    assert quantities(mine) == {dollars.pk: 1}


@pytest.mark.django_db
def test_pieces_held_for_somebody_else_are_sold_out() -> None:
    last = make_product(stock_on_hand=1)
    add(last)
    reserve_stock(reference="ord_other", items=[(last.pk, 1)], expires_at=NOW, now=NOW)
    assert get_cart(owner=GUEST).lines[0].problem is LineProblem.SOLD_OUT


@pytest.mark.django_db
def test_a_cart_belongs_to_a_user_or_a_guest() -> None:
    user = make_user()
    for owners in ({"user": user, "guest_scope": "guest:1"}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cart.objects.create(currency="EUR", created_at=NOW, changed_at=NOW, **owners)
    add(make_product())
    for quantity in (0, 100):
        with pytest.raises(IntegrityError), transaction.atomic():
            CartItem.objects.update(quantity=quantity)


amounts = st.integers(min_value=0, max_value=99_999)


def seller(pk: int, first: int, additional: int) -> Seller:
    rule = ShippingRule(Money(first, "EUR"), Money(additional, "EUR"))
    return Seller(pk=pk, public_id=f"art_{pk}", name="", slug="", url="", shipping=rule)


def line(pk: int, of: Seller, price: int, quantity: int) -> CartLine:
    product = PricedProduct(
        pk=pk, public_id=f"prd_{pk}", title="", slug="", url="", picture=None, seller=of, price=Money(price, "EUR"),
        is_on_sale=True, is_made_to_order=True, lead_time_days=1, available=None,
    )  # fmt: skip
    return CartLine(product=product, quantity=quantity, price_seen=product.price)


@st.composite
def carts(draw: st.DrawFn) -> CartSnapshot:
    groups = []
    for pk in range(draw(st.integers(1, 4))):
        of = seller(pk, draw(amounts), draw(amounts))
        lines = tuple(
            line(pk * 100 + number, of, draw(st.integers(1, 99_999)), draw(st.integers(1, 99)))
            for number in range(draw(st.integers(1, 4)))
        )
        groups.append(CartGroup.of(of, lines))
    return CartSnapshot(id="crt_x", currency="EUR", groups=tuple(groups))


@given(first=amounts, additional=amounts, pieces=st.integers(0, 200))
def test_postage_grows_by_the_additional_piece(first: int, additional: int, pieces: int) -> None:
    rule = ShippingRule(Money(first, "EUR"), Money(additional, "EUR"))
    expected = 0 if pieces == 0 else first + (pieces - 1) * additional
    assert rule.cost(pieces=pieces) == Money(expected, "EUR")


@given(cart=carts())
def test_the_total_is_the_sum_of_its_parts(cart: CartSnapshot) -> None:
    by_hand = 0
    for group in cart.groups:
        pieces = sum(each.quantity for each in group.lines)
        by_hand += sum(each.quantity * each.product.price.amount_minor for each in group.lines)
        rule = group.seller.shipping
        by_hand += rule.first_item.amount_minor + (pieces - 1) * rule.additional_item.amount_minor
    assert cart.total == Money(by_hand, "EUR")


@given(cart=carts(), data=st.data())
def test_the_hash_ignores_order_and_sees_every_amount(cart: CartSnapshot, data: st.DataObject) -> None:
    shuffled = dataclasses.replace(
        cart,
        id="crt_y",
        groups=tuple(
            dataclasses.replace(group, lines=tuple(data.draw(st.permutations(group.lines))))
            for group in data.draw(st.permutations(cart.groups))
        ),
    )
    assert shuffled.hash == cart.hash
    first = cart.groups[0]
    touched: list[dict[str, Any]] = [
        {"lines": (dataclasses.replace(first.lines[0], quantity=first.lines[0].quantity + 1), *first.lines[1:])},
        {"shipping": first.shipping + Money(1, "EUR")},
    ]
    for change in touched:
        other = dataclasses.replace(cart, groups=(dataclasses.replace(first, **change), *cart.groups[1:]))
        assert other.hash != cart.hash
