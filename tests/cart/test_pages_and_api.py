"""The cart through its pages, without scripts, and through the API."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Product
from tests.catalog.shop import make_artisan, make_product, make_user

pytestmark = pytest.mark.django_db


def add_by_form(client: Client, product: Product, quantity: int | str = 1) -> Any:
    data = {"product_id": product.public_id, "quantity": quantity, "next": product.get_absolute_url()}
    return client.post("/cart/add/", data, follow=True)


def test_fill_change_and_empty_the_cart_by_forms(client: Client) -> None:
    bowl = make_product(make_artisan(first_minor=500, additional_minor=100), title="River bowl", price_minor=2800)
    page = add_by_form(client, bowl, 2).content.decode()
    assert "Added to your cart." in page
    assert "River bowl" in page
    assert "€62.00" in page  # 2 × 28.00 + 5.00 + 1.00
    page = client.post("/cart/set/", {"product_id": bowl.public_id, "quantity": "1"}, follow=True).content.decode()
    assert "€33.00" in page
    page = client.post("/cart/set/", {"remove": bowl.public_id, "quantity": "1"}, follow=True).content.decode()
    assert "Your cart is empty" in page


def test_a_refusal_leads_back_with_the_reason(client: Client) -> None:
    bowl = make_product(stock_on_hand=1, title="River bowl")
    response = add_by_form(client, bowl, 2)
    assert response.redirect_chain[-1][0] == bowl.get_absolute_url()
    assert "Only 1 of “River bowl” left." in response.content.decode()
    for quantity in ("0", "-1", "1.5", "1e3", "", "100"):
        assert "whole number from 1 to 99" in add_by_form(client, bowl, quantity).content.decode()


def test_the_way_back_stays_in_the_shop(client: Client) -> None:
    bowl = make_product(stock_on_hand=0)
    data = {"product_id": bowl.public_id, "quantity": "1", "next": "https://evil.example/"}
    assert client.post("/cart/add/", data)["Location"] == "/cart/"


def test_looking_around_makes_no_session_and_no_cart(client: Client) -> None:
    bowl = make_product()
    for path in ("/", "/cart/", bowl.get_absolute_url(), "/api/v1/cart"):
        assert client.get(path).status_code == 200
    assert "sessionid" not in client.cookies


def test_log_in_takes_the_cart_along(client: Client) -> None:
    bowl = make_product(title="River bowl")
    user = make_user("anna@example.org")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    add_by_form(client, bowl, 2)
    client.post("/accounts/login/", {"login": "Anna@Example.org", "password": "a-long-enough-word"})
    cart = client.get("/api/v1/cart").json()
    assert [(item["product"]["title"], item["quantity"]) for item in cart["items"]] == [("River bowl", 2)]
    other = Client()
    other.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert other.get("/api/v1/cart").json()["id"] == cart["id"]


def test_api_adds_sets_and_removes(client: Client) -> None:
    potter = make_artisan(first_minor=500, additional_minor=100)
    bowl = make_product(potter, price_minor=2800)
    answer = client.post(
        "/api/v1/cart/items", {"product_id": bowl.public_id, "quantity": 2}, content_type="application/json"
    )
    assert answer.status_code == 200
    cart = answer.json()
    assert (cart["goods_minor"], cart["shipping_minor"], cart["total_minor"]) == (5600, 600, 6200)
    assert cart["items"][0]["product"]["id"] == bowl.public_id
    assert cart["groups"][0]["artisan"]["id"] == potter.public_id
    changed = client.put(
        f"/api/v1/cart/items/{bowl.public_id}", {"quantity": 3}, content_type="application/json"
    ).json()
    assert changed["total_minor"] == 3 * 2800 + 700
    assert changed["hash"] != cart["hash"]
    assert client.get("/api/v1/cart").json() == changed
    assert client.delete(f"/api/v1/cart/items/{bowl.public_id}").json()["items"] == []


@pytest.mark.parametrize("quantity", [0, -1, 100, 1.0, 1.5, "1", True, None, 10**30])
def test_api_takes_whole_numbers_only(client: Client, quantity: object) -> None:
    bowl = make_product()
    answer = client.post(
        "/api/v1/cart/items", {"product_id": bowl.public_id, "quantity": quantity}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "quantity"
    assert client.get("/api/v1/cart").json()["items"] == []


def test_api_never_takes_a_price(client: Client) -> None:
    bowl = make_product(price_minor=2800)
    body = {"product_id": bowl.public_id, "quantity": 1, "unit_price_minor": 1, "price": 1}
    cart = client.post("/api/v1/cart/items", body, content_type="application/json").json()
    assert cart["goods_minor"] == 2800


def test_api_refusals_are_problem_documents(client: Client) -> None:
    bowl = make_product(stock_on_hand=1)
    cases = [
        ({"product_id": bowl.public_id, "quantity": 2}, 409, "not_enough_stock"),
        ({"product_id": "prd_" + "1" * 22, "quantity": 1}, 404, "product_not_on_sale"),
        ({"product_id": "1", "quantity": 1}, 400, "invalid_request"),
    ]
    for body, status, code in cases:
        answer = client.post("/api/v1/cart/items", body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_one_guest_does_not_see_anothers_cart(client: Client) -> None:
    add_by_form(client, make_product())
    assert Client().get("/api/v1/cart").json()["items"] == []


def test_forms_need_the_csrf_token() -> None:
    bowl = make_product()
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/cart/add/", {"product_id": bowl.public_id, "quantity": "1"})
    assert response.status_code == 403
    assert "Please try that again" in response.content.decode()
