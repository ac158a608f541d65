"""Payouts to sellers' banks, and top-ups: where the money is at each step, and what the bank's number decides."""

from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Receiver
from tests.sandbox.process import Box, until

DAY = 24 * 3600
NUMBERS = {
    "DE62370400440532013001": "no_account",
    "DE89370400440532013002": "account_closed",
    "FR00370400440532013003": "insufficient_funds",
    "DE89370400440532013004": "debit_not_authorized",
    "DE89370400440532013005": "invalid_currency",
}


@pytest.fixture
def seller(box: Box, client: stripe.StripeClient) -> str:
    """A connected account that was sent 50.00."""
    account = box.connected_account()
    box.post("topups", amount=10_000)
    client.v1.transfers.create({"amount": 5_000, "currency": "eur", "destination": account})
    return account


def on(account: str) -> Any:
    return {"stripe_account": account}


def paid_out(client: stripe.StripeClient, seller: str, amount: int = 2_000) -> stripe.Payout:
    return client.v1.payouts.create({"amount": amount, "currency": "eur"}, on(seller))


def again(client: stripe.StripeClient, seller: str, payout: stripe.Payout) -> stripe.Payout:
    return client.v1.payouts.retrieve(payout.id, None, on(seller))


def available(client: stripe.StripeClient, account: str) -> int:
    return sum(part.amount for part in client.v1.balance.retrieve(options=on(account)).available)


def types(client: stripe.StripeClient, seller: str) -> list[str]:
    events = client.v1.events.list({"limit": 100, "types": ["payout.created", "payout.updated", "payout.paid",
                                    "payout.failed", "payout.canceled"]}, on(seller))  # fmt: skip
    return [event.type for event in reversed(events.data)]


def test_a_payout_goes_from_the_balance_to_the_bank_by_the_clock(
    box: Box, client: stripe.StripeClient, seller: str
) -> None:
    payout = paid_out(client, seller)
    assert (payout.status, available(client, seller)) == ("pending", 3_000)
    bank = client.v1.accounts.external_accounts.list(seller).data[0]
    assert payout.destination == bank.id
    box.post("clock", advance_seconds=DAY)
    box.settled()
    assert again(client, seller, payout).status == "in_transit"
    box.post("clock", advance_seconds=DAY)
    box.settled()
    assert again(client, seller, payout).status == "paid"
    assert available(client, seller) == 3_000
    assert types(client, seller) == ["payout.created", "payout.updated", "payout.paid"]


@pytest.mark.parametrize(("number", "code"), NUMBERS.items())
def test_the_banks_number_decides_how_a_payout_ends(
    box: Box, client: stripe.StripeClient, seller: str, number: str, code: str
) -> None:
    box.post(f"accounts/{seller}/bank", account_number=number)
    payout = paid_out(client, seller)
    box.post("clock", advance_seconds=3 * DAY)
    box.settled()
    failed = again(client, seller, payout)
    assert (failed.status, failed.failure_code) == ("failed", code)
    assert failed.failure_message
    assert available(client, seller) == 5_000
    returned = client.v1.balance_transactions.retrieve(str(failed.failure_balance_transaction), None, on(seller))
    assert (returned.type, returned.amount, returned.source) == ("payout_failure", 2_000, payout.id)
    assert types(client, seller) == ["payout.created", "payout.updated", "payout.failed"]


def test_after_a_failure_nothing_goes_to_that_bank_until_it_is_changed(
    box: Box, client: stripe.StripeClient, seller: str
) -> None:
    payout = paid_out(client, seller)
    box.post(f"payouts/{payout.id}/fail", failure_code="account_closed")
    bank = client.v1.accounts.external_accounts.list(seller).data[0]
    assert isinstance(bank, stripe.BankAccount)
    assert bank.status == "errored"
    account = client.v1.accounts.retrieve(seller)
    assert account.requirements is not None and account.capabilities is not None
    assert (account.payouts_enabled, account.requirements.past_due) == (False, ["external_account"])
    assert account.capabilities.transfers == "active", "money can still come in"
    client.v1.transfers.create({"amount": 100, "currency": "eur", "destination": seller})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        paid_out(client, seller)
    assert refused.value.code == "bank_account_unusable"
    box.post(f"accounts/{seller}/bank", account_number="AT611904300234573201")
    assert client.v1.accounts.retrieve(seller).payouts_enabled
    assert paid_out(client, seller, 5_100).status == "pending"


def test_every_step_is_told_with_the_account_it_happened_on(hooked: Box, receiver: Receiver) -> None:
    client, seller = hooked.client(), hooked.connected_account()
    hooked.post("topups", amount=10_000)
    client.v1.transfers.create({"amount": 5_000, "currency": "eur", "destination": seller})
    failing, canceled = paid_out(client, seller), paid_out(client, seller)
    hooked.post(f"payouts/{failing.id}/send")
    hooked.post(f"payouts/{failing.id}/pay")
    hooked.post(f"payouts/{failing.id}/fail", failure_code="declined")
    client.v1.payouts.cancel(canceled.id, None, on(seller))
    hooked.settled()

    def told() -> list[stripe.Event]:
        return [item.event for item in receiver.received if item.event.type.startswith("payout.")]

    until(lambda: len(told()) == 6)
    of_failing = [event for event in told() if event.data.object["id"] == failing.id]
    assert [event.type for event in of_failing] == ["payout.created", "payout.updated", "payout.paid", "payout.failed"]
    assert of_failing[-1].data.object["failure_code"] == "declined"
    assert sorted(event.type for event in told() if event.data.object["id"] == canceled.id) == [
        "payout.canceled", "payout.created",
    ]  # fmt: skip
    assert {event.account for event in told()} == {seller}


def test_a_paid_payout_may_still_come_back(box: Box, client: stripe.StripeClient, seller: str) -> None:
    payout = paid_out(client, seller)
    box.post(f"payouts/{payout.id}/pay")
    box.post(f"payouts/{payout.id}/fail")
    assert again(client, seller, payout).failure_code == "could_not_process"
    assert available(client, seller) == 5_000
    box.post("clock", advance_seconds=3 * DAY)
    box.settled()
    assert types(client, seller) == ["payout.created", "payout.paid", "payout.failed"]


def test_a_payout_can_be_late(box: Box, client: stripe.StripeClient, seller: str) -> None:
    payout = paid_out(client, seller)
    box.post(f"payouts/{payout.id}/delay", seconds=5 * DAY)
    box.post("clock", advance_seconds=3 * DAY)
    box.settled()
    late = again(client, seller, payout)
    assert (late.status, late.arrival_date) == ("in_transit", payout.arrival_date + 5 * DAY)
    box.post("clock", advance_seconds=5 * DAY)
    box.settled()
    assert again(client, seller, payout).status == "paid"


def test_only_a_pending_payout_can_be_canceled(box: Box, client: stripe.StripeClient, seller: str) -> None:
    payout = paid_out(client, seller)
    canceled = client.v1.payouts.cancel(payout.id, None, on(seller))
    assert (canceled.status, available(client, seller)) == ("canceled", 5_000)
    second = paid_out(client, seller)
    box.post(f"payouts/{second.id}/send")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payouts.cancel(second.id, None, on(seller))
    box.post("clock", advance_seconds=3 * DAY)
    box.settled()
    assert again(client, seller, payout).status == "canceled"
    assert [item.type for item in client.v1.balance_transactions.list({}, on(seller)).data] == [
        "payout", "payout_cancel", "payout", "payment",
    ]  # fmt: skip


def test_no_more_than_is_available_goes_out(box: Box, client: stripe.StripeClient, seller: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        paid_out(client, seller, 5_001)
    assert refused.value.code == "balance_insufficient"
    assert available(client, seller) == 5_000


def test_a_stopped_account_and_one_without_a_bank_are_not_paid_out(
    box: Box, client: stripe.StripeClient, seller: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="external accounts in that currency"):
        client.v1.payouts.create({"amount": 100, "currency": "usd"}, on(seller))
    box.post(f"accounts/{seller}/disable")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        paid_out(client, seller)
    assert refused.value.code == "payouts_not_allowed"


def test_a_repeated_request_is_one_payout(client: stripe.StripeClient, seller: str) -> None:
    options = on(seller) | {"idempotency_key": "bpo_1"}
    first = client.v1.payouts.create({"amount": 100, "currency": "eur"}, options)
    assert client.v1.payouts.create({"amount": 100, "currency": "eur"}, options).id == first.id
    assert available(client, seller) == 4_900


def test_sellers_payouts_are_listed_on_their_account_with_stripes_filters(
    box: Box, client: stripe.StripeClient, seller: str
) -> None:
    made = [paid_out(client, seller, amount) for amount in (100, 200, 300)]
    box.post(f"payouts/{made[0].id}/pay")

    def listed(**params: Any) -> list[int]:
        return [payout.amount for payout in client.v1.payouts.list(params, on(seller)).data]  # type: ignore[arg-type]

    assert client.v1.payouts.list().data == []
    assert listed() == [300, 200, 100]
    assert listed(status="paid") == [100]
    assert listed(starting_after=made[1].id) == [100]
    assert listed(destination="ba_none") == []
    assert listed(created={"gte": made[0].created, "lt": made[0].created + 60}, limit=2) == [300, 200]
    assert listed(arrival_date={"gt": made[0].arrival_date + DAY}) == []
    assert [item["account"] for item in box.get("payouts")["payouts"]] == [seller] * 3


def test_transfers_go_from_the_available_balance_and_a_top_up_makes_it_so(
    box: Box, client: stripe.StripeClient
) -> None:
    seller = box.connected_account()
    transfer: Any = {"amount": 3_000, "currency": "eur", "destination": seller}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(transfer)
    assert refused.value.code == "balance_insufficient"
    topup = client.v1.topups.create({"amount": 3_000, "currency": "eur"})
    assert topup.status == "pending"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.create(transfer)
    box.post("clock", advance_seconds=DAY)
    box.settled()
    arrived = client.v1.topups.retrieve(topup.id, {"expand": ["balance_transaction"]})
    assert arrived.status == "succeeded"
    assert isinstance(arrived.balance_transaction, stripe.BalanceTransaction)
    assert (arrived.balance_transaction.type, arrived.balance_transaction.net) == ("topup", 3_000)
    client.v1.transfers.create(transfer)


def test_a_top_up_that_the_bank_refuses_brings_nothing(box: Box, client: stripe.StripeClient) -> None:
    topup = client.v1.topups.create({"amount": 3_000, "currency": "eur", "source": "btok_us_verified_noAccount"})
    canceled = client.v1.topups.create({"amount": 200, "currency": "eur"})
    client.v1.topups.cancel(canceled.id)
    box.post("clock", advance_seconds=2 * DAY)
    box.settled()
    failed = client.v1.topups.retrieve(topup.id)
    assert (failed.status, failed.failure_code) == ("failed", "no_account")
    assert sum(part.amount for part in client.v1.balance.retrieve().available) == 0


def test_the_overview_shows_accounts_payouts_and_top_ups(box: Box, client: stripe.StripeClient, seller: str) -> None:
    payout = paid_out(client, seller)
    page = box.raw("GET", "/_sandbox/", key=None).text
    for shown in (payout.id, seller, "Connected accounts", "Payouts", "Top-ups"):
        assert shown in page
