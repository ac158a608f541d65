"""Disputes: opened by the test cards for it, closed by the merchant or through the control API."""

from sandbox.store import Document
from sandbox.stripe import balance, cards, charges, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

# Stripe's European price for a dispute, taken in every currency as this many minor units.
FEE_MINOR = 2000
_EVIDENCE_SECONDS = 7 * 24 * 3600
_REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def open_(work: Work, charge_id: str) -> None:
    """The job behind the disputed test cards: the money and a fee leave the balance, unless it is an inquiry only."""
    charge = work.get("charge", charge_id)
    if charge["refunded"]:
        return
    card = cards.CARDS[charge["_"]["number"]]
    charges.settle(work, charge)
    amount = charge["amount"] - charge["amount_refunded"]
    reason = card.dispute or "general"
    dispute: Document = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_id,
        "created": work.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": work.now + _EVIDENCE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": card.inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card.brand,
                "case_type": "inquiry" if card.inquiry else "chargeback",
                "network": card.brand,
                "network_reason_code": _REASON_CODES.get(reason),
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if card.inquiry else "needs_response",
        "_": {},
    }
    if not card.inquiry:
        dispute["balance_transactions"].append(
            _move(work, dispute, amount=-amount, fee=FEE_MINOR, description=f"Chargeback withdrawal for {charge_id}")
        )
        charge["disputed"] = True
        work.save(charge)
    work.insert(dispute)
    work.emit("charge.dispute.created", dispute)
    if not card.inquiry:
        work.emit("charge.dispute.funds_withdrawn", dispute)
        work.emit("charge.updated", charge, before={"disputed": False})


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
    """The issuer's decision."""
    if dispute["status"] in ("won", "lost", "warning_closed"):
        raise ApiError(400, "This dispute is already closed", stored=True)
    before = {"status": dispute["status"]}
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    if won and not inquiry:
        dispute["balance_transactions"].append(
            _move(
                work,
                dispute,
                amount=dispute["amount"],
                fee=-FEE_MINOR,
                description=f"Chargeback reversal for {dispute['charge']}",
            )
        )
    work.save(dispute)
    if won and not inquiry:
        work.emit("charge.dispute.funds_reinstated", dispute)
    work.emit("charge.dispute.closed", dispute, before=before)
    return dispute


def retrieve(work: Work, dispute_id: str) -> Document:
    return views.public(work, work.get("dispute", dispute_id))


def list_(work: Work) -> Document:
    return lists.page(work, "dispute", url="/v1/disputes")


def update(work: Work, dispute_id: str) -> Document:
    """Evidence; the texts of Stripe's test mode decide at once."""
    dispute, params = work.get("dispute", dispute_id), work.params
    given = {name: value for name, value in (params.get("evidence") or {}).items() if name in _EVIDENCE}
    dispute["evidence"] |= given
    dispute["metadata"] = metadata.merged(dispute["metadata"], params.get("metadata"))
    if given:
        dispute["evidence_details"]["has_evidence"] = True
    if given and params.get("submit", True):
        dispute["evidence_details"] |= {"submission_count": 1, "submission_method": "manual"}
        dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
    work.save(dispute)
    work.emit("charge.dispute.updated", dispute, before={})
    verdict = given.get("uncategorized_text")
    if verdict in ("winning_evidence", "losing_evidence"):
        decide(work, dispute, won=verdict == "winning_evidence")
    return views.public(work, dispute)


def close(work: Work, dispute_id: str) -> Document:
    """The merchant accepts the loss."""
    return views.public(work, decide(work, work.get("dispute", dispute_id), won=False))
