from tests.orders.fixtures import no_broker, no_throttle, run_outbox, stripe
from tests.payouts.conftest import processor

__all__ = ["no_broker", "no_throttle", "processor", "run_outbox", "stripe"]
