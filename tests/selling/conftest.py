from tests.orders.fixtures import no_broker, no_throttle, run_outbox, stripe

__all__ = ["no_broker", "no_throttle", "run_outbox", "stripe"]
