"""Shipping rates, as hosted Checkout offers them: https://docs.stripe.com/payments/during-payment/charge-shipping"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import currencies, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work


def create(work: Work) -> Document:
    return views.public(work, work.insert(document(work, work.params)))


def document(work: Work, params: dict[str, Any]) -> Document:
    """Not stored yet. Raises ApiError."""
    if "fixed_amount" not in params:
        raise ApiError(400, "Missing required param: fixed_amount.", code="parameter_missing", param="fixed_amount")
    amount = params["fixed_amount"]
    if amount.get("currency_options"):
        raise ApiError(400, "The sandbox does not simulate currency_options.", param="fixed_amount")
    if amount["amount"] < 0:
        raise ApiError(400, "Invalid non-negative integer", code="parameter_invalid_integer", param="fixed_amount")
    estimate = params.get("delivery_estimate")
    return {
        "id": new_id("shr"),
        "object": "shipping_rate",
        "active": True,
        "created": work.now,
        "delivery_estimate": {"maximum": None, "minimum": None} | estimate if estimate else None,
        "display_name": params["display_name"],
        "fixed_amount": {"amount": amount["amount"], "currency": currencies.check_currency(amount["currency"])},
        "livemode": False,
        "metadata": metadata.merged({}, params.get("metadata")),
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tax_code": params.get("tax_code"),
        "type": "fixed_amount",
        "_": {},
    }


def retrieve(work: Work, rate_id: str) -> Document:
    return views.public(work, work.get("shipping_rate", rate_id))


def list_(work: Work) -> Document:
    return lists.page(work, "shipping_rate", url="/v1/shipping_rates")
