"""Disputes: money held, given back or lost, and the fee."""

import json
from typing import Any

import pytest

from tests.sandbox.paypal.shop import PayPal, eur, issues


def opened(paypal: PayPal, **more: Any) -> tuple[str, str]:
    """A captured payment of 100.00 and the dispute about it."""
    capture = paypal.captured("100.00", custom_id="order-1", invoice_id="INV-1")["id"]
    dispute = paypal.box.post("paypal/disputes", capture_id=capture, **more)
    return capture, dispute["dispute_id"]


def settled(paypal: PayPal, dispute: str, outcome: str) -> Any:
    return paypal.box.post(f"paypal/disputes/{dispute}/settle", outcome=outcome)


def give_evidence(paypal: PayPal, dispute: str, *, kind: str = "PROOF_OF_FULFILLMENT") -> Any:
    evidence = {
        "evidences": [
            {
                "evidence_type": kind,
                "evidence_info": {"tracking_info": [{"carrier_name": "OTHER", "tracking_number": "AT123"}]},
                "notes": "Sent on Monday",
            }
        ]
    }
    files = {"input": (None, json.dumps(evidence), "application/json"), "file1": ("a.pdf", b"%PDF", "application/pdf")}
    return paypal.post_files(f"/v1/customer/disputes/{dispute}/provide-evidence", files)


def test_a_dispute_holds_the_money(paypal: PayPal) -> None:
    capture, dispute = opened(paypal, message="It never came")
    assert paypal.balance() == {"total": 9666, "available": -334, "withheld": 10000}
    read = paypal.get(f"/v1/customer/disputes/{dispute}").json()
    assert (read["status"], read["dispute_amount"]) == ("WAITING_FOR_SELLER_RESPONSE", eur("100.00"))
    transaction = read["disputed_transactions"][0]
    assert (transaction["seller_transaction_id"], transaction["custom"]) == (capture, "order-1")
    assert read["messages"][0]["content"] == "It never came"
    assert paypal.events()[-1] == "CUSTOMER.DISPUTE.CREATED"


@pytest.mark.parametrize(
    ("channel", "issue"), [("INTERNAL", "TRANSACTION_DISPUTED"), ("EXTERNAL", "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")]
)
def test_what_is_disputed_is_not_refunded(paypal: PayPal, channel: str, issue: str) -> None:
    capture, dispute = opened(paypal, channel=channel)
    assert issues(paypal.refund(capture, "1.00")) == [issue]
    settled(paypal, dispute, "RESOLVED_SELLER_FAVOUR")
    assert paypal.refund(capture, "1.00").status_code == 201


@pytest.mark.parametrize("outcome", ["RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER"])
def test_a_won_dispute_gives_the_hold_back_once(paypal: PayPal, outcome: str) -> None:
    _, dispute = opened(paypal)
    assert settled(paypal, dispute, outcome)["dispute_outcome"] == {"outcome_code": outcome}
    assert paypal.balance() == {"total": 9666, "available": 9666, "withheld": 0}
    with pytest.raises(AssertionError, match="DISPUTE_ALREADY_RESOLVED"):
        settled(paypal, dispute, outcome)
    assert paypal.balance()["total"] == 9666
    assert paypal.events()[-1] == "CUSTOMER.DISPUTE.RESOLVED"


@pytest.mark.parametrize(("channel", "fee"), [("INTERNAL", 1400), ("EXTERNAL", 2000)])
def test_a_lost_dispute_takes_the_money_and_a_fee(paypal: PayPal, channel: str, fee: int) -> None:
    capture, dispute = opened(paypal, channel=channel)
    lost = settled(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    assert lost["dispute_outcome"]["amount_refunded"] == eur("100.00")
    assert paypal.balance() == {"total": -334 - fee, "available": -334 - fee, "withheld": 0}
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "REFUNDED"
    assert paypal.events()[-2:] == ["PAYMENT.CAPTURE.REVERSED", "CUSTOMER.DISPUTE.RESOLVED"]
    assert issues(paypal.refund(capture)) == ["CAPTURE_FULLY_REFUNDED"]


def test_an_inquiry_is_no_claim_yet(paypal: PayPal) -> None:
    _, dispute = opened(paypal, stage="INQUIRY")
    assert issues(give_evidence(paypal, dispute)) == ["ACTION_NOT_ALLOWED"]
    listed = paypal.get("/v1/customer/disputes?dispute_state=OPEN_INQUIRIES").json()["items"]
    assert [item["dispute_id"] for item in listed] == [dispute]
    settled(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    assert paypal.balance()["total"] == -334  # without a fee


def test_an_escalated_inquiry_is_a_claim(paypal: PayPal) -> None:
    _, dispute = opened(paypal, stage="INQUIRY")
    assert paypal.box.post(f"paypal/disputes/{dispute}/escalate")["dispute_life_cycle_stage"] == "CHARGEBACK"
    assert paypal.events()[-1] == "CUSTOMER.DISPUTE.UPDATED"
    assert give_evidence(paypal, dispute).status_code == 200
    with pytest.raises(AssertionError, match="DISPUTE_NOT_ESCALATABLE"):
        paypal.box.post(f"paypal/disputes/{dispute}/escalate")
    settled(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    assert paypal.balance()["total"] == -334 - 1400


def test_a_part_may_be_disputed(paypal: PayPal) -> None:
    capture, dispute = opened(paypal, amount_minor=2500)
    assert paypal.balance()["withheld"] == 2500
    settled(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    assert paypal.balance()["total"] == 9666 - 2500 - 1400
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "PARTIALLY_REFUNDED"
    assert paypal.refund(capture, "75.01").status_code == 422
    assert paypal.refund(capture, "75.00").status_code == 201


def test_no_more_is_disputed_than_is_left_and_once_at_a_time(paypal: PayPal) -> None:
    capture = paypal.captured("100.00")["id"]
    paypal.refund(capture, "60.00")
    with pytest.raises(AssertionError, match="TRANSACTION_NOT_DISPUTABLE"):
        paypal.box.post("paypal/disputes", capture_id=capture, amount_minor=4001)
    paypal.box.post("paypal/disputes", capture_id=capture)
    assert paypal.balance()["withheld"] == 4000
    with pytest.raises(AssertionError, match="TRANSACTION_DISPUTED"):
        paypal.box.post("paypal/disputes", capture_id=capture)


def test_evidence_with_a_file_puts_the_case_under_review(paypal: PayPal) -> None:
    _, dispute = opened(paypal)
    assert give_evidence(paypal, dispute).status_code == 200
    read = paypal.get(f"/v1/customer/disputes/{dispute}").json()
    assert (read["status"], read["evidences"][0]["notes"]) == ("UNDER_REVIEW", "Sent on Monday")
    assert paypal.events()[-1] == "CUSTOMER.DISPUTE.UPDATED"
    assert issues(give_evidence(paypal, dispute)) == ["ACTION_NOT_ALLOWED"]
    settled(paypal, dispute, "RESOLVED_SELLER_FAVOUR")
    assert paypal.balance()["total"] == 9666


def test_evidence_without_any_is_refused(paypal: PayPal) -> None:
    _, dispute = opened(paypal)
    for text in ("{}", '{"evidences": [{}]}'):
        files = {"input": (None, text, "application/json")}
        answer = paypal.post_files(f"/v1/customer/disputes/{dispute}/provide-evidence", files)
        assert (answer.status_code, issues(answer)) == (400, ["MISSING_REQUIRED_PARAMETER"])


def test_giving_in_costs_no_fee(paypal: PayPal) -> None:
    _, dispute = opened(paypal)
    note = {"input": (None, json.dumps({"note": "Sorry"}), "application/json")}
    assert paypal.post_files(f"/v1/customer/disputes/{dispute}/accept-claim", note).status_code == 200
    read = paypal.get(f"/v1/customer/disputes/{dispute}").json()
    assert (read["status"], read["dispute_outcome"]["outcome_code"]) == ("RESOLVED", "ACCEPTED")
    assert paypal.balance()["total"] == -334


def test_disputes_are_listed_by_payment_and_state(paypal: PayPal) -> None:
    capture, dispute = opened(paypal)
    other = paypal.captured("10.00")["id"]
    paypal.box.post("paypal/disputes", capture_id=other)
    settled(paypal, dispute, "RESOLVED_SELLER_FAVOUR")

    def listed(query: str) -> list[str]:
        answer = paypal.get(f"/v1/customer/disputes?{query}").json()
        return [item["dispute_id"] for item in answer.get("items", [])]

    assert listed(f"disputed_transaction_id={capture}") == [dispute]
    assert listed("dispute_state=RESOLVED") == [dispute]
    assert len(listed("")) == 2
    assert listed("dispute_state=UNDER_PAYPAL_REVIEW") == []


def test_paypal_takes_a_payment_back_without_a_dispute(paypal: PayPal) -> None:
    capture = paypal.captured("100.00")["id"]
    paypal.refund(capture, "30.00")
    dispute = paypal.box.post("paypal/disputes", capture_id=capture)["dispute_id"]
    with pytest.raises(AssertionError, match="a dispute is open"):
        paypal.box.post("paypal/reverse", capture_id=capture)
    settled(paypal, dispute, "CANCELED_BY_BUYER")
    taken = paypal.box.post("paypal/reverse", capture_id=capture)
    assert taken["amount"] == eur("70.00")
    assert paypal.balance()["total"] == -334
    assert paypal.events()[-1] == "PAYMENT.CAPTURE.REVERSED"
