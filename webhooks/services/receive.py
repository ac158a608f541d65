"""Take in one delivery: verify, store in one statement, done."""

import datetime as dt
import hashlib
import json
import re

import structlog
from django.conf import settings
from django.db import DataError, InterfaceError, OperationalError, connection

from common import context
from payments.processors import paypal_certificates, paypal_client
from payments.processors.events import EventMalformed, ProcessorEvent
from payments.processors.paypal import events as paypal_events
from payments.processors.paypal.events import Transmission
from payments.processors.stripe import events as stripe_events
from webhooks.contracts import InboxUnavailable, Received, WrongMode

_Parameter = str | bool | dt.datetime

log = structlog.get_logger(__name__)

_MAX_USER_AGENT = 200

_INSERT = """
INSERT INTO webhooks_webhookevent (
    source, external_id, event_type, object_type, object_id, processor_payment_id, connected_account_id, concern,
    subject_id, reference, order_reference, api_version, livemode, occurred_at, received_at, payload, body_sha256,
    user_agent, trace_id, status, attempts, failures, due_at, last_note
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s,
          'received', 0, 0, %s, '')
ON CONFLICT (source, external_id) DO NOTHING RETURNING id
"""


def receive_stripe_event(*, body: bytes, signature_header: str, user_agent: str, now: dt.datetime) -> Received:
    """Stores a delivery by Stripe unless its event is known already; one autocommitted statement, nothing else.

    Raises EventRefused (SignatureInvalid, SignatureStale, EventMalformed), WrongMode or InboxUnavailable.
    """
    stripe_events.verify_signature(body=body, header=signature_header, secrets=settings.STRIPE_WEBHOOK_SECRETS, now=now)
    event = stripe_events.read_event(body)
    if event.livemode != (settings.ENVIRONMENT == "production"):
        raise WrongMode()
    return Received(event_id=_store(event, body, user_agent[:_MAX_USER_AGENT].replace("\x00", ""), now))


def receive_paypal_event(*, body: bytes, transmission: Transmission, user_agent: str, now: dt.datetime) -> Received:
    """Stores a delivery by PayPal unless its event is known already; one autocommitted statement.

    Its signature is checked here, with a certificate that is fetched once in a while, or by PayPal
    (`PAYPAL_WEBHOOK_VERIFICATION`), which costs a call and a wait for each delivery. Raises EventRefused
    (SignatureInvalid, SignatureStale, CertificateRefused, EventMalformed), and what means that it is to be sent again:
    CertificateUnavailable, InboxUnavailable, ProcessorUnavailable, OutcomeUnknown.
    """
    if settings.PAYPAL_WEBHOOK_VERIFICATION == "postback":
        paypal_events.ask_paypal(
            body=body, transmission=transmission, webhook_id=settings.PAYPAL_WEBHOOK_ID, client=paypal_client(),
            certificate_address=settings.PAYPAL_CERTIFICATE_URL, now=now, tolerance=settings.PAYPAL_WEBHOOK_TOLERANCE,
        )  # fmt: skip
    else:
        paypal_events.verify_signature(
            body=body, transmission=transmission, webhook_id=settings.PAYPAL_WEBHOOK_ID,
            certificates=paypal_certificates(), now=now, tolerance=settings.PAYPAL_WEBHOOK_TOLERANCE,
        )  # fmt: skip
    event = paypal_events.read_event(body, livemode=settings.ENVIRONMENT == "production")
    return Received(event_id=_store(event, body, user_agent[:_MAX_USER_AGENT].replace("\x00", ""), now))


def _store(event: ProcessorEvent, body: bytes, user_agent: str, now: dt.datetime) -> int | None:
    parameters: list[_Parameter] = [
        event.processor, event.external_id, event.event_type, event.object_type, event.object_id,
        event.processor_payment_id, event.connected_account_id, event.concern.value, event.subject_id, event.reference,
        event.order_reference, event.api_version, event.livemode, event.created_at, now, _storable(body, event),
        hashlib.sha256(body).hexdigest(), user_agent, context.current().trace_id, now,
    ]  # fmt: skip
    try:
        return _insert(parameters)
    except (OperationalError, InterfaceError) as error:
        # The connection was stale (PostgreSQL restarted): the statement may be repeated, even if it was carried out.
        log.warning("inbox_connection_lost", error=type(error).__name__)
        connection.close()
    except DataError as error:
        raise EventMalformed("The body can't be stored as JSON.") from error
    try:
        return _insert(parameters)
    except (OperationalError, InterfaceError) as error:
        log.error("inbox_unavailable", error=type(error).__name__)
        connection.close()
        raise InboxUnavailable() from error


def _insert(parameters: list[_Parameter]) -> int | None:
    # Django's own health check is a second round trip on every request; here the INSERT itself finds a dead connection.
    connection.health_check_done = True  # type: ignore[attr-defined]  # missing in the stubs
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


# A client secret lets whoever has it act as the buyer, an endpoint's secret as the processor: neither is kept.
_SECRET = re.compile(r'("(?:client_)?secret"\s*:\s*)"(?:[^"\\]|\\.)*"')
_UNSTORABLE = re.compile(r"\\u(0000|[dD][89abAB])")
_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def _storable(body: bytes, event: ProcessorEvent) -> str:
    """The body's text without secrets, and without NUL and half surrogate pairs, which jsonb refuses."""
    text = body.decode("utf-8")
    if "\\u" in text and _UNSTORABLE.search(text):
        text = json.dumps(event.payload, ensure_ascii=False).encode("utf-8", "replace").decode()
        text = _NUL_ESCAPE.sub("\\1\N{REPLACEMENT CHARACTER}", text)
    return _SECRET.sub(r'\1"(not kept)"', text)
