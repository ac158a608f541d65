"""An artisan in a real browser: applies, is approved, lists goods, tells Stripe, is asked for more, sells, is paid."""

import datetime as dt
import re
from pathlib import Path

import pytest
import requests
from django.contrib.auth.models import Permission
from playwright.sync_api import Browser, Page, expect

from catalog.demo.loader import PICTURES
from catalog.models import Artisan, Product
from common.clock import now as clock_now
from identity.models import User
from payouts.models import BankPayout, ConnectedAccount, Payable, Payout, SellerApplication
from tests.browser.books import ledger_check, wait_until
from tests.browser.conftest import SIZES
from tests.browser.member import PASSWORD, user
from tests.browser.money import let_it_afford_payouts, processor_of
from tests.browser.shopper import Shopper, fits
from tests.orders.refunds import paid
from tests.orders.shop import new_user
from tests.orders.wire import Wire
from tests.support.live import LiveStack

__all__ = ["user"]

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
JUG = PICTURES / "speckled-jug.webp"
ME = {
    "First name": "Ida", "Last name": "Berg", "Day": "3", "Month": "4", "Year": "1985", "Phone": "0000000000",
    "Street": "address_full_match", "Postal code": "28195", "City": "Bremen",
}  # fmt: skip
AT_STRIPE = "**/setup/s/**"
MONEY = "/selling/money/"


def _applies(shopper: Shopper, name: str) -> None:
    """With a mistake first: nothing of what was written is lost."""
    page = shopper.page
    shopper.open("/")
    page.get_by_role("contentinfo").get_by_role("link", name="Sell with us").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sell what you make")
    shopper.picture("sell")
    fits(page)
    page.get_by_role("link", name="Apply to sell").click()
    page.get_by_label("Name of your shop").fill(name)
    page.get_by_label("In one line").fill("Stoneware for two")
    page.get_by_label("Your story").fill("I throw in the morning and glaze at night.")
    page.get_by_label("Town or city").fill("Bremen")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("You are paid in").select_option("USD")
    page.get_by_label("Shipping of one piece").fill("6,90")
    page.get_by_label("Each further piece").fill("1.50")
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_text("In Germany we can pay you in EUR.")).to_be_visible()
    expect(page.get_by_text("Please agree to the terms")).to_be_visible()
    expect(page.get_by_label("Your story")).to_have_value("I throw in the morning and glaze at night.")
    shopper.picture("apply-mistakes")
    fits(page)
    page.get_by_label("You are paid in").select_option("EUR")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your application is with us")
    shopper.picture("applied")
    fits(page)


def _approved_at_the_desk(browser: Browser, stack: LiveStack, size: str, name: str) -> None:
    staff = new_user(full_name="Fin Ance", is_staff=True)
    staff.emailaddress_set.create(email=staff.email, verified=True, primary=True)
    codes = ("review_sellerapplication", "view_sellerapplication", "view_connectedaccount", "ask_connectedaccount")
    staff.user_permissions.set(Permission.objects.filter(codename__in=codes))
    context = browser.new_context(viewport=SIZES[size], locale="en-GB")
    desk = Shopper(context.new_page(), stack.url, size)
    desk.log_in(staff.email, PASSWORD)
    application = SellerApplication.objects.get(name=name)
    desk.open(f"/admin/payouts/sellerapplication/{application.pk}/change/")
    desk.picture("admin-application")
    desk.page.get_by_role("button", name="Approve: open the shop").click()
    expect(desk.page.get_by_text(f"{name} is open")).to_be_visible()
    assert desk.script_errors == []
    context.close()


def _lists_a_piece(shopper: Shopper, title: str, picture: Path) -> None:
    page = shopper.page
    shopper.open("/selling/goods/")
    expect(page.get_by_text("There is nothing yet.")).to_be_visible()
    page.get_by_role("link", name="Add a piece").click()
    page.get_by_label("What is it?").fill(title)
    page.get_by_label("Kind of goods").select_option(label="Pottery")
    page.get_by_label("Price in EUR").fill("38,00")
    page.get_by_label("Tell about it").fill("It pours without dripping.")
    page.get_by_role("button", name="Save and put it in the shop").click()
    expect(page.get_by_text("Please add a picture before buyers can see it.")).to_be_visible()
    shopper.picture("goods-mistake")
    fits(page)
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_label("What is to be seen in it?").fill("A tall jug")
    page.get_by_role("button", name="Save and put it in the shop").click()
    expect(page.get_by_text("It is in the shop now.")).to_be_visible()
    shopper.picture("goods")
    fits(page)
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_label("Price in EUR")).to_have_value("38.00")
    shopper.picture("goods-edit")
    page.get_by_role("link", name="Back").click()


def _tells_stripe(page: Page) -> None:
    """Born on a day that the processor does not find anywhere."""
    page.wait_for_url(AT_STRIPE)
    for label, value in ME.items():
        page.get_by_label(label).first.fill(value)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Use test values").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Confirm").click()


def _gives_the_document(page: Page) -> None:
    """Where what was told before is asked for once more, it is as it was."""
    page.wait_for_url(AT_STRIPE)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if "About you" in page.get_by_role("heading", level=1).inner_text():
        page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Use test values").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()


def _until(shopper: Shopper, words: str) -> None:
    """The page tells it once the processor's news have come; opened again and again until then."""
    for _ in range(100):
        shopper.open("/selling/getting-paid/")
        if shopper.page.get_by_text(words).count():
            return
        shopper.page.wait_for_timeout(300)
    raise AssertionError(f"{words!r} never stood on the page: {shopper.page.get_by_role('main').inner_text()}")


def _sells(stack: LiveStack, product: Product) -> Payable:
    let_it_afford_payouts(stack)
    with processor_of(stack):
        order = paid(Wire(stack.sandbox.url), [(product, 1)])
    return Payable.objects.get(order_reference=order.public_id)


def _sends(shopper: Shopper, share: Payable) -> None:
    """What was sold, which arrives: from then on the days count that are left to the buyer to be content."""
    page = shopper.page
    shopper.open(f"/selling/orders/{share.seller_order_reference}/")
    page.get_by_role("button", name="Mark as sent").click()
    page.get_by_role("button", name="It has arrived").click()
    expect(page.get_by_role("button", name="It has arrived")).to_have_count(0)
    share.refresh_from_db()
    assert share.hold_until is not None and share.hold_until > clock_now() + dt.timedelta(days=6)


def _a_week_later_it_is_at_the_bank(shopper: Shopper, stack: LiveStack, share: Payable) -> Payout:
    Payable.objects.filter(id=share.pk).update(hold_until=clock_now() - dt.timedelta(hours=1))
    stack.run_task("payouts.tasks.release_payables")
    wait_until(lambda: Payable.objects.get(id=share.pk).status != "held", True)
    stack.manage("run_payouts", "--artisan", share.artisan.slug)
    wait_until(lambda: BankPayout.objects.filter(payout__items__payable=share, status="pending").count(), 1)
    at_the_bank = BankPayout.objects.get(payout__items__payable=share, status="pending")
    shopper.open(MONEY)
    expect(shopper.page.get_by_text("On its way").first).to_be_visible()
    requests.post(
        f"{stack.sandbox.url}/_sandbox/payouts/{at_the_bank.processor_payout_id}/pay", json={}, timeout=30
    ).raise_for_status()
    wait_until(lambda: Payout.objects.get(id=at_the_bank.payout_id).status, "paid")
    return at_the_bank.payout


@both_sizes
def test_from_i_want_to_sell_to_the_first_payout(
    shopper: Shopper, user: User, browser: Browser, live_stack: LiveStack, size: str
) -> None:
    page, name = shopper.page, f"Kiln and Kin, {size}"
    _applies(shopper, name)
    _approved_at_the_desk(browser, live_stack, size, name)
    _lists_a_piece(shopper, f"Tall jug, {size}", JUG)
    artisan = Artisan.objects.get(owner=user)
    shopper.open(artisan.get_absolute_url())
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    shopper.open(Product.objects.get(artisan=artisan).get_absolute_url())
    expect(page.get_by_role("button", name="Add to cart")).to_be_visible()

    shopper.open("/account/")
    page.get_by_role("link", name="Getting paid").click()
    expect(page.get_by_text("You have not yet told our payment processor")).to_be_visible()
    shopper.picture("paid-not-started")
    fits(page)
    # By keyboard alone.
    page.get_by_role("button", name="Set up your payouts at Stripe").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    page.go_back()
    shopper.open("/selling/getting-paid/return/")
    expect(page.get_by_text("Not everything is there yet.")).to_be_visible()
    shopper.picture("paid-incomplete")
    fits(page)
    page.get_by_role("button", name="Go on at Stripe").click()
    _tells_stripe(page)
    page.wait_for_url("**/selling/getting-paid/")
    _until(shopper, "something it has to know is missing")
    expect(page.get_by_text("A photo of your identity document")).to_be_visible()
    shopper.picture("paid-asked")
    fits(page)
    account = ConnectedAccount.objects.get(artisan=artisan)
    assert (account.state, account.transfers_enabled) == ("past_due", False)
    page.get_by_role("button", name="Give it to Stripe").click()
    _gives_the_document(page)
    page.wait_for_url("**/selling/getting-paid/")
    _until(shopper, "All set: you are paid to your bank account.")
    expect(page.get_by_text(re.compile("ending in"))).to_be_visible()
    shopper.picture("paid-all-set")
    fits(page)
    account.refresh_from_db()
    assert (account.state, account.transfers_enabled, account.bank_last4) == ("enabled", True, "3000")
    steps = list(account.events.order_by("id").values_list("to_state", flat=True))
    assert (steps[0], steps[-1]) == ("incomplete", "enabled")
    assert "past_due" in steps

    share = _sells(live_stack, Product.objects.get(artisan=artisan))
    _sends(shopper, share)
    payout = _a_week_later_it_is_at_the_bank(shopper, live_stack, share)
    # 38.00 less 3.80 commission, and 6.90 shipping.
    assert payout.amount_minor == 4110
    shopper.open(MONEY)
    expect(page.get_by_text("Paid to your bank").first).to_be_visible()
    shopper.picture("first-payout")
    page.get_by_role("link", name="Why this payout?", exact=True).click()
    summary = page.get_by_role("region", name=re.compile("€41.10 on"))
    for words in ("€38.00", "−€3.80", "€6.90", "€41.10"):
        expect(summary).to_contain_text(words)
    shopper.picture("why-first-payout")
    assert "every invariant holds" in ledger_check(live_stack)
