"""PayPal-Request-Id, and requests that go wrong on the way."""

import threading
from typing import Any

import pytest
import requests

from tests.sandbox.paypal.shop import PayPal, eur, issues


def body(value: str) -> dict[str, Any]:
    return {"intent": "CAPTURE", "purchase_units": [{"amount": eur(value)}]}


def test_the_same_id_gives_the_same_order_as_it_is_now(paypal: PayPal) -> None:
    first = paypal.post("/v2/checkout/orders", body("10.00"), request_id="make-1")
    paypal.approve(first.json()["id"])
    again = paypal.post("/v2/checkout/orders", body("10.00"), request_id="make-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert (first.json()["status"], again.json()["status"]) == ("CREATED", "APPROVED")


def test_another_body_under_an_old_id_has_no_effect(paypal: PayPal) -> None:
    first = paypal.post("/v2/checkout/orders", body("10.00"), request_id="make-1").json()
    again = paypal.post("/v2/checkout/orders", body("99.00"), request_id="make-1").json()
    assert again["id"] == first["id"]
    assert again["purchase_units"][0]["amount"]["value"] == "10.00"


def test_a_capture_and_a_refund_happen_once_per_id(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order)
    answers = [paypal.capture_order(order, request_id="pay-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    capture = answers[0].json()["purchase_units"][0]["payments"]["captures"][0]["id"]
    refunds = [paypal.refund(capture, "10.00", request_id="back-1") for _ in range(2)]
    assert [answer.status_code for answer in refunds] == [201, 201]
    assert refunds[0].json() == refunds[1].json()
    assert paypal.balance()["total"] == 8666
    assert paypal.refund(capture, "10.00", request_id="back-2").json()["id"] != refunds[0].json()["id"]


def test_without_an_id_a_repeated_refund_is_a_second_refund(paypal: PayPal) -> None:
    capture = paypal.captured()["id"]
    for _ in range(2):
        paypal.refund(capture, "10.00", request_id=None)
    assert paypal.balance()["total"] == 7666


def test_a_repeated_void_is_answered_as_the_first(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    at = f"/v2/payments/authorizations/{held}/void"
    assert [paypal.post(at, request_id="void-1", prefer="").status_code for _ in range(2)] == [204, 204]


def test_what_was_refused_may_be_tried_again_under_its_id(paypal: PayPal) -> None:
    order = paypal.order()
    assert issues(paypal.capture_order(order, request_id="pay-1")) == ["ORDER_NOT_APPROVED"]
    paypal.approve(order)
    assert paypal.capture_order(order, request_id="pay-1").status_code == 201


def test_the_vault_refuses_an_id_that_was_used_for_something_else(paypal: PayPal) -> None:
    bodies = [{"payment_source": {"paypal": {"description": text}}} for text in ("One", "One", "Two")]
    answers = [paypal.post("/v3/vault/setup-tokens", item, request_id="save-1") for item in bodies]
    assert [answer.status_code for answer in answers] == [201, 200, 422]
    assert issues(answers[2]) == ["PAYPAL_REQUEST_ID_PREVIOUSLY_USED"]


def test_ids_of_orders_are_forgotten_after_six_hours(paypal: PayPal) -> None:
    first = paypal.post("/v2/checkout/orders", body("10.00"), request_id="make-1").json()["id"]
    paypal.box.post("clock", advance_seconds=6 * 3600 + 1)
    assert paypal.post("/v2/checkout/orders", body("10.00"), request_id="make-1").json()["id"] != first


# ---------------------------------------------------------------------- faults
def test_an_answer_that_is_lost_is_had_by_the_same_id(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order)
    paypal.box.fault("answer_lost", "/capture$")
    with pytest.raises(requests.ConnectionError):
        paypal.capture_order(order, request_id="pay-1")
    assert paypal.balance()["total"] == 9666
    again = paypal.capture_order(order, request_id="pay-1")
    assert (again.status_code, again.json()["status"]) == (200, "COMPLETED")
    assert paypal.balance()["total"] == 9666


def test_a_reset_connection_has_carried_nothing_out(paypal: PayPal) -> None:
    capture = paypal.captured()["id"]
    paypal.box.fault("reset", "/refund$")
    with pytest.raises(requests.ConnectionError):
        paypal.refund(capture)
    assert paypal.balance()["total"] == 9666


@pytest.mark.parametrize(("carried_out", "left"), [(False, 9666), (True, 8666)])
def test_an_error_of_the_servers_is_not_kept(paypal: PayPal, carried_out: bool, left: int) -> None:
    capture = paypal.captured()["id"]
    paypal.box.fault("error_500", "/refund$", carried_out=carried_out)
    broken = paypal.refund(capture, "10.00", request_id="back-1")
    assert (broken.status_code, broken.json()["name"]) == (500, "INTERNAL_SERVER_ERROR")
    assert paypal.balance()["total"] == left
    assert paypal.refund(capture, "10.00", request_id="back-1").status_code == 201
    assert paypal.balance()["total"] == 8666


def test_a_limit_refuses_before_anything_is_done(paypal: PayPal) -> None:
    paypal.sign_in()
    paypal.box.fault("rate_limited_429", "^/v2/")
    answer = paypal.post("/v2/checkout/orders", body("10.00"))
    assert (answer.status_code, answer.json()["name"]) == (429, "RATE_LIMIT_REACHED")
    assert paypal.box.get("summary")["paypal"]["orders"] == []


def test_tokens_can_fail_too(paypal: PayPal) -> None:
    paypal.box.fault("error_500", "^/v1/oauth2/token$")
    assert paypal.sign_in().status_code == 500
    assert paypal.sign_in().status_code == 200


def test_a_second_request_while_the_first_is_under_way_is_refused(paypal: PayPal) -> None:
    capture = paypal.captured()["id"]
    paypal.box.fault("slow", "/refund$", seconds=1)
    first: list[requests.Response] = []
    thread = threading.Thread(target=lambda: first.append(paypal.refund(capture, "10.00", request_id="back-1")))
    thread.start()
    while paypal.balance()["total"] == 9666:
        pass
    second = paypal.refund(capture, "10.00", request_id="back-1")
    thread.join()
    assert (second.status_code, issues(second)) == (409, ["PREVIOUS_REQUEST_IN_PROGRESS"])
    assert first[0].status_code == 201
    assert paypal.balance()["total"] == 8666
