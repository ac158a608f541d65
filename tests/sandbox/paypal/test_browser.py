"""The script and the approval page, in a real browser on another origin than the sandbox."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.sandbox.paypal.shop import PayPal, eur
from tests.support.browser import closes

pytestmark = pytest.mark.browser

_PAGE = """<!doctype html><html lang="en"><title>Shop</title><body><div id="buttons"></div><ul id="log"></ul>
<script src="{sdk}/paypal/sdk.js?client-id=sandbox-client&currency={currency}&intent=capture"></script>
<script>
  const say = (what, data) => {{
    const line = document.createElement("li");
    line.textContent = what + " " + JSON.stringify(data ?? null);
    document.getElementById("log").append(line);
  }};
  if ({blocked}) window.open = () => null;
  const made = () => new Promise((resolve) => setTimeout(() => resolve({order}), 100));
  const buttons = window.paypal.Buttons({{
    {create}: made,
    onApprove: (data, actions) => {{ window.again = actions.restart; say("approved", data); }},
    onCancel: (data) => say("cancelled", data),
    onError: (error) => say("error", String(error)),
  }});
  if (buttons.isEligible()) buttons.render("#buttons"); else say("not eligible");
</script></body></html>"""


class Shop:
    """A page with PayPal's button, on an origin of its own; it may be returned to."""

    def __init__(self, paypal: PayPal) -> None:
        self.paypal, self.url, self.html = paypal, "", ""

    def open(
        self, page: Page, order: Any, *, blocked: bool = False, currency: str = "EUR", vault: bool = False
    ) -> None:
        self.html = _PAGE.format(
            sdk=self.paypal.box.url,
            order=json.dumps(order),
            blocked=json.dumps(blocked),
            currency=currency,
            create="createVaultSetupToken" if vault else "createOrder",
        )
        page.goto(self.url)

    def order(self, **more: Any) -> str:
        """An order whose buyer comes back to this page."""
        wallet = {
            "experience_context": {
                "return_url": f"{self.url}return?cart=7",
                "cancel_url": f"{self.url}cancel",
                "user_action": "PAY_NOW",
                "brand_name": "Artisans' Hub",
            }
        }
        return self.paypal.made(wallet | more, "24.00", intent="CAPTURE", description="A jug")

    def status(self, order: str) -> str:
        return str(self.paypal.get(f"/v2/checkout/orders/{order}").json()["status"])


@pytest.fixture
def shop(paypal: PayPal) -> Iterator[Shop]:
    it = Shop(paypal)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = it.html.encode() if self.path == "/" else b"<!doctype html><title>Back</title><h1>Back</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            # As strict as the real shop's pages, but for the script that stands in the page.
            policy = f"default-src 'self'; script-src 'unsafe-inline' {paypal.box.url}; style-src 'self'"
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}/"
    yield it
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    context.set_default_timeout(10_000)
    return context.new_page()


def clicked(page: Page) -> Page:
    """PayPal's window."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name="PayPal").click()
    window = opened.value
    expect(window.get_by_role("heading")).to_be_visible()
    return window


def wait_until_closed(page: Page, window: Page) -> None:
    for _ in range(100):
        if window.is_closed():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the window stayed open")


def test_the_buyer_pays(page: Page, shop: Shop) -> None:
    order = shop.order()
    shop.open(page, order)
    window = clicked(page)
    expect(window.get_by_role("heading")).to_have_text("Pay Artisans' Hub")
    expect(window.get_by_text("€24.00")).to_be_visible()
    expect(window.get_by_label("Save PayPal for future payments")).to_be_hidden()
    closes(window, window.get_by_role("button", name="Pay now").click)
    line = page.get_by_text("approved")
    expect(line).to_contain_text(f'"orderID":"{order}"')
    expect(line).to_contain_text('"payerID":"BUYERADA23456"')
    assert shop.status(order) == "APPROVED"
    assert shop.paypal.capture_order(order).status_code == 201
    wait_until_closed(page, window)


def test_the_buyer_cancels(page: Page, shop: Shop) -> None:
    order = shop.order()
    shop.open(page, order)
    window = clicked(page)
    closes(window, window.get_by_role("button", name="Cancel and return to the shop").click)
    expect(page.get_by_text("cancelled")).to_contain_text(f'{{"orderID":"{order}"}}')
    assert shop.status(order) == "PAYER_ACTION_REQUIRED"


def test_closing_the_window_is_a_cancellation(page: Page, shop: Shop) -> None:
    order = shop.order()
    shop.open(page, order)
    clicked(page).close()
    expect(page.get_by_text("cancelled")).to_be_visible()
    assert shop.status(order) == "PAYER_ACTION_REQUIRED"


def test_approving_and_closing_tells_the_shop_nothing(page: Page, shop: Shop) -> None:
    order = shop.order()
    shop.open(page, order)
    window = clicked(page)
    closes(window, window.get_by_role("button", name="Approve and close this window").click)
    page.wait_for_timeout(500)
    assert page.locator("#log li").count() == 0
    assert shop.status(order) == "APPROVED"


def test_after_a_declined_instrument_the_buyer_chooses_another(page: Page, shop: Shop) -> None:
    order = shop.order()
    shop.open(page, order)
    window = clicked(page)
    window.get_by_label("Card that is declined").check()
    closes(window, window.get_by_role("button", name="Pay now").click)
    expect(page.get_by_text("approved")).to_have_count(1)
    declined = shop.paypal.capture_order(order)
    assert declined.json()["details"][0]["issue"] == "INSTRUMENT_DECLINED"
    with page.expect_popup() as opened:
        page.evaluate("void window.again()")
    opened.value.get_by_role("button", name="Pay now").click()
    expect(page.get_by_text("approved")).to_have_count(2)
    assert shop.paypal.capture_order(order).status_code == 201


def test_saving_paypal_is_the_buyers_choice(page: Page, shop: Shop) -> None:
    vault = {"attributes": {"vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}}}
    statuses = []
    for wanted in (True, False):
        order = shop.order(**vault)
        shop.open(page, order)
        window = clicked(page)
        box = window.get_by_label("Save PayPal for future payments")
        expect(box).to_be_checked()
        box.set_checked(wanted)
        closes(window, window.get_by_role("button", name="Pay now").click)
        expect(page.get_by_text("approved")).to_be_visible()
        wallet = shop.paypal.capture_order(order).json()["payment_source"]["paypal"]
        statuses.append(wallet.get("attributes", {}).get("vault", {}).get("status"))
    assert statuses == ["VAULTED", None]


def test_without_a_purchase_paypal_is_saved_too(page: Page, shop: Shop) -> None:
    setup = {"payment_source": {"paypal": {"usage_type": "MERCHANT", "description": "For later orders"}}}
    token = shop.paypal.post("/v3/vault/setup-tokens", setup).json()["id"]
    shop.open(page, token, vault=True)
    window = clicked(page)
    expect(window.get_by_text("For later orders")).to_be_visible()
    window.get_by_role("button", name="Agree and save").click()
    expect(page.get_by_text("approved")).to_contain_text(f'{{"vaultSetupToken":"{token}"}}')
    assert shop.paypal.get(f"/v3/vault/setup-tokens/{token}").json()["status"] == "APPROVED"


@pytest.mark.parametrize(
    ("button", "path", "status"),
    [
        ("Pay now", "return?cart=7&token={order}&PayerID=BUYERADA23456", "APPROVED"),
        ("Cancel and return to the shop", "cancel?token={order}", "PAYER_ACTION_REQUIRED"),
    ],
)
def test_where_windows_are_blocked_the_page_goes_there_and_comes_back(
    page: Page, shop: Shop, button: str, path: str, status: str
) -> None:
    order = shop.order()
    shop.open(page, order, blocked=True)
    page.get_by_role("button", name="PayPal").click()
    page.get_by_role("button", name=button).click()
    page.wait_for_url(shop.url + path.format(order=order))
    assert shop.status(order) == status


def test_keys_alone_are_enough(page: Page, shop: Shop) -> None:
    order = shop.order()
    shop.open(page, order)
    page.keyboard.press("Tab")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    window = opened.value
    expect(window.get_by_role("button", name="Pay now")).to_be_visible()
    window.keyboard.press("Tab")
    expect(window.get_by_role("button", name="Pay now")).to_be_focused()
    window.keyboard.down("Enter")  # the window closes before the key comes up
    expect(page.get_by_text("approved")).to_be_visible()


def test_an_error_of_the_shops_reaches_its_handler(page: Page, shop: Shop) -> None:
    shop.open(page, None)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="PayPal").click()
    expect(page.get_by_text("error")).to_contain_text("Expected an order id to be passed")
    wait_until_closed(page, opened.value)


def test_a_currency_that_paypal_does_not_take_has_no_button(page: Page, shop: Shop) -> None:
    shop.open(page, "none", currency="KWD")
    expect(page.get_by_text("not eligible")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


def test_an_expired_order_is_told_so(page: Page, shop: Shop) -> None:
    order = shop.paypal.post(
        "/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [{"amount": eur("5.00")}]}
    ).json()
    shop.paypal.box.post("clock", advance_seconds=3 * 3600 + 1)
    page.goto(next(link["href"] for link in order["links"] if link["rel"] == "approve"))
    expect(page.get_by_text("This page has expired")).to_be_visible()
