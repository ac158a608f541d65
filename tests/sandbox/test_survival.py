"""What was answered is there after the process was killed, and what was under way goes on."""

import threading
import time

import requests
import stripe

from tests.sandbox.conftest import Receiver
from tests.sandbox.process import Box, charge_of, paid, until


def test_what_was_answered_is_kept(own_box: Box) -> None:
    own_box.post("clock", advance_seconds=1000)
    own_box.fault("rate_limited_429", "^/v1/refunds$")
    answered: list[str] = []
    client = own_box.client()

    def buy() -> None:
        while True:
            try:
                answered.append(charge_of(paid(client)).id)
            except stripe.APIConnectionError:
                return

    threads = [threading.Thread(target=buy) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(answered) >= 20)
    own_box.kill()
    for thread in threads:
        thread.join()
    own_box.start()
    own_box.settled()
    summary = own_box.get("summary")
    there = {charge["id"] for charge in summary["charges"]}
    assert set(answered) <= there
    # at most one request per client was under way
    assert len(there) <= len(answered) + len(threads)
    assert all(charge["balance_transaction"] for charge in summary["charges"])
    balance = summary["balances"]["platform"]["eur"]
    assert balance["pending"] == 9_825 * len(there)
    assert own_box.get("clock")["unix"] > time.time() + 900
    assert len(own_box.get("faults")["faults"]) == 1


def test_deliveries_go_on(hooked: Box, receiver: Receiver) -> None:
    receiver.answers = [503]
    hooked.client().v1.customers.create({})
    hooked.settled()
    hooked.kill()
    hooked.start()
    hooked.post("clock", advance_seconds=2)
    hooked.settled()
    assert receiver.types() == ["customer.created", "customer.created"]


def test_a_key_is_remembered(own_box: Box) -> None:
    def create() -> requests.Response:
        return own_box.raw("POST", "/v1/customers", {"name": "Ada"}, headers={"Idempotency-Key": "key-1"})

    first = create()
    own_box.kill()
    own_box.start()
    assert create().text == first.text


def test_reset_forgets_everything(box: Box) -> None:
    paid(box.client())
    assert box.get("summary")["charges"]
    box.post("clock", advance_seconds=1000)
    box.fault("slow", ".*")
    box.post("reset")
    summary = box.get("summary")
    assert not any(summary.pop("paypal").values())
    assert not any(summary.values())
    assert box.get("faults")["faults"] == []
    assert abs(box.get("clock")["unix"] - time.time()) < 5
