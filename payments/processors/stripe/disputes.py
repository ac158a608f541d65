"""Stripe's disputes: https://docs.stripe.com/disputes"""

import io
from typing import Any

import stripe

from common.money import Money
from payments.contracts import DisputeFound, EvidenceFile, EvidenceRequest
from payments.enums import DisputeReason, DisputeStatus, EvidenceKind
from payments.processors.stripe.client import errors_are_ours
from payments.processors.stripe.mapping import UnmappedStripeValue, moment

_STATUS = {
    "warning_needs_response": DisputeStatus.INQUIRY_NEEDS_RESPONSE,
    "warning_under_review": DisputeStatus.INQUIRY_UNDER_REVIEW,
    "warning_closed": DisputeStatus.INQUIRY_CLOSED,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "appeal_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "appeal_under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
# https://docs.stripe.com/disputes/categories; those of bank debits are of a kind that we don't take.
_REASON = {
    "fraudulent": DisputeReason.FRAUDULENT,
    "unrecognized": DisputeReason.UNRECOGNIZED,
    "duplicate": DisputeReason.DUPLICATE,
    "credit_not_processed": DisputeReason.CREDIT_NOT_PROCESSED,
    "product_not_received": DisputeReason.NOT_RECEIVED,
    "product_unacceptable": DisputeReason.NOT_AS_DESCRIBED,
    "subscription_canceled": DisputeReason.CANCELED,
    "bank_cannot_process": DisputeReason.OTHER,
    "check_returned": DisputeReason.OTHER,
    "customer_initiated": DisputeReason.OTHER,
    "debit_not_authorized": DisputeReason.FRAUDULENT,
    "general": DisputeReason.OTHER,
    "incorrect_account_details": DisputeReason.OTHER,
    "insufficient_funds": DisputeReason.OTHER,
    "noncompliant": DisputeReason.OTHER,
}
_EVIDENCE = {
    EvidenceKind.PRODUCT_DESCRIPTION: "product_description",
    EvidenceKind.CUSTOMER_NAME: "customer_name",
    EvidenceKind.CUSTOMER_EMAIL: "customer_email_address",
    EvidenceKind.SHIPPING_ADDRESS: "shipping_address",
    EvidenceKind.SHIPPING_CARRIER: "shipping_carrier",
    EvidenceKind.TRACKING_NUMBER: "shipping_tracking_number",
    EvidenceKind.SHIPPING_DATE: "shipping_date",
    EvidenceKind.SERVICE_DATE: "service_date",
    EvidenceKind.REFUND_POLICY: "refund_policy_disclosure",
    EvidenceKind.EXPLANATION: "uncategorized_text",
    EvidenceKind.RECEIPT: "receipt",
    EvidenceKind.CORRESPONDENCE: "customer_communication",
    EvidenceKind.PROOF_OF_DELIVERY: "shipping_documentation",
}


class StripeDisputes:
    """Stripe's `AnswersDisputes`."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def retrieve_dispute(self, processor_dispute_id: str) -> DisputeFound:
        with errors_are_ours("retrieve_dispute"):
            dispute = self._client.v1.disputes.retrieve(processor_dispute_id)
        return dispute_found(dispute)

    def submit_evidence(self, request: EvidenceRequest, *, idempotency_key: str) -> DisputeFound:
        """Files are uploaded first, each under a key of its own, so that a replay uploads and submits the same."""
        evidence: Any = {_EVIDENCE[EvidenceKind(kind)]: text for kind, text in request.texts.items()}
        for file in request.files:
            evidence[_EVIDENCE[EvidenceKind(file.kind)]] = self._upload(file, f"{idempotency_key}:{file.kind}")
        with errors_are_ours("submit_evidence"):
            dispute = self._client.v1.disputes.update(
                request.processor_dispute_id,
                {
                    "evidence": evidence,
                    "metadata": {"dispute": request.reference, "trace_id": request.trace_id},
                    "submit": True,
                },
                {"idempotency_key": idempotency_key},
            )
        return dispute_found(dispute)

    def accept_dispute(self, processor_dispute_id: str, *, idempotency_key: str) -> DisputeFound:
        with errors_are_ours("accept_dispute"):
            dispute = self._client.v1.disputes.close(processor_dispute_id, options={"idempotency_key": idempotency_key})
        return dispute_found(dispute)

    def _upload(self, file: EvidenceFile, idempotency_key: str) -> str:
        content = io.BytesIO(file.content)
        content.name = file.name
        with errors_are_ours("upload_evidence"):
            made = self._client.v1.files.create(
                {"purpose": "dispute_evidence", "file": content}, {"idempotency_key": idempotency_key}
            )
        return made.id


def dispute_found(dispute: stripe.Dispute) -> DisputeFound:
    """What was moved is read from the balance transactions, which are all there, and not from the status."""
    currency = dispute.currency.upper()
    withdrawn = reinstated = fee = 0
    for moved in dispute.balance_transactions:
        if moved.currency.upper() != currency:
            raise UnmappedStripeValue(f"dispute in {currency} moved {moved.currency}")
        withdrawn -= min(moved.amount, 0)
        reinstated += max(moved.amount, 0)
        fee += moved.fee
    due_by = dispute.evidence_details.due_by
    intent = dispute.payment_intent
    return DisputeFound(
        processor="stripe",
        processor_dispute_id=dispute.id,
        processor_charge_id=dispute.charge if isinstance(dispute.charge, str) else dispute.charge.id,
        status=_status(dispute.status, is_money_gone=withdrawn > reinstated),
        reason=_reason(dispute.reason),
        processor_reason=dispute.reason,
        amount=Money(dispute.amount, currency),
        withdrawn=Money(withdrawn, currency),
        reinstated=Money(reinstated, currency),
        fee=Money(fee, currency),
        evidence_due_at=moment(due_by) if due_by else None,
        is_inquiry=dispute.status.startswith("warning_"),
        opened_at=moment(dispute.created),
        processor_payment_id=(intent if isinstance(intent, str) else intent.id) if intent else "",
    )


def _status(status: str, *, is_money_gone: bool) -> DisputeStatus:
    """`prevented`: settled before it became a dispute, either by giving the money back or by blocking it."""
    if status == "prevented":
        return DisputeStatus.LOST if is_money_gone else DisputeStatus.INQUIRY_CLOSED
    try:
        return _STATUS[status]
    except KeyError as error:
        raise UnmappedStripeValue(f"dispute status {status!r}") from error


def _reason(reason: str) -> DisputeReason:
    try:
        return _REASON[reason]
    except KeyError as error:
        raise UnmappedStripeValue(f"dispute reason {reason!r}") from error
