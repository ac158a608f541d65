"""Stock is promised once, consumed once, released once, and never sold twice."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Product, StockReservation
from catalog.services.stock import (
    OutOfStock,
    ReservationMismatch,
    ReservationNotHeld,
    consume_reservation,
    release_reservation,
    reserve_stock,
)
from tests.catalog.shop import make_product

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=30)


def reserve(reference: str, *items: tuple[Product, int]) -> None:
    reserve_stock(
        reference=reference,
        items=[(product.pk, quantity) for product, quantity in items],
        expires_at=LATER,
        now=NOW,
    )


def stock(product: Product) -> tuple[int, int]:
    product.refresh_from_db()
    return product.stock_on_hand, product.stock_reserved


@pytest.mark.django_db
def test_reserve_consume_moves_exact_figures() -> None:
    bowl, jug = make_product(stock_on_hand=5), make_product(stock_on_hand=3)
    reserve("ord_a", (jug, 1), (bowl, 2))
    assert (stock(bowl), stock(jug)) == ((5, 2), (3, 1))
    consume_reservation(reference="ord_a", now=NOW)
    assert (stock(bowl), stock(jug)) == ((3, 0), (2, 0))


@pytest.mark.django_db
def test_every_use_case_is_idempotent_by_reference() -> None:
    bowl = make_product(stock_on_hand=5)
    reserve("ord_a", (bowl, 2))
    reserve("ord_a", (bowl, 2))
    assert stock(bowl) == (5, 2)
    assert release_reservation(reference="ord_a", now=NOW) is True
    assert release_reservation(reference="ord_a", now=NOW) is False
    assert stock(bowl) == (5, 0)
    reserve("ord_a", (bowl, 2))
    consume_reservation(reference="ord_a", now=NOW)
    consume_reservation(reference="ord_a", now=NOW)
    assert release_reservation(reference="ord_a", now=NOW) is False
    reserve("ord_a", (bowl, 2))
    assert stock(bowl) == (3, 0)


@pytest.mark.django_db
def test_what_was_released_can_be_reserved_again_unless_it_was_sold() -> None:
    bowl = make_product(stock_on_hand=1)
    reserve("ord_a", (bowl, 1))
    release_reservation(reference="ord_a", now=NOW)
    reserve("ord_a", (bowl, 1))
    assert stock(bowl) == (1, 1)
    release_reservation(reference="ord_a", now=NOW)
    reserve("ord_b", (bowl, 1))
    with pytest.raises(OutOfStock):
        reserve("ord_a", (bowl, 1))
    assert stock(bowl) == (1, 1)


@pytest.mark.django_db
def test_all_or_nothing_and_the_refusal_names_the_goods() -> None:
    plenty, last = make_product(stock_on_hand=9), make_product(stock_on_hand=1, title="The last jug")
    hidden = make_product(stock_on_hand=9, is_published=False, title="Hidden cup")
    with pytest.raises(OutOfStock) as refusal:
        reserve("ord_a", (plenty, 2), (last, 2), (hidden, 1))
    assert refusal.value.titles == ("The last jug", "Hidden cup")
    assert refusal.value.product_ids == (last.public_id, hidden.public_id)
    assert stock(plenty) == (9, 0)
    assert not StockReservation.objects.exists()


@pytest.mark.django_db
def test_made_to_order_is_not_limited_and_takes_no_stock() -> None:
    stool = make_product(stock_on_hand=0, is_made_to_order=True, lead_time_days=14)
    reserve("ord_a", (stool, 40))
    # Even if the artisan changes their mind meanwhile, what was promised as made to order takes nothing off a shelf.
    Product.objects.filter(pk=stool.pk).update(is_made_to_order=False)
    consume_reservation(reference="ord_a", now=NOW)
    assert stock(stool) == (0, 0)


@pytest.mark.django_db
def test_a_reference_that_holds_other_goods_is_refused() -> None:
    bowl, jug = make_product(), make_product()
    reserve("ord_a", (bowl, 1))
    for other in ([(bowl, 2)], [(jug, 1)], [(bowl, 1), (jug, 1)]):
        with pytest.raises(ReservationMismatch):
            reserve("ord_a", *other)
    assert (stock(bowl), stock(jug)) == ((5, 1), (5, 0))


@pytest.mark.django_db
def test_nothing_to_consume_is_told() -> None:
    bowl = make_product()
    with pytest.raises(ReservationNotHeld):
        consume_reservation(reference="ord_never", now=NOW)
    reserve("ord_a", (bowl, 1))
    release_reservation(reference="ord_a", now=NOW)
    with pytest.raises(ReservationNotHeld):
        consume_reservation(reference="ord_a", now=NOW)
    assert stock(bowl) == (5, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("items", [[], [(1, 0)], [(1, -1)], [(1, 1), (1, 2)]])
def test_a_senseless_request_is_a_defect(items: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"piece|twice"):
        reserve_stock(reference="ord_a", items=items, expires_at=LATER, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 50])
def test_one_statement_each_whatever_the_number_of_goods_and_locks_in_order(count: int) -> None:
    goods = [make_product() for _ in range(count)]
    works: list[Callable[[], None]] = [
        partial(reserve, "ord_a", *((product, 1) for product in goods)),
        partial(consume_reservation, reference="ord_a", now=NOW),
    ]
    for work in works:
        with CaptureQueriesContext(connection) as queries:
            work()
        assert len(queries) == 1
        assert "ORDER BY id FOR NO KEY UPDATE" in queries[0]["sql"].replace("p.id", "id")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"stock_on_hand": -1},
        {"stock_reserved": 6},
        {"stock_reserved": -1},
        {"price_minor": 0},
        {"price_minor": -5},
        {"currency": "eur"},
        {"currency": "USD"},
        {"is_made_to_order": True},
    ],
)
def test_the_database_refuses_impossible_products(change: dict[str, object]) -> None:
    bowl = make_product(stock_on_hand=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=bowl.pk).update(**change)


def at_once(works: Sequence[Callable[[], None]]) -> list[BaseException | None]:
    """Runs all at the same moment, each with a connection of its own; returns what each raised."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            gate.wait()
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.exception() for future in [pool.submit(run, work) for work in works]]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_buyers_one_last_piece() -> None:
    last = make_product(stock_on_hand=1)
    outcomes = at_once([partial(reserve, f"ord_{n}", (last, 1)) for n in range(20)])
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(outcome, OutOfStock) for outcome in outcomes if outcome is not None)
    assert stock(last) == (1, 1)
    assert StockReservation.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_buyers_of_two_goods_in_either_order_do_not_lock_each_other_out() -> None:
    one, two = make_product(stock_on_hand=7), make_product(stock_on_hand=20)
    items = [(one, 1), (two, 1)]
    outcomes = at_once([partial(reserve, f"ord_{n}", *(items if n % 2 else reversed(items))) for n in range(20)])
    assert sum(outcome is None for outcome in outcomes) == 7
    assert (stock(one), stock(two)) == ((7, 7), (20, 7))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_reference_twenty_times_reserves_and_consumes_once() -> None:
    last = make_product(stock_on_hand=1)
    assert at_once([lambda: reserve("ord_a", (last, 1))] * 20) == [None] * 20
    assert stock(last) == (1, 1)
    assert at_once([lambda: consume_reservation(reference="ord_a", now=NOW)] * 20) == [None] * 20
    assert stock(last) == (0, 0)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_release_against_consume_has_one_winner_and_exact_stock() -> None:
    bowl = make_product(stock_on_hand=5)
    for reference in ("ord_1", "ord_2", "ord_3", "ord_4", "ord_5"):
        before = stock(bowl)[0]
        reserve(reference, (bowl, 1))
        works = [partial(consume_reservation, reference=reference, now=NOW), partial(let_go, reference)]
        consumed, released = at_once(works)
        assert consumed is None or isinstance(consumed, ReservationNotHeld)
        assert released is None
        states = set(StockReservation.objects.filter(reference=reference).values_list("state", flat=True))
        assert states in ({"consumed"}, {"released"})
        assert stock(bowl) == (before - (states == {"consumed"}), 0)
        Product.objects.filter(pk=bowl.pk).update(stock_on_hand=5)


def let_go(reference: str) -> None:
    release_reservation(reference=reference, now=NOW)
