"""Events: what is told, signed, in which order, and what happens when nobody listens."""

from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.conftest import Receiver
from tests.sandbox.process import Box, charge_of, paid, until

SUCCESS = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]


def test_a_payment_is_told_step_by_step(hooked: Box, receiver: Receiver) -> None:
    client = hooked.client()
    intent = paid(client)
    hooked.settled()
    assert receiver.types() == SUCCESS
    by_type = {item.event.type: item.event for item in receiver.received}
    done = by_type["payment_intent.succeeded"]
    assert done.data.object["id"] == intent.id
    assert (done.livemode, done.api_version) == (False, stripe.api_version)
    assert done.request is not None and done.request.id and done.request.idempotency_key
    assert by_type["charge.succeeded"].data.object["balance_transaction"] is None
    updated = by_type["charge.updated"]
    assert updated.data.object["balance_transaction"]
    assert updated.data.to_dict()["previous_attributes"] == {"balance_transaction": None}
    stored = client.v1.events.retrieve(done.id)
    assert (stored.type, stored.pending_webhooks) == (done.type, 0)
    assert [event.type for event in reversed(client.v1.events.list().data)] == SUCCESS


@pytest.mark.parametrize(
    ("card", "types"),
    [
        ("pm_card_visa_chargeDeclined", ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]),
        ("pm_card_threeDSecure2Required", ["payment_intent.created", "payment_intent.requires_action"]),
        (
            "pm_card_createDispute",
            [
                *SUCCESS[:3],
                "charge.updated",
                "charge.dispute.created",
                "charge.dispute.funds_withdrawn",
                "charge.updated",
            ],
        ),
    ],
)
def test_other_outcomes(hooked: Box, receiver: Receiver, card: str, types: list[str]) -> None:
    try:
        paid(hooked.client(), payment_method=card)
    except stripe.CardError:
        assert "Declined" in card
    hooked.settled()
    assert sorted(receiver.types()) == sorted(types)


def test_refunds_transfers_and_cancellation(hooked: Box, receiver: Receiver) -> None:
    client = hooked.client()
    seller = hooked.connected_account()
    charge = charge_of(paid(client)).id
    transfer = client.v1.transfers.create(
        {"amount": 100, "currency": "eur", "destination": seller, "source_transaction": charge}
    )
    client.v1.transfers.reversals.create(transfer.id)
    client.v1.refunds.create({"charge": charge})
    client.v1.payment_intents.cancel(client.v1.payment_intents.create({"amount": 100, "currency": "eur"}).id)
    hooked.settled()
    assert {"account.updated", "transfer.created", "transfer.reversed", "refund.created", "charge.refunded",
            "payment_intent.canceled"} <= set(receiver.types())  # fmt: skip
    account_event = next(item.event for item in receiver.received if item.event.type == "account.updated")
    assert account_event.account == seller


def test_what_is_not_accepted_is_tried_again(hooked: Box, receiver: Receiver) -> None:
    receiver.answers = [500, 302, 404]
    hooked.client().v1.customers.create({"email": "ada@example.org"})
    hooked.settled()
    assert len(receiver.received) == 1
    for tries, pause in ((2, 1), (3, 2), (4, 5)):
        hooked.settled()
        hooked.post("clock", advance_seconds=pause)
        hooked.settled()
        assert len(receiver.received) == tries
    assert len({item.event.id for item in receiver.received}) == 1
    delivery = hooked.get("webhooks")["events"][0]["deliveries"][0]
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 302, 404, 200]


def test_nobody_listens(box: Box) -> None:
    endpoint = box.client().v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["customer.created"]}
    )
    assert endpoint.secret and endpoint.secret.startswith("whsec_")
    box.client().v1.customers.create({})
    for _ in range(12):
        box.post("clock", advance_seconds=20_000)
        box.settled()
    delivery = box.get("webhooks")["events"][0]["deliveries"][0]
    assert delivery["state"] == "failed"
    assert len(delivery["attempts"]) == 12
    assert "error" in delivery["attempts"][0]


def test_held_and_released_in_any_order(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="hold")
    paid(hooked.client())
    hooked.settled()
    assert receiver.received == []
    events = {event["type"]: event["id"] for event in hooked.get("webhooks")["events"]}
    wanted = ["charge.updated", "payment_intent.created"]
    assert hooked.post("webhooks/release", ids=[events[name] for name in wanted])["released"] == 2
    hooked.settled()
    assert receiver.types() == wanted
    hooked.post("webhooks/release", order="reverse")
    hooked.settled()
    assert receiver.types() == [*wanted, "payment_intent.succeeded", "charge.succeeded"]


def test_dropped_and_sent_later(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="drop")
    paid(hooked.client())
    hooked.settled()
    assert receiver.received == []
    event = hooked.get("webhooks?type=payment_intent.succeeded")["events"][0]
    assert event["deliveries"][0]["state"] == "dropped"
    hooked.post(f"webhooks/{event['id']}/send")
    hooked.settled()
    assert receiver.types() == ["payment_intent.succeeded"]


def test_twice(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="deliver", duplicate=1)
    paid(hooked.client())
    hooked.settled()
    ids = [item.event.id for item in receiver.received]
    assert len(ids) == 2 * len(set(ids)) == 8


def test_turned_round(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="deliver", reorder=True)
    paid(hooked.client())
    until(lambda: len(receiver.received) == 4)
    # What comes within one short window is turned round; on a busy machine the four may fall into two windows.
    assert sorted(receiver.types()) == sorted(SUCCESS)
    assert receiver.types() != SUCCESS


def test_late(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="deliver", delay_seconds=3600)
    hooked.client().v1.customers.create({})
    hooked.settled()
    assert receiver.received == []
    hooked.post("clock", advance_seconds=3601)
    hooked.settled()
    assert receiver.types() == ["customer.created"]


def test_the_news_may_overtake_the_answer(hooked: Box, receiver: Receiver) -> None:
    hooked.fault("slow", "^/v1/customers$", seconds=0.5)
    answer = hooked.raw("POST", "/v1/customers", {"name": "Ada"}, headers={"Idempotency-Key": "1"})
    assert answer.ok
    assert receiver.types() == ["customer.created"]


def test_a_mode_may_be_for_some_kinds_of_events_only(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="drop", types=["charge.*", "payout.paid"], processor="stripe")
    paid(hooked.client())
    hooked.settled()
    assert receiver.types() == ["payment_intent.created", "payment_intent.succeeded"]
    states = {event["type"]: event["deliveries"][0]["state"] for event in hooked.get("webhooks")["events"]}
    assert states == {
        "payment_intent.created": "delivered", "payment_intent.succeeded": "delivered",
        "charge.succeeded": "dropped", "charge.updated": "dropped",
    }  # fmt: skip


def test_a_mode_for_the_other_processor_changes_nothing(hooked: Box, receiver: Receiver) -> None:
    hooked.post("webhooks/mode", mode="hold", processor="paypal")
    paid(hooked.client())
    hooked.settled()
    assert receiver.types() == SUCCESS


@pytest.mark.parametrize(
    "mode",
    [
        {"mode": "later"}, {"duplicate": -1}, {"duplicate": "2"}, {"delay_seconds": -1}, {"surprise": True},
        {"types": "charge.*"}, {"types": []}, {"types": [1]}, {"processor": "adyen"},
    ],
)  # fmt: skip
def test_a_mode_that_makes_no_sense_is_refused(box: Box, mode: dict[str, Any]) -> None:
    assert requests.post(f"{box.url}/_sandbox/webhooks/mode", json=mode, timeout=5).status_code == 400
