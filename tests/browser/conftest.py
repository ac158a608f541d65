"""A real browser on a whole local stack. Where it is, and what happens without one, says tests/support/browser.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import F
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect

from catalog.models import Product
from tests.browser.shopper import GOODS, Shopper
from tests.support.live import LiveStack

# Five seconds, Playwright's own, are short for a page of a busy machine.
expect.set_options(timeout=20_000)
SIZES: dict[str, ViewportSize] = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SMALLEST_PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.hookimpl(tryfirst=True)  # before tests/conftest.py looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(params=["desktop"])
def size(request: pytest.FixtureRequest) -> str:
    """Which screen; a test asks for both with `@both_sizes`."""
    return str(request.param)


@pytest.fixture
def context(browser: Browser, size: str) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=SIZES[size], locale="en-GB", timezone_id="Europe/Berlin")
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def shopper(context: BrowserContext, live_stack: LiveStack, size: str) -> Iterator[Shopper]:
    """A guest with an empty cart, in a shop with full shelves. At the end: no script error, no policy violation."""
    Product.objects.filter(slug__in=[*GOODS, "letter-set"]).update(stock_on_hand=F("stock_reserved") + 50)
    person = Shopper(context.new_page(), live_stack.url, size)
    yield person
    assert person.script_errors == []
