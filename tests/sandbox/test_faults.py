"""Faults on request: what the client sees, and what has happened all the same."""

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.process import Box, charge_of, paid

CUSTOMERS = "/v1/customers"


def _create(box: Box, key: str = "key-1", timeout: float = 5) -> requests.Response:
    return box.raw("POST", CUSTOMERS, {"name": "Ada"}, headers={"Idempotency-Key": key}, timeout=timeout)


def _made(box: Box) -> int:
    return len(box.client().v1.customers.list().data)


def test_answer_lost(box: Box) -> None:
    box.fault("answer_lost", CUSTOMERS, method="POST")
    with pytest.raises(requests.ConnectionError):
        _create(box)
    assert _made(box) == 1
    again = _create(box)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert _made(box) == 1


def test_reset(box: Box) -> None:
    box.fault("reset", CUSTOMERS, method="POST")
    with pytest.raises(requests.ConnectionError):
        _create(box)
    assert _made(box) == 0
    assert _create(box).ok


def test_error_500_is_kept_under_the_key(box: Box) -> None:
    box.fault("error_500", CUSTOMERS, method="POST")
    first, second = _create(box), _create(box)
    assert (first.status_code, first.json()["error"]["type"]) == (500, "api_error")
    assert second.status_code == 500
    assert second.headers["Idempotent-Replayed"] == "true"
    assert _made(box) == 0
    assert _create(box, "key-2").ok


def test_error_500_in_front_of_the_api(box: Box) -> None:
    box.fault("error_500", CUSTOMERS, method="POST", stored=False)
    assert _create(box).status_code == 500
    assert _create(box).ok


def test_error_500_after_all_was_done(box: Box) -> None:
    box.fault("error_500", CUSTOMERS, method="POST", carried_out=True)
    assert _create(box).status_code == 500
    assert _made(box) == 1


def test_rate_limit(box: Box) -> None:
    box.fault("rate_limited_429", CUSTOMERS, times=2)
    with pytest.raises(stripe.RateLimitError):
        box.client(max_network_retries=0).v1.customers.create({})
    assert _create(box).status_code == 429
    assert _create(box).ok
    assert _made(box) == 1


def test_slow(box: Box) -> None:
    box.fault("slow", CUSTOMERS, method="POST", seconds=0.6)
    with pytest.raises(requests.Timeout):
        _create(box, timeout=0.2)
    assert _made(box) == 1
    box.fault("slow", CUSTOMERS, method="POST", seconds=0.3)
    started = time.monotonic()
    assert _create(box, "key-2").ok
    assert time.monotonic() - started >= 0.3


def test_a_rule_waits_counts_and_ends(box: Box) -> None:
    box.fault("rate_limited_429", "^/v1/customers$", method="POST", after=1, times=2)
    statuses = [_create(box, f"key-{number}").status_code for number in range(5)]
    assert statuses == [200, 429, 429, 200, 200]
    assert box.get("faults")["faults"] == []


def test_rules_can_be_taken_back(box: Box) -> None:
    box.fault("error_500", ".*", times=10)
    assert len(box.get("faults")["faults"]) == 1
    assert requests.delete(f"{box.url}/_sandbox/faults", timeout=5).json() == {"faults": []}
    assert _create(box).ok


@pytest.mark.parametrize(
    "rule", [{}, {"kind": "explode", "path": "."}, {"kind": "slow", "path": "("}, {"kind": "slow", "path": ".", "x": 1}]
)
def test_a_rule_that_makes_no_sense_is_refused(box: Box, rule: dict[str, object]) -> None:
    assert requests.post(f"{box.url}/_sandbox/faults", json=rule, timeout=5).status_code == 400


def _dispute(box: Box, client: stripe.StripeClient) -> str:
    charge = charge_of(paid(client)).id
    return str(box.post(f"charges/{charge}/dispute")["id"])


def _checkout(box: Box, client: stripe.StripeClient) -> Any:
    item = {"price_data": {"currency": "eur", "unit_amount": 900, "product_data": {"name": "Jug"}}, "quantity": 1}
    return {"mode": "payment", "success_url": "http://shop.test/", "line_items": [item]}


_CALLS: dict[str, tuple[Callable[[Box, stripe.StripeClient], Any], Callable[[Any, Any, Any], Any]]] = {
    "/v1/setup_intents$": (
        lambda box, client: {"customer": client.v1.customers.create({}).id},
        lambda v1, given, options: v1.setup_intents.create(given, options),
    ),
    "/v1/checkout/sessions$": (_checkout, lambda v1, given, options: v1.checkout.sessions.create(given, options)),
    "/v1/refunds$": (
        lambda box, client: {"payment_intent": paid(client).id, "amount": 100},
        lambda v1, given, options: v1.refunds.create(given, options),
    ),
    "/v1/files$": (
        lambda box, client: b"%PDF-1.7",
        lambda v1, given, options: v1.files.create({"purpose": "dispute_evidence", "file": io.BytesIO(given)}, options),
    ),
    "/v1/disputes/": (
        _dispute,
        lambda v1, given, options: v1.disputes.update(given, {"evidence": {"customer_name": "Ada"}}, options),
    ),
    "/v1/payment_intents/.+/capture$": (
        lambda box, client: paid(client, capture_method="manual").id,
        lambda v1, given, options: v1.payment_intents.capture(given, {"amount_to_capture": 700}, options),
    ),
}


@pytest.mark.parametrize("path", _CALLS)
@pytest.mark.parametrize("kind", ["answer_lost", "reset", "rate_limited_429"])
def test_whatever_goes_wrong_the_same_key_does_it_once(box: Box, path: str, kind: str) -> None:
    client = box.client(max_network_retries=0)
    prepare, call = _CALLS[path]
    given, key = prepare(box, client), {"idempotency_key": "key-1"}
    box.settled()
    events = len(client.v1.events.list({"limit": 100}).data)
    box.fault(kind, path, method="POST")
    with pytest.raises((stripe.APIConnectionError, stripe.RateLimitError)):
        call(client.v1, given, key)
    box.settled()
    told = len(client.v1.events.list({"limit": 100}).data)
    assert kind == "answer_lost" or told == events  # refused before anything was done
    first, second = call(client.v1, given, key), call(client.v1, given, key)
    assert first.id == second.id
    box.settled()
    if kind == "answer_lost":
        assert len(client.v1.events.list({"limit": 100}).data) == told
