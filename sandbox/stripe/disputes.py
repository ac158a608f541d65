"""Disputes: https://docs.stripe.com/disputes (opened by test cards or the control API, decided by what is submitted).

needs_response -> under_review -> won | lost; an inquiry moves no money and goes warning_needs_response ->
warning_under_review -> warning_closed, unless the issuer escalates it to a dispute.
"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import balance, cards, charges, currencies, files, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

# Stripe's European price for a dispute, taken in every currency as this many minor units.
FEE_MINOR = 2000
EVIDENCE_SECONDS = 7 * 24 * 3600
_INQUIRY_SECONDS = 120 * 24 * 3600  # an inquiry that was not escalated by then is closed
_LONGEST_EVIDENCE = 150_000  # characters of all texts together
_REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
REASONS = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized",
    "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant",
    "product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized",
)  # fmt: skip
_FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def open_(work: Work, charge_id: str) -> None:
    """The job behind the disputed test cards."""
    charge = work.get("charge", charge_id)
    if not charge["refunded"]:
        card = cards.CARDS[charge["_"]["number"]]
        open_dispute(work, charge, reason=card.dispute or "general", inquiry=card.inquiry)


def open_dispute(work: Work, charge: Document, *, reason: str, inquiry: bool, amount: int | None = None) -> Document:
    """The money and a fee leave the balance, unless it is an inquiry only. Raises ApiError."""
    left = charge["amount"] - charge["amount_refunded"]
    if not charge["captured"] or not left or "card" not in charge["payment_method_details"]:
        raise ApiError(400, "There is no money of a card in this charge that could be disputed.")
    if amount is not None and not 1 <= amount <= left:
        raise ApiError(400, f"At most {currencies.shown(left, charge['currency'])} can be disputed.", param="amount")
    if any(not _is_closed(earlier) for earlier in work.store.related("dispute", "charge", charge["id"])):
        raise ApiError(400, "The charge is disputed already.")
    charges.settle(work, charge)
    dispute = _document(work, charge, amount=left if amount is None else amount, reason=reason, inquiry=inquiry)
    work.insert(dispute)
    work.schedule("dispute_due", dispute["id"], in_seconds=EVIDENCE_SECONDS)
    if inquiry:
        work.schedule("inquiry_lapses", dispute["id"], in_seconds=_INQUIRY_SECONDS)
        work.emit("charge.dispute.created", dispute)
        return dispute
    _withdraw(work, dispute)
    work.emit("charge.dispute.created", dispute)
    work.emit("charge.dispute.funds_withdrawn", dispute)
    _mark_charge(work, charge)
    return dispute


def _document(work: Work, charge: Document, *, amount: int, reason: str, inquiry: bool) -> Document:
    brand = charge["payment_method_details"]["card"]["brand"]
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": work.now + EVIDENCE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": brand,
                "network_reason_code": _REASON_CODES.get(reason),
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
        "_": {},
    }


def _withdraw(work: Work, dispute: Document) -> None:
    dispute["balance_transactions"].append(
        _move(
            work,
            dispute,
            amount=-dispute["amount"],
            fee=FEE_MINOR,
            description=f"Chargeback withdrawal for {dispute['charge']}",
        )
    )
    work.save(dispute)


def _mark_charge(work: Work, charge: Document) -> None:
    if not charge["disputed"]:
        charge["disputed"] = True
        work.save(charge)
        work.emit("charge.updated", charge, before={"disputed": False})


def _is_closed(dispute: Document) -> bool:
    return dispute["status"] in ("won", "lost", "warning_closed")


def _is_inquiry(dispute: Document) -> bool:
    return str(dispute["status"]).startswith("warning")


def _move(work: Work, dispute: Document, *, amount: int, fee: int, description: str) -> Document:
    return views.public(
        work,
        balance.move(
            work,
            kind="adjustment",
            amount=amount,
            currency=dispute["currency"],
            source=dispute["id"],
            available_on=work.now,
            fee=fee,
            fee_description="Dispute fee",
            description=description,
            reporting_category="dispute" if amount < 0 else "dispute_reversal",
        ),
    )


def decide(work: Work, dispute: Document, *, won: bool) -> Document:
    """The issuer's decision. An inquiry is closed, whichever way."""
    if _is_closed(dispute):
        raise _closed()
    before = {"status": dispute["status"]}
    inquiry = _is_inquiry(dispute)
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    if won and not inquiry:
        kept = bool(work.option("dispute_fee_kept", 0))
        dispute["balance_transactions"].append(
            _move(
                work,
                dispute,
                amount=dispute["amount"],
                fee=0 if kept else -FEE_MINOR,
                description=f"Chargeback reversal for {dispute['charge']}",
            )
        )
        dispute["is_charge_refundable"] = True
    work.save(dispute)
    if won and not inquiry:
        work.emit("charge.dispute.funds_reinstated", dispute)
    work.emit("charge.dispute.closed", dispute, before=before)
    return dispute


def escalate(work: Work, dispute: Document) -> None:
    """The issuer makes a dispute of an inquiry: now the money leaves. Raises ApiError."""
    if not _is_inquiry(dispute) or _is_closed(dispute):
        raise ApiError(400, "Only an open inquiry can be escalated.")
    charge = work.referred(dispute["charge"])
    if charge["refunded"]:
        raise ApiError(400, "The charge has been refunded: there is nothing left to dispute.")
    before = {"status": dispute["status"]}
    dispute["amount"] = min(dispute["amount"], charge["amount"] - charge["amount_refunded"])
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    dispute["evidence_details"] |= {
        "due_by": work.now + EVIDENCE_SECONDS,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    work.schedule("dispute_due", dispute["id"], in_seconds=EVIDENCE_SECONDS)
    _withdraw(work, dispute)
    work.emit("charge.dispute.updated", dispute, before=before)
    work.emit("charge.dispute.funds_withdrawn", dispute)
    _mark_charge(work, charge)


def fall_due(work: Work, dispute_id: str) -> None:
    """The job at the end of the time for evidence: a dispute that nobody answered is lost."""
    dispute = work.get("dispute", dispute_id)
    waiting = dispute["status"] in ("needs_response", "warning_needs_response")
    if not waiting or dispute["evidence_details"]["due_by"] > work.now:
        return
    dispute["evidence_details"]["past_due"] = True
    work.save(dispute)
    work.emit("charge.dispute.updated", dispute, before={"evidence_details": {"past_due": False}})
    if dispute["status"] == "needs_response":
        decide(work, dispute, won=False)


def lapse(work: Work, dispute_id: str) -> None:
    """The job at the end of an inquiry that the issuer never made a dispute of."""
    dispute = work.get("dispute", dispute_id)
    if _is_inquiry(dispute) and not _is_closed(dispute):
        decide(work, dispute, won=True)


def after_refund(work: Work, charge: Document) -> None:
    """An inquiry is settled once the charge is refunded in full."""
    if charge["refunded"]:
        for dispute in work.store.related("dispute", "charge", charge["id"]):
            if _is_inquiry(dispute) and not _is_closed(dispute):
                decide(work, dispute, won=True)


def _closed() -> ApiError:
    return ApiError(400, "This dispute is already closed", stored=True)


def retrieve(work: Work, dispute_id: str) -> Document:
    return views.public(work, work.get("dispute", dispute_id))


def list_(work: Work) -> Document:
    return lists.page(work, "dispute", url="/v1/disputes")


def update(work: Work, dispute_id: str) -> Document:
    """Evidence, staged or submitted; the texts of Stripe's test mode decide at once."""
    dispute, params = work.get("dispute", dispute_id), work.params
    given = params.get("evidence") or {}
    before: dict[str, Any] = {}
    if "metadata" in params:
        before["metadata"] = dispute["metadata"]
        dispute["metadata"] = metadata.merged(dispute["metadata"], params["metadata"])
    if given or params.get("submit"):
        _check_open_for_evidence(dispute)
        before["evidence"] = {name: dispute["evidence"].get(name) for name in given}
        _take_evidence(work, dispute, given)
    submits = bool(params.get("submit", bool(given))) and dispute["evidence_details"]["has_evidence"]
    if submits:
        before["status"] = dispute["status"]
        dispute["evidence_details"] |= {"submission_count": 1, "submission_method": "manual"}
        dispute["status"] = "warning_under_review" if _is_inquiry(dispute) else "under_review"
    work.save(dispute)
    work.emit("charge.dispute.updated", dispute, before=before)
    if submits:
        match dispute["evidence"]["uncategorized_text"]:
            case "winning_evidence":
                decide(work, dispute, won=True)
            case "losing_evidence":
                decide(work, dispute, won=False)
            case "escalate_inquiry_evidence" if _is_inquiry(dispute):
                escalate(work, dispute)
    return views.public(work, dispute)


def _check_open_for_evidence(dispute: Document) -> None:
    if _is_closed(dispute):
        raise _closed()
    if dispute["evidence_details"]["submission_count"]:
        raise ApiError(400, "Evidence has already been submitted for this dispute.", stored=True)
    if dispute["evidence_details"]["past_due"]:
        raise ApiError(400, "The time to submit evidence for this dispute is over.", stored=True)


def _take_evidence(work: Work, dispute: Document, given: dict[str, Any]) -> None:
    if "enhanced_evidence" in given:
        raise ApiError(400, "The sandbox does not simulate enhanced evidence.", param="evidence[enhanced_evidence]")
    for name in _FILES:
        if given.get(name):
            files.check_evidence(work, given[name], param=f"evidence[{name}]")
    dispute["evidence"] |= {name: value or None for name, value in given.items()}
    texts = sum(len(value) for value in dispute["evidence"].values() if isinstance(value, str))
    if texts > _LONGEST_EVIDENCE:
        raise ApiError(
            400,
            f"The combined character count of your evidence is {texts}; the limit is {_LONGEST_EVIDENCE}.",
            param="evidence",
            stored=True,
        )
    dispute["evidence_details"]["has_evidence"] = any(dispute["evidence"][name] for name in _EVIDENCE)


def close(work: Work, dispute_id: str) -> Document:
    """The merchant accepts the loss; an inquiry cannot be lost, it is answered or refunded."""
    dispute = work.get("dispute", dispute_id)
    if _is_inquiry(dispute) and not _is_closed(dispute):
        raise ApiError(400, "An inquiry cannot be closed. Refund the charge or submit evidence.", stored=True)
    return views.public(work, decide(work, dispute, won=False))
