"""Authorizations: https://developer.paypal.com/docs/checkout/advanced/authorization-honor/"""

from typing import Any

from sandbox.paypal import captures, currencies, events, funding, pricing
from sandbox.paypal.currencies import money
from sandbox.paypal.errors import refused
from sandbox.paypal.ids import transaction_id
from sandbox.paypal.work import MERCHANT_EMAIL, MERCHANT_ID, Work, shown
from sandbox.store import Document

DAY_SECONDS = 24 * 3600
# Money can be captured for 29 days; only for the first three is it sure to be there, then one reauthorizes.
VALID_SECONDS = 29 * DAY_SECONDS
HONOUR_SECONDS = 3 * DAY_SECONDS


def open_(
    work: Work,
    *,
    order: Document,
    unit: dict[str, Any],
    amount: int | None = None,
    expires: int | None = None,
    parent: str | None = None,
) -> Document:
    """A new authorization; a reauthorization ends when its `parent` would have."""
    currency = unit["amount"]["currency_code"]
    held = pricing.amount_of(unit["amount"], "/amount") if amount is None else amount
    until = work.now + VALID_SECONDS if expires is None else expires
    authorization: Document = {
        "id": transaction_id(),
        "status": "CREATED",
        "amount": money(held, currency),
        "seller_protection": {
            "status": "ELIGIBLE",
            "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
        },
        "expiration_time": work.time(in_seconds=until - work.now),
        "supplementary_data": {"related_ids": {"order_id": order["id"]}},
        "payee": {"email_address": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID},
        "create_time": work.time(),
        "update_time": work.time(),
        **{name: unit[name] for name in ("custom_id", "invoice_id") if name in unit},
        "_": {
            "order": order["id"],
            "reference_id": unit["reference_id"],
            "amount": held,
            "captured": 0,
            "expires": until,
            "parent": parent,
            "reauthorized_at": None,
            "closed": False,
        },
    }
    work.insert("paypal_authorization", authorization)
    work.schedule("authorization_expires", authorization["id"], in_seconds=until - work.now)
    work.emit(
        "PAYMENT.AUTHORIZATION.CREATED",
        "authorization",
        whole(work, authorization),
        summary=f"A payment authorization was created for {events.described(authorization['amount'])}",
    )
    return authorization


def retrieve(work: Work, authorization_id: str) -> Document:
    return work.get("paypal_authorization", authorization_id, field="authorization_id")


# ---------------------------------------------------------------------- capture
def capture(work: Work, authorization_id: str) -> Document:
    authorization, given = retrieve(work, authorization_id), work.fields
    _check_open(work, authorization)
    currency, inside = authorization["amount"]["currency_code"], authorization["_"]
    asked = given.get("amount")
    if asked is not None and asked["currency_code"] != currency:
        raise refused("AUTH_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", asked["currency_code"])
    root = _root(work, authorization)["_"]
    left = min(inside["amount"] - inside["captured"], root["amount"] - root["captured"])
    amount = left if asked is None else pricing.amount_of(asked, "/amount", no_decimals="DECIMALS_NOT_SUPPORTED")
    if (
        amount <= 0
        or inside["captured"] + amount > currencies.largest_capture_minor(inside["amount"])
        or root["captured"] + amount > currencies.largest_capture_minor(root["amount"])
    ):
        raise refused("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value", asked["value"] if asked else None)
    invoice = given.get("invoice_id")
    if invoice and work.store.related("paypal_capture", "invoice_id", invoice):
        raise refused("DUPLICATE_INVOICE_ID", "/invoice_id", invoice)
    order = work.referred(inside["order"])
    if funding.FUNDING[order["_"]["funding"]].captures == "REFUSED_LATER":
        raise refused("PAYER_CANNOT_PAY")
    unit = next(unit for unit in order["purchase_units"] if unit["reference_id"] == inside["reference_id"])
    _count(work, authorization, amount, final=bool(given.get("final_capture")))
    return captures.take(
        work,
        order=order,
        unit=unit,
        amount=amount,
        final=bool(given.get("final_capture")),
        parent=authorization,
        more={"invoice_id": invoice} if invoice else None,
    )


def _count(work: Work, authorization: Document, amount: int, *, final: bool) -> None:
    """What is captured of a reauthorization is captured of the authorization behind it, too."""
    parent = authorization["_"]["parent"]
    for document in (authorization, *([work.referred(parent)] if parent else [])):
        inside = document["_"]
        inside["captured"] += amount
        inside["closed"] = final or inside["captured"] >= inside["amount"]
        document["status"] = "CAPTURED" if inside["closed"] else "PARTIALLY_CAPTURED"
        work.save(document)


def _check_open(work: Work, authorization: Document) -> None:
    if authorization["_"].get("expired") or work.now > authorization["_"]["expires"]:
        raise refused("AUTHORIZATION_EXPIRED")
    if authorization["status"] == "VOIDED" or _root(work, authorization)["status"] == "VOIDED":
        raise refused("AUTHORIZATION_VOIDED")
    if authorization["status"] == "DENIED":
        raise refused("AUTHORIZATION_DENIED")
    if authorization["_"]["closed"]:
        raise refused("AUTHORIZATION_ALREADY_CAPTURED")


def _root(work: Work, authorization: Document) -> Document:
    parent = authorization["_"]["parent"]
    return work.referred(parent) if parent else authorization


# ---------------------------------------------------------------------- reauthorize and void
def reauthorize(work: Work, authorization_id: str) -> Document:
    """A new hold after the honour period: from the fourth day to the 29th, for at most 115 % of the first."""
    authorization = retrieve(work, authorization_id)
    inside = authorization["_"]
    if inside["parent"]:
        raise refused("REAUTHORIZATION_NOT_SUPPORTED")
    _check_open(work, authorization)
    since = inside["reauthorized_at"] or authorization["created"]
    if work.now < since + HONOUR_SECONDS:
        raise refused("REAUTHORIZATION_TOO_SOON")
    currency = authorization["amount"]["currency_code"]
    asked = work.fields.get("amount")
    if asked is not None and asked["currency_code"] != currency:
        raise refused("AUTH_CURRENCY_MISMATCH", "/amount/currency_code", asked["currency_code"])
    left = inside["amount"] - inside["captured"]
    amount = left if asked is None else pricing.amount_of(asked, "/amount", no_decimals="DECIMALS_NOT_SUPPORTED")
    if inside["captured"] + amount > currencies.largest_capture_minor(inside["amount"]):
        raise refused("TRANSACTION_REFUSED", "/amount/value", asked["value"] if asked else None)
    order = work.referred(inside["order"])
    unit = next(unit for unit in order["purchase_units"] if unit["reference_id"] == inside["reference_id"])
    # The new hold stands in for an earlier reauthorization: nothing more can be captured from that.
    inside |= {"reauthorized_at": work.now}
    for earlier in work.store.related("paypal_authorization", "_.order", order["id"]):
        if earlier["_"]["parent"] == authorization["id"] and not earlier["_"]["closed"]:
            earlier["_"]["closed"] = True
            work.save(earlier)
    work.save(authorization)
    return open_(work, order=order, unit=unit, amount=amount, expires=inside["expires"], parent=authorization["id"])


def void(work: Work, authorization_id: str) -> Document:
    authorization = retrieve(work, authorization_id)
    if authorization["_"]["parent"]:
        raise refused("CANNOT_BE_VOIDED")
    if authorization["status"] == "VOIDED":
        raise refused("PREVIOUSLY_VOIDED")
    if authorization["_"]["closed"]:
        raise refused("PREVIOUSLY_CAPTURED")
    _voided(work, authorization)
    return authorization


def expire(work: Work, authorization_id: str) -> None:
    """What nobody has captured in time is let go."""
    authorization = work.referred(authorization_id)
    if authorization["status"] in ("CREATED", "PARTIALLY_CAPTURED") and not authorization["_"]["closed"]:
        authorization["_"]["expired"] = True
        _voided(work, authorization)


def _voided(work: Work, authorization: Document) -> None:
    authorization["status"] = "VOIDED"
    authorization["_"]["closed"] = True
    work.save(authorization)
    for child in work.store.related("paypal_authorization", "_.order", authorization["_"]["order"]):
        if child["_"]["parent"] == authorization["id"] and not child["_"]["closed"]:
            child["status"], child["_"]["closed"] = "VOIDED", True
            work.save(child)
    work.emit(
        "PAYMENT.AUTHORIZATION.VOIDED",
        "authorization",
        whole(work, authorization),
        summary="A payment authorization was voided",
    )


# ---------------------------------------------------------------------- answers
def whole(work: Work, authorization: Document) -> Document:
    at = f"/v2/payments/authorizations/{authorization['id']}"
    links = [work.link("self", at)]
    if not authorization["_"]["closed"]:
        links += [work.link(name, f"{at}/{name}", "POST") for name in ("capture", "void", "reauthorize")]
    links.append(work.link("up", f"/v2/checkout/orders/{authorization['_']['order']}"))
    return shown(authorization) | {"links": links}


def embedded(work: Work, authorization: Document) -> Document:
    """As it stands in an order."""
    document = whole(work, authorization)
    return {name: value for name, value in document.items() if name not in ("supplementary_data", "payee")}
