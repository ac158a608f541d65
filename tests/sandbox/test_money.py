"""Balance, refunds, transfers, disputes and payouts: every figure, and always the sum of its parts."""

from collections import Counter
from typing import Any

import pytest
import requests
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.stripe.currencies import fee_minor
from tests.sandbox.process import Box, charge_of, paid

DAY = 24 * 3600


def _balance(client: stripe.StripeClient, account: str = "", currency: str = "eur") -> tuple[int, int]:
    """(available, pending)"""
    found = client.v1.balance.retrieve(options={"stripe_account": account} if account else {})
    return tuple(  # type: ignore[return-value]
        sum(part.amount for part in parts if part.currency == currency) for parts in (found.available, found.pending)
    )


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [
        (10_000, "eur", 175),
        (50, "eur", 26),  # 0.75 rounds up to 1
        (33, "gbp", 20),  # 0.495 rounds down
        (10_000, "usd", 180),
        (1_000, "jpy", 55),
        (10_000, "kwd", 230),
        (30, "gbp", 20),
    ],
)
def test_fees(amount: int, currency: str, fee: int) -> None:
    assert fee_minor(amount, currency) == fee


def test_money_becomes_available_by_the_clock(box: Box, client: stripe.StripeClient) -> None:
    paid(client)
    box.settled()
    assert _balance(client) == (0, 9_825)
    assert client.v1.balance_transactions.list().data[0].status == "pending"
    box.post("clock", advance_seconds=3 * DAY)
    box.settled()
    assert _balance(client) == (9_825, 0)
    assert client.v1.balance_transactions.list().data[0].status == "available"
    assert [event.type for event in client.v1.events.list({"type": "balance.available"}).data] == ["balance.available"]


def test_money_can_be_made_available_at_once(box: Box, client: stripe.StripeClient) -> None:
    paid(client, payment_method="pm_card_bypassPending")
    box.settled()
    assert _balance(client) == (9_825, 0)
    box.post("settings", available_after_seconds=0)
    paid(client)
    box.settled()
    assert _balance(client) == (19_650, 0)


def test_refunds_stay_within_the_charge(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client)
    charge = charge_of(intent).id
    part = client.v1.refunds.create({"charge": charge, "amount": 3_000, "metadata": {"refund": "ref_1"}})
    assert (part.status, part.payment_intent) == ("succeeded", intent.id)
    assert part.metadata is not None and part.metadata["refund"] == "ref_1"
    with pytest.raises(
        stripe.InvalidRequestError, match=r"Refund amount \(€70\.01\) is greater than unrefunded.*€70\.00"
    ):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 7_001})
    rest = client.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert rest.amount == 7_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": charge})
    assert refused.value.code == "charge_already_refunded"
    found = client.v1.charges.retrieve(charge)
    assert (found.amount_refunded, found.refunded) == (10_000, True)
    assert [item.id for item in client.v1.refunds.list({"payment_intent": intent.id}).data] == [rest.id, part.id]
    assert sum(_balance(client)) == -175  # the fee is not given back


@pytest.mark.parametrize(
    "params", [{}, {"charge": "ch_nothing"}, {"charge": "a", "payment_intent": "b"}, {"amount": 1}]
)
def test_refunds_need_one_charge(client: stripe.StripeClient, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create(params)


def test_a_payment_that_failed_cannot_be_refunded(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": intent.id})


def test_slow_and_failing_refunds(box: Box, client: stripe.StripeClient) -> None:
    slow = client.v1.refunds.create({"charge": charge_of(paid(client, payment_method="pm_card_pendingRefund")).id})
    failing = client.v1.refunds.create({"charge": charge_of(paid(client, payment_method="pm_card_refundFail")).id})
    assert (slow.status, failing.status) == ("pending", "succeeded")
    box.post("clock", advance_seconds=6)
    box.settled()
    assert client.v1.refunds.retrieve(slow.id).status == "succeeded"
    failed = client.v1.refunds.retrieve(failing.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction
    assert not client.v1.charges.retrieve(str(failed.charge)).refunded
    assert sum(_balance(client)) == 10_000 - 2 * 175
    assert "refund.failed" in [event.type for event in client.v1.events.list({"types": ["refund.failed"]}).data]


def test_transfers_need_available_money_or_a_source(box: Box, client: stripe.StripeClient) -> None:
    seller = box.connected_account()
    charge = charge_of(paid(client, transfer_group="ord_1")).id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 100, "currency": "eur", "destination": seller})
    assert refused.value.code == "balance_insufficient"
    bound = client.v1.transfers.create(
        {"amount": 6_000, "currency": "eur", "destination": seller, "source_transaction": charge}
    )
    assert (bound.transfer_group, bound.reversed) == ("ord_1", False)
    assert _balance(client, seller) == (0, 6_000)
    with pytest.raises(stripe.InvalidRequestError, match=r"must not exceed the source amount of €100\.00"):
        client.v1.transfers.create(
            {"amount": 4_001, "currency": "eur", "destination": seller, "source_transaction": charge}
        )
    with pytest.raises(stripe.InvalidRequestError, match="must be the same as the transfer currency"):
        client.v1.transfers.create(
            {"amount": 100, "currency": "usd", "destination": seller, "source_transaction": charge}
        )
    box.post("clock", advance_seconds=3 * DAY)
    free = client.v1.transfers.create(
        {"amount": 3_825, "currency": "eur", "destination": seller, "transfer_group": "ord_2"}
    )
    assert _balance(client) == (0, 0)
    assert _balance(client, seller) == (9_825, 0)
    assert [item.id for item in client.v1.transfers.list({"transfer_group": "ord_1"}).data] == [bound.id]
    assert [item.id for item in client.v1.transfers.list({"destination": seller}).data] == [free.id, bound.id]
    payment = client.v1.charges.retrieve(str(free.destination_payment), options={"stripe_account": seller})
    assert (payment.amount, payment.source_transfer) == (3_825, free.id)


def test_a_charge_without_a_group_gets_one_with_its_first_transfer(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client)
    transfer = client.v1.transfers.create(
        {
            "amount": 1,
            "currency": "eur",
            "destination": box.connected_account(),
            "source_transaction": charge_of(intent).id,
        }
    )
    assert transfer.transfer_group == f"group_{intent.id}"
    assert client.v1.charges.retrieve(charge_of(intent).id).transfer_group == transfer.transfer_group


def test_reversals(box: Box, client: stripe.StripeClient) -> None:
    seller = box.connected_account()
    charge = charge_of(paid(client)).id
    transfer = client.v1.transfers.create(
        {"amount": 5_000, "currency": "eur", "destination": seller, "source_transaction": charge}
    )
    reversal = client.v1.transfers.reversals.create(transfer.id, {"amount": 2_000, "metadata": {"why": "refund"}})
    assert (reversal.amount, reversal.transfer) == (2_000, transfer.id)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed"):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 3_001})
    client.v1.transfers.reversals.create(transfer.id)
    left = client.v1.transfers.retrieve(transfer.id)
    assert (left.amount_reversed, left.reversed, len(left.reversals.data)) == (5_000, True, 2)
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        client.v1.transfers.reversals.create(transfer.id)
    assert sum(_balance(client)) == 9_825
    assert sum(_balance(client, seller)) == 0
    # what was reversed may be transferred again
    client.v1.transfers.create(
        {"amount": 10_000, "currency": "eur", "destination": seller, "source_transaction": charge}
    )


def test_a_reversal_takes_no_more_than_the_seller_has(box: Box, client: stripe.StripeClient) -> None:
    seller = box.connected_account()
    paid(client, payment_method="pm_card_bypassPending")
    box.settled()
    transfer = client.v1.transfers.create({"amount": 5_000, "currency": "eur", "destination": seller})
    payout = client.v1.payouts.create({"amount": 4_000, "currency": "eur"}, {"stripe_account": seller})
    assert payout.status == "pending"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.reversals.create(transfer.id)
    assert refused.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payouts.create({"amount": 1_001, "currency": "eur"}, {"stripe_account": seller})
    box.post("clock", advance_seconds=3 * DAY)
    box.settled()
    assert client.v1.payouts.retrieve(payout.id, options={"stripe_account": seller}).status == "paid"


def test_only_accounts_that_may_receive_transfers_get_them(box: Box, client: stripe.StripeClient) -> None:
    account = client.v1.accounts.create(
        {
            "type": "express",
            "country": "AT",
            "email": "ada@example.org",
            "capabilities": {"transfers": {"requested": True}},
        }
    )
    assert account.capabilities is not None and account.capabilities.transfers == "inactive"
    assert account.requirements is not None and account.requirements.currently_due
    paid(client, payment_method="pm_card_bypassPending")
    box.settled()
    transfer = {"amount": 100, "currency": "eur", "destination": account.id}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(transfer)  # type: ignore[arg-type]
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    box.post(f"accounts/{account.id}/onboarding")
    assert client.v1.accounts.retrieve(account.id).payouts_enabled
    client.v1.transfers.create(transfer)  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 100, "currency": "eur", "destination": "acct_nobody"})
    assert refused.value.code == "resource_missing"


def test_a_disputed_payment(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client, payment_method="pm_card_createDispute")
    box.settled()
    dispute = client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 10_000)
    assert client.v1.charges.retrieve(str(dispute.charge)).disputed
    assert sum(_balance(client)) == -175 - 2_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    box.post(f"disputes/{dispute.id}/decide", won=True)
    assert client.v1.disputes.retrieve(dispute.id).status == "won"
    assert sum(_balance(client)) == 9_825
    types = {event.type for event in client.v1.events.list({"type": "charge.dispute.*", "limit": 100}).data}
    assert types == {f"charge.dispute.{what}" for what in ("created", "funds_withdrawn", "funds_reinstated", "closed")}


def test_losing_and_accepting_a_dispute(box: Box, client: stripe.StripeClient) -> None:
    lost = paid(client, payment_method="pm_card_createDisputeProductNotReceived")
    given_up = paid(client, payment_method="pm_card_createDispute")
    box.settled()
    first = client.v1.disputes.list({"payment_intent": lost.id}).data[0]
    client.v1.disputes.update(first.id, {"evidence": {"uncategorized_text": "losing_evidence"}})
    assert client.v1.disputes.retrieve(first.id).status == "lost"
    second = client.v1.disputes.list({"payment_intent": given_up.id}).data[0]
    assert client.v1.disputes.close(second.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(second.id)
    assert sum(_balance(client)) == -2 * (175 + 2_000)


def test_an_inquiry_takes_no_money(box: Box, client: stripe.StripeClient) -> None:
    intent = paid(client, payment_method="pm_card_createDisputeInquiry")
    box.settled()
    assert client.v1.disputes.list().data[0].status == "warning_needs_response"
    assert sum(_balance(client)) == 9_825
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"


STEPS = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(["eur", "jpy", "kwd"]), st.integers(10, 5_000)),
    st.tuples(st.just("refund"), st.just(""), st.integers(1, 2_000)),
    st.tuples(st.just("transfer"), st.sampled_from(["acct_a", "acct_b"]), st.integers(1, 4_000)),
    st.tuples(st.just("reverse"), st.just(""), st.integers(1, 2_000)),
    st.tuples(st.just("wait"), st.just(""), st.integers(1, 4 * DAY)),
    st.tuples(st.just("authorize"), st.sampled_from(["eur", "kwd"]), st.integers(10, 5_000)),
    st.tuples(st.just("capture"), st.just(""), st.integers(1, 4_000)),
    st.tuples(st.just("bounce"), st.just(""), st.integers(0, 100)),
    st.tuples(st.just("dispute"), st.sampled_from(["", "inquiry"]), st.integers(1, 3_000)),
    st.tuples(st.just("decide"), st.sampled_from(["won", "lost", "escalated"]), st.integers(0, 100)),
    st.tuples(st.just("top up"), st.sampled_from(["eur", "jpy"]), st.integers(100, 9_000)),
    st.tuples(st.just("payout"), st.sampled_from(["acct_a", "acct_b"]), st.integers(100, 3_000)),
    st.tuples(st.just("payout fails"), st.sampled_from(["fail", "cancel", "send"]), st.integers(0, 100)),
    st.tuples(st.just("free transfer"), st.sampled_from(["acct_a", "acct_b"]), st.integers(100, 5_000)),
    st.tuples(st.just("new bank"), st.sampled_from(["acct_a", "acct_b"]), st.integers(0, 5)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=18))
def test_a_balance_is_the_sum_of_its_transactions(_box: Box, steps: list[tuple[str, str, int]]) -> None:
    box, client = _box, _box.client()
    box.post("reset")
    accounts = ["", box.connected_account("acct_a"), box.connected_account("acct_b")]
    charges: list[stripe.Charge] = []
    transfers: list[stripe.Transfer] = []
    held: list[stripe.PaymentIntent] = []
    payouts: list[tuple[str, str]] = []

    def on(account: str) -> Any:
        return {"stripe_account": account}

    def control(path: str, **body: Any) -> None:
        # What makes no sense at the time is refused, and the sums below show that nothing moved.
        assert requests.post(f"{box.url}/_sandbox/{path}", json=body, timeout=10).status_code in (200, 201, 400)

    for step, what, number in steps:
        try:
            if step == "pay":
                charges.append(charge_of(paid(client, amount=number * 10, currency=what)))
            elif step == "refund" and charges:
                client.v1.refunds.create({"charge": charges[number % len(charges)].id, "amount": number * 10})
            elif step == "transfer" and charges:
                source = charges[number % len(charges)]
                transfers.append(
                    client.v1.transfers.create(
                        {
                            "amount": number,
                            "currency": source.currency,
                            "destination": what,
                            "source_transaction": source.id,
                        }
                    )
                )
            elif step == "reverse" and transfers:
                client.v1.transfers.reversals.create(transfers[number % len(transfers)].id, {"amount": number})
            elif step == "wait":
                box.post("clock", advance_seconds=number)
            elif step == "authorize":
                held.append(paid(client, amount=number * 10, currency=what, capture_method="manual"))
            elif step == "capture" and held:
                intent = held[number % len(held)]
                client.v1.payment_intents.capture(intent.id, {"amount_to_capture": number * 10})
                charges.append(charge_of(intent))
            elif step == "bounce" and (refunds := client.v1.refunds.list().data):
                control(f"refunds/{refunds[number % len(refunds)].id}/fail")
            elif step == "dispute" and charges:
                charge_id = charges[number % len(charges)].id
                control(f"charges/{charge_id}/dispute", amount=number * 10, inquiry=what == "inquiry")
            elif step == "decide" and (disputes := client.v1.disputes.list().data):
                dispute = disputes[number % len(disputes)]
                if what == "escalated":
                    control(f"disputes/{dispute.id}/escalate")
                else:
                    control(f"disputes/{dispute.id}/decide", won=what == "won")
            elif step == "top up":
                box.post("topups", amount=number, currency=what)
            elif step == "free transfer":
                transfer: Any = {"amount": number, "currency": "eur", "destination": what}
                transfers.append(client.v1.transfers.create(transfer))
            elif step == "payout":
                payouts.append((client.v1.payouts.create({"amount": number, "currency": "eur"}, on(what)).id, what))
            elif step == "payout fails" and payouts:
                payout, owner = payouts[number % len(payouts)]
                if what == "cancel":
                    client.v1.payouts.cancel(payout, None, on(owner))
                else:
                    control(f"payouts/{payout}/{what}")
            elif step == "new bank":
                box.post(f"accounts/{what}/bank", account_number=f"DE8937040044053201300{number}")
        except stripe.InvalidRequestError:
            pass  # too much, or twice: refused, and the sums below show that nothing moved
    box.settled()
    summary = box.get("summary")
    for account in accounts:
        options: Any = {"stripe_account": account} if account else {}
        sums: Counter[tuple[str, str]] = Counter()
        for item in client.v1.balance_transactions.list({"limit": 100}, options).auto_paging_iter():
            assert item.net == item.amount - item.fee
            sums[item.currency, item.status] += item.net
        for name in ("available", "pending"):
            for part in getattr(client.v1.balance.retrieve(options=options), name):
                assert part.amount == sums[part.currency, name]
    total: Counter[str] = Counter()
    for balances in summary["balances"].values():
        for currency, parts in balances.items():
            total[currency] += parts["available"] + parts["pending"]
    expected: Counter[str] = Counter()
    for charge in summary["charges"]:
        if charge["captured"]:
            expected[charge["currency"]] += charge["amount"] - charge["amount_refunded"]
            expected[charge["currency"]] -= fee_minor(charge["amount_captured"], charge["currency"])
    for found in summary["disputes"]:
        if found["status"] in ("needs_response", "under_review", "lost"):
            expected[found["currency"]] -= found["amount"] + 2_000
    for topup in summary["topups"]:
        expected[topup["currency"]] += topup["amount"]
    for sent_out in summary["payouts"]:
        if sent_out["status"] in ("pending", "in_transit", "paid"):
            expected[sent_out["currency"]] -= sent_out["amount"]
    assert {currency: sum_ for currency, sum_ in total.items() if sum_} == {
        currency: sum_ for currency, sum_ in expected.items() if sum_
    }
