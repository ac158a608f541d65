"""Disputes: opened, answered with texts and files, decided; what moves on the balance, and what may be refunded."""

import io
from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.process import Box, charge_of, paid

DAY = 24 * 3600
FEES = 175  # of a charge of 100.00
PDF = b"%PDF-1.7\r\n--not-a-boundary\r\n\x00\xff\r\n"


def _money(client: stripe.StripeClient) -> int:
    found = client.v1.balance.retrieve()
    return sum(part.amount for parts in (found.available, found.pending) for part in parts)


def _opened(box: Box, client: stripe.StripeClient, **how: Any) -> tuple[stripe.Charge, stripe.Dispute]:
    charge = charge_of(paid(client))
    made = box.post(f"charges/{charge.id}/dispute", **how)
    return charge, client.v1.disputes.retrieve(made["id"])


def _told(client: stripe.StripeClient) -> list[str]:
    listed = client.v1.events.list({"type": "charge.dispute.*", "limit": 100}).data
    return [event.type.removeprefix("charge.dispute.") for event in reversed(listed)]


def _file(client: stripe.StripeClient, content: bytes = PDF, name: str = "proof.pdf") -> stripe.File:
    upload = io.BytesIO(content)
    upload.name = name
    return client.v1.files.create({"purpose": "dispute_evidence", "file": upload})


def test_any_charge_can_be_disputed_in_part(box: Box, client: stripe.StripeClient) -> None:
    charge, dispute = _opened(box, client, reason="product_not_received", amount=4_000)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "product_not_received", 4_000)
    assert dispute.evidence_details.due_by == dispute.created + 7 * DAY
    (withdrawn,) = dispute.balance_transactions
    assert (withdrawn.type, withdrawn.amount, withdrawn.fee, withdrawn.net) == ("adjustment", -4_000, 2_000, -6_000)
    assert withdrawn.reporting_category == "dispute"
    assert _money(client) == 10_000 - FEES - 4_000 - 2_000
    assert _told(client) == ["created", "funds_withdrawn"]
    again = requests.post(f"{box.url}/_sandbox/charges/{charge.id}/dispute", json={}, timeout=5)
    assert again.status_code == 400
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": charge.id, "amount": 100})
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize("how", [{"amount": 10_001}, {"amount": 0}, {"reason": "mood"}, {"inquiry": "yes"}])
def test_a_dispute_that_makes_no_sense_is_refused(box: Box, client: stripe.StripeClient, how: dict[str, Any]) -> None:
    charge = charge_of(paid(client)).id
    answer = requests.post(f"{box.url}/_sandbox/charges/{charge}/dispute", json=how, timeout=5)
    assert answer.status_code == 400
    assert client.v1.disputes.list().data == []


def test_evidence_is_staged_then_submitted_once(box: Box, client: stripe.StripeClient) -> None:
    _, dispute = _opened(box, client)
    file = _file(client)
    staged = client.v1.disputes.update(
        dispute.id,
        {
            "evidence": {"customer_name": "Ada", "receipt": file.id, "product_description": "A jug"},
            "metadata": {"order": "ord_1"},
            "submit": False,
        },
    )
    assert (staged.status, staged.evidence.customer_name, staged.evidence.receipt) == ("needs_response", "Ada", file.id)
    assert (staged.evidence_details.has_evidence, staged.evidence_details.submission_count) == (True, 0)
    sent = client.v1.disputes.update(dispute.id, {"submit": True})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.product_description == "A jug"
    with pytest.raises(stripe.InvalidRequestError, match="already been submitted"):
        client.v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Bo"}})
    assert client.v1.disputes.update(dispute.id, {"metadata": {"order": ""}}).metadata.to_dict() == {}
    box.post("clock", advance_seconds=8 * DAY)
    box.settled()
    assert client.v1.disputes.retrieve(dispute.id).status == "under_review"  # the issuer takes its time
    box.post(f"disputes/{dispute.id}/decide", won=False)
    assert client.v1.disputes.retrieve(dispute.id).status == "lost"
    assert _told(client) == ["created", "funds_withdrawn", "updated", "updated", "updated", "closed"]
    assert _money(client) == -FEES - 2_000


def test_a_won_dispute_gives_all_back_and_frees_the_charge(box: Box, client: stripe.StripeClient) -> None:
    charge, dispute = _opened(box, client)
    won = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert (won.status, won.is_charge_refundable) == ("won", True)
    withdrawn, returned = won.balance_transactions
    assert (returned.amount, returned.fee, returned.net) == (10_000, -2_000, 12_000)
    assert (withdrawn.net + returned.net, returned.reporting_category) == (0, "dispute_reversal")
    assert _told(client) == ["created", "funds_withdrawn", "updated", "funds_reinstated", "closed"]
    assert _money(client) == 10_000 - FEES
    assert client.v1.refunds.create({"charge": charge.id}).status == "succeeded"


def test_where_the_fee_is_kept_a_won_dispute_still_costs(box: Box, client: stripe.StripeClient) -> None:
    box.post("settings", dispute_fee_kept=1)
    _, dispute = _opened(box, client)
    box.post(f"disputes/{dispute.id}/decide", won=True)
    assert client.v1.disputes.retrieve(dispute.id).balance_transactions[1].fee == 0
    assert _money(client) == 10_000 - FEES - 2_000


def test_staged_text_decides_when_it_is_submitted(box: Box, client: stripe.StripeClient) -> None:
    _, dispute = _opened(box, client)
    staged: Any = {"evidence": {"uncategorized_text": "losing_evidence"}, "submit": False}
    assert client.v1.disputes.update(dispute.id, staged).status == "needs_response"
    assert client.v1.disputes.update(dispute.id, {"submit": True}).status == "lost"


def test_nobody_answered_in_time(box: Box, client: stripe.StripeClient) -> None:
    _, dispute = _opened(box, client)
    box.post("clock", advance_seconds=7 * DAY + 1)
    box.settled()
    late = client.v1.disputes.retrieve(dispute.id)
    assert (late.status, late.evidence_details.past_due) == ("lost", True)
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}})
    assert _told(client)[-2:] == ["updated", "closed"]


def test_an_inquiry_moves_no_money_and_is_settled_by_a_full_refund(box: Box, client: stripe.StripeClient) -> None:
    charge, inquiry = _opened(box, client, inquiry=True)
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    assert inquiry.balance_transactions == []
    with pytest.raises(stripe.InvalidRequestError, match="cannot be closed"):
        client.v1.disputes.close(inquiry.id)
    client.v1.refunds.create({"charge": charge.id, "amount": 4_000})
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_needs_response"
    client.v1.refunds.create({"charge": charge.id})
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"
    assert _told(client) == ["created", "closed"]
    assert _money(client) == -FEES


def test_an_inquiry_becomes_a_dispute(box: Box, client: stripe.StripeClient) -> None:
    charge, inquiry = _opened(box, client, inquiry=True)
    client.v1.refunds.create({"charge": charge.id, "amount": 4_000})
    box.post("clock", advance_seconds=5 * DAY)
    box.post(f"disputes/{inquiry.id}/escalate")
    dispute = client.v1.disputes.retrieve(inquiry.id)
    assert (dispute.status, dispute.amount, dispute.is_charge_refundable) == ("needs_response", 6_000, False)
    assert _money(client) == -FEES - 2_000
    box.post("clock", advance_seconds=3 * DAY)  # the inquiry's own time is over, not the dispute's
    box.settled()
    assert client.v1.disputes.retrieve(inquiry.id).status == "needs_response"
    assert _told(client) == ["created", "updated", "funds_withdrawn"]
    assert requests.post(f"{box.url}/_sandbox/disputes/{inquiry.id}/escalate", timeout=5).status_code == 400


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("winning_evidence", "warning_closed"),
        ("escalate_inquiry_evidence", "needs_response"),
        ("We sent it.", "warning_under_review"),
    ],
)
def test_an_inquiry_is_answered(box: Box, client: stripe.StripeClient, text: str, status: str) -> None:
    _, inquiry = _opened(box, client, inquiry=True)
    client.v1.disputes.update(inquiry.id, {"evidence": {"uncategorized_text": text}})
    assert client.v1.disputes.retrieve(inquiry.id).status == status


def test_an_inquiry_that_nobody_pursues_is_closed(box: Box, client: stripe.StripeClient) -> None:
    _, inquiry = _opened(box, client, inquiry=True)
    box.post("clock", advance_seconds=8 * DAY)
    box.settled()
    waiting = client.v1.disputes.retrieve(inquiry.id)
    assert (waiting.status, waiting.evidence_details.past_due) == ("warning_needs_response", True)
    box.post("clock", advance_seconds=113 * DAY)
    box.settled()
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"
    assert _money(client) == 10_000 - FEES


def test_files_arrive_whole(box: Box, client: stripe.StripeClient) -> None:
    file = _file(client)
    assert (file.filename, file.type, file.size, file.purpose) == ("proof.pdf", "pdf", len(PDF), "dispute_evidence")
    assert client.v1.files.retrieve(file.id).id == file.id
    assert [item.id for item in client.v1.files.list({"purpose": "dispute_evidence"}).data] == [file.id]
    assert [item["id"] for item in box.get("summary")["files"]] == [file.id]


def test_a_file_that_is_no_evidence_is_refused(box: Box, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="unsupported type"):
        _file(client, b"<html>", "proof.html")
    with pytest.raises(stripe.InvalidRequestError, match="exceeds size limit"):
        _file(client, PDF + b"." * 5_000_000)
    with pytest.raises(stripe.InvalidRequestError, match="must be one of"):
        client.v1.files.create({"purpose": "dispute_evidences", "file": io.BytesIO(PDF)})
    _, dispute = _opened(box, client)
    with pytest.raises(stripe.InvalidRequestError, match="No such file"):
        client.v1.disputes.update(dispute.id, {"evidence": {"receipt": "file_nothing"}})
    with pytest.raises(stripe.InvalidRequestError, match="150000"):
        client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "x" * 150_001}})
    assert not client.v1.disputes.retrieve(dispute.id).evidence_details.has_evidence
