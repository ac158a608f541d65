"""Orders: https://developer.paypal.com/docs/api/orders/v2/"""

from typing import Any

from sandbox.paypal import addresses, authorizations, captures, funding, pricing, vault
from sandbox.paypal.errors import ApiError, invalid, not_found, refused
from sandbox.paypal.ids import transaction_id
from sandbox.paypal.work import MERCHANT_EMAIL, MERCHANT_ID, Work, shown
from sandbox.store import Document

# The buyer has three hours to approve, and the shop three hours from then to capture.
LIFETIME_SECONDS = 3 * 3600

_WAITING = ("CREATED", "PAYER_ACTION_REQUIRED")


def get(work: Work, order_id: str) -> Document:
    """An order that is still there: one that has expired is gone. Raises ApiError."""
    order = work.get("paypal_order", order_id)
    if order["status"] in (*_WAITING, "APPROVED") and work.now > order["_"]["since"] + LIFETIME_SECONDS:
        raise not_found("order_id", order_id)
    return order


# ---------------------------------------------------------------------- create
def create(work: Work) -> Document:
    given = work.fields
    source = given.get("payment_source") or {}
    if source and not work.request_id:
        raise invalid([{"field": "PayPal-Request-Id", "location": "header", "issue": "PAYPAL_REQUEST_ID_REQUIRED"}])
    if source and "paypal" not in source:
        raise invalid([{"field": "/payment_source", "location": "body", "issue": "NOT_SUPPORTED"}])
    pricing.check(given["purchase_units"], intent=given["intent"])
    for unit in given["purchase_units"]:
        addresses.check(unit)
    wallet = source.get("paypal")
    order: Document = {
        "id": transaction_id(),
        "intent": given["intent"],
        "status": "CREATED" if wallet is None else "PAYER_ACTION_REQUIRED",
        "purchase_units": [_unit(unit) for unit in given["purchase_units"]],
        "create_time": work.time(),
        "_": {
            "since": work.now,
            "wallet": wallet or {},
            "context": (wallet or {}).get("experience_context") or given.get("application_context") or {},
            "funding": None,
            "save": False,
        },
    }
    if wallet is not None:
        order["payment_source"] = {"paypal": {}}
    order["_"]["order"] = order["id"]
    if wallet is not None and "vault_id" in wallet:
        return _paid_from_vault(work, order, wallet["vault_id"])
    work.insert("paypal_order", order)
    return order


def _unit(given: dict[str, Any]) -> dict[str, Any]:
    unit = {"reference_id": "default", **given}
    unit["payee"] = {"email_address": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID}
    unit.pop("payment_instruction", None)
    return unit


def _paid_from_vault(work: Work, order: Document, vault_id: str) -> Document:
    """A buyer who is not there: the saved PayPal account pays at once."""
    token = vault.usable(work, vault_id)
    order["_"] |= {"funding": token["_"]["funding"], "vault_id": vault_id, "since": work.now}
    work.insert("paypal_order", order)
    _identified(order)
    order["payment_source"]["paypal"]["attributes"] = {
        "vault": {"id": vault_id, "status": "VAULTED", "customer": token["customer"]}
    }
    return _paid(work, order)


# ---------------------------------------------------------------------- read and patch
def retrieve(work: Work, order_id: str) -> Document:
    return get(work, order_id)


def patch(work: Work, order_id: str) -> None:
    from sandbox.paypal import patches

    order = get(work, order_id)
    if order["status"] == "COMPLETED":
        raise refused("ORDER_ALREADY_COMPLETED")
    for change in work.changes:
        patches.apply(order, change)
    pricing.check(order["purchase_units"], intent=order["intent"])
    work.save(order)


# ---------------------------------------------------------------------- the buyer
def approve(work: Work, order: Document, *, funding_name: str, save: bool) -> None:
    """The buyer agrees on PayPal's page. Raises ApiError when there is nothing to agree to."""
    if order["status"] not in (*_WAITING, "APPROVED"):
        raise refused("ORDER_ALREADY_CAPTURED")
    order["_"] |= {"funding": funding_name, "save": save and vault.wanted(order["_"]["wallet"]), "since": work.now}
    order["status"] = "APPROVED"
    _identified(order)
    if order["_"]["save"]:
        order["payment_source"]["paypal"]["attributes"] = {"vault": {"status": "APPROVED"}}
    work.save(order)
    work.emit(
        "CHECKOUT.ORDER.APPROVED",
        "checkout-order",
        represented(work, order),
        summary="An order has been approved by buyer",
    )


def _identified(order: Document) -> None:
    """Now it is known who pays."""
    person = {
        "name": dict(funding.BUYER_NAME),
        "email_address": funding.BUYER_EMAIL,
        "address": {"country_code": funding.BUYER_COUNTRY},
    }
    order["payment_source"] = {"paypal": {**person, "account_id": funding.BUYER_ID, "account_status": "VERIFIED"}}
    order["payer"] = {**person, "payer_id": funding.BUYER_ID}


# ---------------------------------------------------------------------- pay
def capture(work: Work, order_id: str) -> Document:
    order = get(work, order_id)
    if order["intent"] != "CAPTURE":
        raise refused("ACTION_DOES_NOT_MATCH_INTENT")
    if order["status"] in ("COMPLETED", "VOIDED"):
        raise refused("ORDER_ALREADY_CAPTURED")
    return _pay_approved(work, order)


def authorize(work: Work, order_id: str) -> Document:
    order = get(work, order_id)
    if order["intent"] != "AUTHORIZE":
        raise refused("ACTION_DOES_NOT_MATCH_INTENT")
    if order["status"] in ("COMPLETED", "VOIDED"):
        raise refused("ORDER_ALREADY_AUTHORIZED")
    return _pay_approved(work, order)


def _pay_approved(work: Work, order: Document) -> Document:
    if order["status"] != "APPROVED":
        raise refused("ORDER_NOT_APPROVED")
    return _paid(work, order)


def _paid(work: Work, order: Document) -> Document:
    chosen = funding.FUNDING[order["_"]["funding"]]
    if chosen.captures == "REFUSED" or (chosen.captures == "REFUSED_LATER" and order["intent"] == "CAPTURE"):
        raise _declined(work, order)
    for unit in order["purchase_units"]:
        addresses.check_deliverable(unit)
        invoice = unit.get("invoice_id")
        if invoice and captures.invoice_taken(work, invoice, order_id=order["id"]):
            raise refused("DUPLICATE_INVOICE_ID", "/purchase_units/@reference_id/invoice_id", invoice)
    for unit in order["purchase_units"]:
        if order["intent"] == "CAPTURE":
            captures.take(
                work,
                order=order,
                unit=unit,
                amount=pricing.amount_of(unit["amount"], "/amount"),
                final=True,
                parent=order,
            )
        else:
            authorizations.open_(work, order=order, unit=unit)
    order["status"] = "COMPLETED"
    if order["_"]["save"]:
        vault.save_with_purchase(work, order)
    work.save(order)
    if order["intent"] == "CAPTURE":
        work.emit(
            "CHECKOUT.ORDER.COMPLETED", "checkout-order", represented(work, order), summary="Checkout Order Completed"
        )
    return order


def _declined(work: Work, order: Document) -> ApiError:
    """The buyer may go back and choose another way to pay."""
    if order["intent"] == "AUTHORIZE":
        # PayPal's published answers of this call do not know INSTRUMENT_DECLINED.
        return refused("PAYER_CANNOT_PAY")
    if "vault_id" in order["_"]:
        return refused("INSTRUMENT_DECLINED")
    links = [
        work.link("self", f"/v2/checkout/orders/{order['id']}"),
        work.link("payer-action", f"/paypal/checkoutnow?token={order['id']}"),
        work.link("redirect", f"/paypal/checkoutnow?token={order['id']}"),
    ]
    return refused("INSTRUMENT_DECLINED", links=links)


# ---------------------------------------------------------------------- answers
def represented(work: Work, order: Document) -> Document:
    """The whole order with its payments as they are now."""
    document = shown(order)
    document["purchase_units"] = [_with_payments(work, order, unit) for unit in order["purchase_units"]]
    document["links"] = _links(work, order)
    return document


def minimal(work: Work, order: Document) -> Document:
    """What is answered without `Prefer: return=representation`."""
    document: Document = {name: order[name] for name in ("id", "status", "payment_source") if name in order}
    if order["status"] == "COMPLETED":
        document["purchase_units"] = [
            {
                name: value
                for name, value in _with_payments(work, order, unit).items()
                if name in ("reference_id", "shipping", "payments")
            }
            for unit in order["purchase_units"]
        ]
        document["payer"] = order["payer"]
    document["links"] = _links(work, order)
    return document


def _with_payments(work: Work, order: Document, unit: dict[str, Any]) -> dict[str, Any]:
    payments: dict[str, list[Document]] = {}
    for kind, view in (
        ("authorization", authorizations.embedded),
        ("capture", captures.embedded),
        ("refund", captures.embedded_refund),
    ):
        found = [
            view(work, document)
            for document in work.store.related(f"paypal_{kind}", "_.order", order["id"])
            if document["_"]["reference_id"] == unit["reference_id"]
        ]
        if found:
            payments[f"{kind}s"] = found
    return {**unit, "payments": payments} if payments else unit


def _links(work: Work, order: Document) -> list[dict[str, str]]:
    at = f"/v2/checkout/orders/{order['id']}"
    page = f"/paypal/checkoutnow?token={order['id']}"
    links = [work.link("self", at)]
    pay = ("capture", "POST") if order["intent"] == "CAPTURE" else ("authorize", "POST")
    match order["status"]:
        case "CREATED":
            links += [
                work.link("approve", page),
                work.link("update", at, "PATCH"),
                work.link(pay[0], f"{at}/{pay[0]}", pay[1]),
            ]
        case "PAYER_ACTION_REQUIRED":
            links += [work.link("payer-action", page)]
        case "APPROVED":
            links += [work.link("update", at, "PATCH"), work.link(pay[0], f"{at}/{pay[0]}", pay[1])]
    return links
