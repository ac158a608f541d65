"""Idempotency keys of our own API: claim, answer, replay. Three short statements, no lock held while work is done."""

import datetime as dt
import hashlib
import json
import uuid
from dataclasses import dataclass

from django.db import connection

from common.clock import now as clock_now
from common.errors import DomainError, ErrorKind
from common.models import IdempotencyKey

# Longer than any request of ours may run (gunicorn's time-out is 30 s), so a claim that old belongs to a dead process.
_LEASE = dt.timedelta(seconds=60)
# Stripe keeps keys for at least 24 hours; ours live as long.
_KEPT_FOR = dt.timedelta(hours=24)
MAX_KEY_LENGTH = 255


class IdempotencyKeyMissing(DomainError):
    code = "idempotency_key_missing"
    kind = ErrorKind.INVALID
    title = "This request needs an Idempotency-Key header"


class IdempotencyKeyInvalid(DomainError):
    code = "idempotency_key_invalid"
    kind = ErrorKind.INVALID
    title = "The Idempotency-Key header must be 8 to 255 printable ASCII characters"


class RequestInFlight(DomainError):
    code = "request_in_flight"
    kind = ErrorKind.CONFLICT
    title = "The same request is being worked on; ask again in a moment"


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    kind = ErrorKind.MISMATCH
    title = "This Idempotency-Key was used for a different request"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work now, or, with `status` set, the answer that was given already."""

    row_id: int
    holder: uuid.UUID
    status: int | None
    body: object


def request_hash(*, method: str, path: str, body: object) -> str:
    """SHA-256 of the request in a canonical form, so that white space and key order don't matter."""
    text = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def check_key(key: str | None) -> str:
    """The key, or the error that says what is wrong with it."""
    if not key:
        raise IdempotencyKeyMissing()
    if not 8 <= len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid()
    return key


def claim(*, scope: str, key: str, fingerprint: str) -> Claim:
    """Takes the key for this attempt in one statement, committed at once so that others see it.

    Raises RequestInFlight while another attempt works on it and IdempotencyKeyReused for another body. A claim whose
    lease has run out is taken over: its process is dead.
    """
    holder, at = uuid.uuid4(), clock_now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO common_idempotencykey AS k (scope, key, request_hash, holder, locked_until, created_at)
            VALUES (%(scope)s, %(key)s, %(hash)s, %(holder)s, %(until)s, %(at)s)
            ON CONFLICT (scope, key) DO UPDATE SET
                holder = CASE WHEN k.response_status IS NULL AND k.locked_until < %(at)s
                              AND k.request_hash = %(hash)s THEN excluded.holder ELSE k.holder END,
                locked_until = CASE WHEN k.response_status IS NULL AND k.locked_until < %(at)s
                              AND k.request_hash = %(hash)s THEN excluded.locked_until ELSE k.locked_until END
            RETURNING id, holder, request_hash, response_status, response_body
            """,
            {"scope": scope, "key": key, "hash": fingerprint, "holder": holder, "until": at + _LEASE, "at": at},
        )
        row_id, held_by, known_hash, status, body = cursor.fetchone()
    if known_hash != fingerprint:
        raise IdempotencyKeyReused()
    if status is None and held_by != holder:
        raise RequestInFlight()
    return Claim(row_id=row_id, holder=holder, status=status, body=json.loads(body) if isinstance(body, str) else body)


def answer(*, claimed: Claim, status: int, body: object) -> None:
    """Stores the answer; in the transaction of the work where there is one, so that both happen or neither."""
    IdempotencyKey.objects.filter(id=claimed.row_id, holder=claimed.holder).update(
        response_status=status, response_body=body
    )


def end_lease(*, claimed: Claim) -> None:
    """Ends the attempt without an answer: the key stays bound to its request, which may be worked off again."""
    IdempotencyKey.objects.filter(id=claimed.row_id, holder=claimed.holder).update(
        locked_until=clock_now() - dt.timedelta(seconds=1)
    )


def release(*, claimed: Claim) -> None:
    """Gives the key back after a refusal that changed nothing: the same request may be tried again."""
    IdempotencyKey.objects.filter(id=claimed.row_id, holder=claimed.holder, response_status__isnull=True).delete()


def forget_old(*, now: dt.datetime) -> int:
    """Deletes keys older than a day. Returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=now - _KEPT_FOR).delete()
    return deleted
