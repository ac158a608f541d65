"""PayPal's webhook events: verify the signature over the raw body, then read what is needed from the document.

The scheme is PayPal's published one: RSA PKCS#1 v1.5 with SHA-256 over `id|time|webhook id|CRC-32 of the body`, the CRC
written in decimal. https://developer.paypal.com/api/rest/webhooks/rest/
"""

import base64
import binascii
import datetime as dt
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from payments.contracts import ProcessorRefused
from payments.processors.events import EventConcern, EventMalformed, ProcessorEvent, SignatureInvalid, SignatureStale
from payments.processors.paypal.certificates import Certificates, check_address
from payments.processors.paypal.client import PayPalClient
from payments.processors.paypal.mapping import refund_reference_in
from payments.processors.paypal.orders import order_in

PROCESSOR = "paypal"
ALGORITHM = "SHA256withRSA"
_AHEAD = dt.timedelta(minutes=5)
_MAX_TEXT_LENGTH = 255
_MAX_SIGNATURE_LENGTH = 1024

_TRANSMISSION_ID = re.compile(r"[A-Za-z0-9-]{1,64}\Z", re.ASCII)
_TRANSMISSION_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_EVENT_ID = re.compile(r"WH-[A-Za-z0-9-]{1,250}\Z", re.ASCII)
_EVENT_TYPE = re.compile(r"[A-Z0-9_.-]{1,100}\Z", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_-]{1,250}\Z", re.ASCII)

# The longest prefix wins: what was refunded or reversed is told under the capture's name.
_CONCERN_OF_PREFIX: tuple[tuple[str, EventConcern], ...] = tuple(
    sorted(
        {
            "CHECKOUT.ORDER.": EventConcern.PAYMENT,
            "CHECKOUT.PAYMENT-APPROVAL.": EventConcern.PAYMENT,
            "PAYMENT.AUTHORIZATION.": EventConcern.PAYMENT,
            "PAYMENT.CAPTURE.": EventConcern.PAYMENT,
            "PAYMENT.CAPTURE.REFUNDED": EventConcern.REFUND,
            "PAYMENT.CAPTURE.REVERSED": EventConcern.REFUND,
            "PAYMENT.REFUND.": EventConcern.REFUND,
            "CUSTOMER.DISPUTE.": EventConcern.DISPUTE,
            "VAULT.PAYMENT-TOKEN.": EventConcern.METHOD,
            "": EventConcern.OTHER,
        }.items(),
        key=lambda item: -len(item[0]),
    )
)


@dataclass(frozen=True, slots=True)
class Transmission:
    """The five headers of one delivery, as they came; empty where one was missing."""

    algorithm: str
    certificate_url: str
    transmission_id: str
    transmission_time: str
    signature: str


def verify_signature(
    *,
    body: bytes,
    transmission: Transmission,
    webhook_id: str,
    certificates: Certificates,
    now: dt.datetime,
    tolerance: dt.timedelta,
) -> None:
    """Raises SignatureInvalid, SignatureStale, CertificateRefused or CertificateUnavailable.

    What costs nothing is checked first; a certificate is fetched only for a delivery that could be PayPal's.
    """
    _check(transmission, now, tolerance)
    signature = _decoded(transmission.signature)
    key = certificates.key_of(transmission.certificate_url, now=now)
    signed = f"{transmission.transmission_id}|{transmission.transmission_time}|{webhook_id}|{zlib.crc32(body)}"
    try:
        key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise SignatureInvalid() from error


def ask_paypal(
    *,
    body: bytes,
    transmission: Transmission,
    webhook_id: str,
    certificate_address: str,
    client: PayPalClient,
    now: dt.datetime,
    tolerance: dt.timedelta,
) -> None:
    """As `verify_signature`, by PayPal's own check: one call to PayPal for each delivery.

    The event goes back as the bytes that came: read and written anew it would have another checksum. Raises the errors
    of `payments.contracts` when PayPal can't be asked.
    """
    _check(transmission, now, tolerance)
    check_address(transmission.certificate_url, begins_with=certificate_address)
    # Only one whole JSON document may be put into ours, or it could close it and add members of its own.
    _parsed(body)
    rest = json.dumps({
        "auth_algo": transmission.algorithm,
        "cert_url": transmission.certificate_url,
        "transmission_id": transmission.transmission_id,
        "transmission_sig": transmission.signature,
        "transmission_time": transmission.transmission_time,
        "webhook_id": webhook_id,
    })  # fmt: skip
    asked = rest[:-1].encode() + b', "webhook_event": ' + body + b"}"
    try:
        answer = client.rest("verify_webhook", "POST", "/v1/notifications/verify-webhook-signature", body=asked)
    except ProcessorRefused as refused:
        raise SignatureInvalid("PayPal can't make sense of it.") from refused
    if answer.get("verification_status") != "SUCCESS":
        raise SignatureInvalid("PayPal does not know it.")


def read_event(body: bytes, *, livemode: bool) -> ProcessorEvent:
    """The event in a body whose signature has been verified. Raises EventMalformed.

    PayPal's events don't say whether they are live; live and test have webhook ids of their own, which is signed.
    """
    return describe(_parsed(body), livemode=livemode)


def describe(document: object, *, livemode: bool) -> ProcessorEvent:
    """As `read_event`, from the parsed document; also used on a stored one. Raises EventMalformed."""
    if not isinstance(document, dict):
        raise EventMalformed("The body is not an event.")
    external_id, event_type = document.get("id"), document.get("event_type")
    if not isinstance(external_id, str) or not _EVENT_ID.match(external_id):
        raise EventMalformed("The event has no usable id.")
    if not isinstance(event_type, str) or not _EVENT_TYPE.match(event_type):
        raise EventMalformed("The event has no usable type.")
    resource = document.get("resource")
    if not isinstance(resource, dict):
        raise EventMalformed("The event holds no resource.")
    concern = next(concern for prefix, concern in _CONCERN_OF_PREFIX if event_type.startswith(prefix))
    unit = _first_unit(resource)
    return ProcessorEvent(
        processor=PROCESSOR,
        external_id=external_id,
        event_type=event_type,
        created_at=_time(document.get("create_time")),
        api_version=_text(document.get("resource_version")) or _text(document.get("event_version")),
        livemode=livemode,
        connected_account_id="",
        object_type=_text(document.get("resource_type")),
        object_id=_text(resource.get("dispute_id")) or _text(resource.get("id")),
        concern=concern,
        subject_id=_subject_id(concern, event_type, resource),
        processor_payment_id=_order_id(event_type, resource),
        reference=_reference(concern, resource, unit),
        order_reference=order_in(_text(resource.get("invoice_id")) or _text(unit.get("invoice_id"))),
        payload=document,
    )


def _check(transmission: Transmission, now: dt.datetime, tolerance: dt.timedelta) -> None:
    if transmission.algorithm != ALGORITHM:
        raise SignatureInvalid("Only SHA256withRSA is taken.")
    if not _TRANSMISSION_ID.match(transmission.transmission_id):
        raise SignatureInvalid("The PAYPAL-TRANSMISSION-ID header is missing or unreadable.")
    if not _TRANSMISSION_TIME.match(transmission.transmission_time):
        raise SignatureInvalid("The PAYPAL-TRANSMISSION-TIME header is missing or unreadable.")
    try:
        sent_at = dt.datetime.fromisoformat(transmission.transmission_time)
    except ValueError as error:
        raise SignatureInvalid("The PAYPAL-TRANSMISSION-TIME header is missing or unreadable.") from error
    if not -_AHEAD <= now - sent_at <= tolerance:
        raise SignatureStale()


def _decoded(signature: str) -> bytes:
    if not signature or len(signature) > _MAX_SIGNATURE_LENGTH:
        raise SignatureInvalid("The PAYPAL-TRANSMISSION-SIG header is missing or unreadable.")
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureInvalid("The PAYPAL-TRANSMISSION-SIG header is missing or unreadable.") from error


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise EventMalformed() from error


def _subject_id(concern: EventConcern, event_type: str, resource: Mapping[str, Any]) -> str:
    if concern is EventConcern.PAYMENT:
        found = _order_id(event_type, resource)
    elif concern is EventConcern.DISPUTE:
        found = _text(resource.get("dispute_id"))
    elif concern is EventConcern.OTHER:
        found = ""
    else:
        found = _text(resource.get("id"))
    return found if _ID.match(found) else ""


def _order_id(event_type: str, resource: Mapping[str, Any]) -> str:
    """The order that it is about: itself, or the one that a payment names as its own."""
    if event_type.startswith("CHECKOUT.ORDER."):
        return _text(resource.get("id"))
    if event_type.startswith("VAULT.PAYMENT-TOKEN."):
        # Of an account that was kept with a payment.
        metadata = resource.get("metadata")
        kept_with = _text(metadata.get("order_id")) if isinstance(metadata, dict) else ""
        return kept_with if _ID.match(kept_with) else ""
    related = resource.get("supplementary_data")
    related = related.get("related_ids") if isinstance(related, dict) else None
    named = related.get("order_id") if isinstance(related, dict) else None
    return _text(named) or _text(resource.get("order_id"))


def _reference(concern: EventConcern, resource: Mapping[str, Any], unit: Mapping[str, Any]) -> str:
    if concern is EventConcern.REFUND:
        return _text(refund_reference_in(resource)[0])
    if concern is EventConcern.PAYMENT:
        return _text(resource.get("custom_id")) or _text(unit.get("custom_id"))
    return ""


def _first_unit(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    units = resource.get("purchase_units")
    first = units[0] if isinstance(units, list) and units else None
    return first if isinstance(first, dict) else {}


def _time(value: object) -> dt.datetime:
    if not isinstance(value, str) or not _TRANSMISSION_TIME.match(value):
        raise EventMalformed("The event does not say when it was made.")
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise EventMalformed("The event does not say when it was made.") from error


def _text(value: object) -> str:
    # PostgreSQL's text holds neither NUL nor half a surrogate pair.
    if not isinstance(value, str) or "\x00" in value:
        return ""
    return value.encode("utf-8", "ignore").decode()[:_MAX_TEXT_LENGTH]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
