from tests.orders.fixtures import no_broker

__all__ = ["no_broker"]
