"""Hosted Checkout: https://docs.stripe.com/payments/checkout/how-checkout-works

open -> complete (paid, or unpaid where the money is captured or arrives later) | expired. The PaymentIntent is made
when the buyer submits the page (`sandbox.stripe.checkout_payment`).
"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import currencies, lists, metadata, payment_intents, products, shipping_rates, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.work import Work

_SHORTEST_SECONDS, _LONGEST_SECONDS = 30 * 60, 24 * 3600
_SIMULATED = (
    "allowed_payment_method_types", "cancel_url", "client_reference_id", "currency", "customer", "customer_creation",
    "customer_email", "expand", "expires_at", "line_items", "locale", "metadata", "mode", "origin_context",
    "payment_intent_data", "payment_method_collection", "shipping_address_collection", "shipping_options",
    "submit_type", "success_url", "ui_mode",
)  # fmt: skip
_INTENT_DATA = (
    "capture_method", "description", "metadata", "receipt_email", "setup_future_usage", "shipping",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip


def create(work: Work) -> Document:
    params = work.params
    _check(work, params)
    items = [_line_item(work, item, index) for index, item in enumerate(params["line_items"])]
    currency: str = str(params.get("currency", items[0]["currency"])).lower()
    for item in items:
        if item["currency"] != currency:
            raise ApiError(
                400,
                f"The price specified only supports `{item['currency']}`. This doesn't match the expected currency: "
                f"`{currency}`.",
                param="line_items",
            )
    session = _document(work, currency)
    session["_"]["line_items"] = items
    for option in params.get("shipping_options") or []:
        session["shipping_options"].append(_shipping_option(work, option, currency))
    choose_shipping(session, session["shipping_options"][0]["shipping_rate"] if session["shipping_options"] else None)
    currencies.check_charge_amount(session["amount_total"], currency)
    work.insert(session)
    work.schedule("expire_session", session["id"], in_seconds=session["expires_at"] - work.now)
    return views.public(work, session)


def _check(work: Work, params: dict[str, Any]) -> None:
    _check_simulated(params)
    for name in ("success_url", "line_items"):
        if not params.get(name):
            raise ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    for name in ("success_url", "cancel_url"):
        if name in params and not params[name].startswith(("http://", "https://")):
            raise ApiError(400, "Not a valid URL", code="url_invalid", param=name)
    if "customer" in params:
        if "customer_email" in params:
            raise ApiError(
                400, "You may only specify one of these parameters: customer, customer_email.", param="customer"
            )
        work.get("customer", params["customer"], param="customer")
    lasts = params.get("expires_at", work.now + _LONGEST_SECONDS) - work.now
    if not _SHORTEST_SECONDS <= lasts <= _LONGEST_SECONDS:
        limit = "at least 30 minutes" if lasts < _SHORTEST_SECONDS else "less than 24 hours"
        raise ApiError(
            400, f"The `expires_at` timestamp must be {limit} from Checkout Session creation.", param="expires_at"
        )


def _check_simulated(params: dict[str, Any]) -> None:
    """Nothing is ignored that would change what the buyer sees or pays."""
    for name, value in params.items():
        if name not in _SIMULATED and value not in ({"enabled": False}, False, "auto"):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)
    if params.get("mode") != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError(400, "The sandbox simulates hosted sessions with mode=payment only.", param="mode")
    if "card" not in params.get("allowed_payment_method_types", ["card"]):
        raise ApiError(400, "The sandbox's account accepts cards only.", param="allowed_payment_method_types")
    for name in params.get("payment_intent_data") or {}:
        if name not in _INTENT_DATA:
            at = f"payment_intent_data[{name}]"
            raise ApiError(400, f"The sandbox does not simulate the parameter {at}.", param=at)


def _line_item(work: Work, given: dict[str, Any], index: int) -> Document:
    at = f"line_items[{index}]"
    for name in ("adjustable_quantity", "tax_rates"):
        if given.get(name):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=f"{at}[{name}]")
    if ("price" in given) == ("price_data" in given):
        raise ApiError(
            400,
            "You must specify either the `price` or `price_data` parameter when using prices.",
            code="parameter_missing",
            param=f"{at}[price]",
        )
    if "quantity" not in given:
        raise ApiError(
            400, f"Missing required param: {at}[quantity].", code="parameter_missing", param=f"{at}[quantity]"
        )
    currencies.check_positive(given["quantity"], param=f"{at}[quantity]")
    if "price" in given:
        price = work.get("price", given["price"], param=f"{at}[price]")
        if not price["active"]:
            raise ApiError(
                400,
                "The price specified is inactive. This field only accepts active prices.",
                param=f"{at}[price]",
            )
    else:
        price = products.for_line_item(work, given["price_data"])
    amount = price["unit_amount"] * given["quantity"]
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": work.referred(price["product"])["name"],
        "metadata": metadata.merged({}, given.get("metadata")),
        "price": price["id"],
        "quantity": given["quantity"],
    }


def _shipping_option(work: Work, option: dict[str, Any], currency: str) -> dict[str, Any]:
    if ("shipping_rate" in option) == ("shipping_rate_data" in option):
        raise ApiError(
            400,
            "You must specify either `shipping_rate` or `shipping_rate_data`.",
            code="parameter_missing",
            param="shipping_options",
        )
    if "shipping_rate" in option:
        rate = work.get("shipping_rate", option["shipping_rate"], param="shipping_options")
    else:
        rate = work.insert(shipping_rates.document(work, option["shipping_rate_data"]))
    if rate["fixed_amount"]["currency"] != currency:
        raise ApiError(
            400, f"The shipping rate's currency must be the session's currency: `{currency}`.", param="shipping_options"
        )
    return {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"]}


def choose_shipping(session: Document, rate_id: str | None) -> None:
    """Puts the chosen way of shipping into the sums. Raises ApiError for one that was not offered."""
    option = next((option for option in session["shipping_options"] if option["shipping_rate"] == rate_id), None)
    if option is None and session["shipping_options"]:
        raise ApiError(400, "This way of shipping is not offered.", param="shipping_rate")
    subtotal = sum(item["amount_subtotal"] for item in session["_"]["line_items"])
    cost = option["shipping_amount"] if option else 0
    session |= {
        "amount_subtotal": subtotal,
        "amount_total": subtotal + cost,
        "shipping_cost": {
            "amount_subtotal": cost,
            "amount_tax": 0,
            "amount_total": cost,
            "shipping_rate": option["shipping_rate"],
        }
        if option
        else None,
        "total_details": {"amount_discount": 0, "amount_shipping": cost, "amount_tax": 0},
    }


def _document(work: Work, currency: str) -> Document:
    params, session_id = work.params, f"cs_test_{random_text(58)}"
    collection = params.get("shipping_address_collection")
    return {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": {"business_name": None, "individual_name": None, "shipping_details": None},
        "consent": None,
        "consent_collection": None,
        "created": work.now,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": params.get("customer"),
        "customer_creation": None if "customer" in params else params.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": params.get("expires_at", work.now + _LONGEST_SECONDS),
        "invoice": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": metadata.merged({}, params.get("metadata")),
        "mode": "payment",
        "origin_context": params.get("origin_context"),
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": {"id": "pmc_sandbox", "parent": None},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_address_collection": collection,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "ui_mode": "hosted_page",
        "url": f"{work.base_url}/c/pay/{session_id}",
        "_": {"intent_data": params.get("payment_intent_data") or {}},
    }


def retrieve(work: Work, session_id: str) -> Document:
    return views.public(work, work.get("checkout.session", session_id))


def list_(work: Work) -> Document:
    where = [("json_extract(document, '$.status') = ?", work.params["status"])] if "status" in work.params else []
    if "customer_details" in work.params:
        email = work.params["customer_details"]["email"]
        where.append(("json_extract(document, '$.customer_details.email') = ?", email))
    return lists.page(work, "checkout.session", url="/v1/checkout/sessions", where=where)


def list_line_items(work: Work, session_id: str) -> Document:
    session, params = work.get("checkout.session", session_id), work.params
    items = session["_"]["line_items"]
    ids = [item["id"] for item in items]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise ApiError(400, f"No such line item: '{params[name]}'", code="resource_missing", param=name)
    first = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    last = ids.index(params["ending_before"]) if "ending_before" in params else len(items)
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError(400, "Invalid limit: must be between 1 and 100", code="parameter_invalid_integer", param="limit")
    page = items[max(first, last - limit) : last] if "ending_before" in params else items[first : first + limit]
    return {
        "object": "list",
        "data": [views.line_item(work, item) for item in page],
        "has_more": len(page) < last - first,
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }


def update(work: Work, session_id: str) -> Document:
    session = work.get("checkout.session", session_id)
    for name in work.params:
        if name not in ("metadata", "expand"):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)
    session["metadata"] = metadata.merged(session["metadata"], work.params.get("metadata"))
    work.save(session)
    return views.public(work, session)


def expire(work: Work, session_id: str) -> Document:
    session = work.get("checkout.session", session_id)
    if session["status"] != "open":
        raise ApiError(
            400,
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{session['status']}`.",
            stored=True,
        )
    _end(work, session)
    return views.public(work, session)


def run_out(work: Work, session_id: str) -> None:
    """The job at `expires_at`."""
    session = work.get("checkout.session", session_id)
    if session["status"] == "open":
        _end(work, session)


def _end(work: Work, session: Document) -> None:
    session |= {"status": "expired", "url": None}
    work.save(session)
    if session["payment_intent"] is not None:
        # A try that was never finished must not take money later.
        payment_intents.abandon(work, session["payment_intent"])
    work.emit("checkout.session.expired", session)
