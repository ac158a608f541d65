from importlib import import_module

import pytest

from catalog.models import Artisan
from tests.payouts.bank.fake import FakeBanks
from tests.payouts.hub import connected_artisan


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeBanks:
    """Stands in for the processor wherever payouts go to banks."""
    fake = FakeBanks()
    for module in ("send", "settle", "look_after", "look_for"):
        monkeypatch.setattr(import_module(f"payouts.services.bank.{module}"), "processor_named", lambda _: fake)
    return fake


@pytest.fixture
def artisan(db: None) -> Artisan:
    return connected_artisan()
