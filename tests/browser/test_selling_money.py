"""An artisan's dashboard in a real browser, also on a phone: from a sale to why a payout has its amount."""

import re

import pytest
from playwright.sync_api import expect

from catalog.models import Artisan
from tests.browser.shopper import Shopper
from tests.orders.shop import new_artisan

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
PASSWORD = "a good long password"
MONEY = "/selling/money/"


def _logged_in(shopper: Shopper, artisan: Artisan) -> None:
    owner = artisan.owner
    owner.emailaddress_set.create(email=owner.email, verified=True, primary=True)
    shopper.log_in(owner.email, PASSWORD)


def _fits(shopper: Shopper) -> None:
    overflow = shopper.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page scrolls sideways"


@both_sizes
def test_a_new_artisan_is_told_what_will_stand_there(shopper: Shopper) -> None:
    _logged_in(shopper, new_artisan())
    shopper.open(MONEY)
    for words in ("You have not been paid yet", "Nothing sold yet", "Nothing yet in these days", "The first statement"):
        expect(shopper.page.get_by_text(re.compile(words))).to_be_visible()
    shopper.picture("money-new")
    shopper.page.set_viewport_size(
        {"width": 360, "height": 740} if shopper.size == "phone" else {"width": 1280, "height": 900}
    )
    _fits(shopper)
