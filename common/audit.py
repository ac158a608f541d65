"""The audit trail: `record` in the transaction of the fact, `seal` chains what has committed, `verify` finds tampering.

A chain computed inside each transaction would make the whole shop wait for one row, so records are sealed a few
seconds later, in the order of their ids as they become visible, by one sealer at a time.

Whoever has the whole database to themselves can compute the chain anew. So each sealing logs the newest position and
hash, an `Anchor` that is kept where the logs are kept, and `missing_anchors` tells when the chain no longer holds it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction

from common import context
from common.clock import now as clock_now
from common.errors import DomainError
from common.models import AuditRecord, AuditSeal
from common.money import Money

log = structlog.get_logger(__name__)

GENESIS = "0" * 64
SEALED_EVENT = "audit_sealed"
_SEALER_LOCK = 0x5EA1
_FIELDS = (
    "id", "event_type", "outcome", "actor", "artisan", "environment", "command", "subject", "processor",
    "processor_id", "amount_minor", "currency", "failure_code", "decline_code", "ip", "idempotency_key", "trace_id",
)  # fmt: skip


_ANCHORS_AT_ONCE = 1000
_LOOKS_LIKE_ANCHOR = re.compile(r"[0-9]+:\w*")
_ANCHOR = re.compile(r"([1-9][0-9]{0,18}):([0-9a-f]{64})")


class AnchorInvalid(ValueError):
    """A text that should be an anchor is none."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the newest seal was at some time, as told to the outside: its position and its hash."""

    position: int
    hash: str


def record(
    *,
    event_type: str,
    outcome: str,
    subject: str = "",
    amount: Money | None = None,
    artisan: str = "",
    command: str = "",
    processor: str = "",
    processor_id: str = "",
    failure_code: str = "",
    decline_code: str = "",
    idempotency_key: str = "",
    actor: str = "",
) -> None:
    """Adds one row in the current transaction. Actor, address and trace id come from the work's context."""
    AuditRecord.objects.bulk_create([
        entry(
            event_type=event_type, outcome=outcome, subject=subject, amount=amount, artisan=artisan, command=command,
            processor=processor, processor_id=processor_id, failure_code=failure_code, decline_code=decline_code,
            idempotency_key=idempotency_key, actor=actor,
        )
    ])  # fmt: skip


@contextmanager
def refusals(*, event_type: str, subject: str = "", artisan: str = "", command: str = "") -> Iterator[None]:
    """Adds a row when what is done inside is refused by a rule of ours (DomainError), and passes the refusal on.

    Goes around the transaction of the work, which leaves nothing behind then.
    """
    try:
        yield
    except DomainError as refusal:
        record(
            event_type=event_type, outcome="refused", subject=subject[:60], artisan=artisan, command=command,
            failure_code=refusal.code,
        )  # fmt: skip
        raise


def record_all(entries: list[AuditRecord]) -> None:
    """Adds rows built by `entry`, in one statement."""
    AuditRecord.objects.bulk_create(entries)


def entry(
    *,
    event_type: str,
    outcome: str,
    subject: str = "",
    amount: Money | None = None,
    artisan: str = "",
    command: str = "",
    processor: str = "",
    processor_id: str = "",
    failure_code: str = "",
    decline_code: str = "",
    idempotency_key: str = "",
    actor: str = "",
) -> AuditRecord:
    """An unsaved row with who, where and when filled in."""
    work = context.current()
    return AuditRecord(
        occurred_at=clock_now(),
        event_type=event_type,
        outcome=outcome,
        actor=actor or work.actor,
        artisan=artisan,
        environment=settings.ENVIRONMENT,
        command=command,
        subject=subject,
        processor=processor,
        processor_id=processor_id,
        amount_minor=amount.amount_minor if amount else None,
        currency=amount.currency if amount else "",
        failure_code=failure_code,
        decline_code=decline_code,
        ip=work.ip or None,
        idempotency_key=idempotency_key,
        trace_id=work.trace_id,
    )


def seal(*, limit: int = 5000) -> int:
    """Chains the records that have no seal yet; returns how many. Does nothing while another sealer is at work.

    Logs the newest seal as an anchor, once it has committed; hence not in a transaction of the caller.
    """
    with transaction.atomic(durable=True):
        if not _only_sealer():
            return 0
        last = AuditSeal.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, GENESIS)
        seals = []
        for fact in AuditRecord.objects.filter(seal__isnull=True).order_by("id")[:limit]:
            position += 1
            digest = _hash(previous, fact)
            seals.append(AuditSeal(position=position, record=fact, previous_hash=previous, hash=digest))
            previous = digest
        AuditSeal.objects.bulk_create(seals)
    if seals:
        log.info(SEALED_EVENT, position=position, hash=previous, sealed=len(seals))
    return len(seals)


def verify() -> Iterator[str]:
    """Yields one sentence for every break of the chain; nothing when the trail is whole."""
    expected_position, previous = 1, GENESIS
    for mark in AuditSeal.objects.select_related("record").order_by("position").iterator(chunk_size=2000):
        if mark.position != expected_position:
            yield f"audit seal {expected_position} is missing"
            expected_position = mark.position
        if mark.previous_hash != previous:
            yield f"audit seal {mark.position} does not follow the one before it"
        if mark.hash != _hash(mark.previous_hash, mark.record):
            yield f"audit record {mark.record_id} was changed after it was sealed"
        previous = mark.hash
        expected_position += 1


def read_anchor(text: str) -> Anchor:
    """From `POSITION:HASH`. Raises AnchorInvalid."""
    match = _ANCHOR.fullmatch(text.strip())
    if match is None:
        raise AnchorInvalid("an anchor is POSITION:HASH, the hash in 64 hexadecimal digits")
    return Anchor(position=int(match[1]), hash=match[2])


def read_anchor_line(line: str) -> Anchor | None:
    """From a line of a file: `POSITION:HASH`, or our log's own line about a sealing. None for whatever else logs hold.

    Raises AnchorInvalid for a damaged anchor, so that it is not passed over.
    """
    line = line.strip()
    if _LOOKS_LIKE_ANCHOR.fullmatch(line):
        return read_anchor(line)
    if SEALED_EVENT not in line:
        return None
    try:
        # Whoever collects logs may put a time or a host before each line.
        entry = json.loads(line[line.find("{") :])
    except ValueError as error:
        raise AnchorInvalid(f"the line about {SEALED_EVENT} is damaged") from error
    if not isinstance(entry, dict) or entry.get("event") != SEALED_EVENT:
        return None
    return read_anchor(f"{entry.get('position')}:{entry.get('hash')}")


def missing_anchors(anchors: Sequence[Anchor]) -> Iterator[str]:
    """Yields one sentence for every anchor that the chain no longer holds; `verify` says whether the chain is whole."""
    for start in range(0, len(anchors), _ANCHORS_AT_ONCE):
        some = anchors[start : start + _ANCHORS_AT_ONCE]
        marks = AuditSeal.objects.in_bulk([anchor.position for anchor in some])
        for anchor in some:
            if anchor.position not in marks:
                yield f"audit seal {anchor.position} was anchored and is gone"
            elif marks[anchor.position].hash != anchor.hash:
                yield f"audit seal {anchor.position} is not the one that was anchored: the chain was made anew"


def _hash(previous: str, fact: AuditRecord) -> str:
    values = {name: getattr(fact, name) for name in _FIELDS}
    values["occurred_at"] = fact.occurred_at.isoformat()
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode()).hexdigest()


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALER_LOCK])
        return bool(cursor.fetchone()[0])
