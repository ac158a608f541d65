"""Payment methods: tokens for a card, made in the browser or ready-made for server code, and kept with a customer."""

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

from sandbox.store import Document, field_is
from sandbox.stripe import cards, lists, metadata, views
from sandbox.stripe.errors import ApiError, missing_object
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

_EMPTY_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def create(work: Work) -> Document:
    params = work.params
    if "payment_method" in params or params.get("type", "card") != "card":
        raise ApiError(400, "The sandbox makes payment methods of the type `card` only.", param="type")
    if "card" not in params:
        raise ApiError(400, "Missing required param: card.", code="parameter_missing", param="card")
    method = from_card(work, params["card"], billing=params.get("billing_details") or {})
    method["metadata"] = metadata.merged({}, params.get("metadata"))
    method["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    work.insert(method)
    return views.public(work, method)


def retrieve(work: Work, method_id: str) -> Document:
    return views.public(work, resolve(work, method_id))


def list_(work: Work) -> Document:
    return lists.page(work, "payment_method", url="/v1/payment_methods")


def list_of_customer(work: Work, customer_id: str) -> Document:
    work.get("customer", customer_id)
    return lists.page(
        work,
        "payment_method",
        url=f"/v1/customers/{customer_id}/payment_methods",
        where=[(field_is("customer"), customer_id)],
    )


def retrieve_of_customer(work: Work, customer_id: str, method_id: str) -> Document:
    work.get("customer", customer_id)
    method = work.get("payment_method", method_id, param="payment_method")
    if method["customer"] != customer_id:
        raise missing_object("PaymentMethod", method_id, param="payment_method")
    return views.public(work, method)


def attach(work: Work, method_id: str) -> Document:
    """Keeps the card with the customer. The card is checked: most test cards that decline cannot be kept."""
    method = resolve(work, method_id)
    customer = work.get("customer", work.params["customer"], param="customer")
    if method["customer"] == customer["id"]:
        return views.public(work, method)
    if method["customer"] is not None:
        raise ApiError(400, "The payment method you provided has already been attached to a customer.", stored=True)
    if method["_"]["spent"] and not method["_"]["reusable"]:
        raise ApiError(
            400,
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again.",
            stored=True,
        )
    decline = cards.refusal_to_save(card_behind(method, now=work.now))
    if decline is not None:
        error = cards.decline_error(decline)
        raise ApiError(402, error.pop("message"), stored=True, **error)
    keep(work, method, customer["id"])
    return views.public(work, method)


def keep(work: Work, method: Document, customer_id: str) -> None:
    """Attaches the payment method to the customer, once."""
    if method["customer"] == customer_id:
        return
    method["customer"] = customer_id
    work.save(method)
    work.emit("payment_method.attached", method)


def update(work: Work, method_id: str) -> Document:
    method, params = resolve(work, method_id), work.params
    if method["customer"] is None:
        raise ApiError(400, "You must save this PaymentMethod to a customer before you can update it.", stored=True)
    before: dict[str, Any] = {}
    if "allow_redisplay" in params:
        before["allow_redisplay"] = method["allow_redisplay"]
        method["allow_redisplay"] = params["allow_redisplay"]
    if "metadata" in params:
        before["metadata"] = method["metadata"]
        method["metadata"] = metadata.merged(method["metadata"], params["metadata"])
    if "billing_details" in params:
        before["billing_details"] = method["billing_details"]
        given = params["billing_details"]
        address = method["billing_details"]["address"] | (given.get("address") or {})
        method["billing_details"] = _billing(method["billing_details"] | given | {"address": address})
    card = params.get("card") or {}
    if "networks" in card:
        raise ApiError(400, "The sandbox does not simulate co-branded cards.", param="card[networks]")
    if card:
        before["card"] = {name: method["card"][name] for name in card}
        month, year = (
            card.get("exp_month", method["card"]["exp_month"]),
            card.get("exp_year", method["card"]["exp_year"]),
        )
        method["card"] |= {"exp_month": month, "exp_year": cards.check_expiry(month, year, today=_this_month(work))}
    work.save(method)
    work.emit("payment_method.updated", method, before=before)
    return views.public(work, method)


def renew(work: Work, method: Document, *, exp: tuple[int, int], last4: str | None = None) -> None:
    """What Stripe's card updater does when the issuer tells of a new card: the same payment method, new figures."""
    fresh: dict[str, Any] = {"exp_month": exp[0], "exp_year": exp[1]}
    if last4 is not None and last4 != method["card"]["last4"]:
        fresh |= {"last4": last4, "fingerprint": hashlib.sha256(f"{method['id']}{last4}".encode()).hexdigest()[:16]}
    before = {"card": {name: method["card"][name] for name in fresh}}
    method["card"] |= fresh
    work.save(method)
    work.emit("payment_method.automatically_updated", method, before=before)


def detach(work: Work, method_id: str) -> Document:
    method = resolve(work, method_id)
    if method["customer"] is None:
        raise ApiError(
            400, "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    release(work, method)
    return views.public(work, method)


def release(work: Work, method: Document) -> None:
    """The customer's card no longer, and nobody else's ever."""
    before = {"customer": method["customer"]}
    method["customer"] = None
    method["_"] |= {"spent": True, "reusable": False}
    work.save(method)
    work.emit("payment_method.detached", method, before=before)


def resolve(work: Work, method_id: str, *, param: str = "payment_method") -> Document:
    """The payment method with this id; one of the ready-made ids makes a new one. Raises ApiError."""
    card = cards.card_of_token(method_id)
    if card is not None:
        return work.insert(_document(work, card, exp=_default_expiry(work), cvc_given=True, billing={}))
    found = work.store.find(method_id)
    if found is None or found[0]["object"] != "payment_method" or found[1] != work.account:
        raise missing_object("PaymentMethod", method_id, param=param)
    return found[0]


def from_card(work: Work, given: dict[str, Any], *, billing: dict[str, Any]) -> Document:
    """A payment method, not stored yet, from a token or from a card's own figures. Raises ApiError."""
    if "token" in given:
        card = cards.card_of_token(given["token"])
        if card is None:
            raise missing_object("token", given["token"], param="card[token]")
        return _document(work, card, exp=_default_expiry(work), cvc_given=True, billing=billing)
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise ApiError(
                400, f"Missing required param: card[{name}].", code="parameter_missing", param=f"card[{name}]"
            )
    if not work.publishable:
        raise ApiError(
            402,
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test "
            "tokens that map to the test card you are using, see https://stripe.com/docs/testing. To enable testing "
            "raw card data APIs, see "
            "https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.",
        )
    card = cards.card_of_number(given["number"])
    year = cards.check_expiry(given["exp_month"], given["exp_year"], today=_this_month(work))
    if "cvc" in given:
        cards.check_cvc(given["cvc"], card)
    return _document(work, card, exp=(given["exp_month"], year), cvc_given="cvc" in given, billing=billing)


def from_data(work: Work, data: dict[str, Any]) -> Document:
    """A stored payment method out of the parameter `payment_method_data`. Raises ApiError."""
    method = from_card(work, data.get("card") or {}, billing=data.get("billing_details") or {})
    method["allow_redisplay"] = data.get("allow_redisplay", "unspecified")
    return work.insert(method)


def card_behind(method: Document, *, now: int) -> cards.TestCard:
    """The test card as it behaves at the time: one whose last month is over is declined as expired."""
    card = cards.CARDS[method["_"]["number"]]
    today = dt.datetime.fromtimestamp(now, tz=dt.UTC)
    if (method["card"]["exp_year"], method["card"]["exp_month"]) < (today.year, today.month):
        return replace(card, decline=cards.EXPIRED, can_be_saved=False)
    return card


def _this_month(work: Work) -> tuple[int, int]:
    today = dt.datetime.fromtimestamp(work.now, tz=dt.UTC)
    return today.year, today.month


def checks(method: Document) -> dict[str, str | None]:
    """The results of the card's checks when it is charged. What the buyer did not give cannot be checked."""
    card, address = cards.CARDS[method["_"]["number"]], method["billing_details"]["address"]
    return {
        "address_line1_check": card.line1_check if address["line1"] or card.line1_check == "fail" else None,
        "address_postal_code_check": (
            card.postal_code_check if address["postal_code"] or card.postal_code_check == "fail" else None
        ),
        "cvc_check": card.cvc_check if method["_"]["cvc_given"] else None,
    }


def _default_expiry(work: Work) -> tuple[int, int]:
    return 12, dt.datetime.fromtimestamp(work.now, tz=dt.UTC).year + 2


def _document(
    work: Work, card: cards.TestCard, *, exp: tuple[int, int], cvc_given: bool, billing: dict[str, Any]
) -> Document:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": _billing(billing),
        "card": _card_details(card, exp),
        "created": work.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_": {"number": card.number, "cvc_given": cvc_given, "spent": False, "reusable": False, "set_up": False},
    }


def _billing(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": _EMPTY_ADDRESS | {key: value or None for key, value in (given.get("address") or {}).items()},
        "email": given.get("email") or None,
        "name": given.get("name") or None,
        "phone": given.get("phone") or None,
        "tax_id": given.get("tax_id") or None,
    }


def _card_details(card: cards.TestCard, exp: tuple[int, int]) -> dict[str, Any]:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "display_brand": {"amex": "american_express", "diners": "diners_club"}.get(card.brand, card.brand),
        "exp_month": exp[0],
        "exp_year": exp[1],
        "fingerprint": fingerprint(card),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.brand in ("visa", "mastercard")},
        "wallet": None,
    }


def fingerprint(card: cards.TestCard) -> str:
    """The same for every payment method of one card."""
    return hashlib.sha256(card.number.encode()).hexdigest()[:16]
