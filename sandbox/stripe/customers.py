"""Customers: who keeps cards, as little as payments need of them."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import lists, metadata, payment_methods, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_customer_id, random_text
from sandbox.stripe.work import Work

_TEXTS = ("description", "email", "name", "phone")


def create(work: Work) -> Document:
    customer: Document = {
        "id": new_customer_id(),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": work.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": random_text(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(work, customer, work.params)
    work.insert(customer)
    work.emit("customer.created", customer)
    return views.public(work, customer)


def _apply(work: Work, customer: Document, params: dict[str, Any]) -> None:
    for name in _TEXTS:
        if name in params:
            customer[name] = params[name] or None
    for name in ("address", "shipping"):
        if name in params:
            customer[name] = params[name] or None
    default = (params.get("invoice_settings") or {}).get("default_payment_method")
    if default is not None:
        if default and payment_methods.resolve(work, default)["customer"] != customer["id"]:
            raise ApiError(
                400,
                f"The customer does not have a payment method with the ID {default}. The payment method must be "
                "attached to the customer.",
                code="resource_missing",
                param="invoice_settings[default_payment_method]",
            )
        customer["invoice_settings"]["default_payment_method"] = default or None
    customer["metadata"] = metadata.merged(customer["metadata"], params.get("metadata"))


def update(work: Work, customer_id: str) -> Document:
    customer = work.get("customer", customer_id)
    before = {name: customer[name] for name in work.params if name in customer}
    _apply(work, customer, work.params)
    work.save(customer)
    work.emit("customer.updated", customer, before=before)
    return views.public(work, customer)


def delete(work: Work, customer_id: str) -> Document:
    """For good: the customer's cards go with it, its payments stay."""
    customer = work.get("customer", customer_id)
    for method in work.store.related("payment_method", "customer", customer_id):
        payment_methods.release(work, method)
    gone = {"id": customer_id, "object": "customer", "deleted": True}
    work.save(gone)
    work.emit("customer.deleted", customer)
    return gone


def retrieve(work: Work, customer_id: str) -> Document:
    found = work.store.find(customer_id)
    if found is not None and found[0].get("deleted"):
        return found[0]
    return views.public(work, work.get("customer", customer_id))


def list_(work: Work) -> Document:
    where: list[tuple[str, Any]] = [("COALESCE(json_extract(document, '$.deleted'), 0) = ?", 0)]
    if "email" in work.params:
        where.append(("json_extract(document, '$.email') = ?", work.params["email"]))
    return lists.page(work, "customer", url="/v1/customers", where=where)
