"""At the desk: how an artisan is paid is changed and they are paid at once; payouts to everybody are paused."""

import re

from playwright.sync_api import Browser, Page, expect

from catalog.models import Artisan
from common.clock import now as clock_now
from common.money import Money
from payouts.enums import PayoutSchedule
from payouts.models import Payable, PayoutRun
from payouts.selectors import all_paused
from payouts.services import choose_schedule, connect_demo_artisan, policy_of, release_now, resume_all
from tests.browser.books import ledger_check, wait_until
from tests.browser.desk import at_the_desk, new_staff, pictures
from tests.browser.money import let_it_afford_payouts, processor_of
from tests.orders.refunds import paid
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire
from tests.support.live import LiveStack

TO_PAY = ("view_payoutpolicy", "change_payoutpolicy", "view_payoutrun", "start_payout_run", "view_payout")


def _owed(stack: LiveStack, name: str) -> Artisan:
    """38.00 less 10 %, and 5.00 of shipping, released; of an artisan who is paid when somebody asks."""
    let_it_afford_payouts(stack)
    artisan = new_artisan(shipping=(500, 100), name=name)
    with processor_of(stack):
        connect_demo_artisan(artisan_id=artisan.pk, country="DE", now=clock_now())
        choose_schedule(
            artisan_id=artisan.pk, schedule=PayoutSchedule.MANUAL, weekday=0, month_day=1, minimum=Money(0, "EUR"),
            now=clock_now(),
        )  # fmt: skip
        paid(Wire(stack.sandbox.url), [(new_product(artisan, price=3800, title="Tall jug"), 1)])
    held = Payable.objects.filter(artisan=artisan, status="held")
    release_now(payable_ids=list(held.values_list("id", flat=True)), now=clock_now())
    assert Payable.objects.get(artisan=artisan, status="released").left == Money(3920, "EUR")
    return artisan


def _moves_in_its_frame(page: Page) -> None:
    """On the smallest phone: the wide list moves, its first column and the page stay."""
    page.set_viewport_size({"width": 320, "height": 640})
    left, frame, moved, overflow = page.evaluate("""() => {
        const frame = document.querySelector(".results");
        frame.scrollLeft = 200;
        const first = document.querySelector("#result_list tbody th").getBoundingClientRect().left;
        const page = document.documentElement;
        const at = frame.getBoundingClientRect().left;
        return [first, at, frame.scrollLeft, page.scrollWidth - page.clientWidth];
    }""")
    assert (left - frame, moved, overflow) == (0, 200, 0)


def test_staff_change_how_an_artisan_is_paid_and_pay_them_now(browser: Browser, live_stack: LiveStack) -> None:
    artisan = _owed(live_stack, "Kiln Yard")
    policy = policy_of(artisan_id=artisan.pk, now=clock_now())
    with at_the_desk(browser, live_stack, new_staff("Fin Ance", *TO_PAY)) as desk:
        page = desk.page
        desk.open(f"/admin/payouts/payoutpolicy/?q={artisan.public_id}")
        page.get_by_role("link", name="Kiln Yard").press("Enter")
        page.get_by_role("link", name="Change the terms").press("Enter")
        page.get_by_label("Smallest payout, EUR").fill("40.00")
        page.get_by_label("Reserve, per cent").fill("10")
        page.get_by_role("button", name="Change the terms").press("Enter")
        expect(page.get_by_text("A reserve needs both a share and a number of days.")).to_be_visible()
        page.get_by_label("Reserve, per cent").fill("0")
        pictures(desk, "admin-policy-terms")
        page.get_by_role("button", name="Change the terms").press("Enter")
        expect(page.get_by_text("smallest payout: €0.00 → €40.00")).to_be_visible()
        expect(page.get_by_text(re.compile("less than the smallest payout: €39.20 of €40.00"))).to_be_visible()
        pictures(desk, "admin-policy")

        # Its effect: there is nothing to press.
        page.get_by_role("link", name="Pay now").press("Enter")
        expect(page.get_by_text(re.compile("What is released is less than the smallest payout"))).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^Pay "))).to_have_count(0)
        pictures(desk, "admin-pay-now-below")
        desk.open(f"/admin/payouts/payoutpolicy/{policy.pk}/terms/")
        page.get_by_label("Smallest payout, EUR").fill("10.00")
        page.get_by_role("button", name="Change the terms").press("Enter")
        page.get_by_role("link", name="Pay now").press("Enter")
        button = page.get_by_role("button", name="Pay €39.20 now")
        expect(button).to_be_visible()
        pictures(desk, "admin-pay-now")
        # Reached and pressed by keyboard alone.
        button.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile("Started: run_"))).to_be_visible()
        wait_until(lambda: PayoutRun.objects.get(artisan=artisan).status, "done")
        page.reload()
        expect(page.get_by_text("1 payout of 1 share; 0 not sent yet, 0 refused")).to_be_visible()
        expect(page.locator(".field-shown_sums")).to_contain_text("€39.20")
        expect(page.locator(".field-starter")).to_contain_text("Fin Ance")
        pictures(desk, "admin-run")
        page.get_by_role("link", name="Payouts of this run").press("Enter")
        expect(page.locator("#result_list tbody tr")).to_have_count(1)
        pictures(desk, "admin-payouts-of-run")
        _moves_in_its_frame(page)
    assert "every invariant holds" in ledger_check(live_stack)


def test_staff_pause_all_payouts_and_let_them_go_on(browser: Browser, live_stack: LiveStack) -> None:
    artisan = _owed(live_stack, "Weir Weavers")
    policy = policy_of(artisan_id=artisan.pk, now=clock_now())
    pay_now = f"/admin/payouts/payoutpolicy/{policy.pk}/pay-now/"
    support = new_staff("Sue Port", "view_payoutswitch", "view_payoutpolicy")
    boss = new_staff("Fin Ance", *TO_PAY, "view_payoutswitch", "pause_payouts")
    try:
        with at_the_desk(browser, live_stack, boss) as desk:
            page = desk.page
            desk.open("/admin/payouts/payoutswitch/")
            page.get_by_label("Reason").fill("The bank is closed.")
            page.get_by_role("button", name="Pause all payouts").press("Enter")
            expect(page.get_by_role("status")).to_have_text("Payouts are paused")
            expect(page.get_by_text(re.compile("by Fin Ance .*: The bank is closed."))).to_be_visible()
            pictures(desk, "admin-switch-paused")
            desk.open(pay_now)
            expect(page.get_by_text("Payouts to everybody are paused (The bank is closed.)")).to_be_visible()
            expect(page.get_by_role("button", name=re.compile("^Pay "))).to_have_count(0)
            desk.open("/admin/payouts/bankpayout/top-ups/")
            expect(page.get_by_text(re.compile("All payouts are paused since .*The bank is closed"))).to_be_visible()
            expect(page.locator(".forecast-sentence").first).to_contain_text("Once they go on: ")
            pictures(desk, "admin-top-ups-paused")
        with at_the_desk(browser, live_stack, support) as colleague:
            colleague.open("/admin/payouts/payoutswitch/")
            expect(colleague.page.get_by_text("You may see this, but not turn it.")).to_be_visible()
            expect(colleague.page.get_by_role("main").get_by_role("button")).to_have_count(0)
        with at_the_desk(browser, live_stack, boss) as desk:
            desk.open("/admin/payouts/payoutswitch/")
            desk.page.get_by_label("Reason").fill("It is open.")
            desk.page.get_by_role("button", name="Let payouts go on").press("Enter")
            expect(desk.page.get_by_role("status")).to_have_text("Payouts are on")
            desk.open(pay_now)
            expect(desk.page.get_by_role("button", name="Pay €39.20 now")).to_be_visible()
    finally:
        resume_all(reason="The test is over.", now=clock_now())
    assert all_paused() is None
