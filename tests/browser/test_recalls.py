"""A refund issued in error, in a real browser: staff ask, the guest opens the letter's link, agrees and pays."""

import re
import time

import pytest
import requests
from django.contrib.auth.models import Permission
from playwright.sync_api import Browser, expect

from orders.models import Order, Recall, RecallConsent
from payments.models import Payment, Refund
from tests.browser.books import assert_paid_once
from tests.browser.conftest import SIZES
from tests.browser.shopper import Shopper
from tests.orders.recalls import asked_back
from tests.orders.shop import new_user
from tests.support.live import LiveStack

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
PASSWORD = "a good long password"
MAY = (
    "refund_order", "view_order", "view_recall", "view_recallallocation", "view_recallconsent", "view_recallevent",
)  # fmt: skip
WHY = "We refunded your order when we meant another one. We are sorry for the trouble."


def _refunded(shopper: Shopper) -> Refund:
    """Bought by a guest in this browser; all of it is paid back at the desk, to which staff log in there."""
    shopper.start_checkout()
    shopper.pay()
    order = Order.objects.get(public_id=shopper.sees_paid_order())
    staff = new_user(full_name="Fin Ance", is_staff=True)
    staff.emailaddress_set.create(email=staff.email, verified=True, primary=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=MAY))
    shopper.log_in(staff.email, PASSWORD)
    shopper.open(f"/admin/orders/order/{order.pk}/refund/")
    shopper.page.get_by_label("All that is left of the order").check()
    shopper.page.get_by_role("button", name="See who pays what").click()
    shopper.page.get_by_role("button", name=re.compile("^Pay .* back$")).click()
    expect(shopper.page.get_by_text("are being paid back")).to_be_visible()
    for _ in range(150):
        refund = Refund.objects.get(capture__payment__order_reference=order.public_id)
        if refund.status == "succeeded":
            return refund
        shopper.page.wait_for_timeout(200)
    raise AssertionError(f"the refund is {refund.status}")


def _asked_back_by_staff(shopper: Shopper, refund: Refund) -> Recall:
    """At the desk, by the button beside the refund."""
    order = Order.objects.get(public_id=refund.capture.payment.order_reference)
    shopper.open(f"/admin/orders/order/{order.pk}/refund/")
    shopper.picture("admin-refunds-ask-back")
    shopper.page.get_by_role("link", name="Ask the buyer to pay this back").click()
    shopper.page.get_by_label("Why the refund was a mistake").fill(WHY)
    shopper.picture("admin-ask-back")
    shopper.page.get_by_role("button", name="Ask the buyer to pay this back").click()
    expect(shopper.page.get_by_text("is asked to pay")).to_be_visible()
    shopper.picture("admin-recall")
    return Recall.objects.get(refund_reference=refund.public_id)


def _link_in_the_letter(stack: LiveStack, recall: Recall) -> str:
    """As it stands in what was sent."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        letters = requests.get(f"{stack.stack.sandbox_url}/mail/messages.json", timeout=10).text
        found = re.search(rf"https?://[^\s\"\\\\]+/requests/{recall.public_id}/\?key=[\w-]+", letters)
        if found:
            return found.group()
        time.sleep(0.5)
    raise AssertionError("the letter did not come")


@both_sizes
def test_a_guest_pays_a_refund_back_by_the_letter_s_link(
    shopper: Shopper, live_stack: LiveStack, browser: Browser, size: str
) -> None:
    refund = _refunded(shopper)
    recall = _asked_back_by_staff(shopper, refund)
    # The letter is opened in a browser that has never seen the shop.
    context = browser.new_context(viewport=SIZES[size], locale="en-GB")
    guest = Shopper(context.new_page(), live_stack.url, size)
    guest.page.goto(_link_in_the_letter(live_stack, recall))
    expect(guest.page.get_by_role("heading", name=re.compile("by mistake"))).to_be_visible()
    expect(guest.page.get_by_text(WHY)).to_be_visible()
    guest.picture("request")
    guest.page.get_by_role("checkbox").check()
    guest.page.get_by_role("button", name="Agree and go on to payment").click()
    expect(guest.card.get_by_label("Card number")).to_be_visible()
    expect(guest.page.get_by_text("Delivery to")).to_have_count(0)
    guest.picture("request-payment")
    guest.pay()
    expect(guest.page.get_by_role("heading", name="Thank you")).to_be_visible()
    guest.picture("request-paid")
    assert f"/requests/{recall.public_id}/" in guest.page.url
    assert guest.script_errors == []
    context.close()
    order = Order.objects.get(recall=recall)
    assert_paid_once(live_stack, order.public_id)
    assert order.total_minor == refund.amount_minor
    assert RecallConsent.objects.get(recall=recall).order == order
    recall.refresh_from_db()
    assert recall.status == "paid"
    shopper.page.reload()
    shopper.picture("admin-recall-paid")


def test_a_guest_declines_in_the_browser_that_bought(shopper: Shopper, live_stack: LiveStack) -> None:
    refund = _refunded(shopper)
    recall = asked_back(refund, 500)
    shopper.open(f"/orders/{recall.sale.public_id}/")
    shopper.picture("order-asked-back")
    shopper.page.get_by_role("link", name="Pay or decline").click()
    shopper.page.get_by_text("I don't want to pay it back").click()
    shopper.page.get_by_label("A word on why").fill("I never got the refund.")
    shopper.page.get_by_role("button", name="Decline").click()
    expect(shopper.page.get_by_text("You declined, and nothing was charged.")).to_be_visible()
    shopper.picture("request-declined")
    recall.refresh_from_db()
    assert recall.status == "declined"
    assert Payment.objects.filter(order_reference=recall.sale.public_id).count() == 1
    assert not Order.objects.filter(recall=recall).exists()
