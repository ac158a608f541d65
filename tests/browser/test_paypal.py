"""PayPal and Stripe's own page in a real browser: every way there and back, and what is in the books afterwards."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from orders.models import Order
from payments.models import Capture, Payment
from tests.browser.books import (
    assert_nothing_charged,
    assert_paid_once,
    assert_paid_once_by_paypal,
    paypal_captures_of,
    wait_until_paid,
)
from tests.browser.shopper import VISA, Shopper
from tests.support.browser import closes
from tests.support.live import LiveStack

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
CANDLE = "fig-and-cedar-candle"


def _choose_paypal(shopper: Shopper) -> None:
    shopper.page.get_by_role("radio", name=re.compile("^PayPal")).check()
    expect(_button(shopper)).to_be_visible()


def _button(shopper: Shopper) -> Locator:
    return shopper.page.get_by_role("button", name="PayPal", exact=True)


def _open_window(shopper: Shopper) -> Page:
    with shopper.page.expect_popup() as opened:
        _button(shopper).click()
    window = opened.value
    expect(window.get_by_role("button", name="Pay now")).to_be_visible()
    return window


def _press(window: Page, button: str) -> None:
    """The window closes when it has told the shop's page."""
    closes(window, window.get_by_role("button", name=button).click)


@both_sizes
def test_paypal_pays_the_order(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout()
    _choose_paypal(shopper)
    shopper.picture("checkout-paypal")
    window = _open_window(shopper)
    shopper.picture("checkout-paypal-window-open")
    _press(window, "Pay now")
    order_id = shopper.sees_paid_order()
    shopper.picture("confirmation-paypal")
    assert_paid_once_by_paypal(live_stack, order_id)


def test_paypal_by_keyboard_alone(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    shopper.tab_to("Card")
    shopper.page.keyboard.press("ArrowRight")
    expect(_button(shopper)).to_be_visible()
    shopper.tab_to("PayPal")
    # The radio has the focus and the name; whether to keep the account comes next, then the button.
    shopper.page.keyboard.press("Tab")
    keep = shopper.page.get_by_role("checkbox", name="Save this PayPal account for next time")
    expect(keep).to_be_focused()
    expect(keep).not_to_be_checked()
    shopper.page.keyboard.press("Tab")
    with shopper.page.expect_popup() as opened:
        shopper.page.keyboard.press("Enter")
    window = opened.value
    window.get_by_role("button", name="Pay now").focus()
    closes(window, lambda: window.keyboard.press("Enter"))
    assert_paid_once_by_paypal(live_stack, shopper.sees_paid_order())


@both_sizes
def test_canceled_at_paypal_then_paid_there_all_the_same(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    _choose_paypal(shopper)
    _press(_open_window(shopper), "Cancel and return to the shop")
    expect(shopper.page.get_by_text("You have not paid with PayPal")).to_be_visible()
    expect(_button(shopper)).to_be_visible()
    shopper.picture("paypal-canceled")
    order_id = shopper.order_id()
    assert_nothing_charged(live_stack, order_id)
    _press(_open_window(shopper), "Pay now")
    assert shopper.sees_paid_order() == order_id
    assert_paid_once_by_paypal(live_stack, order_id)


@both_sizes
def test_declined_at_paypal_then_another_way_of_paying_there(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    _choose_paypal(shopper)
    window = _open_window(shopper)
    window.locator("input[value=declined]").check()
    _press(window, "Pay now")
    alert = shopper.page.get_by_role("alert").first
    expect(alert).to_contain_text("The payment was not accepted")
    expect(alert).to_contain_text("declined this in PayPal")
    expect(_button(shopper)).to_be_visible()
    shopper.picture("paypal-declined")
    order_id = shopper.order_id()
    assert_nothing_charged(live_stack, order_id)
    _press(_open_window(shopper), "Pay now")
    assert shopper.sees_paid_order() == order_id
    assert_paid_once_by_paypal(live_stack, order_id)


def test_approved_and_every_window_closed_the_webhook_alone_pays_the_order(
    shopper: Shopper, live_stack: LiveStack
) -> None:
    shopper.start_checkout(CANDLE)
    _choose_paypal(shopper)
    order_id = shopper.order_id()
    shopper.asks_processor_no_more()
    window = _open_window(shopper)
    shopper.page.close()
    closes(window, window.get_by_role("button", name="Approve and close this window").click)
    wait_until_paid(order_id)
    assert_paid_once_by_paypal(live_stack, order_id)


def test_window_closed_after_approving_the_page_finds_out_by_itself(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    _choose_paypal(shopper)
    window = _open_window(shopper)
    _press(window, "Approve and close this window")
    assert_paid_once_by_paypal(live_stack, shopper.sees_paid_order())


def test_window_blocked_by_the_browser_the_page_goes_to_paypal_and_comes_back(
    shopper: Shopper, live_stack: LiveStack
) -> None:
    shopper.page.add_init_script("window.open = () => null")
    shopper.start_checkout(CANDLE)
    order_id = shopper.order_id()
    _choose_paypal(shopper)
    _button(shopper).click()
    shopper.page.get_by_role("button", name="Cancel and return to the shop").click()
    expect(shopper.page.get_by_text("You have not paid with PayPal")).to_be_visible()
    expect(shopper.page.get_by_role("radio", name=re.compile("^PayPal"))).to_be_checked()
    _button(shopper).click()
    shopper.page.get_by_role("button", name="Pay now").click()
    assert shopper.sees_paid_order() == order_id
    assert_paid_once_by_paypal(live_stack, order_id)


def test_paypal_opened_then_paid_by_card_charges_the_card_alone(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    shopper.enter_card(VISA)
    _choose_paypal(shopper)
    _press(_open_window(shopper), "Cancel and return to the shop")
    expect(shopper.page.get_by_text("You have not paid with PayPal")).to_be_visible()
    shopper.page.get_by_role("radio", name=re.compile("^Card")).check()
    shopper.pay()
    order_id = shopper.sees_paid_order()
    assert_paid_once(live_stack, order_id)
    assert paypal_captures_of(live_stack, order_id) == []
    assert Payment.objects.filter(order_reference=order_id).count() == 2


def test_card_declined_then_paid_by_paypal(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    shopper.pay("4000 0000 0000 0002")
    expect(shopper.page.get_by_text("The payment was not accepted")).to_be_visible()
    _choose_paypal(shopper)
    _press(_open_window(shopper), "Pay now")
    assert_paid_once_by_paypal(live_stack, shopper.sees_paid_order())


@both_sizes
def test_made_to_order_is_reserved_and_charged_when_the_artisan_confirms(
    shopper: Shopper, live_stack: LiveStack
) -> None:
    shopper.start_checkout("three-legged-stool")
    expect(shopper.page.get_by_role("button", name=re.compile("^Order and reserve "))).to_be_visible()
    expect(shopper.page.locator(".pay-button")).to_have_attribute("aria-disabled", "false")
    shopper.picture("checkout-reserved-first")
    shopper.enter_card(VISA)
    shopper.page.get_by_role("button", name=re.compile("^Order and reserve ")).click()
    shopper.page.wait_for_url("**/orders/ord_*/")
    shopper.picture("order-reserved")
    expect(shopper.page.get_by_role("heading", name="Your order is placed")).to_be_visible()
    order_id = shopper.order_id()
    assert Order.objects.get(public_id=order_id).status == "authorized"
    assert not Capture.objects.filter(payment__order_reference=order_id).exists()


def test_made_to_order_is_reserved_at_paypal(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("three-legged-stool")
    _choose_paypal(shopper)
    window = _open_window(shopper)
    _press(window, "Pay now")
    shopper.page.wait_for_url("**/orders/ord_*/")
    order_id = shopper.order_id()
    assert Order.objects.get(public_id=order_id).status == "authorized"
    assert paypal_captures_of(live_stack, order_id) == []


@both_sizes
def test_paid_on_stripe_s_own_page(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    order_id = shopper.order_id()
    shopper.page.get_by_role("button", name="Or pay on Stripe’s own page").click()
    page = shopper.page
    expect(page.get_by_role("heading", name="Pay by card")).to_be_visible()
    shopper.picture("hosted-page")
    page.get_by_label("Name on card").fill("Ida Berg")
    shopper.enter_card(VISA)
    shopper.card.get_by_label("Country").select_option("DE")
    shopper.card.get_by_label("Postal code").fill("28195")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    assert shopper.sees_paid_order() == order_id
    assert_paid_once(live_stack, order_id)


def test_back_from_stripe_s_own_page_the_checkout_is_as_it_was(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout(CANDLE)
    order_id = shopper.order_id()
    shopper.page.get_by_role("button", name="Or pay on Stripe’s own page").click()
    expect(shopper.page.get_by_role("heading", name="Pay by card")).to_be_visible()
    shopper.page.locator("a", has_text=re.compile("back|cancel", re.IGNORECASE)).first.click()
    expect(shopper.page.get_by_text("You have not paid yet")).to_be_visible()
    assert shopper.order_id() == order_id
    shopper.picture("hosted-canceled")
    assert_nothing_charged(live_stack, order_id)
    shopper.pay()
    assert shopper.sees_paid_order() == order_id
    assert_paid_once(live_stack, order_id)
