"""Documents as PayPal sends them, for tests of what we read in them."""

from typing import Any

Document = dict[str, Any]
BASE = "http://127.0.0.1:9"
MADE_AT, TAKEN_AT = "2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z"


def amount(value: str, currency: str = "EUR") -> Document:
    return {"currency_code": currency, "value": value}


def link(relation: str, href: str) -> Document:
    return {"rel": relation, "href": href, "method": "GET"}


def capture(**changed: Any) -> Document:
    return {
        "id": "CAP1",
        "status": "COMPLETED",
        "amount": amount("42.00"),
        "final_capture": True,
        "custom_id": "pay_1",
        "seller_receivable_breakdown": {
            "gross_amount": amount("42.00"),
            "paypal_fee": amount("1.61"),
            "net_amount": amount("40.39"),
        },
        "supplementary_data": {"related_ids": {"order_id": "ORDER1"}},
        "create_time": TAKEN_AT,
        "update_time": TAKEN_AT,
        **changed,
    }


def authorization(**changed: Any) -> Document:
    return {
        "id": "AUTH1",
        "status": "CREATED",
        "amount": amount("42.00"),
        "expiration_time": "2026-03-30T10:05:00Z",
        "create_time": TAKEN_AT,
        **changed,
    }


def refund(**changed: Any) -> Document:
    return {
        "id": "REF1",
        "status": "COMPLETED",
        "amount": amount("10.00"),
        "custom_id": "ref_1.1",
        "links": [link("self", f"{BASE}/v2/payments/refunds/REF1"), link("up", f"{BASE}/v2/payments/captures/CAP1")],
        "create_time": TAKEN_AT,
        **changed,
    }


def order(**changed: Any) -> Document:
    """`payments` goes into the purchase unit; `value` and `currency` are its amount."""
    payments = changed.pop("payments", None)
    unit = {
        "reference_id": "a" * 64,
        "custom_id": "pay_1",
        "invoice_id": "ord:1-pay:1",
        "amount": amount(changed.pop("value", "42.00"), changed.pop("currency", "EUR")),
    }
    return {
        "id": "ORDER1",
        "intent": "CAPTURE",
        "status": "PAYER_ACTION_REQUIRED",
        "purchase_units": [unit if payments is None else {**unit, "payments": payments}],
        "create_time": MADE_AT,
        "links": [
            link("self", f"{BASE}/v2/checkout/orders/ORDER1"),
            link("payer-action", "https://www.sandbox.paypal.com/checkoutnow?token=ORDER1"),
        ],
        **changed,
    }


def paid(**changed: Any) -> Document:
    return order(status="COMPLETED", payments={"captures": [capture()]}, **changed)


def error(issue: str, *, name: str = "UNPROCESSABLE_ENTITY", links: list[Document] | None = None) -> Document:
    return {
        "name": name,
        "message": "The requested action could not be performed.",
        "debug_id": "d1",
        "details": [{"issue": issue, "description": f"About {issue}."}],
        "links": links or [],
    }
