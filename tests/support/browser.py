"""Where the browser is, and proof that browser tests ran."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from dev.provision.chromium import find

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def closes(window: Page, act: Callable[[], None]) -> None:
    """Does what closes the window, and waits until it is closed: often before the key or the button has come up."""
    with window.expect_event("close"):
        try:
            act()
        except Error as error:
            if "closed" not in error.message:
                raise


def launch_arguments() -> dict[str, Any]:
    """For Playwright's launch: our Chromium, never a download of its own."""
    libraries = os.environ.get("CHROMIUM_LIBRARY_PATH")
    env = {**os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}
    return {"executable_path": find(), "args": ARGUMENTS, "env": env}


def skip_without_browser(items: list[pytest.Item]) -> int:
    """Marks browser tests as skipped when there is no Chromium; gives their number."""
    tests = [item for item in items if item.get_closest_marker("browser")]
    if tests:
        # Playwright's sync API keeps an event loop in this thread, once started, for all tests that follow; they use
        # the ORM between its calls, never inside one.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if tests and find() is None:
        for item in tests:
            item.add_marker(
                pytest.mark.skip(reason="NO CHROMIUM FOUND: set CHROMIUM, or run make test, which gets one")
            )
    return len(tests)


class RanCounter:
    """Counts browser tests that really ran and leaves the number where `make test` looks for it."""

    def __init__(self) -> None:
        self.ran = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and "browser" in report.keywords and report.outcome in ("passed", "failed"):
            self.ran += 1

    def pytest_sessionfinish(self) -> None:
        target = os.environ.get("BROWSER_REPORT")
        if target:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(target).write_text(str(self.ran))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if find() is None and any("browser" in report.keywords for report in terminalreporter.getreports("skipped")):
            terminalreporter.write_line("!!! BROWSER TESTS DID NOT RUN: there is no Chromium", red=True, bold=True)
