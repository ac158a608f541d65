"""Saved PayPal accounts: https://developer.paypal.com/docs/api/payment-tokens/v3/"""

from typing import Any

from sandbox.paypal import funding
from sandbox.paypal.errors import ApiError, not_found, refused
from sandbox.paypal.ids import customer_id, setup_token_id, vault_id
from sandbox.paypal.work import Work, shown
from sandbox.store import Document

# A setup token can be approved and used for three days.
SETUP_TOKEN_SECONDS = 3 * 24 * 3600


def wanted(wallet: dict[str, Any]) -> bool:
    """Whether an order asks for the buyer's PayPal account to be saved."""
    vault = wallet.get("attributes", {}).get("vault", {})
    return bool(vault.get("store_in_vault") == "ON_SUCCESS")


def usable(work: Work, token_id: str) -> Document:
    """The saved account that an order names. Raises ApiError."""
    found = work.store.find(token_id)
    if found is None or found[0]["object"] != "paypal_payment_token":
        raise refused("TOKEN_ID_NOT_FOUND", "/payment_source/paypal/vault_id", token_id)
    if found[0]["_"]["deleted"]:
        raise refused("AGREEMENT_ALREADY_CANCELLED", "/payment_source/paypal/vault_id", token_id)
    return found[0]


def save_with_purchase(work: Work, order: Document) -> None:
    """The buyer agreed and has paid: the account is saved, and the order says under which id; or later, by an event."""
    if funding.FUNDING[order["_"]["funding"]].vaults_later:
        up = work.link("up", f"/v2/checkout/orders/{order['id']}")
        order["payment_source"]["paypal"]["attributes"] = {"vault": {"status": "APPROVED", "links": [up]}}
        delay_seconds = work.option("paypal_vault_seconds", funding.PENDING_SECONDS)
        work.schedule("vault_completes", order["id"], in_seconds=delay_seconds)
        return
    _save(work, order)


def complete(work: Work, order_id: str) -> None:
    """The account is saved after all. With the setting `paypal_vault_is_told` 0 only the event tells, not the order."""
    order = work.referred(order_id)
    _save(work, order)
    if not work.option("paypal_vault_is_told", 1):
        order["payment_source"]["paypal"]["attributes"] = {"vault": {"status": "APPROVED"}}
    work.save(order)


def _save(work: Work, order: Document) -> None:
    wallet = order["_"]["wallet"]
    attributes = wallet["attributes"]
    token = _saved(
        work, customer=attributes.get("customer", {}), funding_name=order["_"]["funding"],
        several=attributes["vault"].get("permit_multiple_payment_tokens", False), order_id=order["id"],
    )  # fmt: skip
    order["payment_source"]["paypal"]["attributes"] = {
        "vault": {
            "id": token["id"],
            "status": "VAULTED",
            "customer": token["customer"],
            "links": _links(work, token["id"]),
        }
    }


def _saved(work: Work, *, customer: dict[str, Any], funding_name: str, several: bool, order_id: str = "") -> Document:
    """A new token, or the customer's own for the same PayPal account unless `several` are permitted."""
    known = [] if several else _tokens_of(work, customer.get("id", ""))
    if known:
        known[0]["_"]["funding"] = funding_name
        work.store.save(known[0])
        return known[0]
    token: Document = {
        "id": vault_id(),
        "customer": {"id": customer.get("id") or customer_id()},
        "payment_source": {"paypal": _account()},
        "_": {"funding": funding_name, "deleted": False},
    }
    work.insert("paypal_payment_token", token)
    work.emit(
        "VAULT.PAYMENT-TOKEN.CREATED",
        "payment_token",
        whole(work, token)
        | {"time_created": work.time(), "time_updated": work.time()}
        | ({"metadata": {"order_id": order_id}} if order_id else {}),
        summary="A payment token has been created.",
    )
    return token


def _account() -> dict[str, Any]:
    name = {**funding.BUYER_NAME, "full_name": " ".join(funding.BUYER_NAME.values())}
    return {
        "email_address": funding.BUYER_EMAIL,
        "account_id": funding.BUYER_ID,
        "payer_id": funding.BUYER_ID,
        "name": name,
        "address": {"country_code": funding.BUYER_COUNTRY},
        "usage_type": "MERCHANT",
        "customer_type": "CONSUMER",
    }


def _links(work: Work, token_id: str) -> list[dict[str, str]]:
    at = f"/v3/vault/payment-tokens/{token_id}"
    return [work.link("self", at), work.link("delete", at, "DELETE")]


# ---------------------------------------------------------------------- setup tokens
def create_setup_token(work: Work) -> Document:
    given = work.fields
    wallet = given["payment_source"]["paypal"]
    token: Document = {
        "id": setup_token_id(),
        "customer": {"id": given.get("customer", {}).get("id") or customer_id()},
        "status": "PAYER_ACTION_REQUIRED",
        "payment_source": {
            "paypal": {name: wallet[name] for name in ("description", "usage_type", "customer_type") if name in wallet}
        },
        "_": {
            "context": wallet.get("experience_context", {}),
            "used": False,
            "funding": funding.DEFAULT,
            "several": wallet.get("permit_multiple_payment_tokens", False),
        },
    }
    return work.insert("paypal_setup_token", token)


def get_setup_token(work: Work, token_id: str) -> Document:
    token = work.get("paypal_setup_token", token_id)
    if work.now > token["created"] + SETUP_TOKEN_SECONDS:
        raise not_found("id", token_id)
    return token


def approve_setup_token(work: Work, token: Document, *, funding_name: str) -> None:
    """The buyer consents on PayPal's page."""
    if token["_"]["used"]:
        raise refused("TOKEN_ALREADY_USED")
    token["status"] = "APPROVED"
    token["_"]["funding"] = funding_name
    token["payment_source"]["paypal"] |= _account()
    work.store.save(token)


def whole_setup_token(work: Work, token: Document) -> Document:
    links = [work.link("self", f"/v3/vault/setup-tokens/{token['id']}")]
    if token["status"] == "PAYER_ACTION_REQUIRED":
        links.append(work.link("approve", f"/paypal/agreements/approve?approval_session_id={token['id']}"))
    else:
        links.append(work.link("confirm", "/v3/vault/payment-tokens", "POST"))
    return shown(token) | {"links": links}


# ---------------------------------------------------------------------- payment tokens
def create_payment_token(work: Work) -> Document:
    given = work.fields["payment_source"]["token"]
    found = work.store.find(given["id"])
    if found is None or found[0]["object"] != "paypal_setup_token":
        raise _setup_token_unknown(given["id"])
    setup = found[0]
    if work.now > setup["created"] + SETUP_TOKEN_SECONDS:
        raise _setup_token_unknown(given["id"])
    if setup["status"] != "APPROVED" or setup["_"]["used"]:
        issue = "TOKEN_ALREADY_USED" if setup["_"]["used"] else "SETUP_TOKEN_NOT_APPROVED"
        raise refused(issue, "/payment_source/token/id", given["id"])
    setup["_"]["used"] = True
    setup["status"] = "VAULTED"
    work.store.save(setup)
    held = setup["_"]
    return _saved(work, customer=setup["customer"], funding_name=held["funding"], several=held["several"])


def _setup_token_unknown(token_id: str) -> ApiError:
    return ApiError(
        "RESOURCE_NOT_FOUND",
        {"field": "/payment_source/token/id", "value": token_id, "location": "body", "issue": "TOKEN_NOT_FOUND"},
    )


def _tokens_of(work: Work, owner: str) -> list[Document]:
    kept = work.store.related("paypal_payment_token", "customer.id", owner) if owner else []
    return [token for token in kept if not token["_"]["deleted"]]


def get_payment_token(work: Work, token_id: str) -> Document:
    token = work.get("paypal_payment_token", token_id)
    if token["_"]["deleted"]:
        raise not_found("id", token_id)
    return token


def list_payment_tokens(work: Work) -> Document:
    owner = work.query.get("customer_id", "")
    found = _tokens_of(work, owner)
    size, page = int(work.query.get("page_size", "5")), int(work.query.get("page", "1"))
    document: Document = {
        "customer": {"id": owner},
        "payment_tokens": [whole(work, token) for token in found[(page - 1) * size : page * size]],
        "links": [work.link("self", f"/v3/vault/payment-tokens?customer_id={owner}")],
    }
    if work.query.get("total_required") == "true" and found:
        document |= {"total_items": len(found), "total_pages": -(-len(found) // size)}
    return document


def delete_payment_token(work: Work, token_id: str) -> None:
    """Deleting twice is no error."""
    found = work.store.find(token_id)
    if found is None or found[0]["object"] != "paypal_payment_token" or found[0]["_"]["deleted"]:
        return
    found[0]["_"]["deleted"] = True
    work.store.save(found[0])
    work.emit(
        "VAULT.PAYMENT-TOKEN.DELETED",
        "payment_token",
        {"id": token_id, "customer": found[0]["customer"], "links": _links(work, token_id)[:1]},
        summary="A payment token has been deleted.",
    )


def whole(work: Work, token: Document) -> Document:
    return shown(token) | {"links": _links(work, token["id"])}
