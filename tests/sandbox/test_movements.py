"""What a reconciliation must find, made on request: the balance is the sum of its movements all the same."""

import stripe

from tests.sandbox.process import Box, paid

DAY = 24 * 3600


def _sums(client: stripe.StripeClient) -> tuple[int, int]:
    """Of the balance, and of its movements."""
    found = client.v1.balance.retrieve()
    held = sum(
        sum(part.amount for part in parts if part.currency == "eur") for parts in (found.available, found.pending)
    )
    return held, sum(one.net for one in client.v1.balance_transactions.list({"limit": 100}).data)


def test_another_fee_a_foreign_movement_and_a_double_one_are_on_the_balance_too(
    box: Box, client: stripe.StripeClient
) -> None:
    paid(client)
    box.settled()
    [charge] = client.v1.balance_transactions.list().data
    box.post(f"movements/{charge.id}/fee", fee=charge.fee + 25)
    assert _sums(client) == (9_800, 9_800)
    box.post("movements", type="adjustment", amount=-150)
    foreign = box.post("movements", type="stripe_fee", amount=-50)
    assert _sums(client) == (9_600, 9_600)
    again = box.post(f"movements/{charge.id}/duplicate")
    assert (again["amount"], again["source"]) == (charge.amount, charge.source)
    assert again["id"] != charge.id
    assert _sums(client) == (19_400, 19_400)
    [listed] = client.v1.balance_transactions.list({"type": "stripe_fee"}).data
    assert (listed.id, listed.reporting_category) == (foreign["id"], "fee")


def test_an_automatic_payout_names_what_was_paid_out_with_it(box: Box, client: stripe.StripeClient) -> None:
    paid(client)
    box.settled()
    box.post("clock", advance_seconds=4 * DAY)
    paid(client)
    box.settled()
    payout = box.post("automatic_payout")
    assert (payout["amount"], payout["automatic"]) == (9_825, True)
    inside = client.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert sorted(one.net for one in inside) == [-9_825, 9_825]
    # The second payment is not available yet.
    assert len(client.v1.balance_transactions.list().data) == 3


def test_paypal_shows_what_nobody_asked_for(box: Box) -> None:
    made = box.post("paypal/movements", code="T0100", amount_minor=-300, currency="EUR")
    box.post(f"paypal/movements/{made['transaction_id']}/fee", fee_minor=5)
    box.post(f"paypal/movements/{made['transaction_id']}/duplicate")
    assert box.get("summary")["paypal"]["balances"]["EUR"]["total"] == -610
