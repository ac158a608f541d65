"""Use cases and commands of the live stack, called by this process."""

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
        try:
            yield
        finally:
            for cache in caches:
                cache.cache_clear()
