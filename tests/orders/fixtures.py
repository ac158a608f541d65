"""Fixtures for tests that charge: the sandbox as the processor, the outbox run by hand, nothing sent to a broker."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from artisans_hub.celery import app as celery_app
from common import outbox
from common.clock import now as clock_now
from common.models import OutboxMessage
from payments.processors import processor_named
from tests.orders.wire import Wire

RunOutbox = Callable[[], list[str]]


@pytest.fixture
def stripe(sandbox: Any, settings: Any) -> Iterator[Wire]:
    """An empty sandbox behind the real adapter; its webhooks are held back, so that a test brings its own news."""
    wire = Wire(sandbox.url)
    wire.reset()
    wire.clear_faults()
    wire.webhooks("hold")
    settings.STRIPE_API_BASE = wire.url
    processor_named.cache_clear()
    yield wire
    wire.clear_faults()
    processor_named.cache_clear()


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages wait in the outbox until `run_outbox`; none goes to a worker."""
    monkeypatch.setattr(celery_app, "send_task", lambda *_, **__: None)


@pytest.fixture
def run_outbox(no_broker: None) -> RunOutbox:
    """Runs all that waits, and what that leaves behind, as a worker would; gives the names of the tasks run."""

    celery_app.loader.import_default_modules()  # as a worker does when it starts

    def run() -> list[str]:
        ran: list[str] = []
        due = clock_now() + dt.timedelta(days=1)
        while waiting := list(
            OutboxMessage.objects.filter(status="waiting", available_at__lte=due)
            .order_by("id")
            .values_list("id", "task")
        ):
            for message_id, task in waiting:
                outbox.run_message(message_id)
                ran.append(task)
        return ran

    return run


@pytest.fixture
def no_throttle() -> None:
    """Counters of earlier tests are forgotten."""
    cache.clear()
