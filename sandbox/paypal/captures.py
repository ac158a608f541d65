"""Captures and their refunds: https://developer.paypal.com/docs/api/payments/v2/"""

from typing import Any

from sandbox.paypal import balance, currencies, events, funding, pricing
from sandbox.paypal.currencies import money
from sandbox.paypal.errors import refused
from sandbox.paypal.ids import transaction_id
from sandbox.paypal.work import MERCHANT_EMAIL, MERCHANT_ID, Work, shown
from sandbox.store import Document

# Refunds are possible for 180 days.
_REFUNDABLE_SECONDS = 180 * 24 * 3600
_PROTECTED = {"status": "ELIGIBLE", "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]}
_NOT_IN_ORDERS = ("supplementary_data", "payee")


# ---------------------------------------------------------------------- captures
def take(
    work: Work,
    *,
    order: Document,
    unit: dict[str, Any],
    amount: int,
    final: bool,
    parent: Document,
    more: dict[str, Any] | None = None,
) -> Document:
    """Takes `amount` (minor units) from the buyer; `parent` is the order or the authorization."""
    currency = unit["amount"]["currency_code"]
    authorization = parent["id"] if parent["object"] == "paypal_authorization" else None
    related = {"order_id": order["id"]} | ({"authorization_id": authorization} if authorization else {})
    capture: Document = {
        "id": transaction_id(),
        "status": "PENDING",
        "amount": money(amount, currency),
        "final_capture": final,
        "seller_protection": _PROTECTED,
        "disbursement_mode": "INSTANT",
        "supplementary_data": {"related_ids": related},
        "payee": {"email_address": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID},
        "create_time": work.time(),
        "update_time": work.time(),
        **{name: unit[name] for name in ("custom_id", "invoice_id") if name in unit},
        **(more or {}),
        "_": {
            "order": order["id"],
            "reference_id": unit["reference_id"],
            "authorization": authorization,
            "amount": amount,
            "refunded": 0,
            "funding": order["_"]["funding"],
            "vaulted": "vault_id" in order["_"],
            "dispute": None,
        },
    }
    work.insert("paypal_capture", capture)
    outcome = funding.FUNDING[order["_"]["funding"]].captures
    if outcome == "COMPLETED":
        complete(work, capture["id"])
        return work.referred(capture["id"])
    capture["status_details"] = {"reason": "PENDING_REVIEW"}
    work.save(capture)
    work.emit(
        "PAYMENT.CAPTURE.PENDING",
        "capture",
        whole(work, capture),
        summary=f"Payment pending for {events.described(capture['amount'])}",
    )
    work.schedule(
        "capture_completes" if outcome == "PENDING" else "capture_denied",
        capture["id"],
        in_seconds=pending_seconds(work),
    )
    return capture


def pending_seconds(work: Work) -> float:
    return work.option("paypal_pending_seconds", funding.PENDING_SECONDS)


def complete(work: Work, capture_id: str) -> None:
    """The money is there."""
    capture = work.referred(capture_id)
    amount, currency = capture["_"]["amount"], capture["amount"]["currency_code"]
    fee = currencies.fee_minor(amount, currency)
    capture["status"] = "COMPLETED"
    capture.pop("status_details", None)
    capture["seller_receivable_breakdown"] = {
        "gross_amount": money(amount, currency),
        "paypal_fee": money(fee, currency),
        "net_amount": money(amount - fee, currency),
    }
    work.save(capture)
    code = balance.VAULTED_PAYMENT if capture["_"]["vaulted"] else balance.PAYMENT
    balance.move(
        work, code=code, amount=amount, fee=fee, currency=currency, subject=capture["id"], movement_id=capture["id"]
    )
    work.emit(
        "PAYMENT.CAPTURE.COMPLETED",
        "capture",
        whole(work, capture),
        summary=f"Payment completed for {events.described(capture['amount'])}",
    )


def deny(work: Work, capture_id: str) -> None:
    """The pending payment fails; no money has moved, and what was reserved for it is reserved still."""
    capture = work.referred(capture_id)
    capture["status"] = "DECLINED"
    capture.pop("status_details", None)
    work.save(capture)
    if capture["_"]["authorization"]:
        _give_back(work, capture["_"]["authorization"], capture["_"]["amount"])
    work.emit(
        "PAYMENT.CAPTURE.DENIED",
        "capture",
        whole(work, capture),
        summary=f"Payment denied for {events.described(capture['amount'])}",
    )


def _give_back(work: Work, authorization_id: str, amount: int) -> None:
    authorization = work.referred(authorization_id)
    inside = authorization["_"]
    inside["captured"] -= amount
    if not inside.get("expired"):
        inside["closed"] = False
        authorization["status"] = "PARTIALLY_CAPTURED" if inside["captured"] else "CREATED"
    work.save(authorization)
    if inside["parent"]:
        _give_back(work, inside["parent"], amount)


def invoice_taken(work: Work, invoice_id: str, *, order_id: str) -> bool:
    """The simulated account accepts each invoice id for one order only."""
    return any(
        other["_"]["order"] != order_id and other["status"] not in ("DECLINED", "VOIDED")
        for kind in ("paypal_capture", "paypal_authorization")
        for other in work.store.related(kind, "invoice_id", invoice_id)
    )


def retrieve(work: Work, capture_id: str) -> Document:
    return work.get("paypal_capture", capture_id, field="capture_id")


def whole(work: Work, capture: Document) -> Document:
    at = f"/v2/payments/captures/{capture['id']}"
    above = capture["_"]["authorization"]
    up = f"/v2/payments/authorizations/{above}" if above else f"/v2/checkout/orders/{capture['_']['order']}"
    links = [work.link("self", at), work.link("refund", f"{at}/refund", "POST"), work.link("up", up)]
    return shown(capture) | {"links": links}


def embedded(work: Work, capture: Document) -> Document:
    """As it stands in an order."""
    return {name: value for name, value in whole(work, capture).items() if name not in _NOT_IN_ORDERS}


# ---------------------------------------------------------------------- refunds
def refund(work: Work, capture_id: str) -> Document:
    capture, given = retrieve(work, capture_id), work.fields
    left = capture["_"]["amount"] - capture["_"]["refunded"]
    _check_refundable(work, capture, left)
    currency = capture["amount"]["currency_code"]
    asked = given.get("amount")
    if asked is not None and asked["currency_code"] != currency:
        raise refused("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", asked["currency_code"])
    amount = left if asked is None else pricing.amount_of(asked, "/amount", no_decimals="DECIMALS_NOT_SUPPORTED")
    if amount > left:
        raise refused("REFUND_AMOUNT_EXCEEDED", "/amount/value", asked["value"] if asked else None)
    invoice = given.get("invoice_id")
    if invoice and work.store.related("paypal_refund", "invoice_id", invoice):
        raise refused("DUPLICATE_INVOICE_ID", "/invoice_id", invoice)
    outcome = funding.FUNDING[capture["_"]["funding"]].refunds
    document = _booked(work, capture, amount, code=balance.REFUND, given=given)
    if outcome == "COMPLETED":
        succeed(work, document["id"])
        return work.referred(document["id"])
    document |= {"status": "PENDING", "status_details": {"reason": "ECHECK"}}
    work.save(document)
    work.emit(
        "PAYMENT.REFUND.PENDING",
        "refund",
        whole_refund(work, document),
        summary=f"A {events.described(document['amount'])} refund is pending",
    )
    work.schedule(
        "refund_succeeds" if outcome == "PENDING" else "refund_fails", document["id"], in_seconds=pending_seconds(work)
    )
    return document


def _check_refundable(work: Work, capture: Document, left: int) -> None:
    if capture["status"] == "PENDING":
        raise refused("PENDING_CAPTURE")
    if capture["status"] == "DECLINED":
        raise refused("REFUND_NOT_ALLOWED")
    if capture["_"]["dispute"]:
        chargeback = capture["_"]["dispute"]["channel"] == "EXTERNAL"
        raise refused("REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK" if chargeback else "TRANSACTION_DISPUTED")
    if left == 0:
        raise refused("CAPTURE_FULLY_REFUNDED")
    if work.now > capture["created"] + _REFUNDABLE_SECONDS:
        raise refused("REFUND_TIME_LIMIT_EXCEEDED")


def _booked(work: Work, capture: Document, amount: int, *, code: str, given: dict[str, Any]) -> Document:
    """The money goes back: it leaves the balance at once, whatever becomes of the refund. The fee stays with PayPal."""
    currency = capture["amount"]["currency_code"]
    capture["_"]["refunded"] += amount
    capture["status"] = "REFUNDED" if capture["_"]["refunded"] == capture["_"]["amount"] else "PARTIALLY_REFUNDED"
    work.save(capture)
    document: Document = {
        "id": transaction_id(),
        "status": "PENDING",
        "amount": money(amount, currency),
        "seller_payable_breakdown": {
            "gross_amount": money(amount, currency),
            "paypal_fee": money(0, currency),
            "net_amount": money(amount, currency),
            "total_refunded_amount": money(capture["_"]["refunded"], currency),
        },
        "payer": {"email_address": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID},
        "create_time": work.time(),
        "update_time": work.time(),
        **{name: given[name] for name in ("custom_id", "invoice_id", "note_to_payer") if name in given},
        "_": {
            "order": capture["_"]["order"],
            "reference_id": capture["_"]["reference_id"],
            "capture": capture["id"],
            "amount": amount,
        },
    }
    balance.move(
        work,
        code=code,
        amount=-amount,
        currency=currency,
        subject=document["id"],
        movement_id=document["id"],
        reference=capture["id"],
    )
    return work.insert("paypal_refund", document)


def succeed(work: Work, refund_id: str) -> None:
    """The buyer has the money."""
    document = work.referred(refund_id)
    document["status"] = "COMPLETED"
    document.pop("status_details", None)
    work.save(document)
    work.emit(
        "PAYMENT.CAPTURE.REFUNDED",
        "refund",
        whole_refund(work, document),
        summary=f"A {events.described(document['amount'])} capture payment was refunded",
    )


def fail(work: Work, refund_id: str) -> None:
    """The refund comes back: the money is on the balance again, and may be refunded again."""
    document = work.referred(refund_id)
    capture = work.referred(document["_"]["capture"])
    document["status"] = "FAILED"
    document.pop("status_details", None)
    capture["_"]["refunded"] -= document["_"]["amount"]
    capture["status"] = "PARTIALLY_REFUNDED" if capture["_"]["refunded"] else "COMPLETED"
    work.save(document)
    work.save(capture)
    balance.move(
        work,
        code=balance.REFUND_RETURNED,
        amount=document["_"]["amount"],
        currency=document["amount"]["currency_code"],
        subject=document["id"],
        reference=document["id"],
    )
    work.emit(
        "PAYMENT.REFUND.FAILED",
        "refund",
        whole_refund(work, document),
        summary=f"A {events.described(document['amount'])} refund failed",
    )


def reverse(work: Work, capture: Document, *, amount: int, code: str = balance.REVERSAL) -> Document:
    """PayPal itself takes the payment, or part of it, back."""
    document = _booked(work, capture, amount, code=code, given={})
    document["status"] = "COMPLETED"
    work.save(document)
    work.emit(
        "PAYMENT.CAPTURE.REVERSED",
        "refund",
        whole_refund(work, document),
        summary=f"A {events.described(document['amount'])} capture payment was reversed",
    )
    return document


def retrieve_refund(work: Work, refund_id: str) -> Document:
    return work.get("paypal_refund", refund_id, field="refund_id")


def whole_refund(work: Work, document: Document) -> Document:
    links = [
        work.link("self", f"/v2/payments/refunds/{document['id']}"),
        work.link("up", f"/v2/payments/captures/{document['_']['capture']}"),
    ]
    return shown(document) | {"links": links}


embedded_refund = whole_refund
