"""Real servers for every test run; see tests/support.

Servers start and Django's settings are configured while this file is read: before any test module or nested conftest
imports a model. Joining servers that run already takes milliseconds.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import django
import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from dev.stack.shared import HOME, SharedServers
from tests.support import browser, parallel, second_try
from tests.support.live import LiveStack
from tests.support.sandbox import SandboxProcess
from tests.support.servers import SANDBOX_PORT, configure_django

if settings.configured:
    raise pytest.UsageError(
        "Django was configured before the test servers were there: unset DJANGO_SETTINGS_MODULE and leave out --ds, so "
        "that no test ever touches another database."
    )
servers = SharedServers()
servers.join()
configure_django(servers)
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    if parallel.is_worker(config):
        config.pluginmanager.register(parallel.Worker(config), "what-stays-together")
    else:
        config.pluginmanager.register(parallel.Controller(), "who-runs-what")
        config.pluginmanager.register(browser.RanCounter(), "browser-tests-that-ran")
        config.pluginmanager.register(second_try, "what-failed-at-first")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    browser.skip_without_browser(items)
    second_try.allow(items)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Read by pytest-playwright."""
    return browser.launch_arguments()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Runs before the test database is made; the books' tables must be emptied between transactional tests."""
    from tests.support.database import empty_tables_quickly

    empty_tables_quickly()


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[SandboxProcess]:
    folder = HOME / "sandbox" / str(os.getpid())
    process = SandboxProcess(port=SANDBOX_PORT, folder=folder)
    process.start()
    yield process
    process.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sandbox(_sandbox_process: SandboxProcess) -> SandboxProcess:
    """The processor sandbox, empty and without faults; STRIPE_API_BASE already points to it."""
    if _sandbox_process.identity is None:
        _sandbox_process.start()
    _sandbox_process.reset()
    _sandbox_process.clear_faults()
    _sandbox_process.webhook_mode("deliver")
    return _sandbox_process


@pytest.fixture(scope="session")
def _live_stack() -> Iterator[LiveStack]:
    live = LiveStack()
    live.start()
    yield live
    live.stop()


@pytest.fixture
def live_stack(_live_stack: LiveStack, django_db_blocker: DjangoDbBlocker) -> Iterator[LiveStack]:
    """The whole stack, sound at the start of each test; the ORM of this process works on its database."""
    _live_stack.heal()
    with django_db_blocker.unblock(), _live_stack.orm():
        yield _live_stack
