"""How many SQL statements a checkout costs: a fixed number, whatever the basket."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import CartItem
from tests.orders.shop import ADDRESS, new_artisan, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

CREATE_AT_MOST, CONFIRM_AT_MOST = 12, 10
# How many lines, of how many artisans.
BASKETS = [(1, 1), (5, 1), (5, 5), (50, 1), (50, 3), (50, 10)]
_NO_STATEMENTS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


def _counted(work: Callable[[], Any]) -> tuple[Any, list[str]]:
    """The answer and the statements it took, transaction control left out."""
    with CaptureQueriesContext(connection) as queries:
        answer = work()
    return answer, [query["sql"] for query in queries if not query["sql"].startswith(_NO_STATEMENTS)]


def _basket(client: Client, lines: int, artisans: int) -> dict[str, Any]:
    makers = [new_artisan() for _ in range(artisans)]
    goods = [new_product(makers[number % artisans], price=1000 + number) for number in range(lines)]
    # The first line by the API, so that the session has its cart; the others straight into it.
    body = {"product_id": goods[0].public_id, "quantity": 1}
    client.post("/api/v1/cart/items", body, content_type="application/json")
    first = CartItem.objects.get(product=goods[0])
    CartItem.objects.bulk_create(
        CartItem(cart=first.cart, product=product, quantity=1, unit_price_seen_minor=1, added_at=first.added_at)
        for product in goods[1:]
    )
    cart = client.get("/api/v1/cart").json()
    assert len(cart["items"]) == lines
    assert len(cart["groups"]) == artisans
    return dict(cart)


def _figures(client: Client, lines: int, artisans: int) -> tuple[list[str], list[str]]:
    cart = _basket(client, lines, artisans)
    created, create = _counted(
        lambda: client.post(
            "/api/v1/checkouts",
            {"email": "ada@example.org", "cart_hash": cart["hash"], "shipping_address": ADDRESS},
            content_type="application/json",
            headers={"Idempotency-Key": f"create-{cart['id']}"},
        )
    )
    assert created.status_code == 201, created.content
    checkout = created.json()
    confirmed, confirm = _counted(
        lambda: client.post(
            f"/api/v1/checkouts/{checkout['id']}/confirm",
            {"quote_hash": checkout["quote"]["hash"]},
            content_type="application/json",
            headers={"Idempotency-Key": f"confirm-{cart['id']}"},
        )
    )
    assert confirmed.status_code == 200, confirmed.content
    assert confirmed.json()["payment"]["client_secret"]
    return create, confirm


def test_the_same_number_for_every_basket_and_within_the_limit(stripe: Wire) -> None:
    measured = {basket: _figures(Client(), *basket) for basket in BASKETS}
    create = {basket: len(first) for basket, (first, _) in measured.items()}
    confirm = {basket: len(second) for basket, (_, second) in measured.items()}
    assert len(set(create.values())) == 1, create
    assert len(set(confirm.values())) == 1, confirm
    sample, second = measured[5, 5]
    assert len(sample) <= CREATE_AT_MOST, "\n".join(sample)
    assert len(second) <= CONFIRM_AT_MOST, "\n".join(second)


def test_settling_does_not_grow_with_the_basket(stripe: Wire) -> None:
    figures = {}
    for basket in [(1, 1), (50, 1), (50, 10)]:
        client = Client()
        cart = _basket(client, *basket)
        headers = {"Idempotency-Key": f"create-{cart['id']}"}
        body = {"email": "a@example.org", "cart_hash": cart["hash"], "shipping_address": ADDRESS}
        checkout = client.post("/api/v1/checkouts", body, content_type="application/json", headers=headers).json()
        url = f"/api/v1/checkouts/{checkout['id']}"
        headers = {"Idempotency-Key": f"confirm-{cart['id']}"}
        body = {"quote_hash": checkout["quote"]["hash"]}
        confirmed = client.post(f"{url}/confirm", body, content_type="application/json", headers=headers).json()
        stripe.pay(confirmed["payment"]["client_secret"])
        settle_headers = {"Idempotency-Key": f"settle-{cart['id']}"}
        settled, statements = _counted(
            lambda: client.post(f"{url}/settle", content_type="application/json", headers=settle_headers)  # noqa: B023
        )
        assert settled.json()["status"] == "paid", settled.content
        figures[basket] = len(statements)
    assert len(set(figures.values())) == 1, figures
