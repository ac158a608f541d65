"""Refunds that are made elsewhere, wait, arrive late or bounce, and transfers that are reversed for them."""

from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.process import Box, charge_of, paid

FEES = 175  # of a charge of 100.00


def _money(client: stripe.StripeClient, account: str = "") -> int:
    found = client.v1.balance.retrieve(options={"stripe_account": account} if account else {})
    return sum(part.amount for parts in (found.available, found.pending) for part in parts)


def _told(client: stripe.StripeClient, *types: str) -> list[str]:
    listed = client.v1.events.list({"types": list(types), "limit": 100}).data
    return [event.type for event in reversed(listed)]


REFUNDS = ("refund.created", "refund.updated", "refund.failed", "charge.refunded", "charge.refund.updated")


def test_a_refund_in_the_dashboard_carries_nothing_of_ours(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client, metadata={"order": "ord_1"})
    made = box.post("refunds", payment_intent=intent.id, amount=3_000, reason="requested_by_customer")
    refund = client.v1.refunds.retrieve(made["id"])
    assert (refund.amount, refund.status, refund.reason) == (3_000, "succeeded", "requested_by_customer")
    assert refund.metadata is not None and refund.metadata.to_dict() == {}
    event = client.v1.events.list({"type": "refund.created"}).data[0]
    assert event.request is not None and (event.request.id, event.request.idempotency_key) == (None, None)
    assert client.v1.charges.retrieve(charge_of(intent).id).amount_refunded == 3_000
    assert _money(client) == 10_000 - FEES - 3_000
    rest = box.post("refunds", charge=charge_of(intent).id)
    assert rest["amount"] == 7_000


@pytest.mark.parametrize(
    "wrong", [{"amount": 10_001}, {"amount": "1"}, {"reason": "mood"}, {"payment_intent": "pi_nothing"}]
)
def test_the_dashboard_refunds_no_more_than_there_is(
    box: Box, client: stripe.StripeClient, wrong: dict[str, Any]
) -> None:
    given = {"payment_intent": paid(client).id, **wrong}
    assert not requests.post(f"{box.url}/_sandbox/refunds", json=given, timeout=5).ok
    assert client.v1.refunds.list().data == []


def test_a_refund_bounces_long_after_it_succeeded_and_is_sent_again(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client)
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 6_000, "metadata": {"refund": "ref_1"}})
    box.post("clock", advance_seconds=20 * 24 * 3600)
    box.post(f"refunds/{refund.id}/fail", reason="lost_or_stolen_card")
    failed = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    returned = failed.failure_balance_transaction
    assert isinstance(returned, stripe.BalanceTransaction)
    assert (returned.type, returned.amount, returned.fee) == ("refund_failure", 6_000, 0)
    assert _money(client) == 10_000 - FEES
    charge = client.v1.charges.retrieve(charge_of(intent).id)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert _told(client, *REFUNDS) == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
        "refund.failed",
    ]
    box.post(f"refunds/{refund.id}/fail")  # a second time changes nothing
    assert _money(client) == 10_000 - FEES
    again = client.v1.refunds.create({"payment_intent": intent.id, "amount": 6_000})
    assert again.status == "succeeded"
    assert [item.id for item in client.v1.refunds.list({"payment_intent": intent.id}).data] == [again.id, refund.id]


def test_a_pending_refund_is_decided_by_the_bank(box: Box, client: stripe.StripeClient) -> None:
    one, two = (paid(client, payment_method="pm_card_pendingRefund").id for _ in range(2))
    arrives = client.v1.refunds.create({"payment_intent": one})
    bounces = client.v1.refunds.create({"payment_intent": two})
    assert (arrives.status, arrives.pending_reason) == ("pending", "processing")
    box.post(f"refunds/{arrives.id}/succeed")
    box.post(f"refunds/{bounces.id}/fail")
    assert client.v1.refunds.retrieve(arrives.id).status == "succeeded"
    assert client.v1.refunds.retrieve(bounces.id).status == "failed"
    box.post("clock", advance_seconds=60)
    box.settled()
    assert client.v1.refunds.retrieve(bounces.id).status == "failed"
    assert _money(client) == 10_000 - 2 * FEES


def test_several_refunds_of_one_payment_never_exceed_it(client: stripe.StripeClient) -> None:
    intent = paid(client)
    for amount in (6_000, 3_000):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
    with pytest.raises(stripe.InvalidRequestError, match=r"€10\.01.*€10\.00"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_001})
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_000})
    assert client.v1.charges.retrieve(charge_of(intent).id).refunded
    refunded = _told(client, "charge.refunded")
    assert len(refunded) == 3


def test_a_balance_may_go_below_zero(box: Box, client: stripe.StripeClient) -> None:
    seller = box.connected_account()
    intent = paid(client, payment_method="pm_card_bypassPending")
    box.settled()
    client.v1.transfers.create({"amount": 9_000, "currency": "eur", "destination": seller})
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"
    assert _money(client) == -FEES - 9_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1, "currency": "eur", "destination": seller})
    assert refused.value.code == "balance_insufficient"


def test_a_refund_can_be_made_to_wait_for_money(box: Box, client: stripe.StripeClient) -> None:
    box.post("settings", refunds_wait_for_funds=1)
    intent = paid(client)  # its money is pending for three days
    box.settled()
    waiting = client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    assert (waiting.status, waiting.pending_reason, waiting.balance_transaction) == (
        "pending",
        "insufficient_funds",
        None,
    )
    assert _money(client) == 10_000 - FEES
    for _ in range(2):
        box.post("clock", advance_seconds=3601)
        box.settled()
        assert client.v1.refunds.retrieve(waiting.id).status == "pending"
    box.post("clock", advance_seconds=3 * 24 * 3600)
    box.settled()
    done = client.v1.refunds.retrieve(waiting.id)
    assert done.status == "succeeded" and done.balance_transaction
    assert _money(client) == 10_000 - FEES - 4_000
    bounced = client.v1.refunds.create({"payment_intent": intent.id, "amount": 6_000})
    assert bounced.status == "pending"
    box.post(f"refunds/{bounced.id}/fail", reason="insufficient_funds")
    assert not client.v1.refunds.retrieve(bounced.id).to_dict().get("failure_balance_transaction")
    assert _money(client) == 10_000 - FEES - 4_000


def test_a_transfer_is_reversed_bit_by_bit_as_far_as_the_sellers_money_goes(
    box: Box, client: stripe.StripeClient
) -> None:
    seller = box.connected_account()
    paid(client, payment_method="pm_card_bypassPending")
    box.settled()
    transfer = client.v1.transfers.create({"amount": 5_000, "currency": "eur", "destination": seller})
    client.v1.payouts.create({"amount": 3_000, "currency": "eur"}, {"stripe_account": seller})
    first = client.v1.transfers.reversals.create(transfer.id, {"amount": 1_500, "metadata": {"refund": "ref_1"}})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.reversals.create(transfer.id, {"amount": 501})
    assert (refused.value.code, refused.value.http_status) == ("balance_insufficient", 400)
    second = client.v1.transfers.reversals.create(transfer.id, {"amount": 500})
    found = client.v1.transfers.retrieve(transfer.id)
    assert (found.amount_reversed, found.reversed) == (2_000, False)
    assert sorted(item.id for item in found.reversals.data) == sorted([first.id, second.id])
    assert _money(client, seller) == 0
    assert _told(client, "transfer.reversed") == ["transfer.reversed"] * 2
