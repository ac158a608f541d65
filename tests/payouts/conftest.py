from importlib import import_module

import pytest

from tests.payouts.fake import FakeTransfers


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeTransfers:
    """Stands in for the processor everywhere in payouts."""
    fake = FakeTransfers()
    for module in ("send", "send_reversals", "settle"):
        monkeypatch.setattr(import_module(f"payouts.services.{module}"), "processor_named", lambda _: fake)
    return fake
