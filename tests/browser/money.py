"""Use cases and commands of the live stack, called by this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from payments.processors import paypal_client, processor_named
from tests.orders.refunds import paid
from tests.orders.shop import new_product
from tests.orders.wire import Wire
from tests.support.live import LiveStack

_ENOUGH_MINOR = 50_000


@contextmanager
def processor_of(stack: LiveStack) -> Iterator[None]:
    """Use cases called here speak with the stack's sandbox."""
    caches = (processor_named, paypal_client)
    with override_settings(STRIPE_API_BASE=stack.sandbox.url, PAYPAL_API_BASE=stack.sandbox.url):
        for cache in caches:
            cache.cache_clear()
        try:
            yield
        finally:
            for cache in caches:
                cache.cache_clear()


def let_it_afford_payouts(stack: LiveStack) -> None:
    """The platform's balance covers a test's payouts, whatever the tests before it left there.

    A payout is nearly all that its sale brought in: after a chargeback or a fee in the same stack it may be more. The
    money is a purchase from an artisan who is paid by nobody.
    """
    with processor_of(stack):
        if processor_named("stripe").retrieve_balance().available.get("EUR", 0) < _ENOUGH_MINOR:
            paid(Wire(stack.sandbox.url), [(new_product(price=2 * _ENOUGH_MINOR), 1)])
