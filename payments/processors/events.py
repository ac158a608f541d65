"""What a processor's event says, in our words, and why one is refused. The same for every processor."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import DomainError, ErrorKind


class EventConcern(enum.StrEnum):
    """What has to be looked up because of an event. What nobody acts on is kept all the same.

    A seller's payout goes from a connected account to its bank, the platform's from our own balance to our bank.
    """

    PAYMENT = "payment"
    REFUND = "refund"
    TRANSFER = "transfer"
    METHOD = "method"
    SETUP = "setup"
    DISPUTE = "dispute"
    SELLER_ACCOUNT = "seller_account"
    SELLER_PAYOUT = "seller_payout"
    PLATFORM_PAYOUT = "platform_payout"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProcessorEvent:
    """One verified event: a hint that something changed, never the proof of what it is now.

    `subject_id` is the processor's id of the payment, refund, transfer, dispute, connected account or payout to look up
    (empty: nothing to look up), and `reference` our own public id of it as the processor keeps it for us (empty: none
    was given). `connected_account_id` says on whose account it happened, when that is not our own.
    Texts are the sender's and no longer than 255 characters; only `subject_id` is checked for its form.
    """

    processor: str
    external_id: str
    event_type: str
    created_at: dt.datetime
    api_version: str
    livemode: bool
    connected_account_id: str
    object_type: str
    object_id: str
    concern: EventConcern
    subject_id: str
    processor_payment_id: str
    reference: str
    order_reference: str
    payload: Mapping[str, Any] = field(repr=False)


class EventRefused(DomainError):
    """What came in is no event of our processor account. Nothing of it is kept."""

    code = "event_refused"
    kind = ErrorKind.INVALID
    title = "This event is refused"


class SignatureInvalid(EventRefused):
    """No signature, an unreadable one, or one that none of our secrets made over exactly these bytes."""

    code = "signature_invalid"
    title = "The signature does not match this body"


class SignatureStale(EventRefused):
    """Rightly signed, but too long ago (or ahead): a recording played back."""

    code = "signature_stale"
    title = "The signature is too old"


class EventMalformed(EventRefused):
    """Rightly signed, but not the document that the processor's contract describes."""

    code = "event_malformed"
    title = "The body is not an event"
