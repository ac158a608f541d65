import pytest

from tests.faults.live import Shopper
from tests.orders.fixtures import no_broker, no_throttle, run_outbox, stripe
from tests.orders.wire import Wire
from tests.support.live import LiveStack

__all__ = ["no_broker", "no_throttle", "run_outbox", "stripe"]


@pytest.fixture
def wire(live_stack: LiveStack) -> Wire:
    return Wire(live_stack.sandbox.url)


@pytest.fixture
def shopper(live_stack: LiveStack, wire: Wire) -> Shopper:
    return Shopper(live_stack, wire)
