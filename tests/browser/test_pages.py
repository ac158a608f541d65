"""Pages that are read: they show what they should at both sizes, and work without scripts."""

import re

import pytest
from playwright.sync_api import Browser, expect

from catalog.demo.people import ADMIN_EMAIL, DEMO_PASSWORD
from tests.browser.shopper import Shopper, fits
from tests.support.live import LiveStack

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)


@both_sizes
@pytest.mark.parametrize(
    ("name", "path", "heading"),
    [
        ("home", "/", "Made by hand"),
        ("artisan", "/artisans/barro-azul/", "Barro Azul"),
        ("product", "/products/speckled-jug/", "Tall jug, speckled"),
        ("log-in", "/accounts/login/", "Log in"),
    ],
)
def test_page_is_there_and_fits_the_screen(shopper: Shopper, name: str, path: str, heading: str) -> None:
    shopper.open(path)
    expect(shopper.page.get_by_role("heading", level=1)).to_contain_text(heading)
    _scroll_through(shopper)
    shopper.picture(name)
    fits(shopper.page)
    shopper.page.evaluate("document.documentElement.style.fontSize = '200%'")
    fits(shopper.page)


@both_sizes
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("admin", "/admin/"),
        ("admin-orders", "/admin/orders/order/"),
        ("admin-payments", "/admin/payments/payment/"),
        ("admin-inbox", "/admin/webhooks/webhookevent/"),
        ("admin-entries", "/admin/ledger/journalentry/"),
        ("admin-transfers", "/admin/payouts/transfer/"),
        ("admin-payables", "/admin/payouts/payable/"),
        ("admin-audit", "/admin/common/auditrecord/"),
    ],
)
def test_staff_desk(shopper: Shopper, name: str, path: str) -> None:
    shopper.log_in(ADMIN_EMAIL, DEMO_PASSWORD)
    shopper.open(path)
    expect(shopper.page.locator("#content")).to_be_visible()
    shopper.picture(name)


def test_staff_see_an_order_with_its_split_and_its_payment(shopper: Shopper) -> None:
    shopper.start_checkout()
    shopper.pay()
    order_id = shopper.sees_paid_order()
    shopper.log_in(ADMIN_EMAIL, DEMO_PASSWORD)
    shopper.open(f"/admin/orders/order/?q={order_id}")
    shopper.page.get_by_role("link", name=order_id).click()
    expect(shopper.page.locator("#content")).to_contain_text(re.compile("artisan earns", re.IGNORECASE))
    shopper.picture("admin-order")
    shopper.page.get_by_role("link", name=re.compile("^pay_")).click()
    expect(shopper.page.locator("#content")).to_contain_text(re.compile("AVS", re.IGNORECASE))
    shopper.picture("admin-payment")


def test_shop_works_without_scripts(browser: Browser, live_stack: LiveStack) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_stack.url + "/products/letter-set/")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your cart")
    expect(page.get_by_role("link", name="Letter set, deckled paper")).to_be_visible()
    page.goto(live_stack.url + "/checkout/")
    assert "Paying needs JavaScript" in page.locator("main").inner_text()
    expect(page.get_by_text("Loading the checkout")).to_be_hidden()
    context.close()


def _scroll_through(shopper: Shopper) -> None:
    """So that pictures that load lazily are there."""
    shopper.page.evaluate(
        "async () => { for (let y = 0; y < document.body.scrollHeight; y += 500) {"
        " window.scrollTo(0, y); await new Promise(done => setTimeout(done, 60)); } window.scrollTo(0, 0); }"
    )
