"""Idempotency keys, as https://docs.stripe.com/api/idempotent_requests tells it."""

import threading
import uuid
from typing import Any

import pytest
import requests
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.process import Box, charge_of, paid, until

INTENTS = "/v1/payment_intents"
GOOD = {"amount": "1000", "currency": "eur"}


def _post(box: Box, data: Any, key: str = "key-1", path: str = INTENTS) -> requests.Response:
    return box.raw("POST", path, data, headers={"Idempotency-Key": key})


def test_the_same_request_gets_the_same_answer(box: Box) -> None:
    first = _post(box, GOOD)
    second = _post(box, dict(reversed(GOOD.items())))
    assert second.text == first.text
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"] != second.headers["Request-Id"]
    assert len(box.get("summary")["payment_intents"]) == 1


@pytest.mark.parametrize("other", [GOOD | {"amount": "1001"}, GOOD | {"description": "x"}])
def test_another_request_under_the_key_is_refused(box: Box, other: dict[str, str]) -> None:
    _post(box, GOOD)
    refused = _post(box, other)
    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "idempotency_error"
    assert _post(box, GOOD, path=f"{INTENTS}/pi_1/cancel").json()["error"]["type"] == "idempotency_error"
    assert len(box.get("summary")["payment_intents"]) == 1


def test_what_was_refused_before_it_started_is_not_kept(box: Box) -> None:
    assert _post(box, GOOD | {"amount": "none"}).status_code == 400
    assert _post(box, GOOD).status_code == 200


def test_a_decline_is_kept(box: Box, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    path = f"{INTENTS}/{intent.id}/confirm"
    data = {"payment_method": "pm_card_visa_chargeDeclined", "return_url": "http://shop.test"}
    first, second = _post(box, data, path=path), _post(box, data, path=path)
    assert (first.status_code, second.status_code, second.text) == (402, 402, first.text)
    assert len(box.get("summary")["charges"]) == 1


def test_a_lack_of_funds_is_kept(box: Box, client: stripe.StripeClient) -> None:
    data = {"amount": 500, "currency": "eur", "destination": box.connected_account()}
    assert _post(box, data, path="/v1/transfers").json()["error"]["code"] == "balance_insufficient"
    paid(client, payment_method="pm_card_bypassPending")
    box.settled()
    assert _post(box, data, path="/v1/transfers").json()["error"]["code"] == "balance_insufficient"
    assert _post(box, data, key="key-2", path="/v1/transfers").status_code == 200


def test_a_key_in_flight_conflicts(box: Box) -> None:
    box.fault("slow", INTENTS, seconds=0.4)
    first: list[requests.Response] = []
    thread = threading.Thread(target=lambda: first.append(_post(box, GOOD)))
    thread.start()
    until(lambda: box.get("summary")["payment_intents"])
    second = _post(box, GOOD)
    thread.join()
    assert second.status_code == 409
    assert second.json()["error"]["code"] == "idempotency_key_in_use"
    third = _post(box, GOOD)
    assert third.text == first[0].text
    assert third.headers["Idempotent-Replayed"] == "true"


def test_twenty_at_once_make_one_payment(box: Box) -> None:
    answers: list[requests.Response] = []
    barrier = threading.Barrier(20)

    def ask() -> None:
        barrier.wait()
        answers.append(_post(box, GOOD))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.json()["id"] for answer in answers if answer.ok} == {box.get("summary")["payment_intents"][0]["id"]}
    assert len(box.get("summary")["payment_intents"]) == 1


def test_keys_are_forgotten_after_a_day(box: Box) -> None:
    _post(box, GOOD)
    box.post("clock", advance_seconds=24 * 3600 + 1)
    assert "Idempotent-Replayed" not in _post(box, GOOD).headers


def test_keys_of_different_accounts_do_not_meet(box: Box) -> None:
    account = box.connected_account()
    data = {"name": "Ada"}
    mine = _post(box, data, path="/v1/customers")
    theirs = box.raw("POST", "/v1/customers", data, headers={"Idempotency-Key": "key-1", "Stripe-Account": account})
    assert mine.json()["id"] != theirs.json()["id"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    requests_=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]), st.sampled_from([500, 600, 20]), st.sampled_from(["visa", "declined"])
        ),
        max_size=12,
    )
)
def test_whatever_is_repeated_one_key_means_one_payment(_box: Box, requests_: list[tuple[str, int, str]]) -> None:
    box, run = _box, uuid.uuid4().hex
    box.post("reset")
    cards = {"visa": "pm_card_visa", "declined": "pm_card_visa_chargeDeclined"}
    kept: dict[str, tuple[tuple[int, str], str]] = {}
    for key, amount, card in requests_:
        data = {"amount": amount, "currency": "eur", "payment_method": cards[card], "confirm": "true",
                "return_url": "http://shop.test"}  # fmt: skip
        answer = _post(box, data, key=run + key)
        body = answer.json()
        if key in kept:
            same = kept[key][0] == (amount, card)
            assert answer.text == kept[key][1] if same else body["error"]["type"] == "idempotency_error"
        elif amount < 50:
            assert body["error"]["code"] == "amount_too_small"
        else:
            kept[key] = ((amount, card), answer.text)
    summary = box.get("summary")
    assert len(summary["payment_intents"]) == len(summary["charges"]) == len(kept)


def test_the_sdks_own_repetition_charges_once(box: Box) -> None:
    client = box.client(max_network_retries=2)
    box.fault("answer_lost", INTENTS, times=2)
    intent = paid(client)
    assert [charge["id"] for charge in box.get("summary")["charges"]] == [charge_of(intent).id]
