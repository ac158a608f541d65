"""An artisan changes the own shop in a browser: a mistake, a look before it is saved, what buyers see then."""

import re

from playwright.sync_api import expect

from catalog.demo.loader import PICTURES
from catalog.models import Artisan
from identity.models import User
from tests.browser.conftest import SMALLEST_PHONE
from tests.browser.member import user
from tests.browser.shopper import Shopper, fits
from tests.orders.shop import new_artisan

__all__ = ["user"]

WORKSHOP = PICTURES / "workshop-barro-azul.webp"


def test_an_artisan_changes_the_shop_with_a_mistake_a_preview_and_a_picture(shopper: Shopper, user: User) -> None:
    artisan, page = new_artisan(owner=user), shopper.page
    shopper.open("/account/")
    page.get_by_role("link", name="Your shop").press("Enter")
    page.get_by_label("Your story").fill("I dig my own clay.\n\nIt is red.")
    page.get_by_label(re.compile("Postage of one piece")).fill("a lot")
    page.get_by_label("Picture of you or your workshop").set_input_files(WORKSHOP)
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Please give an amount like 6.90.")).to_be_visible()
    expect(page.get_by_text("Your new picture is kept too.")).to_be_visible()
    expect(page.get_by_label("Your story")).to_have_value("I dig my own clay.\n\nIt is red.")
    shopper.picture("shop-mistake")
    page.get_by_label(re.compile("Postage of one piece")).fill("7,20")

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").press("Enter")
    preview = opened.value
    expect(preview.get_by_text("This is a preview.")).to_be_visible()
    expect(preview.get_by_text("It is red.")).to_be_visible()
    expect(preview.get_by_text("€7.20 for one piece")).to_be_visible()
    drawn = preview.get_by_role("img", name=artisan.name)
    assert drawn.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0, "the new picture"
    preview.close()
    assert Artisan.objects.get(pk=artisan.pk).shipping_first_item_minor == 500, "a look saves nothing"

    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved. This is how buyers see your shop")).to_be_visible()
    expect(page.get_by_text("from €5.00")).to_be_visible()
    shopper.picture("shop-saved")
    page.set_viewport_size(SMALLEST_PHONE)
    fits(shopper.page)
    shopper.picture("shop-saved-small")
    page.get_by_role("link", name="See your shop").press("Enter")
    expect(page.get_by_text("It is red.")).to_be_visible()
    expect(page.get_by_role("img", name=artisan.name)).to_be_visible()
    fits(shopper.page)
