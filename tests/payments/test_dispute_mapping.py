"""Stripe's disputes in our words, and who is liable for which reason: both tables whole."""

from typing import Any

import pytest
import stripe

from common.money import Money
from payments.enums import LIABLE_FOR, DisputeReason, Liability
from payments.enums import DisputeStatus as D
from payments.processors.stripe.disputes import dispute_found
from payments.processors.stripe.mapping import UnmappedStripeValue


def _dispute(**values: Any) -> stripe.Dispute:
    document = {
        "id": "du_1", "object": "dispute", "amount": 1500, "currency": "eur", "charge": "ch_1",
        "payment_intent": "pi_1", "status": "needs_response", "reason": "fraudulent", "created": 1_800_000_000,
        "evidence_details": {"due_by": 1_800_604_800}, "balance_transactions": [], **values,
    }  # fmt: skip
    return stripe.Dispute.construct_from(document, "sk_test_x")


def _moved(amount: int, fee: int, currency: str = "eur") -> dict[str, Any]:
    return {"id": "txn_1", "object": "balance_transaction", "amount": amount, "fee": fee, "currency": currency}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("warning_needs_response", D.INQUIRY_NEEDS_RESPONSE),
        ("warning_under_review", D.INQUIRY_UNDER_REVIEW),
        ("warning_closed", D.INQUIRY_CLOSED),
        ("needs_response", D.NEEDS_RESPONSE),
        ("appeal_needs_response", D.NEEDS_RESPONSE),
        ("under_review", D.UNDER_REVIEW),
        ("appeal_under_review", D.UNDER_REVIEW),
        ("won", D.WON),
        ("lost", D.LOST),
        ("prevented", D.INQUIRY_CLOSED),
    ],
)
def test_every_status_is_mapped(theirs: str, ours: D) -> None:
    found = dispute_found(_dispute(status=theirs))
    assert (found.status, found.is_inquiry) == (ours, theirs.startswith("warning"))


def test_one_that_was_prevented_by_giving_the_money_back_is_lost() -> None:
    assert dispute_found(_dispute(status="prevented", balance_transactions=[_moved(-1500, 0)])).status == D.LOST


@pytest.mark.parametrize("values", [{"status": "shelved"}, {"reason": "mood"}])
def test_a_value_that_is_not_listed_fails_loudly(values: dict[str, str]) -> None:
    with pytest.raises(UnmappedStripeValue):
        dispute_found(_dispute(**values))


def test_money_is_read_from_what_was_moved_and_not_from_the_status() -> None:
    taken, given = _moved(-1500, 2000), _moved(1500, -2000)
    for moved, figures in (([], (0, 0, 0)), ([taken], (1500, 0, 2000)), ([taken, given], (1500, 1500, 0))):
        found = dispute_found(_dispute(status="won", balance_transactions=moved))
        assert (found.withdrawn, found.reinstated, found.fee) == tuple(Money(minor, "EUR") for minor in figures)


def test_money_in_another_currency_than_the_dispute_is_refused() -> None:
    with pytest.raises(UnmappedStripeValue):
        dispute_found(_dispute(balance_transactions=[_moved(-1500, 2000, "usd")]))


def test_who_bears_a_lost_dispute() -> None:
    ours = {reason for reason, liable in LIABLE_FOR.items() if liable == Liability.PLATFORM}
    assert ours == {
        DisputeReason.FRAUDULENT, DisputeReason.UNRECOGNIZED, DisputeReason.DUPLICATE,
        DisputeReason.CREDIT_NOT_PROCESSED,
    }  # fmt: skip
    assert set(LIABLE_FOR) == set(DisputeReason)
