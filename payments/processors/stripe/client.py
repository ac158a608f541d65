"""The SDK's client, and the SDK's errors turned into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe
import structlog

from common import context
from payments.contracts import (
    AuthenticationRequired,
    OutcomeUnknown,
    PaymentDeclined,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.processors.stripe import mapping

# A connected account that our key does not reach, or not any more: https://docs.stripe.com/error-codes#account-invalid
ACCOUNT_INVALID = "account_invalid"

log = structlog.get_logger(__name__)


def make_client(*, api_key: str, api_base: str, timeout_seconds: int) -> stripe.StripeClient:
    """`api_base` is empty for Stripe's own hosts. Another one (the sandbox) takes uploads too."""
    base = api_base.rstrip("/")
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base, "files": base} if base else {},
        http_client=stripe.RequestsClient(timeout=timeout_seconds),
        # Repeating is our decision, made after a look-up; the SDK must not do it behind our back.
        max_network_retries=0,
    )


@contextmanager
def errors_are_ours(call: str) -> Iterator[None]:
    """Maps every error of the SDK to one of ours and logs the call with the work's trace id."""
    try:
        yield
    except stripe.CardError as error:
        kind = AuthenticationRequired if error.code == AuthenticationRequired.code else PaymentDeclined
        raise kind(
            mapping.buyer_words(code=error.code or "", decline_code=_decline_code(error)), **_known(error)
        ) from error
    except stripe.RateLimitError as error:
        raise ProcessorUnavailable(**_known(error)) from error
    except stripe.IdempotencyError as error:
        # Another body under a key that was used: a defect of ours.
        raise ProcessorRefused("another body was sent under the same key", **_known(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        if _member(error, "code") == ACCOUNT_INVALID:
            # Not our key is at fault: this one account is out of its reach, for good.
            log.warning("processor_refused", call=call, code=ACCOUNT_INVALID)
            raise ProcessorRefused(error.user_message or "", **_known(error)) from error
        log.error("processor_rejects_our_key", call=call, code=error.code)
        raise ProcessorUnavailable("the processor does not accept our key", **_known(error)) from error
    except stripe.InvalidRequestError as error:
        if error.code == "lock_timeout":
            raise ProcessorUnavailable(**_known(error)) from error
        log.warning("processor_refused", call=call, code=error.code, param=error.param)
        raise ProcessorRefused(error.user_message or "", **_known(error)) from error
    except (stripe.APIConnectionError, stripe.APIError) as error:
        if error.http_status == 409:
            # The key's first request is still running, or the object is locked: nothing was done for this one.
            raise ProcessorUnavailable(**_known(error)) from error
        # A time-out, a reset or a 5xx: the request may have been carried out.
        log.warning("processor_answer_lost", call=call, error=type(error).__name__, status=error.http_status)
        raise OutcomeUnknown(**_known(error)) from error
    log.info("processor_called", processor="stripe", call=call, trace_id=context.current().trace_id)


def refused_payment(declined: PaymentDeclined) -> str:
    """The id of the PaymentIntent that was made and declined in one call; empty when none was made."""
    error = declined.__cause__
    document = error.json_body if isinstance(error, stripe.CardError) and isinstance(error.json_body, dict) else {}
    intent = (document.get("error") or {}).get("payment_intent")
    return str(intent.get("id") or "") if isinstance(intent, dict) else ""


def _known(error: stripe.StripeError) -> dict[str, str]:
    return {"processor_code": _member(error, "code"), "processor_request_id": error.request_id or ""}


def _decline_code(error: stripe.CardError) -> str:
    return _member(error, "decline_code")


def _member(error: stripe.StripeError, name: str) -> str:
    """A member of the error document: the SDK copies it to the exception for some classes only."""
    document = error.json_body if isinstance(error.json_body, dict) else {}
    told = document.get("error")
    return str(told.get(name) or "") if isinstance(told, dict) else ""
