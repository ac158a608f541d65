"""The hosted onboarding in a real browser: by keyboard alone, on a phone, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.process import Box
from tests.sandbox.test_connect import made, state

pytestmark = pytest.mark.browser

_PHONE = 360


@pytest.fixture
def page(browser: Browser) -> Page:
    """A phone without scripts: the pages are plain forms."""
    context = browser.new_context(viewport={"width": _PHONE, "height": 740}, java_script_enabled=False)
    return context.new_page()


def _fits(page: Page) -> None:
    for box in (page.locator("main").bounding_box(), page.locator("form").bounding_box()):
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= _PHONE


def _typed(page: Page, *texts: str) -> None:
    """Into one field after the other, as the Tab key goes."""
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Tab")


def test_an_artisan_is_through_by_keyboard_on_a_phone(page: Page, box: Box) -> None:
    client = box.client()
    account = made(client)
    home = f"{box.url}/_sandbox/health"
    link = client.v1.account_links.create(
        {"account": account, "type": "account_onboarding", "refresh_url": f"{home}?again", "return_url": f"{home}?done"}
    )
    page.goto(link.url)
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    _fits(page)
    page.get_by_label("First name").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Enter your first name.")
    expect(page).to_have_title("Error: Step 1 of 3, About you – Sandbox Onboarding")
    _fits(page)
    page.get_by_label("First name").focus()
    _typed(page, "Jenny", "Rosen", "1", "1", "1902")
    page.keyboard.press("Tab")  # the address of the account is there already
    _typed(page, "0000000000", "address_full_match", "10115", "Berlin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where you are paid")).to_be_visible()
    _fits(page)
    page.get_by_label("Account holder").focus()
    _typed(page, "Jenny Rosen")
    page.keyboard.type("DE89 3704 0044 0532 0130 00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check and confirm")).to_be_visible()
    expect(page.get_by_text("ending in 3000")).to_be_visible()
    _fits(page)
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{home}?done")
    assert state(client, account)[:2] == ("active", True)
    page.goto(link.url)
    expect(page).to_have_url(f"{home}?again")


def test_test_values_are_one_press_away_and_the_outcomes_are_on_the_page(page: Page, box: Box) -> None:
    client = box.client()
    page.goto(
        client.v1.account_links.create(
            {
                "account": made(client),
                "type": "account_onboarding",
                "refresh_url": f"{box.url}/_sandbox/health",
                "return_url": f"{box.url}/_sandbox/health",
            }
        ).url
    )
    page.get_by_role("button", name="Use test values").click()
    expect(page.get_by_label("Year")).to_have_value("1902")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("what decides the outcome").click()
    expect(page.get_by_text("DE62370400440532013001")).to_be_visible()
    _fits(page)
