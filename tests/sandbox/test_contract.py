"""Requests are held against the types of the installed package, and refused with Stripe's own words."""

import json
from typing import Any

import pytest
import stripe

from sandbox.stripe.contract import Contract
from sandbox.stripe.routes import BROWSER_ROUTES, ROUTES, Route
from tests.sandbox.process import Box

GOOD = {"amount": "1000", "currency": "eur"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_every_endpoint_is_one_that_the_package_calls(route: Route) -> None:
    method, template = route.endpoint(Contract()).wire
    assert method == route.method
    assert template.count("{") == route.template.count("{")
    assert route.pattern.match(template), f"{template} is not served by {route.template}"


def test_the_only_endpoints_beside_the_package_are_those_for_stripe_js() -> None:
    assert [route.template for route in BROWSER_ROUTES] == [
        "/v1/confirmation_tokens",
        "/v1/elements/sessions",
        "/v1/elements/payment_methods/{payment_method}/detach",
    ]


@pytest.mark.parametrize(
    ("change", "param", "code", "message"),
    [
        ({"amount": None}, "amount", "parameter_missing", "Missing required param: amount."),
        ({"amount": "10.5"}, "amount", "parameter_invalid_integer", "Invalid integer: 10.5"),
        ({"amount": "-5"}, "amount", "parameter_invalid_integer", "This value must be greater than or equal to 1."),
        ({"amount": "49"}, "amount", "amount_too_small", "Amount must be at least €0.50 eur"),
        ({"amount": "100000000"}, "amount", "amount_too_large", "Amount must be no more than €999,999.99 eur"),
        ({"currency": "zzz"}, "currency", None, "Invalid currency: zzz."),
        ({"currency": "kwd", "amount": "1005"}, "amount", "parameter_invalid_integer", "rounded to the nearest ten"),
        ({"price": "1"}, "price", "parameter_unknown", "Received unknown parameter: price"),
        ({"a": "1", "b": "2"}, "a", "parameter_unknown", "Received unknown parameters: a, b"),
        (
            {"automatic_payment_methods[on]": "true"},
            "automatic_payment_methods[on]",
            "parameter_unknown",
            "Received unknown parameter: automatic_payment_methods[on]",
        ),
        (
            {"automatic_payment_methods[enabled]": "yes"},
            "automatic_payment_methods[enabled]",
            None,
            "Invalid boolean: yes",
        ),
        (
            {"capture_method": "later"},
            "capture_method",
            None,
            "Invalid capture_method: must be one of automatic, automatic_async, or manual",
        ),
        ({"metadata": "x"}, "metadata", None, "Invalid object"),
        ({"expand": "latest_charge"}, "expand", None, "Invalid array"),
        (
            {"description": ""},
            "description",
            "parameter_invalid_empty",
            "You passed an empty string for 'description'.",
        ),
        ({f"metadata[{'k' * 41}]": "v"}, "metadata", None, "Metadata keys must be 40 characters or less"),
        ({"metadata[k]": "v" * 501}, "metadata[k]", None, "Metadata values can have up to 500 characters"),
        ({"transfer_data[destination]": "acct_x"}, "transfer_data", None, "does not simulate"),
        ({"expand[]": "latest_charge.nothing"}, "expand", None, "This property cannot be expanded"),
    ],
)
def test_a_bad_parameter_is_refused_as_stripe_refuses_it(
    box: Box, change: dict[str, str | None], param: str, code: str | None, message: str
) -> None:
    confirm = {"payment_method": "pm_card_visa", "confirm": "true", "return_url": "http://shop.test"}
    data = {
        name: value
        for name, value in ((confirm if "expand[]" in change else {}) | GOOD | change).items()
        if value is not None
    }
    answer = box.raw("POST", "/v1/payment_intents", data)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"], error.get("code")) == ("invalid_request_error", param, code)
    assert message in error["message"]
    assert ("doc_url" in error) == (code is not None)
    assert box.get("summary")["payment_intents"] == []


def test_the_sdk_gets_its_own_error_types(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 100, "currency": "eur"})  # type: ignore[typeddict-item]
    assert (refused.value.param, refused.value.code) == ("destination", "parameter_missing")
    assert refused.value.request_id and refused.value.request_id.startswith("req_")


def test_lists_come_in_both_of_stripes_notations(box: Box) -> None:
    for notation in ("expand[]=latest_charge", "expand[0]=latest_charge"):
        assert box.raw("POST", "/v1/payment_intents", f"amount=500&currency=eur&{notation}").status_code == 200


def test_an_unknown_address_is_named(box: Box) -> None:
    answer = box.raw("GET", "/v1/payment_intent")
    assert answer.status_code == 404
    assert "Unrecognized request URL (GET: /v1/payment_intent)" in answer.json()["error"]["message"]


def test_an_unknown_object_is_a_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_nothing")
    assert refused.value.http_status == 404
    assert (refused.value.code, refused.value.param) == ("resource_missing", "intent")
    assert "No such payment_intent: 'pi_nothing'" in str(refused.value)


def test_only_the_packages_own_version_is_spoken(box: Box) -> None:
    answer = box.raw("GET", "/v1/balance", headers={"Stripe-Version": "2020-08-27"})
    assert answer.status_code == 400
    assert "2020-08-27" in answer.json()["error"]["message"]
    own = stripe.api_version
    answer = box.raw("GET", "/v1/balance", headers={"Stripe-Version": str(own)})
    assert answer.status_code == 200
    assert answer.headers["Stripe-Version"] == own


def test_own_answers_are_checked(tmp_path: Any) -> None:
    """What the strict mode of all these tests rests on: a missing, an invented and a wrong field are found."""
    endpoint = Contract().endpoint("balance", "retrieve")
    part = {"amount": 1, "currency": "eur"}
    good = {"object": "balance", "available": [part], "pending": [], "livemode": False}
    assert list(endpoint.faults(good)) == []
    assert list(endpoint.faults({**good, "surplus": 1})) == ["answer.surplus: Balance has no such field"]
    assert list(endpoint.faults(json.loads(json.dumps(good).replace('"amount": 1', '"amount": "1"'))))
    del good["pending"]
    assert list(endpoint.faults(good)) == ["answer.pending: missing in Balance"]
