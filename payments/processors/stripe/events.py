"""Stripe's webhook events: verify the signature over the raw body, then read what is needed from the document.

The signature scheme is Stripe's published one: header `t=<unix time>,v1=<hex>,...` where v1 is the HMAC-SHA256 of
`<t>.<body>` under the endpoint's secret. It is computed here over the bytes as received: the SDK's own check decodes
them first, takes one secret at a time and has no limit for a time in the future.
"""

import datetime as dt
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from payments.processors.events import EventConcern, EventMalformed, ProcessorEvent, SignatureInvalid, SignatureStale

PROCESSOR = "stripe"
TOLERANCE = dt.timedelta(minutes=5)  # Stripe's own default
_MAX_HEADER_LENGTH = 2048
_MAX_TEXT_LENGTH = 255
_MAX_UNIX_TIME = 2**33  # the year 2242; more is no time

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,250}\Z", re.ASCII)
_EVENT_TYPE = re.compile(r"[a-z0-9_.]{1,100}\Z", re.ASCII)

# The longest prefix wins: a dispute's type starts like a charge's, but is another matter.
_CONCERN_OF_PREFIX: tuple[tuple[str, EventConcern], ...] = tuple(
    sorted(
        {
            "payment_intent.": EventConcern.PAYMENT,
            "charge.": EventConcern.PAYMENT,
            "checkout.session.": EventConcern.PAYMENT,
            "charge.refund.": EventConcern.REFUND,
            "charge.refunded": EventConcern.REFUND,
            "charge.dispute.": EventConcern.DISPUTE,
            "refund.": EventConcern.REFUND,
            "transfer.": EventConcern.TRANSFER,
            "payment_method.": EventConcern.METHOD,
            "setup_intent.": EventConcern.SETUP,
            "account.": EventConcern.SELLER_ACCOUNT,
            "capability.": EventConcern.SELLER_ACCOUNT,
            "payout.": EventConcern.SELLER_PAYOUT,
            "": EventConcern.OTHER,
        }.items(),
        key=lambda item: -len(item[0]),
    )
)
_SUBJECT_FORM = {
    EventConcern.PAYMENT: re.compile(r"pi_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.REFUND: re.compile(r"(re|pyr)_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.TRANSFER: re.compile(r"tr_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.DISPUTE: re.compile(r"(dp|du)_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.METHOD: re.compile(r"(pm|card|src)_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.SETUP: re.compile(r"seti_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.SELLER_ACCOUNT: re.compile(r"acct_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.SELLER_PAYOUT: re.compile(r"po_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
    EventConcern.PLATFORM_PAYOUT: re.compile(r"po_[A-Za-z0-9_]{1,250}\Z", re.ASCII),
}
# The metadata key under which we gave Stripe our own id of the object.
_REFERENCE_KEY = {
    EventConcern.PAYMENT: "payment",
    EventConcern.REFUND: "refund",
    EventConcern.TRANSFER: "transfer",
    EventConcern.DISPUTE: "dispute",
    EventConcern.SETUP: "setup",
    EventConcern.SELLER_PAYOUT: "payout",
}


def verify_signature(*, body: bytes, header: str, secrets: Iterable[str], now: dt.datetime) -> None:
    """Raises SignatureInvalid or SignatureStale unless one of `secrets` signed exactly `body` within the tolerance.

    All secrets of a rotation are good at the same time. Comparison takes constant time.
    """
    signed_at, signatures = _parse_header(header)
    message = str(signed_at).encode() + b"." + body
    for secret in secrets:
        expected = hmac.digest(secret.encode(), message, "sha256").hex()
        if any(hmac.compare_digest(expected, signature) for signature in signatures):
            break
    else:
        raise SignatureInvalid()
    if abs(now.timestamp() - signed_at) > TOLERANCE.total_seconds():
        raise SignatureStale()


def read_event(body: bytes) -> ProcessorEvent:
    """The event in a body whose signature has been verified. Raises EventMalformed."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise EventMalformed() from error
    return describe(document)


def describe(document: object) -> ProcessorEvent:
    """As `read_event`, from the parsed document; also used on a stored one. Raises EventMalformed."""
    if not isinstance(document, dict) or document.get("object") != "event":
        raise EventMalformed("The body is not a snapshot event.")
    external_id, event_type = document.get("id"), document.get("type")
    if not isinstance(external_id, str) or not _EVENT_ID.match(external_id):
        raise EventMalformed("The event has no usable id.")
    if not isinstance(event_type, str) or not _EVENT_TYPE.match(event_type):
        raise EventMalformed("The event has no usable type.")
    created, livemode = document.get("created"), document.get("livemode")
    if type(created) is not int or not 0 < created < _MAX_UNIX_TIME or type(livemode) is not bool:
        raise EventMalformed("The event does not say when it was made, or in which mode.")
    data = document.get("data")
    item = data.get("object") if isinstance(data, dict) else None
    if not isinstance(item, dict):
        raise EventMalformed("The event holds no object.")
    account = _text(document.get("account"))
    concern = _concern_of(event_type, account)
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return ProcessorEvent(
        processor=PROCESSOR,
        external_id=external_id,
        event_type=event_type,
        created_at=dt.datetime.fromtimestamp(created, tz=dt.UTC),
        api_version=_text(document.get("api_version")),
        livemode=livemode,
        connected_account_id=account,
        object_type=_text(item.get("object")),
        object_id=_text(item.get("id")),
        concern=concern,
        subject_id=_subject_id(concern, item, account),
        processor_payment_id=_payment_id(item),
        reference=_text(metadata.get(_REFERENCE_KEY.get(concern, ""))),
        order_reference=_text(metadata.get("order")),
        payload=document,
    )


def _parse_header(header: str) -> tuple[int, list[str]]:
    if not header or len(header) > _MAX_HEADER_LENGTH or not header.isascii():
        raise SignatureInvalid("The Stripe-Signature header is missing or unreadable.")
    signed_at, signatures = None, []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        # One canonical spelling of the time: it is part of what was signed.
        if name == "t" and value.isdecimal() and len(value) <= 12 and str(int(value)) == value:
            signed_at = int(value)
        elif name == "v1":
            signatures.append(value)
    if signed_at is None or not signatures:
        raise SignatureInvalid("The Stripe-Signature header is missing or unreadable.")
    return signed_at, signatures


def _concern_of(event_type: str, account: str) -> EventConcern:
    concern = next(concern for prefix, concern in _CONCERN_OF_PREFIX if event_type.startswith(prefix))
    if concern is EventConcern.SELLER_PAYOUT and not account:
        return EventConcern.PLATFORM_PAYOUT
    return concern


def _subject_id(concern: EventConcern, item: Mapping[str, Any], account: str) -> str:
    form = _SUBJECT_FORM.get(concern)
    if form is None:
        return ""
    if concern is EventConcern.PAYMENT:
        found = _payment_id(item)
    elif concern is EventConcern.REFUND and item.get("object") == "charge":
        found = _newest_refund_of(item)
    elif concern is EventConcern.SELLER_ACCOUNT:
        # The object may be the account, one of its bank accounts or capabilities, or the platform itself.
        found = account or _text(item.get("account")) or _text(item.get("id"))
    else:
        found = _text(item.get("id"))
    return found if form.match(found) else ""


def _payment_id(item: Mapping[str, Any]) -> str:
    if item.get("object") == "payment_intent":
        return _text(item.get("id"))
    return _id_of(item.get("payment_intent"))


def _newest_refund_of(charge: Mapping[str, Any]) -> str:
    """Older API versions put the refunds in the charge; newer ones tell of them in `refund.*` events alone."""
    refunds = charge.get("refunds")
    listed = refunds.get("data") if isinstance(refunds, dict) else None
    return _id_of(listed[0]) if isinstance(listed, list) and listed else ""


def _id_of(value: object) -> str:
    """The id of a reference, whether it is given as an id or as the whole object."""
    return _text(value.get("id")) if isinstance(value, dict) else _text(value)


def _text(value: object) -> str:
    # PostgreSQL's text holds neither NUL nor half a surrogate pair.
    if not isinstance(value, str) or "\x00" in value:
        return ""
    return value.encode("utf-8", "ignore").decode()[:_MAX_TEXT_LENGTH]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
