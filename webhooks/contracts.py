"""What the services of `webhooks` hand to their callers."""

import uuid
from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from webhooks.enums import EventEdge


@dataclass(frozen=True, slots=True)
class Received:
    """`event_id` is None when the event was known already."""

    event_id: int | None


@dataclass(frozen=True, slots=True)
class ClaimedEvent:
    """What a worker needs to know of one event in its hands."""

    event_id: int
    external_id: str
    event_type: str
    reference: str
    connected_account_id: str
    trace_id: str
    processor_payment_id: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one subject until the lease runs out: one event, and the others that wait on the same."""

    lease: uuid.UUID
    source: str
    concern: str
    subject_id: str
    events: tuple[ClaimedEvent, ...]

    @property
    def processor_payment_id(self) -> str:
        """The processor's id of the payment that the subject belongs to, from whichever event names it."""
        return next((event.processor_payment_id for event in self.events if event.processor_payment_id), "")

    @property
    def reference(self) -> str:
        """Our own id of the subject, from whichever event names it."""
        return next((event.reference for event in self.events if event.reference), "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on a claim ended; `note` is for the desk and holds no secret."""

    edge: EventEdge
    note: str = ""


class InboxUnavailable(DomainError):
    """The event could not be stored. The processor sends it again."""

    code = "inbox_unavailable"
    kind = ErrorKind.UNAVAILABLE
    title = "The event could not be stored; send it again"


class WrongMode(DomainError):
    """A live event outside production, or a test event in production."""

    code = "livemode_mismatch"
    kind = ErrorKind.INVALID
    title = "The event belongs to the other mode (live or test)"
