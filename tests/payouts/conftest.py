from importlib import import_module

import pytest
import structlog

from tests.orders.fixtures import no_broker, no_throttle, run_outbox
from tests.payouts.fake import FakeTransfers
from tests.payouts.sellers import FakeAccounts

__all__ = ["accounts", "no_broker", "no_throttle", "processor", "run_outbox"]


@pytest.fixture(autouse=True)
def _nobody_is_at_work() -> None:
    """Django's test client leaves bound who asked last: the next test would find them at its work."""
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeTransfers:
    """Stands in for the processor everywhere in payouts."""
    fake = FakeTransfers()
    for module in ("send", "send_reversals", "settle"):
        monkeypatch.setattr(import_module(f"payouts.services.{module}"), "processor_named", lambda _: fake)
    return fake


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> FakeAccounts:
    """Stands in for the processor wherever artisans' accounts are made and asked about."""
    fake = FakeAccounts()
    for module in ("accounts", "connect", "onboarding"):
        monkeypatch.setattr(import_module(f"payouts.services.{module}"), "processor_named", lambda _: fake)
    return fake
