"""The registry: a processor by its name."""

import datetime as dt
from functools import cache

from django.conf import settings

from payments.enums import RequestKind
from payments.processors.base import AnswersDisputes, HostedProcessor, Processor, Reports, SavesMethods
from payments.processors.paypal.certificates import Certificates
from payments.processors.paypal.client import PayPalClient
from payments.processors.paypal.disputes import PayPalDisputes
from payments.processors.paypal.processor import PayPalProcessor
from payments.processors.paypal.replays import paypal_replay
from payments.processors.paypal.reporting import PayPalReports
from payments.processors.paypal.vault import PayPalKeeper
from payments.processors.replay import Replay
from payments.processors.stripe.client import make_client
from payments.processors.stripe.disputes import StripeDisputes
from payments.processors.stripe.hosted import StripeHostedPage
from payments.processors.stripe.processor import StripeProcessor
from payments.processors.stripe.reporting import StripeReports
from payments.processors.stripe.saved import StripeKeeper

__all__ = [
    "STRIPE_REPLAY",
    "AnswersDisputes",
    "HostedProcessor",
    "Processor",
    "Replay",
    "Reports",
    "SavesMethods",
    "dispute_desk_of",
    "hosted_page_of",
    "keeper_of",
    "paypal_certificates",
    "paypal_client",
    "processor_named",
    "replay_of",
    "reports_of",
]

# Stripe keeps an idempotency key for at least 24 hours, and its lists tell what was made.
STRIPE_REPLAY = Replay(window=dt.timedelta(hours=12), is_look_up=False)


@cache
def processor_named(name: str) -> Processor:
    """The processor of that name; KeyError for one that does not exist."""
    if name == "stripe":
        return StripeProcessor(
            api_key=settings.STRIPE_SECRET_KEY,
            api_base=settings.STRIPE_API_BASE,
            timeout_seconds=settings.STRIPE_TIMEOUT_SECONDS,
        )
    if name == "paypal":
        return PayPalProcessor(paypal_client())
    raise KeyError(name)


def replay_of(processor: str, kind: RequestKind) -> Replay:
    """How a request whose answer was lost is found again at that processor."""
    return paypal_replay(kind) if processor == "paypal" else STRIPE_REPLAY


@cache
def paypal_client() -> PayPalClient:
    """The one connection to PayPal of this process."""
    return PayPalClient(
        client_id=settings.PAYPAL_CLIENT_ID,
        client_secret=settings.PAYPAL_CLIENT_SECRET,
        api_base=settings.PAYPAL_API_BASE,
        timeout_seconds=settings.PAYPAL_TIMEOUT_SECONDS,
    )


@cache
def paypal_certificates() -> Certificates:
    """The certificates of PayPal's webhooks that this process has verified."""
    return Certificates(
        address=settings.PAYPAL_CERTIFICATE_URL,
        name=settings.PAYPAL_CERTIFICATE_NAME,
        roots=settings.PAYPAL_CERTIFICATE_ROOTS,
    )


@cache
def keeper_of(name: str) -> SavesMethods:
    """Where that processor keeps ways to pay; KeyError for one that keeps none."""
    if name == "stripe":
        return StripeKeeper(
            make_client(
                api_key=settings.STRIPE_SECRET_KEY,
                api_base=settings.STRIPE_API_BASE,
                timeout_seconds=settings.STRIPE_TIMEOUT_SECONDS,
            )
        )
    if name == "paypal":
        return PayPalKeeper(paypal_client())
    raise KeyError(name)


@cache
def hosted_page_of(name: str) -> HostedProcessor:
    """The payment page of the processor of that name; KeyError for one that has none."""
    if name == "stripe":
        return StripeHostedPage(
            make_client(
                api_key=settings.STRIPE_SECRET_KEY,
                api_base=settings.STRIPE_API_BASE,
                timeout_seconds=settings.STRIPE_TIMEOUT_SECONDS,
            )
        )
    raise KeyError(name)


@cache
def dispute_desk_of(name: str) -> AnswersDisputes:
    """Where disputes of that processor are read and answered; KeyError for one that has none."""
    if name == "stripe":
        return StripeDisputes(
            make_client(
                api_key=settings.STRIPE_SECRET_KEY,
                api_base=settings.STRIPE_API_BASE,
                timeout_seconds=settings.STRIPE_TIMEOUT_SECONDS,
            )
        )
    if name == "paypal":
        return PayPalDisputes(paypal_client())
    raise KeyError(name)


@cache
def reports_of(name: str) -> Reports:
    """What that processor says that it holds for us, movement by movement; KeyError for one that does not exist."""
    if name == "stripe":
        return StripeReports(
            make_client(
                api_key=settings.STRIPE_SECRET_KEY,
                api_base=settings.STRIPE_API_BASE,
                timeout_seconds=settings.STRIPE_TIMEOUT_SECONDS,
            )
        )
    if name == "paypal":
        return PayPalReports(paypal_client())
    raise KeyError(name)
