"""The registry: a processor by its name."""

from functools import cache

from django.conf import settings

from payments.processors.base import Processor
from payments.processors.stripe.processor import StripeProcessor

__all__ = ["Processor", "processor_named"]


@cache
def processor_named(name: str) -> Processor:
    """The processor of that name; KeyError for one that does not exist."""
    if name == "stripe":
        return StripeProcessor(
            api_key=settings.STRIPE_SECRET_KEY,
            api_base=settings.STRIPE_API_BASE,
            timeout_seconds=settings.STRIPE_TIMEOUT_SECONDS,
        )
    raise KeyError(name)
