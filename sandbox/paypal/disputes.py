"""Disputes: https://developer.paypal.com/docs/api/customer-disputes/v1/

The control API opens and decides them. From the start the disputed money is held: it cannot be used, and it cannot be
refunded. The hold ends with the case, in the seller's favour or with a reversal of the payment.
"""

from typing import Any

from sandbox.paypal import balance, captures, currencies, funding
from sandbox.paypal.currencies import money
from sandbox.paypal.errors import ApiError, invalid, not_found, refused
from sandbox.paypal.ids import dispute_id, transaction_id
from sandbox.paypal.work import MERCHANT_EMAIL, MERCHANT_ID, Work, shown
from sandbox.store import Document

REASONS = (
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED", "UNAUTHORISED",
    "CREDIT_NOT_PROCESSED", "DUPLICATE_TRANSACTION", "INCORRECT_AMOUNT", "PAYMENT_BY_OTHER_MEANS",
    "CANCELED_RECURRING_BILLING", "PROBLEM_WITH_REMITTANCE", "OTHER",
)  # fmt: skip
OUTCOMES = ("RESOLVED_SELLER_FAVOUR", "RESOLVED_BUYER_FAVOUR", "CANCELED_BY_BUYER")
CHANNELS = ("INTERNAL", "EXTERNAL")
# An inquiry is between buyer and seller; once it is escalated (or a card's issuer is behind it) it is decided.
STAGES = ("CHARGEBACK", "INQUIRY")
_RESPONSE_SECONDS = 10 * 24 * 3600
_EVENT_SUMMARY = {
    "CREATED": "A new dispute opened with Case # {}",
    "UPDATED": "Case # {} was updated",
    "RESOLVED": "A dispute was resolved with case # {}",
}


# ---------------------------------------------------------------------- control
def open_(
    work: Work,
    capture: Document,
    *,
    amount: int | None,
    reason: str,
    channel: str,
    stage: str,
    message: str | None,
) -> Document:
    """The buyer (INTERNAL) or the card's issuer (EXTERNAL) disputes a payment. Raises ApiError."""
    left = capture["_"]["amount"] - capture["_"]["refunded"]
    disputed = left if amount is None else amount
    if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED") or not 0 < disputed <= left:
        raise refused("TRANSACTION_NOT_DISPUTABLE")
    if capture["_"]["dispute"]:
        raise refused("TRANSACTION_DISPUTED")
    currency = capture["amount"]["currency_code"]
    new_id = dispute_id()
    dispute: Document = {
        "id": new_id,
        "dispute_id": new_id,
        "create_time": work.time(),
        "update_time": work.time(),
        "disputed_transactions": [_transaction(capture)],
        "reason": reason,
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_amount": money(disputed, currency),
        "dispute_life_cycle_stage": stage,
        "dispute_channel": channel,
        "seller_response_due_date": work.time(in_seconds=_RESPONSE_SECONDS),
        "_": {
            "capture": capture["id"],
            "order": capture["_"]["order"],
            "amount": disputed,
            "channel": channel,
            "evidence": [],
        },
    }
    if message:
        dispute["messages"] = [{"posted_by": "BUYER", "time_posted": work.time(), "content": message}]
    work.insert("paypal_dispute", dispute)
    capture["_"]["dispute"] = {"id": new_id, "channel": channel}
    work.save(capture)
    balance.move(work, code=balance.HOLD, amount=-disputed, currency=currency, subject=new_id, reference=capture["id"])
    _tell(work, "CREATED", dispute)
    return dispute


def _transaction(capture: Document) -> dict[str, Any]:
    transaction: dict[str, Any] = {
        "buyer_transaction_id": transaction_id(),
        "seller_transaction_id": capture["id"],
        "create_time": capture["create_time"],
        "transaction_status": "COMPLETED",
        "gross_amount": capture["amount"],
        "buyer": {"name": " ".join(funding.BUYER_NAME.values())},
        "seller": {"email": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID, "name": "Sandbox shop"},
    }
    if "custom_id" in capture:
        transaction["custom"] = capture["custom_id"]
    if "invoice_id" in capture:
        transaction["invoice_number"] = capture["invoice_id"]
    return transaction


def escalate(work: Work, dispute: Document) -> Document:
    """The buyer turns an inquiry into a claim. Raises ApiError when it is none."""
    if dispute["status"] == "RESOLVED" or dispute["dispute_life_cycle_stage"] != "INQUIRY":
        raise refused("DISPUTE_NOT_ESCALATABLE")
    dispute["dispute_life_cycle_stage"] = "CHARGEBACK"
    dispute["seller_response_due_date"] = work.time(in_seconds=_RESPONSE_SECONDS)
    work.save(dispute)
    _tell(work, "UPDATED", dispute)
    return dispute


def settle(work: Work, dispute: Document, *, outcome: str, fee: bool = True) -> Document:
    """The decision. Raises ApiError when there is one already."""
    if dispute["status"] == "RESOLVED":
        raise refused("DISPUTE_ALREADY_RESOLVED")
    capture, amount = work.referred(dispute["_"]["capture"]), dispute["_"]["amount"]
    currency, lost = dispute["dispute_amount"]["currency_code"], outcome in ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")
    balance.move(
        work,
        code=balance.HOLD_RELEASED,
        amount=amount,
        currency=currency,
        subject=dispute["id"],
        reference=capture["id"],
    )
    capture["_"]["dispute"] = None
    work.save(capture)
    dispute |= {"status": "RESOLVED", "dispute_outcome": {"outcome_code": outcome}}
    dispute.pop("seller_response_due_date", None)
    chargeback = dispute["_"]["channel"] == "EXTERNAL"
    if lost:
        dispute["dispute_outcome"]["amount_refunded"] = dispute["dispute_amount"]
        dispute["money_movements"] = [_movement(work, amount, currency, "DISPUTE_SETTLEMENT")]
        captures.reverse(work, capture, amount=amount, code=balance.CHARGEBACK if chargeback else balance.REVERSAL)
        if fee and dispute["dispute_life_cycle_stage"] != "INQUIRY":
            _charge(work, dispute, currency, chargeback=chargeback)
    work.save(dispute)
    _tell(work, "RESOLVED", dispute)
    return dispute


def _charge(work: Work, dispute: Document, currency: str, *, chargeback: bool) -> None:
    price = currencies.dispute_fee_minor(currency, chargeback=chargeback)
    dispute["money_movements"].append(
        _movement(work, price, currency, "CHARGEBACK_FEE" if chargeback else "DISPUTE_FEE")
    )
    balance.move(
        work,
        code=balance.CHARGEBACK_FEE if chargeback else balance.DISPUTE_FEE,
        amount=-price,
        currency=currency,
        subject=dispute["id"],
        reference=dispute["_"]["capture"],
    )


def _movement(work: Work, amount: int, currency: str, reason: str) -> dict[str, Any]:
    return {
        "affected_party": "SELLER",
        "amount": money(amount, currency),
        "initiated_time": work.time(),
        "type": "DEBIT",
        "reason": reason,
    }


def _tell(work: Work, what: str, dispute: Document) -> None:
    summary = _EVENT_SUMMARY[what].format(dispute["id"])
    work.emit(f"CUSTOMER.DISPUTE.{what}", "dispute", whole(work, dispute), summary=summary)


# ---------------------------------------------------------------------- the seller
def get(work: Work, wanted: str) -> Document:
    found = work.store.find(wanted)
    if found is None or found[0]["object"] != "paypal_dispute":
        raise not_found("id", wanted)
    return found[0]


def retrieve(work: Work, wanted: str) -> Document:
    return get(work, wanted)


def list_(work: Work) -> Document:
    """Newest first; `disputed_transaction_id`, `dispute_state` and `update_time_...` narrow it down."""
    wanted = work.query
    found = work.store.select("paypal_dispute", account=None)
    if "disputed_transaction_id" in wanted:
        found = [item for item in found if item["_"]["capture"] == wanted["disputed_transaction_id"]]
    if "dispute_state" in wanted:
        states = wanted["dispute_state"].split(",")
        found = [item for item in found if _state(item) in states]
    after, before = wanted.get("update_time_after", ""), wanted.get("update_time_before", "9")
    found = [item for item in found if after <= item["update_time"] <= before]
    size, page = int(wanted.get("page_size", "10")), int(wanted.get("next_page_token") or "1")
    shown_now = found[(page - 1) * size : page * size]
    links = [work.link("self", "/v1/customer/disputes")]
    if len(found) > page * size:
        links.append(work.link("next", f"/v1/customer/disputes?page_size={size}&next_page_token={page + 1}"))
    document: Document = {"links": links}
    if shown_now:
        document["items"] = [_listed(work, item) for item in shown_now]
    return document


_IN_LISTS = (
    "dispute_id", "create_time", "update_time", "reason", "status", "dispute_amount", "dispute_life_cycle_stage",
    "dispute_channel", "seller_response_due_date",
)  # fmt: skip


def _listed(work: Work, dispute: Document) -> Document:
    item = {name: dispute[name] for name in _IN_LISTS if name in dispute}
    links = [work.link("self", f"/v1/customer/disputes/{dispute['id']}")]
    return item | {"dispute_state": _state(dispute), "links": links}


def _state(dispute: Document) -> str:
    if dispute["dispute_life_cycle_stage"] == "INQUIRY" and dispute["status"] != "RESOLVED":
        return "OPEN_INQUIRIES"
    states = {"WAITING_FOR_SELLER_RESPONSE": "REQUIRED_ACTION", "UNDER_REVIEW": "UNDER_PAYPAL_REVIEW"}
    return states.get(dispute["status"], "RESOLVED")


def provide_evidence(work: Work, wanted: str) -> Document:
    """Texts and files; afterwards it is for PayPal to decide."""
    dispute = get(work, wanted)
    _evidence(work, dispute)
    return _next(work, dispute)


def appeal(work: Work, wanted: str) -> Document:
    raise _not_allowed(get(work, wanted), "APPEAL_NOT_ALLOWED")


def _waits_for_evidence(dispute: Document) -> bool:
    claimed = dispute["dispute_life_cycle_stage"] != "INQUIRY"
    return bool(claimed and dispute["status"] == "WAITING_FOR_SELLER_RESPONSE")


def _evidence(work: Work, dispute: Document) -> None:
    if not _waits_for_evidence(dispute):
        raise _not_allowed(dispute, "ACTION_NOT_ALLOWED")
    given, files = work.fields.get("evidences"), work.fields.get("_files", [])
    if not isinstance(given, list) or not given:
        raise invalid([{"field": "/input/evidences", "location": "body", "issue": "MISSING_REQUIRED_PARAMETER"}])
    for number, item in enumerate(given):
        if not isinstance(item, dict) or not isinstance(item.get("evidence_type"), str):
            at = f"/input/evidences/{number}/evidence_type"
            raise invalid([{"field": at, "location": "body", "issue": "MISSING_REQUIRED_PARAMETER"}])
    dispute["_"]["evidence"].append({"evidences": given, "files": files})
    dispute["evidences"] = [
        {name: item[name] for name in ("evidence_type", "evidence_info", "notes") if name in item} for item in given
    ]
    dispute["status"] = "UNDER_REVIEW"
    dispute.pop("seller_response_due_date", None)
    work.save(dispute)
    _tell(work, "UPDATED", dispute)


def accept_claim(work: Work, wanted: str) -> Document:
    """The seller gives in: the buyer gets the money, and no fee is charged."""
    dispute = get(work, wanted)
    if dispute["status"] == "RESOLVED":
        raise _not_allowed(dispute, "ACTION_NOT_ALLOWED")
    settle(work, dispute, outcome="ACCEPTED", fee=False)
    return _next(work, dispute)


def _not_allowed(dispute: Document, issue: str) -> ApiError:
    return refused(issue, "dispute_id", dispute["id"])


def _next(work: Work, dispute: Document) -> Document:
    return {"links": [work.link("self", f"/v1/customer/disputes/{dispute['id']}")]}


def whole(work: Work, dispute: Document) -> Document:
    at = f"/v1/customer/disputes/{dispute['id']}"
    links = [work.link("self", at)]
    if _waits_for_evidence(dispute):
        links += [work.link("provide_evidence", f"{at}/provide-evidence", "POST")]
    if dispute["status"] != "RESOLVED":
        links += [work.link("accept_claim", f"{at}/accept-claim", "POST")]
    return {name: value for name, value in shown(dispute).items() if name != "id"} | {"links": links}
