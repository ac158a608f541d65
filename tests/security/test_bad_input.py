"""Bad input of every kind at the API's doors: a clear problem document each time, and nothing changed."""

import json
from typing import Any

import pytest
from django.test import Client

from orders.models import Order
from tests.orders.shop import ADDRESS, new_artisan, new_product, new_user
from tests.orders.wire import Wire
from tests.security.urls import filled, parameters, routes
from tests.security.watch import changed, contents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

KEY = {"Idempotency-Key": "a-key-of-my-own"}
# Written by any visit; none of it is money, goods or a promise.
_TRACES = frozenset({"django_session", "common_auditrecord"})


@pytest.fixture
def buyer() -> Client:
    """A guest with one thing in the cart."""
    client = Client()
    product = new_product()
    body = {"product_id": product.public_id, "quantity": 1}
    assert client.post("/api/v1/cart/items", body, content_type="application/json").status_code == 200
    return client


def _send(
    client: Client, path: str, body: object, *, method: str = "POST", kind: str = "application/json", **headers: str
) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.generic(method, path, text, content_type=kind, headers=headers)


def _refused(answer: Any, before: dict[str, tuple[int, str]], *statuses: int) -> dict[str, Any]:
    assert answer.status_code in statuses, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/problems/")
    assert problem["code"] and problem["title"] and problem["detail"]
    assert "Traceback" not in answer.content.decode()
    assert changed(before, contents(without=_TRACES)) == set()
    return problem


def _checkout(client: Client, **changed_fields: Any) -> dict[str, Any]:
    cart_hash = client.get("/api/v1/cart").json()["hash"]
    return {"email": "ada@example.org", "cart_hash": cart_hash, "shipping_address": ADDRESS, **changed_fields}


QUANTITIES: list[Any] = [-1, 0, 100, 10**6, 10**30, 1.0, 1.5, "1", "two", "", None, True, [], {}, [1], {"n": 1}]


@pytest.mark.parametrize("quantity", QUANTITIES, ids=repr)
def test_quantities_are_whole_numbers_within_bounds(buyer: Client, quantity: Any) -> None:
    product = new_product(stock=10**4)
    before = contents(without=_TRACES)
    body = {"product_id": product.public_id, "quantity": quantity}
    problem = _refused(_send(buyer, "/api/v1/cart/items", body), before, 400)
    assert [error["field"] for error in problem["errors"]] == ["quantity"]
    if quantity != 0 or isinstance(quantity, bool):  # on PUT zero removes the line
        path = f"/api/v1/cart/items/{product.public_id}"
        _refused(_send(buyer, path, {"quantity": quantity}, method="PUT"), before, 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "0x10", "01", "1_000"])
def test_numbers_that_json_does_not_know(buyer: Client, number: str) -> None:
    product = new_product()
    before = contents(without=_TRACES)
    body = f'{{"product_id": "{product.public_id}", "quantity": {number}}}'
    _refused(_send(buyer, "/api/v1/cart/items", body), before, 400)


BODIES: dict[str, str | bytes] = {
    "cut off": '{"email": ',
    "nothing": "",
    "a list": "[]",
    "a text": '"text"',
    "null": "null",
    "deep": "[" * 5000 + "]" * 5000,
    "very deep": "[" * 200_000 + "]" * 200_000,
    "no UTF-8": b'{"email": "\xff\xfe"}',
    "half a pair": '{"email": "\\ud800@example.org"}',
    "NUL": '{"email": "a\\u0000@example.org"}',
    "a number of 5,000 digits": '{"quantity": ' + "1" * 5000 + "}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", ["/api/v1/checkouts", "/api/v1/cart/items"])
def test_bodies_that_are_no_request(buyer: Client, path: str, body: str | bytes) -> None:
    before = contents(without=_TRACES)
    _refused(_send(buyer, path, body, **KEY), before, 400)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_that_one_parser_gets_through_and_another_does_not(buyer: Client, opening: str, closing: str) -> None:
    """How much Python reads depends on how deep it stands itself, so the guard read more than the view behind it."""
    before = contents(without=_TRACES)
    for depth in (100, *range(850, 1000, 10)):
        body = '{"product_id": ' + opening * depth + "1" + closing * depth + "}"
        problem = _refused(_send(buyer, "/api/v1/cart/items", body), before, 400)
        assert problem["code"] == "malformed_request"
    body = '{"product_id": ' + opening * 99 + "1" + closing * 99 + "}"
    assert _refused(_send(buyer, "/api/v1/cart/items", body), before, 400)["code"] == "invalid_request"


@pytest.mark.parametrize(
    "name", ["a%00b", "%00", "x" * 256, "\N{SNOWMAN}" * 100], ids=["NUL", "NUL alone", "long", "signs"]
)
def test_an_address_that_can_name_nothing_is_not_found(name: str) -> None:
    """The database and the file system fail on these names, and would be asked by whatever address takes one."""
    client, boss = Client(), new_user(is_staff=True, is_superuser=True)
    client.force_login(boss)
    for route in {route for route in routes() if parameters(route) and "^" not in route}:
        path = filled(route, dict.fromkeys(parameters(route), name))
        answer = client.get(path)
        assert answer.status_code == 404, path
        if path.startswith("/api/"):
            assert (answer.headers["Content-Type"], answer.json()["code"]) == ("application/problem+json", "not_found")
    assert client.get("/media/" + name).status_code == 404
    assert client.get("/account/payment-methods/?setup=a%00b").status_code == 404


@pytest.mark.parametrize("charset", ["idna", "undefined", "hex", "zlib", "utf-16", "rot13"])
def test_a_charset_that_the_body_is_not_in(buyer: Client, charset: str) -> None:
    before = contents(without=_TRACES)
    kind = f"application/json; charset={charset}"
    _refused(_send(buyer, "/api/v1/cart/items", '{"quantity": "two"}', kind=kind), before, 400)


@pytest.mark.parametrize("key", ['"aaaaaaaaaa\\000"', "a" * 5000, "A" * 32], ids=["NUL", "long", "of another form"])
def test_a_session_that_cannot_be_is_none(key: str) -> None:
    client = Client(headers={"Cookie": f"sessionid={key}"})
    assert client.get("/cart/").status_code == 200
    assert client.get("/api/v1/cart").json()["groups"] == []
    assert client.post("/cart/add/", {"product_id": new_product().public_id, "quantity": "1"}).status_code == 302


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
def test_only_json_is_taken(buyer: Client, kind: str) -> None:
    before = contents(without=_TRACES)
    _refused(_send(buyer, "/api/v1/checkouts", "email=ada", kind=kind, **KEY), before, 415, 400)


FIELDS: dict[str, dict[str, Any]] = {
    "no e-mail": {"email": ""},
    "e-mail without a place": {"email": "ada"},
    "e-mail of 300 characters": {"email": "a" * 300 + "@example.org"},
    "e-mail that is a number": {"email": 7},
    "two e-mails": {"email": "ada@example.org, eve@example.org"},
    "header injection": {"email": "ada@example.org\nBcc: eve@example.org"},
    "hash of another form": {"cart_hash": "x"},
    "hash in capitals": {"cart_hash": "A" * 64},
    "no address": {"shipping_address": None},
    "address that is a text": {"shipping_address": "1 Loom Lane"},
    "unknown country": {"shipping_address": {**ADDRESS, "country": "XX"}},
    "name of 10,000 characters": {"shipping_address": {**ADDRESS, "name": "x" * 10_000}},
    "line missing": {"shipping_address": {name: value for name, value in ADDRESS.items() if name != "line1"}},
    "NUL in a line": {"shipping_address": {**ADDRESS, "line1": "a\x00b"}},
    "list in a line": {"shipping_address": {**ADDRESS, "line1": ["a"]}},
    "half a pair in a line": {"shipping_address": {**ADDRESS, "line1": "\ud800"}},
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS.keys())
def test_fields_of_a_checkout(buyer: Client, fields: dict[str, Any]) -> None:
    before = contents(without=_TRACES)
    problem = _refused(_send(buyer, "/api/v1/checkouts", _checkout(buyer, **fields), **KEY), before, 400)
    assert problem["code"] == "invalid_request"
    assert all(error["field"].split(".")[0] in fields and error["message"] for error in problem["errors"])


@pytest.mark.parametrize(
    "smuggled",
    [
        {"total_minor": 1},
        {"currency": "XXX"},
        {"amount": 1, "amount_minor": 1},
        {"commission_bps": 0},
        {"price_minor": 1},
        {"customer": "cus_x"},
        {"destination": "acct_x"},
        {"status": "paid"},
        {"buyer_id": 1},
        {"quote": {"total_minor": 1}},
    ],
)
def test_a_client_names_no_amount_no_currency_and_no_party(buyer: Client, smuggled: dict[str, Any]) -> None:
    answer = _send(buyer, "/api/v1/checkouts", _checkout(buyer, **smuggled), **KEY)
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        order = Order.objects.get()
        assert (order.total_minor, order.currency, order.status) == (2500, "EUR", "awaiting_payment")
        assert order.buyer_id is None
        assert order.seller_orders.get().commission_minor == 200


def test_a_currency_that_the_shop_does_not_take_is_refused(buyer: Client) -> None:
    product = new_product(new_artisan(currency="CHF"))
    before = contents(without=_TRACES)
    client = Client()
    body = {"product_id": product.public_id, "quantity": 1}
    answer = _send(client, "/api/v1/cart/items", body)
    if answer.status_code == 200:
        answer = _send(client, "/api/v1/checkouts", _checkout(client), **KEY)
        assert answer.status_code in (400, 409), "an order in a currency that is not on the allow-list"
        assert not Order.objects.exists()
    else:
        _refused(answer, before, 400, 404, 409)


def test_a_mixed_cart_is_refused(buyer: Client) -> None:
    product = new_product(new_artisan(currency="JPY"))
    before = contents(without=_TRACES)
    problem = _refused(
        _send(buyer, "/api/v1/cart/items", {"product_id": product.public_id, "quantity": 1}), before, 409
    )
    assert problem["code"] == "mixed_currencies"


def test_more_than_a_processor_takes_is_refused(buyer: Client) -> None:
    product = new_product(price=99_999_999, stock=5)
    _send(buyer, "/api/v1/cart/items", {"product_id": product.public_id, "quantity": 2})
    body = _checkout(buyer)
    before = contents(without=_TRACES)
    problem = _refused(_send(buyer, "/api/v1/checkouts", body, **KEY), before, 400)
    assert problem["code"] == "amount_too_large"


IDS = [
    "1",
    "ord_",
    "ord_" + "1" * 21,
    "ord_" + "1" * 400,
    "ord_" + "0" * 22,
    "' OR 1=1 --",
    "../../etc",
    "%00",
    "pay_" + "1" * 22,
    "ord_" + "é" * 22,
]


@pytest.mark.parametrize("public_id", IDS)
def test_ids_of_another_form_do_not_exist(buyer: Client, public_id: str) -> None:
    before = contents(without=_TRACES)
    for path, method, body in (
        (f"/api/v1/checkouts/{public_id}", "GET", ""),
        (f"/api/v1/checkouts/{public_id}/confirm", "POST", {"quote_hash": "0" * 64}),
        (f"/api/v1/checkouts/{public_id}/settle", "POST", {}),
        (f"/api/v1/checkouts/{public_id}/cancel", "POST", {}),
        (f"/api/v1/orders/{public_id}", "GET", ""),
    ):
        answer = _send(buyer, path, body, method=method, **KEY)
        assert answer.status_code == 404, (path, answer.content)
        assert changed(before, contents(without=_TRACES)) == set()
    assert buyer.get(f"/orders/{public_id}/").status_code == 404


WRITING = ["", "/confirm", "/settle", "/cancel"]


@pytest.mark.parametrize("action", WRITING)
@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"), ("", "idempotency_key_missing"), ("short", "idempotency_key_invalid"),
        ("x" * 256, "idempotency_key_invalid"), ("with\ttab-and-more", "idempotency_key_invalid"),
    ],
)  # fmt: skip
def test_every_post_that_moves_something_needs_a_key(
    stripe: Wire, buyer: Client, action: str, key: str | None, code: str
) -> None:
    path = "/api/v1/checkouts"
    body = _checkout(buyer)
    if action:
        made = _send(buyer, path, body, **KEY).json()
        path, body = f"{path}/{made['id']}{action}", {"quote_hash": made["quote"]["hash"]}
    before = contents(without=_TRACES)
    headers = {} if key is None else {"Idempotency-Key": key}
    assert _refused(_send(buyer, path, body, **headers), before, 400)["code"] == code
    assert stripe.summary()["payment_intents"] == []


def test_a_key_belongs_to_one_request(stripe: Wire, buyer: Client) -> None:
    first = _send(buyer, "/api/v1/checkouts", _checkout(buyer), **KEY)
    again = _send(buyer, "/api/v1/checkouts", _checkout(buyer), **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    before = contents(without=_TRACES)
    other = _send(buyer, "/api/v1/checkouts", _checkout(buyer, email="other@example.org"), **KEY)
    assert _refused(other, before, 422)["code"] == "idempotency_key_reused"
    path = f"/api/v1/checkouts/{first.json()['id']}"
    confirm = _send(buyer, f"{path}/confirm", {"quote_hash": first.json()["quote"]["hash"]}, **KEY)
    assert _refused(confirm, before, 422)["code"] == "idempotency_key_reused"


def test_somebody_else_s_key_says_nothing_about_their_request(buyer: Client) -> None:
    made = _send(buyer, "/api/v1/checkouts", _checkout(buyer), **KEY).json()
    stranger = Client()
    answer = _send(stranger, "/api/v1/checkouts", _checkout(buyer), **KEY)
    assert answer.status_code == 409
    assert answer.json()["code"] == "cart_empty"
    assert made["id"] not in answer.content.decode()


@pytest.mark.parametrize("quote_hash", ["", "0" * 64, "x", None, 7, "0" * 63, "0" * 64 + "\n"])
def test_an_offer_that_was_not_made_can_t_be_confirmed(stripe: Wire, buyer: Client, quote_hash: Any) -> None:
    made = _send(buyer, "/api/v1/checkouts", _checkout(buyer), **KEY).json()
    before = contents(without=_TRACES)
    path = f"/api/v1/checkouts/{made['id']}/confirm"
    answer = _send(buyer, path, {"quote_hash": quote_hash}, **{"Idempotency-Key": "another-key"})
    _refused(answer, before, 400, 422)
    assert stripe.summary()["payment_intents"] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_refused(buyer: Client, method: str) -> None:
    before = contents(without=_TRACES)
    _refused(_send(buyer, "/api/v1/checkouts", {}, method=method, **KEY), before, 405)


def test_without_the_csrf_token_a_signed_in_browser_changes_nothing() -> None:
    from tests.orders.shop import new_user

    client = Client(enforce_csrf_checks=True)
    client.force_login(new_user())
    before = contents(without=_TRACES)
    body = {"product_id": new_product().public_id, "quantity": 1}
    before = contents(without=_TRACES)
    _refused(_send(client, "/api/v1/cart/items", body), before, 403)
    _refused(_send(client, "/api/v1/checkouts", {}, **KEY), before, 403)
