"""A PayPal account that is kept, in a real browser: added in the account, kept with a payment, paid with, removed."""

import re

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from common.clock import now as clock_now
from identity.models import User
from orders.models import Order
from payments.models import Capture, Payment, ProcessorRequest, SavedMethod, Setup
from tests.browser.books import assert_nothing_charged, assert_paid_once_by_paypal, paypal_captures_of, wait_until
from tests.browser.member import go_to_payment, user
from tests.browser.shopper import Shopper
from tests.support.browser import closes
from tests.support.live import LiveStack

__all__ = ["user"]
both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
LABEL = "PayPal account a***r@paypal.sandbox.example"
PAGE = "/account/payment-methods/"


def paypal_button(shopper: Shopper) -> Locator:
    return shopper.page.get_by_role("button", name="PayPal", exact=True)


def open_add_paypal(shopper: Shopper) -> None:
    shopper.open(PAGE)
    shopper.page.get_by_role("checkbox").check()
    shopper.page.get_by_role("button", name="Add PayPal").click()
    expect(paypal_button(shopper)).to_be_visible()


def open_window(shopper: Shopper, button: str) -> Page:
    with shopper.page.expect_popup() as opened:
        paypal_button(shopper).click()
    window = opened.value
    expect(window.get_by_role("button", name=button)).to_be_visible()
    return window


def press(window: Page, button: str) -> None:
    closes(window, window.get_by_role("button", name=button).click)


def add_paypal(shopper: Shopper, *, funding: str = "balance") -> None:
    open_add_paypal(shopper)
    window = open_window(shopper, "Agree and save")
    window.locator(f"input[value={funding}]").check()
    press(window, "Agree and save")
    expect(shopper.page.get_by_text(f"{LABEL} is saved.")).to_be_visible()


def choose_paypal(shopper: Shopper) -> None:
    shopper.page.get_by_role("radio", name=re.compile("^PayPal With")).check()


def in_paypals_window(shopper: Shopper) -> None:
    shopper.page.get_by_role("radio", name=re.compile("^In PayPal’s window")).check()
    expect(paypal_button(shopper)).to_be_visible()


def expect_approved(stack: LiveStack, user: User) -> None:
    """PayPal has what the buyer pressed in the window, and nobody has told us."""
    setup = Setup.objects.get(customer__user=user)
    address = f"{stack.sandbox.url}/paypal/agreements/{setup.processor_setup_id}"
    wait_until(lambda: requests.get(address, timeout=10).json()["status"], "APPROVED")


# ---- in the account


@both_sizes
def test_a_paypal_account_is_added_made_the_usual_one_and_removed(shopper: Shopper, user: User) -> None:
    shopper.open(PAGE)
    shopper.picture("saved-methods-empty")
    open_add_paypal(shopper)
    shopper.picture("add-paypal")
    window = open_window(shopper, "Agree and save")
    shopper.picture("add-paypal-window-open")
    press(window, "Agree and save")
    expect(shopper.page.get_by_text(f"{LABEL} is saved.")).to_be_visible()
    expect(shopper.page.get_by_text("Offered first")).to_be_visible()
    shopper.picture("saved-paypal")
    assert "ada.buyer" not in shopper.page.content()
    method = SavedMethod.objects.get(customer__user=user)
    assert (method.kind, method.payer_email) == ("paypal", "ada.buyer@paypal.sandbox.example")
    shopper.page.get_by_role("link", name=f"Remove {LABEL}").click()
    shopper.picture("remove-paypal")
    shopper.page.get_by_role("button", name="Remove it").click()
    expect(shopper.page.get_by_text(f"{LABEL} is removed.")).to_be_visible()
    wait_until(lambda: ProcessorRequest.objects.get(kind="detach_method", subject=method.public_id).state, "succeeded")


def test_paypal_is_added_by_keyboard_alone(shopper: Shopper, user: User) -> None:
    shopper.open(PAGE)
    shopper.tab_to("Keep this for my next orders")
    shopper.page.keyboard.press("Space")
    shopper.tab_to("Add PayPal")
    shopper.page.keyboard.press("Enter")
    expect(shopper.page.get_by_role("region", name="Add PayPal")).to_be_focused()
    expect(paypal_button(shopper)).to_be_visible()
    shopper.page.keyboard.press("Tab")
    expect(paypal_button(shopper)).to_be_focused()
    with shopper.page.expect_popup() as opened:
        shopper.page.keyboard.press("Enter")
    window = opened.value
    window.get_by_role("button", name="Agree and save").focus()
    closes(window, lambda: window.keyboard.press("Enter"))
    expect(shopper.page.get_by_text(f"{LABEL} is saved.")).to_be_visible()


@both_sizes
def test_canceled_at_paypal_nothing_is_saved_and_it_can_be_tried_again(shopper: Shopper, user: User) -> None:
    open_add_paypal(shopper)
    press(open_window(shopper, "Agree and save"), "Cancel and return to the shop")
    expect(shopper.page.get_by_text("PayPal was not added")).to_be_visible()
    shopper.picture("add-paypal-canceled")
    assert not SavedMethod.objects.filter(customer__user=user).exists()
    press(open_window(shopper, "Agree and save"), "Agree and save")
    expect(shopper.page.get_by_text(f"{LABEL} is saved.")).to_be_visible()


def test_agreed_and_every_window_closed_the_account_is_there_later(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    open_add_paypal(shopper)
    shopper.page.route("**/payment-methods/setups/*/complete", lambda route: route.abort())
    window = open_window(shopper, "Agree and save")
    other = shopper.page.context.new_page()
    shopper.page.close()
    window.get_by_role("button", name="Approve and close this window").click()
    expect_approved(live_stack, user)
    # The sweeper would ask a minute after the attempt was begun.
    Setup.objects.filter(customer__user=user).update(next_look_up_at=clock_now())
    wait_until(lambda: SavedMethod.objects.filter(customer__user=user).count(), 1)
    other.goto(shopper.site + PAGE)
    expect(other.get_by_text(LABEL).first).to_be_visible()


def test_window_blocked_by_the_browser_the_page_goes_to_paypal_and_comes_back(shopper: Shopper, user: User) -> None:
    shopper.page.add_init_script("window.open = () => null")
    open_add_paypal(shopper)
    paypal_button(shopper).click()
    shopper.page.get_by_role("button", name="Cancel and return to the shop").click()
    expect(shopper.page.get_by_text("Nothing was saved and nothing was charged")).to_be_visible()
    open_add_paypal(shopper)
    paypal_button(shopper).click()
    shopper.page.get_by_role("button", name="Agree and save").click()
    expect(shopper.page.get_by_text(f"{LABEL} is saved.")).to_be_visible()


# ---- in the checkout


@both_sizes
def test_the_account_is_kept_with_a_payment_and_pays_the_next_one_in_one_press(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    go_to_payment(shopper)
    choose_paypal(shopper)
    shopper.page.get_by_label("Save this PayPal account for next time").check()
    expect(paypal_button(shopper)).to_be_visible()
    shopper.picture("checkout-save-paypal")
    press(open_window(shopper, "Pay now"), "Pay now")
    assert_paid_once_by_paypal(live_stack, shopper.sees_paid_order())
    method = SavedMethod.objects.get(customer__user=user)
    assert (method.kind, method.is_default) == ("paypal", True)

    go_to_payment(shopper)
    expect(shopper.page.get_by_role("radio", name=LABEL)).to_be_checked()
    shopper.picture("checkout-saved-paypal")
    shopper.page.get_by_role("button", name=re.compile("^Pay .* with PayPal$")).dblclick()
    order_id = shopper.sees_paid_order()
    assert_paid_once_by_paypal(live_stack, order_id)
    assert Payment.objects.get(order_reference=order_id, status="succeeded").saved_method == method


@both_sizes
def test_the_saved_account_is_declined_and_the_buyer_pays_in_paypals_window(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    add_paypal(shopper, funding="declined")
    go_to_payment(shopper)
    order_id = shopper.order_id()
    shopper.page.get_by_role("button", name=re.compile("^Pay .* with PayPal$")).click()
    alert = shopper.page.get_by_role("alert").first
    expect(alert).to_contain_text("The payment was not accepted")
    expect(alert).to_contain_text("No money was taken")
    expect(paypal_button(shopper)).to_be_visible()
    shopper.picture("saved-paypal-declined")
    assert_nothing_charged(live_stack, order_id)
    press(open_window(shopper, "Pay now"), "Pay now")
    assert shopper.sees_paid_order() == order_id
    assert_paid_once_by_paypal(live_stack, order_id)


def pay_in_one_press(shopper: Shopper) -> None:
    shopper.page.get_by_role("button", name=re.compile("^Pay .* with PayPal$")).click()


def test_the_page_is_loaded_again_while_the_account_is_charged(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    add_paypal(shopper)
    go_to_payment(shopper)
    order_id = shopper.order_id()
    live_stack.sandbox.fault(path="/v2/checkout/orders$", kind="slow", seconds=5)
    pay_in_one_press(shopper)
    # The shop has the request; the page goes before the answer is there.
    wait_until(lambda: Payment.objects.filter(order_reference=order_id, channel="paypal").count(), 1)
    shopper.page.reload()
    assert shopper.sees_paid_order() == order_id
    assert_paid_once_by_paypal(live_stack, order_id)


def test_the_page_is_loaded_again_before_the_shop_heard_of_the_press(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    add_paypal(shopper)
    go_to_payment(shopper)
    order_id = shopper.order_id()
    shopper.page.route("**/confirm", lambda route: route.abort(), times=1)
    pay_in_one_press(shopper)
    shopper.page.reload()
    expect(shopper.page.get_by_role("alert").first).to_contain_text("no money was taken")
    assert_nothing_charged(live_stack, order_id)
    pay_in_one_press(shopper)
    assert shopper.sees_paid_order() == order_id
    assert_paid_once_by_paypal(live_stack, order_id)


def test_made_to_order_goods_are_reserved_on_the_saved_account(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    add_paypal(shopper)
    go_to_payment(shopper, "three-legged-stool")
    expect(shopper.page.get_by_role("radio", name=LABEL)).to_be_checked()
    shopper.picture("checkout-saved-paypal-reserved")
    shopper.page.get_by_role("button", name=re.compile("^Order and reserve .* with PayPal$")).click()
    shopper.page.wait_for_url("**/orders/ord_*/")
    order_id = shopper.order_id()
    assert Order.objects.get(public_id=order_id).status == "authorized"
    assert paypal_captures_of(live_stack, order_id) == []
    assert not Capture.objects.filter(payment__order_reference=order_id).exists()


def test_the_buyer_with_a_saved_account_may_still_use_paypals_window(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    add_paypal(shopper)
    go_to_payment(shopper)
    in_paypals_window(shopper)
    press(open_window(shopper, "Pay now"), "Cancel and return to the shop")
    expect(shopper.page.get_by_text("You have not paid with PayPal")).to_be_visible()
    shopper.page.get_by_role("button", name=re.compile("^Pay .* with PayPal$")).click()
    order_id = shopper.sees_paid_order()
    assert_paid_once_by_paypal(live_stack, order_id)
    payments = Payment.objects.filter(order_reference=order_id, channel="paypal").order_by("id")
    assert [payment.status for payment in payments] == ["canceled", "succeeded"]
