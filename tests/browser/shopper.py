"""A person who shops: what they see and press, by the words on the page."""

import os
import re
from pathlib import Path

from playwright.sync_api import ConsoleMessage, FrameLocator, Locator, Page, expect

PICTURES = Path(os.environ.get("BROWSER_PICTURES", ".local/test/pictures"))
GOODS = ("breakfast-bowl-river-blue", "fig-and-cedar-candle", "linen-tea-towel")
ADDRESS = {
    "Full name": "Ida Berg",
    "Street and number": "Marktplatz 1",
    "Postal code": "28195",
    "Town or city": "Bremen",
}
VISA = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
ASKS_FOR_3DS = "4000 0025 0000 3155"
_OF_ORDER = re.compile(r"ord_[A-Za-z0-9]+")
_FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body || element.tagName === "IFRAME") return "";
    const label = element.labels && element.labels.length ? element.labels[0].textContent : "";
    return (element.getAttribute("aria-label") || label || element.textContent || "").trim();
}"""

_NO_SETTLING = """() => {
    const send = window.fetch;
    window.fetch = (request, ...more) => /\\/api\\/v1\\/checkouts\\/[^/]+\\/settle/.test(request.url || request)
        ? Promise.reject(new TypeError("Failed to fetch")) : send(request, ...more);
}"""


def fits(page: Page) -> None:
    """Nothing of the page is wider than the screen, phones included."""
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} scrolls sideways"


class Shopper:
    def __init__(self, page: Page, site: str, size: str) -> None:
        self.page = page
        self.site = site
        self.size = size
        self.script_errors: list[str] = []
        page.on("pageerror", lambda error: self.script_errors.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused card is an HTTP 402 and the browser logs it; a policy violation or an exception is a defect.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.script_errors.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)

    def picture(self, name: str) -> None:
        """Kept for people to look at, under .local/test/pictures."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for frame in self.page.locator("iframe:visible").all():
            # The browser does not draw a frame that was never on the screen.
            frame.scroll_into_view_if_needed()
            self.page.wait_for_timeout(300)
        self.page.screenshot(path=PICTURES / f"{name}-{self.size}.png", full_page=True)

    def put_in_cart(self, *slugs: str) -> None:
        for slug in slugs or GOODS:
            self.open(f"/products/{slug}/")
            self.page.get_by_role("button", name="Add to cart").click()
            self.page.wait_for_url("**/cart/**")

    def log_in(self, email: str, password: str) -> None:
        self.open("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.get_by_role("main").get_by_role("button", name=re.compile("log in", re.IGNORECASE)).click()
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def give_details(self, email: str = "ida@example.org", name: str = ADDRESS["Full name"]) -> None:
        """The first step of the checkout, as a guest."""
        self.open("/checkout/")
        self.page.get_by_label("E-mail").fill(email)
        for label, value in {**ADDRESS, "Full name": name}.items():
            self.page.get_by_label(label).fill(value)
        self.page.get_by_label("Country").select_option("DE")

    def go_to_payment(self) -> None:
        self.page.get_by_role("button", name="Continue to payment").click()
        expect(self.page.get_by_role("heading", name="Payment")).to_be_visible()
        expect(self.card.get_by_label("Card number")).to_be_visible()

    def start_checkout(self, *slugs: str) -> None:
        """From the shelf to the card form."""
        self.put_in_cart(*slugs)
        self.give_details()
        self.go_to_payment()

    @property
    def card(self) -> FrameLocator:
        """The card form, in the processor's frame."""
        return self.page.frame_locator("iframe").first

    @property
    def pay_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Pay "))

    def enter_card(self, number: str) -> None:
        self.card.get_by_label("Card number").fill(number)
        self.card.get_by_label("Expiration date (MM / YY)").fill("12 / 34")
        self.card.get_by_label("Security code").fill("123")

    def pay(self, number: str = VISA) -> None:
        self.enter_card(number)
        self.pay_button.click()

    def tab_to(self, name: str) -> None:
        """Tab until the control of that name has the focus, in whichever frame it is."""
        for _ in range(60):
            if any(frame.evaluate(_FOCUSED).startswith(name) for frame in self.page.frames):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{name!r} can't be reached by keyboard")

    def answer_bank(self, button: str) -> None:
        """Presses a button in the bank's window."""
        deadline_ms = 15_000
        while deadline_ms > 0:
            for frame in self.page.frames:
                found = frame.get_by_role("button", name=button)
                if found.count() and found.first.is_visible():
                    found.first.click()
                    return
            self.page.wait_for_timeout(100)
            deadline_ms -= 100
        raise AssertionError(f"the bank's window with {button!r} did not come")

    def sees_paid_order(self) -> str:
        """The confirmation is there; returns the order's id."""
        expect(self.page.get_by_role("heading", name="Thank you, your order is paid")).to_be_visible()
        return self.order_id()

    def order_id(self) -> str:
        """Of the order that this page is about; the checkout puts it into its address once it has one."""
        self.page.wait_for_url(_OF_ORDER)
        found = _OF_ORDER.search(self.page.url)
        assert found, self.page.url
        return found.group()

    def asks_processor_no_more(self) -> None:
        """From now on this page can't tell the shop how the payment went.

        Cut off inside the page: a request that is held up outside of it is let through when the page closes.
        """
        self.page.evaluate(_NO_SETTLING)
