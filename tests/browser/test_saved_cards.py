"""Saved cards in a real browser: added in the account, kept with a payment, paid with again, removed."""

import re

from playwright.sync_api import expect

from identity.models import User
from payments.models import Payment, SavedMethod
from tests.browser.books import assert_paid_once
from tests.browser.member import go_to_payment, user
from tests.browser.shopper import ASKS_FOR_3DS, Shopper
from tests.support.live import LiveStack

__all__ = ["user"]


def test_a_card_is_kept_with_a_payment_and_pays_the_next_one(
    shopper: Shopper, live_stack: LiveStack, user: User
) -> None:
    go_to_payment(shopper)
    # The card form stands above the box and moves it down when it has loaded.
    expect(shopper.card.get_by_label("Card number")).to_be_visible()
    shopper.page.get_by_label("Save this card").check()
    shopper.picture("checkout-save-card")
    shopper.pay()
    assert_paid_once(live_stack, shopper.sees_paid_order())
    method = SavedMethod.objects.get(customer__user=user)
    assert (method.last4, method.is_default) == ("4242", True)

    go_to_payment(shopper)
    expect(shopper.page.get_by_role("radio", name=re.compile("Visa ending in 4242"))).to_be_checked()
    shopper.picture("checkout-saved-card")
    shopper.pay_button.click()
    order_id = shopper.sees_paid_order()
    assert_paid_once(live_stack, order_id)
    assert Payment.objects.get(order_reference=order_id).saved_method == method


def test_a_card_is_added_in_the_account_after_the_banks_check_and_removed(shopper: Shopper, user: User) -> None:
    shopper.open("/account/payment-methods/")
    shopper.page.get_by_role("checkbox").check()
    shopper.page.get_by_role("button", name="Add a card").click()
    expect(shopper.card.get_by_label("Card number")).to_be_visible()
    shopper.enter_card(ASKS_FOR_3DS)
    shopper.card.get_by_label("Postal code").fill("10001")
    shopper.picture("add-card")
    shopper.page.get_by_role("button", name="Save this card").click()
    shopper.answer_bank("Complete authentication")
    expect(shopper.page.get_by_text("Visa ending in 3155 is saved.")).to_be_visible()
    shopper.picture("saved-methods")
    shopper.page.get_by_role("link", name="Remove Visa ending in 3155").click()
    shopper.picture("remove-method")
    shopper.page.get_by_role("button", name="Remove it").click()
    expect(shopper.page.get_by_text("Visa ending in 3155 is removed.")).to_be_visible()
    assert SavedMethod.objects.get(customer__user=user).status == "removed"
