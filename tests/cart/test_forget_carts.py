"""Guests' carts that nobody will come back for are removed; everybody else's stay."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.models import Product
from common.clock import now as clock_now
from orders.enums import OrderStatus
from orders.models import Cart, CartItem, Order
from orders.selectors.cart import CartOwner, get_cart
from orders.services import forget_carts
from orders.services.cart import add_to_cart
from orders.services.forget_carts import forget_guest_carts
from tests.orders.shop import check_out, new_guest, new_product, new_user, owner_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
KEPT: dt.timedelta = settings.GUEST_CARTS_KEPT
SECOND = dt.timedelta(seconds=1)
NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def product() -> Product:
    return new_product(stock=1000)


def cart_of(owner: CartOwner, product: Product, *, touched: dt.datetime) -> str:
    add_to_cart(owner=owner, product_id=product.public_id, quantity=1, now=touched)
    return get_cart(owner=owner).id


def left() -> set[str]:
    return set(Cart.objects.values_list("public_id", flat=True))


def test_a_guests_cart_goes_with_its_lines_when_its_time_is_over(product: Product) -> None:
    owner = owner_of(new_guest())
    cart_of(owner, product, touched=NOW)
    assert dt.timedelta(days=90) == KEPT
    assert forget_guest_carts(now=NOW + KEPT) == 0
    assert forget_guest_carts(now=NOW + KEPT + SECOND) == 1
    assert (left(), CartItem.objects.count()) == (set(), 0)
    assert get_cart(owner=owner).is_empty
    cart_of(owner, product, touched=NOW + KEPT + SECOND)  # a guest who comes back all the same begins anew


def test_touching_a_cart_keeps_it(product: Product) -> None:
    owner = owner_of(new_guest())
    cart_of(owner, product, touched=NOW)
    kept = cart_of(owner, product, touched=NOW + KEPT)
    assert forget_guest_carts(now=NOW + KEPT + SECOND) == 0
    assert left() == {kept}


def test_a_users_cart_stays_for_ever(product: Product) -> None:
    kept = cart_of(CartOwner(user_pk=new_user().pk), product, touched=NOW)
    assert forget_guest_carts(now=NOW + 100 * KEPT) == 0
    assert left() == {kept}


@pytest.mark.parametrize(
    ("status", "stays"),
    [
        (OrderStatus.AWAITING_PAYMENT, True),
        (OrderStatus.PROCESSING, True),
        (OrderStatus.PAID, False),
        (OrderStatus.CANCELED, False),
        (OrderStatus.EXPIRED, False),
    ],
)
def test_a_cart_stays_while_an_order_of_it_may_still_be_paid(
    product: Product, status: OrderStatus, stays: bool
) -> None:
    order = check_out([(product, 1)])
    Order.objects.filter(id=order.id).update(status=status)
    assert forget_guest_carts(now=clock_now() + KEPT + SECOND) == (not stays)
    assert (order.cart_reference in left()) is stays
    assert Order.objects.filter(id=order.id).exists()


def test_they_go_in_small_batches_and_the_rest_on_the_next_run(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forget_carts, "_SIZE", 2)
    monkeypatch.setattr(forget_carts, "_AT_MOST", 2)
    for _ in range(5):
        cart_of(owner_of(new_guest()), product, touched=NOW)
    assert [forget_guest_carts(now=NOW + KEPT + SECOND) for _ in range(3)] == [4, 1, 0]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_cart_that_its_guest_is_changing_is_passed_over(product: Product) -> None:
    kept = cart_of(owner_of(new_guest()), product, touched=NOW)
    cart_of(owner_of(new_guest()), product, touched=NOW)

    def sweep() -> int:
        try:
            return forget_guest_carts(now=NOW + KEPT + SECOND)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Cart.objects.select_for_update(no_key=True).get(public_id=kept)
        assert pool.submit(sweep).result(timeout=20) == 1
    assert left() == {kept}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_guest_whose_cart_is_removed_in_the_moment_of_coming_back_gets_a_new_one(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = owner_of(new_guest())
    old = cart_of(owner, product, touched=NOW)
    bulk_create, removed = QuerySet.bulk_create, []

    def remove() -> None:
        try:
            removed.append(forget_guest_carts(now=NOW + KEPT + SECOND))
        finally:
            connection.close()

    def found_and_then_removed(queryset: Any, *given: Any, **more: Any) -> Any:
        """What the guest's request found in its way is gone before it can lock it."""
        made = bulk_create(queryset, *given, **more)
        if queryset.model is Cart and not removed:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(remove).result(timeout=20)
        return made

    monkeypatch.setattr(QuerySet, "bulk_create", found_and_then_removed)
    new = cart_of(owner, product, touched=NOW + KEPT)
    assert removed == [1]
    assert new != old
    assert left() == {new}
