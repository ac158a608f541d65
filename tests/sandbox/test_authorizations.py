"""Manual capture: how long an authorization holds, what is captured of it, and what becomes of the rest."""

import pytest
import stripe

from sandbox.stripe.currencies import fee_minor
from tests.sandbox.process import Box, charge_of, paid

WEEK = 7 * 24 * 3600


def _types(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in reversed(client.v1.events.list({"limit": 100}).data)]


def _held(client: stripe.StripeClient, amount: int = 10_000, currency: str = "eur") -> stripe.PaymentIntent:
    return paid(client, amount, currency, capture_method="manual")


def _capture_before(charge: stripe.Charge) -> int | None:
    details = charge.payment_method_details
    assert details is not None and details.card is not None
    return details.card.to_dict().get("capture_before")


def test_an_authorization_says_until_when_it_holds(client: stripe.StripeClient) -> None:
    charge = charge_of(_held(client))
    assert _capture_before(charge) == charge.created + WEEK
    assert (charge.amount_captured, charge.amount_refunded, charge.balance_transaction) == (0, 0, None)
    assert _types(client) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
    ]
    assert _capture_before(charge_of(paid(client))) is None


def test_what_nobody_captures_expires_by_the_clock(box: Box, client: stripe.StripeClient) -> None:
    held = _held(client)
    box.post("clock", advance_seconds=WEEK - 60)
    box.settled()
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    box.post("clock", advance_seconds=61)
    box.settled()
    gone = client.v1.payment_intents.retrieve(held.id, {"expand": ["latest_charge"]})
    assert (gone.status, gone.cancellation_reason, gone.amount_capturable) == ("canceled", "automatic", 0)
    charge = charge_of(gone)
    assert (charge.refunded, charge.amount_refunded, charge.captured) == (True, 10_000, False)
    assert _types(client)[-2:] == ["charge.expired", "payment_intent.canceled"]
    assert client.v1.balance_transactions.list().data == []
    (refund,) = client.v1.refunds.list({"payment_intent": held.id}).data
    assert (refund.amount, refund.reason) == (10_000, "expired_uncaptured_charge")
    assert refund.balance_transaction is None
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(held.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_what_was_captured_or_canceled_does_not_expire(box: Box, client: stripe.StripeClient) -> None:
    captured, canceled = _held(client), _held(client)
    client.v1.payment_intents.capture(captured.id)
    client.v1.payment_intents.cancel(canceled.id)
    box.post("clock", advance_seconds=WEEK + 60)
    box.settled()
    assert client.v1.payment_intents.retrieve(captured.id).status == "succeeded"
    assert "charge.expired" not in _types(client)


@pytest.mark.parametrize(
    ("currency", "amount", "part"), [("eur", 10_000, 6_001), ("jpy", 12_000, 7_000), ("kwd", 12_340, 1_230)]
)
def test_of_a_partial_capture_only_what_was_captured_is_booked_and_refundable(
    box: Box, client: stripe.StripeClient, currency: str, amount: int, part: int
) -> None:
    held = _held(client, amount, currency)
    done = client.v1.payment_intents.capture(
        held.id, {"amount_to_capture": part, "expand": ["latest_charge.balance_transaction"]}
    )
    charge = charge_of(done)
    assert (done.amount, done.amount_received, done.amount_capturable) == (amount, part, 0)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (part, amount - part, False)
    assert _capture_before(charge) is None
    transaction = charge.balance_transaction
    assert isinstance(transaction, stripe.BalanceTransaction)
    fee = fee_minor(part, currency)
    assert (transaction.amount, transaction.fee, transaction.net) == (part, fee, part - fee)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create({"payment_intent": held.id, "amount": part + 10})
    assert client.v1.refunds.create({"payment_intent": held.id}).amount == part
    after = client.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (amount, True)
    assert (
        sum(part_.amount for part_ in client.v1.balance.retrieve().pending)
        + sum(part_.amount for part_ in client.v1.balance.retrieve().available)
        == -fee
    )
    assert _types(client)[3:5] == ["charge.captured", "payment_intent.succeeded"]


def test_an_authorization_is_captured_once(client: stripe.StripeClient) -> None:
    held = _held(client)
    with pytest.raises(stripe.InvalidRequestError, match="Multicapture"):
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 5_000, "final_capture": False})
    client.v1.payment_intents.capture(held.id, {"amount_to_capture": 5_000})
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 5_000})


def test_a_capture_whose_answer_was_lost_is_found_under_its_key(box: Box) -> None:
    client = box.client(max_network_retries=0)
    held = _held(client)
    box.fault("answer_lost", "/capture$")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 4_000}, {"idempotency_key": "capture_1"})
    again = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 4_000}, {"idempotency_key": "capture_1"})
    assert (again.status, again.amount_received) == ("succeeded", 4_000)


def test_an_option_that_would_change_the_capture_is_not_ignored(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not simulate"):
        paid(client, payment_method_options={"card": {"capture_method": "manual"}})
