"""The audit trail: `record` in the transaction of the fact, `seal` chains what has committed, `verify` finds tampering.

A chain computed inside each transaction would make the whole shop wait for one row, so records are sealed a few
seconds later, in the order of their ids as they become visible, by one sealer at a time.
"""

import hashlib
import json
from collections.abc import Iterator

from django.conf import settings
from django.db import connection, transaction

from common import context
from common.clock import now as clock_now
from common.models import AuditRecord, AuditSeal
from common.money import Money

GENESIS = "0" * 64
_SEALER_LOCK = 0x5EA1
_FIELDS = (
    "id", "event_type", "outcome", "actor", "artisan", "environment", "command", "subject", "processor",
    "processor_id", "amount_minor", "currency", "failure_code", "decline_code", "ip", "idempotency_key", "trace_id",
)  # fmt: skip


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
    """Chains the records that have no seal yet; returns how many. Does nothing while another sealer is at work."""
    with transaction.atomic():
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


def _hash(previous: str, fact: AuditRecord) -> str:
    values = {name: getattr(fact, name) for name in _FIELDS}
    values["occurred_at"] = fact.occurred_at.isoformat()
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode()).hexdigest()


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALER_LOCK])
        return bool(cursor.fetchone()[0])
