"""Hosted Checkout: products and prices, sessions, the page, and what becomes of them."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import stripe

from tests.sandbox.process import Box

HOUR = 3600


def _price(client: stripe.StripeClient, amount: int = 2_500, currency: str = "eur", **more: Any) -> str:
    params: Any = {"unit_amount": amount, "currency": currency, "product_data": {"name": "Blue jug"}, **more}
    return client.v1.prices.create(params).id


def _session(client: stripe.StripeClient, **more: Any) -> stripe.checkout.Session:
    params: Any = {
        "mode": "payment",
        "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/cart",
        **more,
    }
    if "line_items" not in params:
        params["line_items"] = [{"price": _price(client), "quantity": 2}]
    return client.v1.checkout.sessions.create(params)


def _pay(box: Box, session: stripe.checkout.Session, card: str = "pm_card_visa", **more: Any) -> requests.Response:
    given = {"payment_method": card, "email": "ada@example.org", "name": "Ada", **more}
    return requests.post(f"{session.url}/pay", json=given, timeout=5)


def _told(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in reversed(client.v1.events.list({"limit": 100}).data)]


# ---------------------------------------------------------------------- products and prices
def test_prices_are_found_by_their_lookup_key(client: stripe.StripeClient) -> None:
    product = client.v1.products.create({"name": "Jug", "description": "Blue", "metadata": {"product": "prd_1"}})
    old = client.v1.prices.create(
        {"product": product.id, "unit_amount": 2_500, "currency": "eur", "lookup_key": "prd_1:eur"}
    )
    assert (old.unit_amount, old.type, old.active, old.lookup_key) == (2_500, "one_time", True, "prd_1:eur")
    again: Any = {"product": product.id, "unit_amount": 2_700, "currency": "eur", "lookup_key": "prd_1:eur"}
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        client.v1.prices.create(again)
    new = client.v1.prices.create(again | {"transfer_lookup_key": True})
    found = client.v1.prices.list({"lookup_keys": ["prd_1:eur", "prd_2:eur"], "expand": ["data.product"]}).data
    assert [item.id for item in found] == [new.id]
    assert isinstance(found[0].product, stripe.Product) and found[0].product.name == "Jug"
    assert client.v1.prices.retrieve(old.id).lookup_key is None
    assert not client.v1.prices.update(old.id, {"active": False}).active
    listed = client.v1.prices.list({"product": product.id, "active": True, "currency": "eur"}).data
    assert [item.id for item in listed] == [new.id]
    changed = client.v1.products.update(product.id, {"name": "Big jug", "default_price": new.id})
    assert (changed.name, changed.default_price) == ("Big jug", new.id)
    assert [item.id for item in client.v1.products.list({"ids": [product.id], "active": True}).data] == [product.id]
    assert "price.updated" in _told(client) and "product.updated" in _told(client)


# ---------------------------------------------------------------------- sessions
def test_a_session_is_opened_and_paid(box: Box, client: stripe.StripeClient) -> None:
    session = _session(
        client,
        client_reference_id="ord_1",
        customer_email="ada@example.org",
        metadata={"order": "ord_1"},
        payment_intent_data={"metadata": {"payment": "pay_1"}, "transfer_group": "ord_1", "description": "Order 1"},
    )
    assert re.fullmatch(r"cs_test_\w{58}", session.id)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (5_000, 5_000, "eur")
    assert session.expires_at == session.created + 24 * HOUR
    assert session.url == f"{box.url}/c/pay/{session.id}"
    assert client.v1.payment_intents.list().data == []
    items = client.v1.checkout.sessions.line_items.list(session.id).data
    assert [(item.description, item.quantity, item.amount_total) for item in items] == [("Blue jug", 2, 5_000)]
    answer = _pay(box, session).json()
    assert answer == {"status": "complete", "redirect": f"http://shop.test/done?session={session.id}"}
    done = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "line_items.data.price.product"]}
    )
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.customer_details is not None and done.customer_details.email == "ada@example.org"
    intent = done.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, intent.transfer_group) == ("succeeded", 5_000, "ord_1")
    assert intent.metadata is not None and intent.metadata.to_dict() == {"payment": "pay_1"}
    assert done.line_items is not None and done.line_items.data[0].price is not None
    assert isinstance(done.line_items.data[0].price.product, stripe.Product)
    assert _told(client)[-4:-1] == ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
    assert [item.id for item in client.v1.checkout.sessions.list({"payment_intent": intent.id}).data] == [session.id]
    assert _pay(box, session).status_code == 400
    assert len(client.v1.payment_intents.list().data) == 1
    assert [item["status"] for item in box.get("summary")["checkout_sessions"]] == ["complete"]


def test_a_declined_card_leaves_the_session_open_with_one_payment(box: Box, client: stripe.StripeClient) -> None:
    session = _session(client)
    declined = _pay(box, session, "pm_card_visa_chargeDeclined")
    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert _pay(box, session).json()["status"] == "complete"
    assert [item.status for item in client.v1.payment_intents.list().data] == ["succeeded"]
    assert [item.status for item in client.v1.charges.list().data] == ["succeeded", "failed"]


@pytest.mark.parametrize(("outcome", "status"), [("succeed", "complete"), ("fail", "open")])
def test_the_bank_asks_on_the_page(box: Box, client: stripe.StripeClient, outcome: str, status: str) -> None:
    session = _session(client)
    secret = _pay(box, session, "pm_card_threeDSecure2Required").json()["client_secret"]
    assert requests.get(f"{session.url}/state", timeout=5).json() == {"status": "open", "redirect": None}
    seen = box.browser("GET", f"/v1/payment_intents/{secret.split('_secret_')[0]}?client_secret={secret}").json()
    query = dict(parse_qsl(urlsplit(seen["next_action"]["use_stripe_sdk"]["stripe_js"]).query))
    assert requests.post(f"{box.url}/js/3ds/complete", json={**query, "outcome": outcome}, timeout=5).ok
    assert client.v1.checkout.sessions.retrieve(session.id).status == status
    if outcome == "fail":
        assert _pay(box, session).json()["status"] == "complete"


def test_shipping_is_chosen_on_the_page(box: Box, client: stripe.StripeClient) -> None:
    rate = client.v1.shipping_rates.create(
        {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 590, "currency": "eur"}}
    )
    express: Any = {"display_name": "Express", "type": "fixed_amount"}
    express["fixed_amount"] = {"amount": 1_490, "currency": "eur"}
    session = _session(
        client,
        shipping_options=[{"shipping_rate": rate.id}, {"shipping_rate_data": express}],
        shipping_address_collection={"allowed_countries": ["AT", "DE"]},
    )
    assert (session.amount_subtotal, session.amount_total) == (5_000, 5_590)
    wanted = session.shipping_options[1].shipping_rate
    address = {"line1": "Street 1", "city": "Vienna", "country": "AT", "postal_code": "1010"}
    incomplete: tuple[Any, ...] = ({}, {"shipping_name": "Ada", "shipping_address": address | {"country": "US"}})
    for wrong in incomplete:
        assert _pay(box, session, shipping_rate=wanted, **wrong).json()["error"]["param"] == "shipping_address"
    whole: Any = {"shipping_name": "Ada", "shipping_address": address}
    assert _pay(box, session, shipping_rate="shr_other", **whole).status_code == 400
    assert _pay(box, session, shipping_rate=wanted, **whole).ok
    done = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent", "shipping_cost.shipping_rate"]}
    )
    assert (done.amount_total, done.total_details and done.total_details.amount_shipping) == (6_490, 1_490)
    assert done.collected_information is not None and done.collected_information.shipping_details is not None
    assert done.collected_information.shipping_details.address.city == "Vienna"
    assert done.shipping_cost is not None and isinstance(done.shipping_cost.shipping_rate, stripe.ShippingRate)
    assert done.shipping_cost.shipping_rate.display_name == "Express"
    assert isinstance(done.payment_intent, stripe.PaymentIntent)
    assert done.payment_intent.amount == 6_490
    assert done.payment_intent.shipping is not None and done.payment_intent.shipping.name == "Ada"


def test_what_is_only_authorized_is_complete_but_unpaid(box: Box, client: stripe.StripeClient) -> None:
    session = _session(client, payment_intent_data={"capture_method": "manual"})
    box.post(f"checkout/sessions/{session.id}/pay", payment_method="pm_card_visa")
    done = client.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    client.v1.payment_intents.capture(str(done.payment_intent), {"amount_to_capture": 3_000})
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize("succeeded", [True, False])
def test_money_that_takes_days_is_told_of_when_it_arrives(
    box: Box, client: stripe.StripeClient, succeeded: bool
) -> None:
    session = _session(client)
    box.post(f"checkout/sessions/{session.id}/pay", delayed=True)
    waiting = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert isinstance(waiting.payment_intent, stripe.PaymentIntent)
    intent = waiting.payment_intent.id
    assert (waiting.payment_intent.status, waiting.payment_intent.amount_received) == ("processing", 0)
    charge = waiting.payment_intent.latest_charge
    assert isinstance(charge, stripe.Charge) and (charge.status, charge.paid) == ("pending", False)
    assert _told(client)[-3:] == ["charge.pending", "payment_intent.processing", "checkout.session.completed"]
    assert client.v1.balance_transactions.list().data == []
    box.post(f"checkout/sessions/{session.id}/arrive", succeeded=succeeded)
    done = client.v1.checkout.sessions.retrieve(session.id)
    if succeeded:
        assert done.payment_status == "paid"
        assert client.v1.payment_intents.retrieve(intent).amount_received == 5_000
        assert [item.amount for item in client.v1.balance_transactions.list().data] == [5_000]
        assert client.v1.refunds.create({"payment_intent": intent}).status == "succeeded"
        assert "checkout.session.async_payment_succeeded" in _told(client)
    else:
        assert (done.status, done.payment_status) == ("complete", "unpaid")
        assert client.v1.payment_intents.retrieve(intent).status == "requires_payment_method"
        assert client.v1.balance_transactions.list().data == []
        assert _told(client)[-1] == "checkout.session.async_payment_failed"
    path = f"{box.url}/_sandbox/checkout/sessions/{session.id}/arrive"
    assert requests.post(path, json={"succeeded": True}, timeout=5).status_code == 400


def test_a_card_is_saved_with_the_session(box: Box, client: stripe.StripeClient) -> None:
    session = _session(client, payment_intent_data={"setup_future_usage": "off_session"})
    _pay(box, session)
    customer = client.v1.checkout.sessions.retrieve(session.id).customer
    assert isinstance(customer, str)
    assert len(client.v1.payment_methods.list({"customer": customer}).data) == 1
    assert client.v1.customers.retrieve(customer).email == "ada@example.org"
    known = client.v1.customers.create({"email": "bo@example.org"}).id
    again = _session(client, customer=known)
    _pay(box, again)
    assert client.v1.checkout.sessions.retrieve(again.id).customer == known
    assert client.v1.payment_methods.list({"customer": known}).data == []


# ---------------------------------------------------------------------- ends
def test_a_session_expires_by_the_clock_or_on_request(box: Box, client: stripe.StripeClient) -> None:
    now = int(box.get("clock")["unix"])
    timed, called_off, paid_for = _session(client, expires_at=now + 2_000), _session(client), _session(client)
    _pay(box, paid_for)
    box.post("clock", advance_seconds=2_001)
    box.settled()
    assert client.v1.checkout.sessions.retrieve(timed.id).status == "expired"
    assert client.v1.checkout.sessions.expire(called_off.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        client.v1.checkout.sessions.expire(paid_for.id)
    assert _told(client).count("checkout.session.expired") == 2
    assert _pay(box, timed).json()["error"]["code"] == "session_expired"
    assert client.v1.checkout.sessions.list({"status": "open"}).data == []


def test_an_expired_session_takes_no_money_from_a_question_still_open(box: Box, client: stripe.StripeClient) -> None:
    session = _session(client)
    _pay(box, session, "pm_card_threeDSecure2Required")
    client.v1.checkout.sessions.expire(session.id)
    (intent,) = client.v1.payment_intents.list().data
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"success_url": ""}, "success_url"),
        ({"success_url": "done"}, "Not a valid URL"),
        ({"line_items": [{"price": "price_nothing", "quantity": 1}]}, "No such price"),
        ({"mode": "subscription"}, "mode=payment only"),
        ({"customer": "cus_nobody"}, "No such customer"),
        ({"expires_at": 1}, "at least 30 minutes"),
        ({"expires_at": 9_999_999_999}, "less than 24 hours"),
        ({"allow_promotion_codes": True}, "does not simulate"),
        ({"payment_intent_data": {"transfer_data": {"destination": "acct_1"}}}, "does not simulate"),
        ({"shipping_options": [{"shipping_rate": "shr_nothing"}]}, "No such shipping"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(
    client: stripe.StripeClient, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message):
        _session(client, **wrong)
    assert client.v1.checkout.sessions.list().data == []


def test_items_must_be_sold_in_one_currency_at_prices_in_use(client: stripe.StripeClient) -> None:
    eur, usd = _price(client), _price(client, currency="usd")
    with pytest.raises(stripe.InvalidRequestError, match="only supports `usd`"):
        _session(client, line_items=[{"price": eur, "quantity": 1}, {"price": usd, "quantity": 1}])
    client.v1.prices.update(eur, {"active": False})
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        _session(client, line_items=[{"price": eur, "quantity": 1}])
    with pytest.raises(stripe.InvalidRequestError, match="quantity"):
        _session(client, line_items=[{"price": usd}])
    inline: Any = {"currency": "eur", "unit_amount": 590, "product_data": {"name": "Shipping"}}
    assert _session(client, line_items=[{"price_data": inline, "quantity": 1}]).amount_total == 590


def test_line_items_are_paged(client: stripe.StripeClient) -> None:
    items = [{"price": _price(client, 1_000 + number), "quantity": 1} for number in range(12)]
    session = _session(client, line_items=items)
    page = client.v1.checkout.sessions.line_items.list(session.id, {"limit": 5})
    assert (len(page.data), page.has_more) == (5, True)
    assert [item.amount_total for item in page.auto_paging_iter()] == [1_000 + number for number in range(12)]


# ---------------------------------------------------------------------- the page
def test_the_page_shows_what_is_paid_and_hides_nothing_in_it(box: Box, client: stripe.StripeClient) -> None:
    evil = _price(client, product_data={"name": "<script>alert(1)</script>"})
    session = _session(client, line_items=[{"price": evil, "quantity": 2}], customer_email="ada@example.org")
    page = requests.get(str(session.url), timeout=5)
    assert (page.status_code, page.headers["X-Frame-Options"]) == (200, "DENY")
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
    assert "€50.00" in page.text and "2 × €25.00" in page.text
    assert 'href="http://shop.test/cart"' in page.text
    assert 'value="ada@example.org" readonly' in page.text
    settings = json.loads(unescape(re.findall(r'data-settings="([^"]*)"', page.text)[0]))
    assert (settings["amount"], settings["currency"], settings["exponent"]) == (5_000, "eur", 2)
    for asset in ("page.js", "page.css"):
        assert requests.get(f"{box.url}/js/checkout/{asset}", timeout=5).ok


def test_a_page_that_is_over_says_so(box: Box, client: stripe.StripeClient) -> None:
    session, other = _session(client), _session(client)
    client.v1.checkout.sessions.expire(session.id)
    gone = requests.get(str(session.url), timeout=5)
    assert gone.status_code == 410 and "expired" in gone.text
    assert requests.get(f"{box.url}/c/pay/cs_test_nothing", timeout=5).status_code == 404
    _pay(box, other)
    done = requests.get(str(other.url), timeout=5, allow_redirects=False)
    assert (done.status_code, done.headers["Location"]) == (303, f"http://shop.test/done?session={other.id}")


@pytest.mark.parametrize("given", [{}, {"payment_method": "pm_card_visa", "email": "nobody"}, [], "x"])
def test_an_incomplete_order_is_refused(client: stripe.StripeClient, given: Any) -> None:
    session = _session(client)
    assert requests.post(f"{session.url}/pay", json=given, timeout=5).status_code == 400
    form = requests.post(f"{session.url}/pay", data={"payment_method": "pm_card_visa"}, timeout=5)
    assert form.status_code == 415
