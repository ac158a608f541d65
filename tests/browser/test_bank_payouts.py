"""At the desk: a payout that its bank sent back, sent again, and the forecast of top-ups, at both sizes."""

import re

import pytest
import requests
from playwright.sync_api import expect

from catalog.demo.people import ADMIN_EMAIL, DEMO_PASSWORD
from payouts.models import BankPayout
from tests.browser.books import wait_until
from tests.browser.money import let_it_afford_payouts
from tests.browser.shopper import Shopper, fits
from tests.support.live import LiveStack

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)


def _sent_back(shopper: Shopper, live_stack: LiveStack) -> BankPayout:
    """Bought here, released and paid out; the bank sends the first of its payouts back."""
    let_it_afford_payouts(live_stack)
    live_stack.manage("connect_demo_artisans")
    shopper.start_checkout()
    shopper.pay()
    order_id = shopper.sees_paid_order()
    live_stack.manage("release_payables", "--order", order_id)
    mine = BankPayout.objects.filter(payout__items__payable__order_reference=order_id, status="pending")
    wait_until(mine.exists, True, seconds=60)
    bank_payout = mine.order_by("id")[0]
    requests.post(
        f"{live_stack.sandbox.url}/_sandbox/payouts/{bank_payout.processor_payout_id}/fail",
        json={"failure_code": "account_closed"}, timeout=30,
    ).raise_for_status()  # fmt: skip
    wait_until(lambda: BankPayout.objects.get(id=bank_payout.pk).status, "failed", seconds=60)
    return bank_payout


@both_sizes
def test_staff_see_why_a_payout_did_not_arrive_and_send_it_again(shopper: Shopper, live_stack: LiveStack) -> None:
    failed = _sent_back(shopper, live_stack)
    shopper.log_in(ADMIN_EMAIL, DEMO_PASSWORD)
    shopper.open("/admin/payouts/bankpayout/")
    expect(shopper.page.locator("#result_list tbody tr").first).to_contain_text("the bank account has been closed")
    shopper.picture("admin-bank-payouts")
    shopper.page.get_by_role("link", name=failed.public_id).click()
    expect(shopper.page.locator("#content")).to_contain_text("Please enter another bank account")
    shopper.picture("admin-bank-payout")
    shopper.page.get_by_role("link", name="Send again").click()
    shopper.page.get_by_label("Reason").fill("The artisan says that the account is open again.")
    shopper.picture("admin-bank-payout-again")
    shopper.page.get_by_role("button", name="Send to the bank again").click()
    expect(shopper.page.get_by_text("It is sent.")).to_be_visible()
    # The processor does not send to an account that sent money back.
    again = BankPayout.objects.filter(payout=failed.payout, attempt=2, failure_code="bank_unusable")
    wait_until(again.exists, True, seconds=60)
    shopper.open(f"/admin/payouts/payout/{failed.payout_id}/change/")
    expect(shopper.page.locator("#content")).to_contain_text(re.compile("does not send money to this bank account"))
    shopper.picture("admin-payout")


@both_sizes
def test_staff_see_how_much_must_be_topped_up(shopper: Shopper) -> None:
    shopper.start_checkout()
    shopper.pay()
    shopper.sees_paid_order()
    shopper.log_in(ADMIN_EMAIL, DEMO_PASSWORD)
    shopper.open("/admin/payouts/bankpayout/")
    shopper.page.get_by_role("link", name="Top-ups at Stripe").click()
    expect(shopper.page.locator(".forecast-sentence").first).to_contain_text(
        re.compile("Nothing has to be topped up|Top up .+ at Stripe so that it is available on")
    )
    expect(shopper.page.get_by_role("columnheader", name="Goes out").first).to_be_visible()
    shopper.picture("admin-top-ups")
    fits(shopper.page)
