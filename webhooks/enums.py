"""The words of the inbox."""

from django.db import models


class EventStatus(models.TextChoices):
    RECEIVED = "received", "received, waiting for a worker"
    PROCESSING = "processing", "being worked on"
    PROCESSED = "processed", "done"
    IGNORED = "ignored", "kept, not acted on"
    PARKED = "parked", "waiting for an object that is not known yet"
    FAILED = "failed", "failed, will be tried again"
    DEAD = "dead", "given up, needs a person"


class EventEdge(models.TextChoices):
    """Why an event changed its status; the history names each change by it."""

    CLAIMED = "claimed", "a worker took it"
    TAKEN_OVER = "taken_over", "its worker died, another took it"
    SETTLED = "settled", "looked up and applied"
    NOT_FOR_US = "not_for_us", "nothing to do"
    OBJECT_UNKNOWN = "object_unknown", "its object is not known yet"
    OBJECT_APPEARED = "object_appeared", "its object is known now"
    ATTEMPT_FAILED = "attempt_failed", "the attempt failed"
    GAVE_UP = "gave_up", "given up"
    REPLAYED = "replayed", "replayed by staff"
    SET_ASIDE = "set_aside", "set aside by staff"


UNFINISHED_STATUSES = frozenset({
    EventStatus.RECEIVED,
    EventStatus.PROCESSING,
    EventStatus.PARKED,
    EventStatus.FAILED,
})  # fmt: skip
