from tests.orders.fixtures import no_broker, run_outbox

__all__ = ["no_broker", "run_outbox"]
