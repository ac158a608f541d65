"""Products and their prices: https://docs.stripe.com/products-prices/how-products-and-prices-work"""

from typing import Any

from sandbox.store import Document, field_is
from sandbox.stripe import currencies, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.work import Work

_PRODUCT_TEXTS = ("description", "statement_descriptor", "tax_code", "unit_label", "url")
_LONGEST_LOOKUP_KEY = 200


# ---------------------------------------------------------------------- products
def create(work: Work) -> Document:
    params = work.params
    product_id = params.get("id") or f"prod_{random_text(14)}"
    if work.store.find(product_id) is not None:
        raise ApiError(400, f"Product already exists: {product_id}", code="resource_already_exists", param="id")
    product = work.insert(new_product(work, product_id, params))
    if "default_price_data" in params:
        price = _new_price(work, product_id, params["default_price_data"])
        work.insert(price)
        product["default_price"] = price["id"]
        work.save(product)
        work.emit("price.created", price)
    work.emit("product.created", product)
    return views.public(work, product)


def new_product(work: Work, product_id: str, params: dict[str, Any]) -> Document:
    return {
        "id": product_id,
        "object": "product",
        "active": params.get("active", True),
        "created": work.now,
        "default_price": None,
        "description": params.get("description"),
        "images": list(params.get("images") or []),
        "livemode": False,
        "marketing_features": [],
        "metadata": metadata.merged({}, params.get("metadata")),
        "name": params["name"],
        "package_dimensions": None,
        "shippable": params.get("shippable"),
        "statement_descriptor": params.get("statement_descriptor"),
        "tax_code": params.get("tax_code"),
        "type": params.get("type", "service"),
        "unit_label": params.get("unit_label"),
        "updated": work.now,
        "url": params.get("url"),
        "_": {},
    }


def retrieve(work: Work, product_id: str) -> Document:
    return views.public(work, work.get("product", product_id))


def update(work: Work, product_id: str) -> Document:
    product, params = work.get("product", product_id), work.params
    before = {name: product[name] for name in params if name in product}
    for name in (*_PRODUCT_TEXTS, "images"):
        if name in params:
            product[name] = params[name] or ([] if name == "images" else None)
    for name in ("active", "name", "shippable"):
        if name in params:
            product[name] = params[name]
    if "default_price" in params:
        price = work.get("price", params["default_price"], param="default_price")
        if price["product"] != product_id:
            raise ApiError(400, "The price belongs to another product.", param="default_price")
        product["default_price"] = price["id"]
    product["metadata"] = metadata.merged(product["metadata"], params.get("metadata"))
    product["updated"] = work.now
    work.save(product)
    work.emit("product.updated", product, before=before)
    return views.public(work, product)


def list_(work: Work) -> Document:
    params = work.params
    where: list[tuple[str, Any]] = []
    if "active" in params:
        where.append((field_is("active"), params["active"]))
    if "ids" in params:
        where.append(lists.one_of("id", params["ids"]))
    return lists.page(work, "product", url="/v1/products", where=where)


# ---------------------------------------------------------------------- prices
def create_price(work: Work) -> Document:
    params = work.params
    if ("product" in params) == ("product_data" in params):
        raise ApiError(
            400,
            "You must specify either `product` or `product_data` when creating a price.",
            code="parameter_missing",
            param="product",
        )
    if "product" in params:
        product_id = work.get("product", params["product"], param="product")["id"]
    else:
        data = params["product_data"]
        product = new_product(work, data.get("id") or f"prod_{random_text(14)}", data)
        work.emit("product.created", work.insert(product))
        product_id = product["id"]
    price = _new_price(work, product_id, params)
    _claim_lookup_key(work, price, params)
    work.insert(price)
    work.emit("price.created", price)
    return views.public(work, price)


def _new_price(work: Work, product_id: str, params: dict[str, Any]) -> Document:
    for name in ("currency_options", "custom_unit_amount", "recurring", "tiers", "tiers_mode", "transform_quantity"):
        if params.get(name):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)
    currency = currencies.check_currency(params["currency"])
    if "unit_amount" not in params:
        raise ApiError(400, "Missing required param: unit_amount.", code="parameter_missing", param="unit_amount")
    if params["unit_amount"] < 0:
        raise ApiError(
            400,
            "Invalid non-negative integer",
            code="parameter_invalid_integer",
            param="unit_amount",
        )
    return {
        "id": new_id("price"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "per_unit",
        "created": work.now,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": params.get("lookup_key"),
        "metadata": metadata.merged({}, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": product_id,
        "recurring": None,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": params["unit_amount"],
        "unit_amount_decimal": str(params["unit_amount"]),
        "_": {},
    }


def for_line_item(work: Work, data: dict[str, Any]) -> Document:
    """The price that Stripe makes of `price_data`, for this one use: inactive, so nobody else finds it."""
    if "product" in data:
        product_id = work.get("product", data["product"], param="line_items[price_data][product]")["id"]
    elif "product_data" in data:
        product = new_product(work, f"prod_{random_text(14)}", data["product_data"] | {"active": False})
        product_id = work.insert(product)["id"]
    else:
        raise ApiError(
            400,
            "Missing required param: line_items[0][price_data][product_data].",
            code="parameter_missing",
            param="line_items[0][price_data][product_data]",
        )
    return work.insert(_new_price(work, product_id, data) | {"active": False})


def _claim_lookup_key(work: Work, price: Document, params: dict[str, Any]) -> None:
    """A lookup key names one price. Raises ApiError where another has it and does not hand it over."""
    key = params.get("lookup_key")
    if key is None:
        return
    if len(key) > _LONGEST_LOOKUP_KEY:
        raise ApiError(400, "Lookup keys can have at most 200 characters.", param="lookup_key")
    for holder in work.store.related("price", "lookup_key", key):
        if holder["id"] == price["id"]:
            continue
        if not params.get("transfer_lookup_key"):
            raise ApiError(
                400,
                f"A price (`{holder['id']}`) already uses that lookup key.",
                code="resource_already_exists",
                param="lookup_key",
                stored=True,
            )
        holder["lookup_key"] = None
        work.save(holder)
        work.emit("price.updated", holder, before={"lookup_key": key})
    price["lookup_key"] = key


def retrieve_price(work: Work, price_id: str) -> Document:
    return views.public(work, work.get("price", price_id))


def update_price(work: Work, price_id: str) -> Document:
    """A price's amount never changes: another amount is another price."""
    price, params = work.get("price", price_id), work.params
    if params.get("currency_options"):
        raise ApiError(400, "The sandbox does not simulate the parameter currency_options.", param="currency_options")
    before = {name: price[name] for name in params if name in price}
    for name in ("active", "nickname", "tax_behavior"):
        if name in params:
            price[name] = params[name]
    _claim_lookup_key(work, price, params)
    price["metadata"] = metadata.merged(price["metadata"], params.get("metadata"))
    work.save(price)
    work.emit("price.updated", price, before=before)
    return views.public(work, price)


def list_prices(work: Work) -> Document:
    params = work.params
    where: list[tuple[str, Any]] = []
    for name in ("active", "type"):
        if name in params:
            where.append((field_is(name), params[name]))
    if "lookup_keys" in params:
        if len(params["lookup_keys"]) > 10:
            raise ApiError(400, "You can give at most 10 lookup keys.", param="lookup_keys")
        where.append(lists.one_of("lookup_key", params["lookup_keys"]))
    return lists.page(work, "price", url="/v1/prices", where=where)
