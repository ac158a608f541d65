"""A real browser on a whole local stack. Without a Chromium these tests are skipped, and that is said loudly."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import Browser, BrowserContext

from catalog.models import Product
from dev.provision.chromium import find
from tests.browser.shopper import GOODS, Shopper
from tests.support.live import LiveStack

# Playwright's sync API runs an event loop in this thread; the ORM is used between its calls, never inside one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_ran = {"tests": 0}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = find() is None
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="NO CHROMIUM: THE BROWSER TESTS DID NOT RUN"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and "browser" in report.keywords and report.outcome in ("passed", "failed"):
        _ran["tests"] += 1


def pytest_sessionfinish() -> None:
    """Tells the caller of the test run how many browser tests really ran."""
    target = os.environ.get("BROWSER_REPORT")
    if target:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).write_text(str(_ran["tests"]))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    libraries = os.environ.get("CHROMIUM_LIBRARY_PATH")
    env = {**os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}
    return {"executable_path": find(), "args": FLAGS, "env": env}


@pytest.fixture(params=["desktop"])
def size(request: pytest.FixtureRequest) -> str:
    """Which screen; a test asks for both with `@both_sizes`."""
    return str(request.param)


@pytest.fixture
def context(browser: Browser, size: str) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=SIZES[size], locale="en-GB", timezone_id="Europe/Berlin")  # type: ignore[arg-type]
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
