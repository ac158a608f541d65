"""PaymentIntents: states, what may be done in which, and finding them again."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.sandbox.process import Box, charge_of, paid

WITH_CARD: Any = {"payment_method": "pm_card_visa", "return_url": "http://shop.test"}


def _new(client: stripe.StripeClient, **more: Any) -> stripe.PaymentIntent:
    params: Any = {"amount": 1000, "currency": "eur", **more}
    return client.v1.payment_intents.create(params)


def test_from_creation_to_success(box: Box, client: stripe.StripeClient) -> None:
    intent = _new(
        client,
        automatic_payment_methods={"enabled": True},
        metadata={"order": "ord_1", "payment": "pay_1"},
        transfer_group="ord_1",
        receipt_email="ada@example.org",
        description="Order ord_1",
        shipping={"name": "Ada", "address": {"line1": "Street 1", "city": "Vienna", "country": "AT"}},
    )
    assert (intent.status, intent.amount_received, intent.latest_charge) == ("requires_payment_method", 0, None)
    assert intent.client_secret and intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.shipping is not None and intent.shipping.address is not None
    assert intent.shipping.address.line2 is None
    done = client.v1.payment_intents.confirm(intent.id, WITH_CARD | {"expand": ["latest_charge"]})
    assert (done.status, done.amount_received) == ("succeeded", 1000)
    charge = charge_of(done)
    assert (charge.status, charge.captured, charge.paid) == ("succeeded", True, True)
    assert (charge.receipt_email, charge.transfer_group) == ("ada@example.org", "ord_1")
    assert charge.metadata["order"] == "ord_1"


def test_asynchronous_capture_books_a_moment_later(box: Box, client: stripe.StripeClient) -> None:
    box.post("settings", capture_async_seconds=60)
    intent = paid(client)
    assert intent.capture_method == "automatic_async"
    assert charge_of(intent).balance_transaction is None
    assert paid(client, capture_method="automatic").latest_charge.balance_transaction  # type: ignore[union-attr]
    box.post("clock", advance_seconds=61)
    box.settled()
    found = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    transaction = charge_of(found).balance_transaction
    assert isinstance(transaction, stripe.BalanceTransaction)
    assert (transaction.amount, transaction.fee, transaction.net) == (10_000, 175, 9_825)


def test_a_payment_that_succeeded_cannot_be_touched(client: stripe.StripeClient) -> None:
    intent = paid(client)
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: client.v1.payment_intents.confirm(intent.id, WITH_CARD),
        lambda: client.v1.payment_intents.cancel(intent.id),
        lambda: client.v1.payment_intents.update(intent.id, {"amount": 1}),
        lambda: client.v1.payment_intents.capture(intent.id),
    )
    for attempt in attempts:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            attempt()
        assert refused.value.code == "payment_intent_unexpected_state"
        assert refused.value.error is not None and refused.value.error.payment_intent is not None
        assert refused.value.error.payment_intent.status == "succeeded"
    assert client.v1.payment_intents.update(intent.id, {"metadata": {"note": "fine"}}).metadata["note"] == "fine"


def test_a_canceled_payment_stays_canceled(client: stripe.StripeClient) -> None:
    intent = _new(client)
    canceled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert canceled.canceled_at
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: client.v1.payment_intents.cancel(intent.id),
        lambda: client.v1.payment_intents.confirm(intent.id, WITH_CARD),
    )
    for attempt in attempts:
        with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
            attempt()


def test_confirming_needs_a_method_and_an_address_to_return_to(client: stripe.StripeClient) -> None:
    intent = _new(client)
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.payment_intents.confirm(intent.id, {"return_url": "http://shop.test"})
    with pytest.raises(stripe.InvalidRequestError, match="you must provide a `return_url`"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    cards_only = _new(client, automatic_payment_methods={"enabled": True, "allow_redirects": "never"})
    assert client.v1.payment_intents.confirm(cards_only.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be passed when creating"):
        _new(client, return_url="http://shop.test")


def test_a_used_method_is_not_used_again(client: stripe.StripeClient) -> None:
    first = paid(client)
    assert isinstance(first.payment_method, str)
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        paid(client, payment_method=first.payment_method)
    customer = client.v1.customers.create({"email": "ada@example.org"})
    kept = paid(client, customer=customer.id, setup_future_usage="off_session")
    assert paid(client, customer=customer.id, payment_method=kept.payment_method).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        paid(client, payment_method=kept.payment_method)


def test_amount_and_method_may_change_before_the_payment(client: stripe.StripeClient) -> None:
    intent = _new(client, payment_method="pm_card_visa")
    assert intent.status == "requires_confirmation"
    assert client.v1.payment_intents.update(intent.id, {"amount": 2500, "currency": "usd"}).amount == 2500
    done = client.v1.payment_intents.confirm(intent.id, {"return_url": "http://shop.test"})
    assert (done.amount_received, done.currency) == (2500, "usd")


def test_manual_capture(box: Box, client: stripe.StripeClient) -> None:
    held = paid(client, capture_method="manual")
    assert (held.status, held.amount_capturable, charge_of(held).captured) == ("requires_capture", 10_000, False)
    assert client.v1.balance.retrieve().pending[0].amount == 0
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 10_001})
    with pytest.raises(stripe.InvalidRequestError, match="not been captured"):
        client.v1.refunds.create({"charge": charge_of(held).id})
    done = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 6_000, "expand": ["latest_charge"]})
    assert (done.status, done.amount_received, done.amount_capturable) == ("succeeded", 6_000, 0)
    charge = charge_of(done)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (6_000, 4_000, False)
    assert client.v1.balance.retrieve().pending[0].amount == 6_000 - 90 - 25


def test_an_authorization_can_be_let_go(client: stripe.StripeClient) -> None:
    held = paid(client, capture_method="manual")
    canceled = client.v1.payment_intents.cancel(held.id, {"expand": ["latest_charge"]})
    assert (canceled.status, canceled.amount_capturable) == ("canceled", 0)
    assert charge_of(canceled).refunded
    assert client.v1.balance_transactions.list().data == []


def test_lists_are_paged_newest_first(box: Box, client: stripe.StripeClient) -> None:
    made = [_new(client, metadata={"n": str(number)}) for number in range(7)]
    first = client.v1.payment_intents.list({"limit": 3})
    assert [item.id for item in first.data] == [item.id for item in reversed(made[4:])]
    assert first.has_more
    assert [item.id for item in first.auto_paging_iter()] == [item.id for item in reversed(made)]
    back = client.v1.payment_intents.list({"ending_before": made[1].id, "limit": 2})
    assert [item.id for item in back.data] == [made[3].id, made[2].id]
    box.post("clock", advance_seconds=1000)
    late = _new(client)
    found = client.v1.payment_intents.list({"created": {"gt": made[-1].created}})
    assert [item.id for item in found.data] == [late.id]
    mistakes: tuple[Any, ...] = ({"limit": 101}, {"starting_after": "pi_nothing"})
    for wrong in mistakes:
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.payment_intents.list(wrong)


def test_search(box: Box, client: stripe.StripeClient) -> None:
    one = _new(client, metadata={"payment": "pay_1"})
    two = paid(client, metadata={"payment": "pay_2"}, amount=2000)
    three = paid(client, currency="usd", metadata={"payment": "pay_3"})

    def found(query: str) -> list[str]:
        return [item.id for item in client.v1.payment_intents.search({"query": query}).data]

    assert found("metadata['payment']:'pay_1'") == [one.id]
    assert found('metadata["payment"]:"pay_2" AND status:"succeeded"') == [two.id]
    assert found("metadata['payment']:'pay_1' AND status:'succeeded'") == []
    assert found("currency:'usd' OR amount:1000") == [three.id, one.id]
    assert found("amount>1000 amount<=2000") == [two.id]
    assert found("-status:'succeeded'") == [one.id]
    assert found("metadata['payment']~'pay_'") == [three.id, two.id, one.id]
    for wrong in ("", "status", "color:'red'", "status:'a' AND amount:1 OR amount:2"):
        with pytest.raises(stripe.InvalidRequestError):
            found(wrong)
    box.post("settings", search_delay_seconds=60)
    assert found("metadata['payment']:'pay_1'") == []
    box.post("clock", advance_seconds=61)
    assert found("metadata['payment']:'pay_1'") == [one.id]


def test_expansion_reaches_through_lists(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client)
    box.settled()
    page = client.v1.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]})
    transaction = charge_of(page.data[0]).balance_transaction
    assert isinstance(transaction, stripe.BalanceTransaction)
    assert transaction.source == charge_of(intent).id
    charge = client.v1.charges.retrieve(charge_of(intent).id, {"expand": ["payment_intent", "refunds"]})
    assert isinstance(charge.payment_intent, stripe.PaymentIntent)
    for wrong in ("status", "latest_charge.balance_transaction.source.payment_intent.customer", "nothing"):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.payment_intents.retrieve(intent.id, {"expand": [wrong]})


def test_metadata_is_merged(client: stripe.StripeClient) -> None:
    intent = _new(client, metadata={"a": "1", "b": "2"})
    changed = client.v1.payment_intents.update(intent.id, {"metadata": {"b": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}
    assert client.v1.payment_intents.update(intent.id, {"metadata": ""}).metadata.to_dict() == {}
