"""Faults on request: what the client sees, and what has happened all the same."""

import time

import pytest
import requests
import stripe

from tests.sandbox.process import Box

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
