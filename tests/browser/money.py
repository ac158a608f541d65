"""An artisan's sales and payouts on the live stack, made by this process through the use cases."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from payments.processors import paypal_client, processor_named
from tests.support.live import LiveStack


@contextmanager
def processor_of(stack: LiveStack) -> Iterator[None]:
    """Use cases called here speak with the stack's sandbox."""
    caches = (processor_named, paypal_client)
    with override_settings(STRIPE_API_BASE=stack.sandbox.url, PAYPAL_API_BASE=stack.sandbox.url):
        for cache in caches:
            cache.cache_clear()
        yield
    for cache in caches:
        cache.cache_clear()
