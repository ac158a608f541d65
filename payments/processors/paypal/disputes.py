"""Disputes at PayPal (Customer Disputes v1): plain calls, as the SDK has none of them.

https://developer.paypal.com/docs/api/customer-disputes/v1/
"""

import dataclasses
import json
import re
from typing import Any

from common.money import Money
from payments.contracts import DisputeFound, EvidenceRequest, ProcessorRefused
from payments.enums import DisputeReason, DisputeStatus, EvidenceKind
from payments.processors.paypal import mapping
from payments.processors.paypal.amounts import UnmappedPayPalValue, money_in
from payments.processors.paypal.client import Document, PayPalClient
from payments.processors.paypal.related import order_of_capture

_PATH = "/v1/customer/disputes"
_REASON = {
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED": DisputeReason.NOT_RECEIVED,
    "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED": DisputeReason.NOT_AS_DESCRIBED,
    "UNAUTHORISED": DisputeReason.FRAUDULENT,
    "CREDIT_NOT_PROCESSED": DisputeReason.CREDIT_NOT_PROCESSED,
    "DUPLICATE_TRANSACTION": DisputeReason.DUPLICATE,
    "INCORRECT_AMOUNT": DisputeReason.OTHER,
    "PAYMENT_BY_OTHER_MEANS": DisputeReason.DUPLICATE,
    "CANCELED_RECURRING_BILLING": DisputeReason.CANCELED,
    "PROBLEM_WITH_REMITTANCE": DisputeReason.OTHER,
    "OTHER": DisputeReason.OTHER,
}
_WAITS_FOR_US, _BEING_DECIDED = True, False
_STATUS = {
    "OPEN": _WAITS_FOR_US,
    "WAITING_FOR_SELLER_RESPONSE": _WAITS_FOR_US,
    "WAITING_FOR_BUYER_RESPONSE": _BEING_DECIDED,
    "UNDER_REVIEW": _BEING_DECIDED,
    "OTHER": _BEING_DECIDED,
}
_IS_LOST = {
    "RESOLVED_BUYER_FAVOUR": True,
    "ACCEPTED": True,
    "RESOLVED_SELLER_FAVOUR": False,
    "CANCELED_BY_BUYER": False,
    "DENIED": False,
    # PayPal paid the buyer out of its own pocket.
    "RESOLVED_WITH_PAYOUT": False,
    "NONE": False,
}
_IS_INQUIRY = {"INQUIRY": True, "CHARGEBACK": False, "PRE_ARBITRATION": False, "ARBITRATION": False}
_IS_FEE = {
    "DISPUTE_SETTLEMENT": False,
    "DISPUTE_SETTLEMENT_FEE": True,
    "DISPUTE_FEE": True,
    "CHARGEBACK_FEE": True,
}
# What PayPal calls each piece of evidence. Facts that have no type of their own go together as the order's details.
_EVIDENCE_TYPE = {
    EvidenceKind.PRODUCT_DESCRIPTION: "ITEM_DESCRIPTION",
    EvidenceKind.CUSTOMER_NAME: "ORDER_DETAILS",
    EvidenceKind.CUSTOMER_EMAIL: "ORDER_DETAILS",
    EvidenceKind.SHIPPING_ADDRESS: "DELIVERY_ADDRESS",
    EvidenceKind.SHIPPING_CARRIER: "PROOF_OF_FULFILLMENT",
    EvidenceKind.TRACKING_NUMBER: "PROOF_OF_FULFILLMENT",
    EvidenceKind.SHIPPING_DATE: "ORDER_DETAILS",
    EvidenceKind.SERVICE_DATE: "ORDER_DETAILS",
    EvidenceKind.REFUND_POLICY: "RETURN_POLICY",
    EvidenceKind.EXPLANATION: "MERCHANT_RESPONSE",
    EvidenceKind.RECEIPT: "PROOF_OF_RECEIPT_COPY",
    EvidenceKind.CORRESPONDENCE: "OTHER",
    EvidenceKind.PROOF_OF_DELIVERY: "DELIVERY_RECEIPT",
}
_TRACKING = "PROOF_OF_FULFILLMENT"
_MAX_NOTES = 2000
_EXTENSION = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif",
              "text/plain": "txt"}  # fmt: skip


class PayPalDisputes:
    """`AnswersDisputes` at PayPal, which takes no key of ours here: what was sent already is seen by a look-up."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def retrieve_dispute(self, processor_dispute_id: str) -> DisputeFound:
        found = dispute_found(self._client.rest("retrieve_dispute", "GET", f"{_PATH}/{_safe(processor_dispute_id)}"))
        order = order_of_capture(self._client, found.processor_charge_id)
        return dataclasses.replace(found, processor_payment_id=order)

    def submit_evidence(self, request: EvidenceRequest, *, idempotency_key: str) -> DisputeFound:
        names = [f"{file.kind.replace('_', '-')}-{n}" for n, file in enumerate(request.files, start=1)]
        documents = [
            f"{name}.{_EXTENSION.get(file.content_type, 'bin')}"
            for name, file in zip(names, request.files, strict=True)
        ]
        files = [
            ("evidence-file", (name, file.content, file.content_type))
            for name, file in zip(documents, request.files, strict=True)
        ]
        return self._act(
            request.processor_dispute_id, "submit_evidence", "provide-evidence",
            {"evidences": _evidences(request, documents)}, files,
        )  # fmt: skip

    def accept_dispute(self, processor_dispute_id: str, *, idempotency_key: str) -> DisputeFound:
        return self._act(
            processor_dispute_id, "accept_dispute", "accept-claim",
            {"note": "We accept this claim.", "accept_claim_type": "REFUND"}, [],
        )  # fmt: skip

    def _act(
        self, dispute_id: str, call: str, action: str, given: Document, files: list[tuple[str, tuple[str, bytes, str]]]
    ) -> DisputeFound:
        part = ("input", ("input.json", json.dumps(given).encode(), "application/json"))
        before = None
        try:
            self._client.rest(call, "POST", f"{_PATH}/{_safe(dispute_id)}/{action}", files=[part, *files])
        except ProcessorRefused as refused:
            before = refused
        found = self.retrieve_dispute(dispute_id)
        waits = found.status in (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.INQUIRY_NEEDS_RESPONSE)
        if before is not None and (waits or (call == "accept_dispute" and found.status != DisputeStatus.LOST)):
            raise before
        return found


def dispute_found(dispute: Document) -> DisputeFound:
    """A whole dispute. Money moves for it when it is decided; until then PayPal holds it on our balance."""
    amount = money_in(dispute.get("dispute_amount"))
    is_inquiry = mapping.mapped(_IS_INQUIRY, dispute.get("dispute_life_cycle_stage"), "dispute stage")
    status = _status(dispute, is_inquiry)
    withdrawn, reinstated, fee = _moved(dispute, amount.currency)
    if status == DisputeStatus.LOST and not withdrawn:
        refunded = (dispute.get("dispute_outcome") or {}).get("amount_refunded")
        withdrawn = money_in(refunded) if refunded else amount
    transactions = dispute.get("disputed_transactions") or [{}]
    due = dispute.get("seller_response_due_date")
    reason = dispute.get("reason")
    return DisputeFound(
        processor=mapping.PROCESSOR,
        processor_dispute_id=str(dispute.get("dispute_id") or ""),
        processor_charge_id=str(transactions[0].get("seller_transaction_id") or ""),
        status=status,
        reason=mapping.mapped(_REASON, reason, "dispute reason"),
        processor_reason=str(reason).lower(),
        amount=amount,
        withdrawn=withdrawn,
        reinstated=reinstated,
        fee=fee,
        evidence_due_at=mapping.time_in(due) if due else None,
        is_inquiry=is_inquiry,
        opened_at=mapping.time_in(dispute.get("create_time")),
    )


def _status(dispute: Document, is_inquiry: bool) -> DisputeStatus:
    said = dispute.get("status")
    if said == "RESOLVED":
        outcome = (dispute.get("dispute_outcome") or {}).get("outcome_code", "NONE")
        if mapping.mapped(_IS_LOST, outcome, "dispute outcome"):
            return DisputeStatus.LOST
        return DisputeStatus.INQUIRY_CLOSED if is_inquiry else DisputeStatus.WON
    if mapping.mapped(_STATUS, said, "dispute status"):
        return DisputeStatus.INQUIRY_NEEDS_RESPONSE if is_inquiry else DisputeStatus.NEEDS_RESPONSE
    return DisputeStatus.INQUIRY_UNDER_REVIEW if is_inquiry else DisputeStatus.UNDER_REVIEW


def _moved(dispute: Document, currency: str) -> tuple[Money, Money, Money]:
    """What was taken from us, what was given back, and the fees (less those that were returned)."""
    withdrawn = reinstated = fee = Money.zero(currency)
    for movement in dispute.get("money_movements") or []:
        if movement.get("affected_party") != "SELLER":
            continue
        amount, direction = money_in(movement.get("amount")), movement.get("type")
        if direction not in ("DEBIT", "CREDIT"):
            raise UnmappedPayPalValue(f"money movement {direction!r}")
        if mapping.mapped(_IS_FEE, movement.get("reason"), "money movement"):
            fee = fee + (amount if direction == "DEBIT" else -amount)
        elif direction == "DEBIT":
            withdrawn = withdrawn + amount
        else:
            reinstated = reinstated + amount
    return withdrawn, reinstated, fee


def _evidences(request: EvidenceRequest, documents: list[str]) -> list[dict[str, Any]]:
    """Texts of one type go together; files are named under the type that they belong to."""
    notes: dict[str, list[str]] = {}
    for kind, text in request.texts.items():
        known = EvidenceKind(kind)
        line = text if len(_kinds_of(_EVIDENCE_TYPE[known])) == 1 else f"{known.label}: {text}"
        notes.setdefault(_EVIDENCE_TYPE[known], []).append(line)
    named: dict[str, list[dict[str, str]]] = {}
    for file, name in zip(request.files, documents, strict=True):
        named.setdefault(_EVIDENCE_TYPE[EvidenceKind(file.kind)], []).append({"name": name})
    evidences: list[dict[str, Any]] = []
    for kind in sorted({*notes, *named}):
        evidence: dict[str, Any] = {"evidence_type": kind}
        if kind == _TRACKING:
            evidence["evidence_info"] = {"tracking_info": [_tracking(request)]}
        if kind in notes:
            evidence["notes"] = "\n".join(notes[kind])[:_MAX_NOTES]
        if kind in named:
            evidence["documents"] = named[kind]
        evidences.append(evidence)
    return evidences


def _kinds_of(evidence_type: str) -> list[EvidenceKind]:
    return [kind for kind, name in _EVIDENCE_TYPE.items() if name == evidence_type]


def _tracking(request: EvidenceRequest) -> dict[str, str]:
    """PayPal knows some carriers by a name of its own; ours are given in words."""
    return {
        "carrier_name": "OTHER",
        "carrier_name_other": request.texts.get(EvidenceKind.SHIPPING_CARRIER, "not named")[:255],
        "tracking_number": request.texts.get(EvidenceKind.TRACKING_NUMBER, "not tracked")[:255],
    }


def _safe(dispute_id: str) -> str:
    """An id as PayPal makes them; anything else must not become part of an address."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,255}", dispute_id):
        raise ProcessorRefused("this is no dispute of PayPal's", processor_code="invalid_id")
    return dispute_id
