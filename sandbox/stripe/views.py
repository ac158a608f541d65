"""Objects as they are answered: hidden fields left out, computed ones put in, references expanded on request."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.errors import ApiError
from sandbox.stripe.work import Work

_EXPANDABLE = {
    "payment_intent": {"customer", "latest_charge", "payment_method"},
    "setup_intent": {"customer", "latest_attempt", "payment_method"},
    "setup_attempt": {"customer", "payment_method", "setup_intent"},
    "charge": {"balance_transaction", "customer", "failure_balance_transaction", "payment_intent", "source_transfer"},
    "refund": {"balance_transaction", "charge", "failure_balance_transaction", "payment_intent"},
    "transfer": {"balance_transaction", "destination", "destination_payment", "source_transaction"},
    "transfer_reversal": {"balance_transaction", "destination_payment_refund", "transfer"},
    "balance_transaction": {"source"},
    "dispute": {"charge", "payment_intent"},
    "payment_method": {"customer"},
    "price": {"product"},
    "product": {"default_price"},
    "checkout.session": {"customer", "payment_intent", "shipping_cost.shipping_rate"},
    "customer": {"invoice_settings.default_payment_method"},
    "payout": {"balance_transaction", "destination", "failure_balance_transaction"},
    "topup": {"balance_transaction"},
}
_DEEPEST = 4

# What a publishable key sees of a PaymentIntent: https://docs.stripe.com/js/payment_intents/retrieve_payment_intent
_PAYMENT_INTENT_FOR_BROWSERS = (
    "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
    "capture_method", "client_secret", "confirmation_method", "created", "currency", "description",
    "last_payment_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
    "payment_method_types", "processing", "receipt_email", "setup_future_usage", "shipping", "source", "status",
)  # fmt: skip


_SETUP_INTENT_FOR_BROWSERS = (
    "id", "object", "automatic_payment_methods", "cancellation_reason", "client_secret", "created", "description",
    "last_setup_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
    "payment_method_types", "status", "usage",
)  # fmt: skip


def public(work: Work, document: Document) -> Document:
    """The document without what Stripe does not show."""
    shown = {name: value for name, value in document.items() if name != "_"}
    match shown["object"]:
        case "balance_transaction":
            shown["status"] = "available" if shown["available_on"] <= work.now else "pending"
        case "account":
            shown["external_accounts"] = _listed(
                work.store.related("bank_account", "account", shown["id"]),
                url=f"/v1/accounts/{shown['id']}/external_accounts",
            )
        case "transfer":
            shown["reversals"] = _listed(
                work.store.related("transfer_reversal", "transfer", shown["id"]),
                url=f"/v1/transfers/{shown['id']}/reversals",
            )
    return shown


def for_browser(document: Document) -> Document:
    """The reduced view that a publishable key gets."""
    if document.get("object") == "payment_intent":
        seen = {name: document.get(name) for name in _PAYMENT_INTENT_FOR_BROWSERS}
        if isinstance(seen["last_payment_error"], dict):
            seen["last_payment_error"] = {
                name: value for name, value in seen["last_payment_error"].items() if name != "network_decline_code"
            }
        return seen
    if document.get("object") == "setup_intent":
        return {name: document.get(name) for name in _SETUP_INTENT_FOR_BROWSERS}
    if document.get("object") == "payment_method":
        return {name: value for name, value in document.items() if name != "metadata"}
    return document


def expanded(work: Work, document: Document, paths: list[str]) -> Document:
    """Replaces ids by the objects they name. Raises ApiError for what cannot be expanded."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEEPEST:
            raise ApiError(400, "You cannot expand more than 4 levels of a property.", param="expand")
        if document.get("object") in ("list", "search_result"):
            if parts[0] != "data":
                raise _not_expandable(path)
            document = document | {"data": [_expand(work, item, parts[1:], path) for item in document["data"]]}
        else:
            document = _expand(work, document, parts, path)
    return document


def _expand(work: Work, document: Document, parts: list[str], path: str) -> Document:
    if not parts:
        raise _not_expandable(path)
    kind, name, rest = document["object"], parts[0], parts[1:]
    value, expandable = document.get(name), name in _EXPANDABLE.get(document["object"], ())
    if (kind, name) == ("charge", "refunds"):
        return document | {name: _refunds(work, document, rest, path)}
    if (kind, name) == ("checkout.session", "line_items"):
        return document | {name: _line_items(work, document["id"], rest, path)}
    if rest and isinstance(value, dict) and f"{name}.{rest[0]}" in _EXPANDABLE.get(kind, ()):
        return document | {name: _expanded_inside(work, value, rest, path)}
    if isinstance(value, str) and expandable:
        found = work.store.find(value)
        if found is not None:
            value = public(work, found[0])
    elif value is None:
        if not expandable:
            raise _not_expandable(path)
    elif not isinstance(value, dict) or (not rest and not expandable):
        raise _not_expandable(path)
    if rest and isinstance(value, dict) and "object" in value:
        value = _expand(work, value, rest, path)
    return document | {name: value}


def _expanded_inside(work: Work, group: dict[str, Any], parts: list[str], path: str) -> dict[str, Any]:
    """An id that stands in a group of fields, as `shipping_cost.shipping_rate`."""
    found = work.store.find(group[parts[0]] or "")
    if found is None:
        return group
    inner = public(work, found[0])
    return group | {parts[0]: _expand(work, inner, parts[1:], path) if parts[1:] else inner}


def _refunds(work: Work, charge: Document, rest: list[str], path: str) -> dict[str, Any]:
    if rest:
        raise _not_expandable(path)
    refunds = list(reversed(work.store.related("refund", "charge", charge["id"])))
    return _listed(refunds, url=f"/v1/charges/{charge['id']}/refunds")


def line_item(work: Work, item: Document) -> Document:
    """A line item with its price in it, as Stripe always answers it."""
    return item | {"price": public(work, work.referred(item["price"]))}


def _line_items(work: Work, session_id: str, rest: list[str], path: str) -> dict[str, Any]:
    items = [line_item(work, item) for item in work.referred(session_id)["_"]["line_items"][:10]]
    total = len(work.referred(session_id)["_"]["line_items"])
    if rest:
        if rest != ["data", "price", "product"]:
            raise _not_expandable(path)
        items = [item | {"price": _expand(work, item["price"], ["product"], path)} for item in items]
    return {
        "object": "list",
        "data": items,
        "has_more": total > len(items),
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }


def _not_expandable(path: str) -> ApiError:
    return ApiError(400, f"This property cannot be expanded ({path}).", param="expand")


def _listed(items: list[Document], *, url: str) -> dict[str, Any]:
    shown = [{name: value for name, value in item.items() if name != "_"} for item in items[:10]]
    return {"object": "list", "data": shown, "has_more": len(items) > 10, "total_count": len(items), "url": url}
