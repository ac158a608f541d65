"""A registered buyer who shops: nothing saved at first, logged in."""

import pytest
from playwright.sync_api import expect

from identity.models import User
from tests.browser.shopper import ADDRESS, Shopper
from tests.orders.shop import new_user

PASSWORD = "a good long password"
CANDLE = "fig-and-cedar-candle"


@pytest.fixture
def user(shopper: Shopper) -> User:
    made = new_user(full_name="Ida Berg")
    made.emailaddress_set.create(email=made.email, verified=True, primary=True)
    shopper.log_in(made.email, PASSWORD)
    return made


def go_to_payment(shopper: Shopper, *slugs: str) -> None:
    shopper.put_in_cart(*(slugs or (CANDLE,)))
    shopper.open("/checkout/")
    for label, value in ADDRESS.items():
        shopper.page.get_by_label(label).fill(value)
    shopper.page.get_by_label("Country").select_option("DE")
    shopper.page.get_by_role("button", name="Continue to payment").click()
    expect(shopper.page.get_by_role("heading", name="Payment")).to_be_visible()
