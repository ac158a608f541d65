"""An artisan's dashboard in a real browser, also on a phone: from a sale to why a payout has its amount."""

import io
import re

import pypdf
import pytest
import requests
from playwright.sync_api import expect

from catalog.models import Artisan
from common.clock import now as clock_now
from common.money import Money
from orders.contracts.refund import Items, LineWish
from payouts.enums import PayoutSchedule
from payouts.models import Payable, Payout
from payouts.services import choose_schedule, connect_demo_artisan, release_now, run_payouts
from payouts.services.bank import send_to_bank
from tests.browser.books import ledger_check, wait_until
from tests.browser.conftest import SMALLEST_PHONE
from tests.browser.money import let_it_afford_payouts, processor_of
from tests.browser.shopper import Shopper, fits
from tests.orders.refunds import ask, lines_of, paid
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire
from tests.selling.paid_out import give_back, withhold
from tests.support.live import LiveStack

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
PASSWORD = "a good long password"
MONEY = "/selling/money/"


def _logged_in(shopper: Shopper, artisan: Artisan) -> None:
    owner = artisan.owner
    owner.emailaddress_set.create(email=owner.email, verified=True, primary=True)
    shopper.log_in(owner.email, PASSWORD)
    if shopper.size == "phone":
        shopper.page.set_viewport_size(SMALLEST_PHONE)


def _released(artisan: Artisan) -> Payable:
    """The artisan's newest share, released by staff."""
    held = Payable.objects.filter(artisan=artisan, status="held")
    release_now(payable_ids=list(held.values_list("id", flat=True)), now=clock_now())
    return Payable.objects.select_related("artisan").get(artisan=artisan, status="released", origin_reference="")


def _paid_out(stack: LiveStack, artisan: Artisan, *, bank: str) -> Payout:
    """Everything that is released, as when the artisan asks for it; then what the bank does: `pay` or `fail`."""
    run_payouts(now=clock_now(), artisan_id=artisan.pk)
    payout = Payout.objects.filter(artisan=artisan).latest("id")
    send_to_bank(payout_id=payout.pk, now=clock_now())
    # The stack's own worker may have been quicker, and still be at it.
    wait_until(lambda: Payout.objects.get(pk=payout.pk).bank_payouts.filter(status="pending").count(), 1)
    at_the_bank = payout.bank_payouts.get().processor_payout_id
    body = {"failure_code": "account_closed"} if bank == "fail" else {}
    asked = requests.post(f"{stack.sandbox.url}/_sandbox/payouts/{at_the_bank}/{bank}", json=body, timeout=10)
    asked.raise_for_status()
    wait_until(lambda: Payout.objects.get(pk=payout.pk).status, {"pay": "paid", "fail": "bank_failed"}[bank])
    return payout


@both_sizes
def test_a_new_artisan_is_told_what_will_stand_there(shopper: Shopper) -> None:
    _logged_in(shopper, new_artisan())
    shopper.open(MONEY)
    for words in ("You have not been paid yet", "Nothing sold yet", "Nothing yet in these days", "The first statement"):
        expect(shopper.page.get_by_text(re.compile(words))).to_be_visible()
    shopper.picture("money-new")
    fits(shopper.page)


@both_sizes
def test_the_artisan_sees_where_the_money_lies_and_why_each_payout(shopper: Shopper, live_stack: LiveStack) -> None:
    """A mug, of which 10 % were kept back; then two bowls, one of which is refunded, together with the mug's reserve:
    40.00 - 4.00 + 6.00 - 18.00 - 2.40 + 1.40 = 23.00; and a plate, whose payout the bank sends back."""
    artisan = new_artisan(shipping=(500, 100), name="Ida's pottery")
    choose_schedule(
        artisan_id=artisan.pk, schedule=PayoutSchedule.MANUAL, weekday=0, month_day=1, minimum=Money(0, "EUR"),
        now=clock_now(),
    )  # fmt: skip
    let_it_afford_payouts(live_stack)
    with processor_of(live_stack):
        stripe = Wire(live_stack.sandbox.url)
        connect_demo_artisan(artisan_id=artisan.pk, country="DE", now=clock_now())
        paid(stripe, [(new_product(artisan, price=1000, title="Mug"), 1)])
        kept = withhold(_released(artisan), 140)
        _paid_out(live_stack, artisan, bank="pay")
        order = paid(stripe, [(new_product(artisan, price=2000, title="Salad bowl, river blue"), 2)])
        ask(order, Items(lines=[LineWish(lines_of(order)[0].pk, quantity=1)]))
        withhold(_released(artisan), 240)
        give_back(kept)
        payout = _paid_out(live_stack, artisan, bank="pay")
        paid(stripe, [(new_product(artisan, price=7700, title="Fruit plate"), 1)])
        _released(artisan)
        failed = _paid_out(live_stack, artisan, bank="fail")
    page = shopper.page
    _logged_in(shopper, artisan)
    shopper.open(MONEY)
    expect(page.locator(".recharts-surface").first).to_be_visible()
    balance = page.get_by_role("region", name="Your balance")
    for place, amount in (("Pending", "€0.00"), ("On its way", "€74.30"), ("Paid", "€35.60"), ("Reserved", "€2.40")):
        expect(balance.locator(".balance", has=page.get_by_text(place, exact=True))).to_contain_text(amount)
    shopper.picture("money")
    fits(shopper.page)
    page.get_by_text("Show as a table").click()
    page.get_by_text("Change when you are paid").click()
    fits(shopper.page)

    # By keyboard alone to the reason: the newest is the one that the bank sent back.
    shopper.open(MONEY)
    expect(page.get_by_role("link", name="Why this payout?", exact=True).first).to_be_visible()
    shopper.tab_to("Why this payout?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Why this payout?")).to_be_focused()
    assert page.url.endswith(f"{MONEY}payouts/{failed.public_id}/")
    expect(page.get_by_text("Your bank did not take it", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("because the bank account has been closed"))).to_be_visible()
    expect(page.get_by_text("Fruit plate")).to_be_visible()
    shopper.picture("why-payout-failed")
    fits(shopper.page)
    shopper.open(f"{MONEY}payouts/{payout.public_id}/")
    summary = page.get_by_role("region", name=re.compile("€23.00 on"))
    for words in ("€40.00", "−€4.00", "€6.00", "−€18.00", "−€2.40", "€1.40", "€23.00", "Paid to your bank"):
        expect(summary).to_contain_text(words)
    expect(page.get_by_text("The buyer got €20.00 back; this is what you bear of it.")).to_be_visible()
    shopper.picture("why-payout")
    fits(shopper.page)
    page.get_by_role("link", name="The earlier payout").click()
    expect(page.get_by_text("Mug")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("region", name=re.compile("€23.00 on"))).to_be_visible()
    page.get_by_role("link", name="Refund to the buyer").click()
    expect(page.get_by_role("heading", name="Paid back")).to_be_visible()

    shopper.open(MONEY)
    # By key: a click may miss, because what is above it is still being loaded and moves it.
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^PDF")).press("Enter")
    text = pypdf.PdfReader(io.BytesIO(download.value.path().read_bytes())).pages[0].extract_text()
    assert "2 × Salad bowl, river blue" in re.sub(r"\s+", " ", text)
    assert "every invariant holds" in ledger_check(live_stack)
