"""The stand-in for Stripe.js and the hosted page in a real browser: saved cards, saving cards, the bank's question."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from dev.provision.chromium import find
from tests.sandbox.process import Box

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find() is None, reason="NO CHROMIUM: THE BROWSER TESTS DID NOT RUN"),
]

SHOP = """<!doctype html><html lang="en"><title>loading</title><script src="%s/js/stripe.js"></script>
<main style="max-width:30rem"><div id="place"></div><button id="go">Go</button><pre id="out"></pre></main><script>
const query = new URLSearchParams(location.search), secret = query.get("secret");
const stripe = Stripe("pk_test_sandbox");
const session = query.get("session") ?? undefined;
const elements = stripe.elements({ clientSecret: secret, customerSessionClientSecret: session });
const element = elements.create("payment");
element.on("ready", () => { document.title = "ready"; });
element.on("loaderror", ({ error }) => { document.title = "error: " + error.message; });
element.on("savedpaymentmethodremove", (event) => { window.removed = event; });
element.on("change", (event) => { window.lastChange = event; });
element.mount("#place");
document.getElementById("go").onclick = async () => {
  const confirm = secret.startsWith("seti_") ? stripe.confirmSetup : stripe.confirmPayment;
  const answer = await confirm({ elements, redirect: "if_required", confirmParams: { return_url: location.href } });
  document.getElementById("out").textContent = JSON.stringify(answer);
  document.title = "done";
};
</script></html>"""


@dataclass
class Shop:
    """A shop's page on an origin of its own, with a Payment Element in it."""

    page: Page
    url: str

    @property
    def element(self) -> FrameLocator:
        return self.page.frame_locator("#place iframe")

    def open(self, secret: str | None, session: str | None = None) -> None:
        given = {"secret": secret or "", **({"session": session} if session else {})}
        self.page.goto(f"{self.url}/?{urlencode(given)}")
        expect(self.page).to_have_title("ready")

    def go(self) -> Any:
        self.page.get_by_role("button", name="Go").click()
        return self.answer()

    def answer(self) -> Any:
        expect(self.page).to_have_title("done")
        return json.loads(self.page.locator("#out").inner_text())


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def shop(box: Box, page: Page) -> Iterator[Shop]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((SHOP % box.url).encode())

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield Shop(page, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


def _type_card(frame: FrameLocator, number: str = "4242424242424242") -> None:
    frame.get_by_label("Card number").fill(number)
    frame.get_by_label("Expiration date").fill("12 / 34")
    frame.get_by_label("Security code").fill("123")
    frame.get_by_label("Country").select_option("AT")


def _customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"email": "ada@example.org"}).id


def _saved(client: stripe.StripeClient, customer: str, card: str = "pm_card_visa") -> str:
    method = client.v1.payment_methods.attach(card, {"customer": customer}).id
    client.v1.payment_methods.update(method, {"allow_redisplay": "always"})
    return method


def _session(client: stripe.StripeClient, customer: str) -> str:
    features: Any = {
        "payment_method_redisplay": "enabled",
        "payment_method_save": "enabled",
        "payment_method_save_usage": "off_session",
        "payment_method_remove": "enabled",
    }
    components: Any = {"payment_element": {"enabled": True, "features": features}}
    return client.v1.customer_sessions.create({"customer": customer, "components": components}).client_secret


def _intent(client: stripe.StripeClient, customer: str) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create({"amount": 1_000, "currency": "eur", "customer": customer})


def test_a_saved_card_pays_without_typing(shop: Shop, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    older, newer = _saved(client, customer), _saved(client, customer, "pm_card_mastercard")
    intent = _intent(client, customer)
    shop.open(intent.client_secret, _session(client, customer))
    expect(shop.element.get_by_role("radio", name="Mastercard ending in 4444")).to_be_checked()
    expect(shop.element.get_by_label("Card number")).to_be_hidden()
    shop.element.get_by_role("radio", name="Visa ending in 4242").check()
    if folder := os.environ.get("SANDBOX_PICTURES"):
        shop.page.screenshot(path=f"{folder}/saved.png", full_page=True)
    # The page is told by a message of the frame, which may take a moment.
    shop.page.wait_for_function("id => lastChange.complete && lastChange.value.payment_method.id === id", arg=older)
    assert shop.go()["paymentIntent"]["status"] == "succeeded"
    done = client.v1.payment_intents.retrieve(intent.id)
    assert (done.payment_method, newer != older) == (older, True)


def test_a_new_card_is_kept_only_when_the_buyer_wants_it(shop: Shop, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    _saved(client, customer, "pm_card_mastercard")
    for wants, cards in ((False, 1), (True, 2)):
        shop.open(_intent(client, customer).client_secret, _session(client, customer))
        shop.element.get_by_role("radio", name="Another card").check()
        _type_card(shop.element)
        shop.element.get_by_role("checkbox", name="Save this card").set_checked(wants)
        assert shop.go()["paymentIntent"]["status"] == "succeeded"
        assert len(client.v1.payment_methods.list({"customer": customer}).data) == cards
    kept = client.v1.payment_methods.list({"customer": customer}).data[0]
    assert kept.allow_redisplay == "always"
    off_session: Any = {"amount": 500, "currency": "eur", "customer": customer, "payment_method": kept.id}
    off_session |= {"off_session": True, "confirm": True}
    assert client.v1.payment_intents.create(off_session).status == "succeeded"


def test_a_card_is_removed_with_two_clicks(shop: Shop, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    method = _saved(client, customer)
    shop.open(_intent(client, customer).client_secret, _session(client, customer))
    shop.element.get_by_role("button", name="Remove Visa ending in 4242").click()
    assert client.v1.payment_methods.retrieve(method).customer == customer
    shop.element.get_by_role("button", name="Really remove Visa ending in 4242").click()
    expect(shop.element.get_by_role("status").first).to_have_text("Visa ending in 4242 was removed.")
    expect(shop.element.get_by_label("Card number")).to_be_visible()
    assert shop.page.evaluate("[removed.success, removed.payment_method.id]") == [True, method]
    assert client.v1.payment_methods.list({"customer": customer}).data == []


@pytest.mark.parametrize("outcome", ["Complete", "Fail"])
def test_a_card_is_set_up_after_the_banks_question(shop: Shop, client: stripe.StripeClient, outcome: str) -> None:
    customer = _customer(client)
    intent = client.v1.setup_intents.create({"customer": customer})
    shop.open(intent.client_secret, _session(client, customer))
    _type_card(shop.element, "4000002500003155")
    shop.page.get_by_role("button", name="Go").click()
    bank = shop.page.frame_locator("dialog iframe")
    bank.get_by_role("button", name=f"{outcome} authentication").click()
    answer = shop.answer()
    if outcome == "Fail":
        assert answer["error"]["code"] == "setup_intent_authentication_failure"
        assert client.v1.payment_methods.list({"customer": customer}).data == []
        return
    assert answer["setupIntent"]["status"] == "succeeded"
    (kept,) = client.v1.payment_methods.list({"customer": customer}).data
    assert kept.allow_redisplay == "limited"  # the box was not ticked


def test_a_session_of_nobody_is_told_to_the_shop(shop: Shop, client: stripe.StripeClient) -> None:
    intent = _intent(client, _customer(client))
    shop.page.goto(f"{shop.url}/?{urlencode({'secret': str(intent.client_secret), 'session': 'cuss_x_secret_y'})}")
    expect(shop.page).to_have_title("error: The customer session client secret provided is invalid.")


# ---------------------------------------------------------------------- the hosted page
def _hosted(client: stripe.StripeClient, **more: Any) -> stripe.checkout.Session:
    params: Any = {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": "eur",
                    "unit_amount": 2_500,
                    "product_data": {"name": "Blue jug", "description": "Stoneware, thrown by hand"},
                },
                "quantity": 2,
            }
        ],
        **more,
    }
    return client.v1.checkout.sessions.create(params)


@pytest.mark.parametrize("size", [(1100, 900), (390, 844)])
def test_the_hosted_page_takes_a_card_and_returns(
    shop: Shop, client: stripe.StripeClient, size: tuple[int, int]
) -> None:
    page = shop.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    post: Any = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 590, "currency": "eur"}}
    free: Any = {"display_name": "Pick-up", "type": "fixed_amount", "fixed_amount": {"amount": 0, "currency": "eur"}}
    session = _hosted(
        client,
        success_url=f"{shop.url}/?done={{CHECKOUT_SESSION_ID}}&secret=pi_x_secret_y",
        cancel_url=f"{shop.url}/cart",
        shipping_options=[{"shipping_rate_data": post}, {"shipping_rate_data": free}],
        shipping_address_collection={"allowed_countries": ["AT", "DE"]},
    )
    page.goto(str(session.url))
    expect(page.get_by_role("link", name="Back to the shop")).to_have_attribute("href", f"{shop.url}/cart")
    page.get_by_role("button", name="Pay €55.90").click()  # nothing is typed yet
    expect(page.get_by_label("Email")).to_be_focused()
    expect(page.get_by_text("Your email is incomplete.")).to_be_visible()
    page.get_by_label("Email").fill("ada@example.org")
    expect(page.get_by_text("Your email is incomplete.")).to_be_hidden()
    page.get_by_label("Full name").fill("Ada Example")
    page.get_by_label("Address", exact=True).fill("Street 1")
    page.get_by_label("City").fill("Vienna")
    page.locator("#ship-country").select_option(label="Germany")
    page.get_by_label("Pick-up").check()
    expect(page.get_by_role("button", name="Pay €50.00")).to_be_visible()
    card = page.frame_locator("#card iframe")
    _type_card(card, "4000000000000002")
    page.get_by_label("Name on card").fill("Ada Example")
    if folder := os.environ.get("SANDBOX_PICTURES"):
        page.screenshot(path=f"{folder}/hosted-{size[0]}.png", full_page=True)
    page.get_by_role("button", name="Pay €50.00").click()
    expect(page.get_by_role("alert").first).to_have_text("Your card was declined.")
    _type_card(card)
    page.get_by_role("button", name="Pay €50.00").click()
    page.wait_for_url(f"{shop.url}/?done={session.id}*")
    done = client.v1.checkout.sessions.retrieve(session.id)
    assert (done.payment_status, done.amount_total) == ("paid", 5_000)
    assert done.customer_details is not None and done.customer_details.name == "Ada Example"
    assert done.collected_information is not None and done.collected_information.shipping_details is not None
    assert done.collected_information.shipping_details.address.country == "DE"


@pytest.mark.parametrize("outcome", ["Complete", "Fail"])
def test_the_hosted_page_asks_the_bank(shop: Shop, client: stripe.StripeClient, outcome: str) -> None:
    page = shop.page
    session = _hosted(client, success_url=f"{shop.url}/?done=1&secret=pi_x_secret_y", customer_email="ada@example.org")
    page.goto(str(session.url))
    _type_card(page.frame_locator("#card iframe"), "4000002760003184")
    page.get_by_label("Name on card").fill("Ada")
    page.get_by_role("button", name="Pay €50.00").click()
    bank = page.frame_locator("dialog iframe")
    bank.get_by_role("button", name=f"{outcome} authentication").click()
    if outcome == "Complete":
        page.wait_for_url(f"{shop.url}/?done=1*", wait_until="commit", timeout=30_000)
        assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"
    else:
        expect(page.get_by_role("alert").first).to_contain_text("failed authentication")
        assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
