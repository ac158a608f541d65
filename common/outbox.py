"""The transactional outbox: `enqueue` inside the transaction, `run_message` in a worker after commit.

The row is the truth; the broker only makes it fast. A message is sent right after commit (or, written by a message,
done next by the same worker) and again by the sweeper while it waits, so the task it names must be idempotent. A
failing message is retried with back-off and is dead after `MAX_ATTEMPTS`; staff see and revive it in admin.
"""

import datetime as dt
import json
import random
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from common import broker, context
from common.announcer import Announcer
from common.clock import now as clock_now
from common.models import OutboxMessage
from common.one_by_one import one_by_one
from common.rows import fetch_first
from common.writes import Writes

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
_FIRST_RETRY_SECONDS = 5
_FORGET_AT_ONCE = 1000
_FORGET_STEPS = 100
_RESEND_AFTER = dt.timedelta(seconds=30)
_SWEPT_AT_ONCE, _SWEPT_WHILE_BUSY = 500, 20
_TASK = "common.tasks.run_outbox_messages"
# Small, so that messages which take long, for they ask a processor, are spread over the workers.
_MESSAGES_PER_TASK = 10
_LONGEST_TURN_SECONDS = 10.0
_ENQUEUE = (
    "INSERT INTO common_outboxmessage (task, kwargs, key, trace_id, status, attempts, last_error, available_at,"
    " created_at) VALUES (%s, %s::jsonb, %s, %s, 'waiting', 0, '', %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id"
)
_ENQUEUE_ALL = (
    "INSERT INTO common_outboxmessage (task, kwargs, key, trace_id, status, attempts, last_error, available_at,"
    " created_at) SELECT %s, r.kwargs::jsonb, r.key, %s, 'waiting', 0, '', %s, %s"
    " FROM unnest(%s::text[], %s::text[]) AS r (kwargs, key) ON CONFLICT (key) DO NOTHING RETURNING id"
)
_DONE = "UPDATE common_outboxmessage SET status = 'done', done_at = %s WHERE id = %s"


def enqueue(
    *,
    task: str,
    kwargs: Mapping[str, str | int],
    key: str | None = None,
    available_at: dt.datetime | None = None,
) -> None:
    """Writes a message in the current transaction and sends it after commit; a `key` already known changes nothing.

    One INSERT. `kwargs` hold ids only.
    """
    writes = Writes()
    add(writes, task=task, kwargs=kwargs, key=key, available_at=available_at)
    writes.execute()


def add(
    writes: Writes,
    *,
    task: str,
    kwargs: Mapping[str, str | int],
    key: str | None = None,
    available_at: dt.datetime | None = None,
) -> None:
    """As `enqueue`, for callers that have more to write in the same statement; one message per statement."""
    at = clock_now()
    due = available_at or at
    # Sent at once after commit; the sweeper is a second chance, so its first look is later than that.
    first_sweep = due if available_at else at + _RESEND_AFTER

    def announce(ids: list[int]) -> None:
        if ids and available_at is None:
            transaction.on_commit(partial(_announce, ids[0]), robust=True)

    writes.raw(
        "message", _ENQUEUE, [task, _json(kwargs), key, context.current().trace_id, first_sweep, at], then=announce
    )


def enqueue_all(*, task: str, messages: Mapping[str, Mapping[str, str | int]]) -> None:
    """As `enqueue`, for messages of one task by their keys: one INSERT for all of them. None is fine."""
    at = clock_now()
    bodies = [_json(kwargs) for kwargs in messages.values()]
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE_ALL, [task, context.current().trace_id, at + _RESEND_AFTER, at, bodies, list(messages)])
        for (message_id,) in cursor.fetchall():
            transaction.on_commit(partial(_announce, message_id), robust=True)


def sweep(*, now: dt.datetime, limit: int = _SWEPT_AT_ONCE) -> int:
    """Sends waiting messages that are due, the longest due first; returns how many. Called by the schedule.

    While the workers are far behind, a message that waits has most likely been sent and stands in the queue; to send
    all of them again and again would fill it with copies. So it is only a few then: one that was lost becomes the
    longest due, and has its turn.
    """
    limit = min(limit, _SWEPT_WHILE_BUSY) if broker.is_busy() else limit
    with transaction.atomic():
        due = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(status=OutboxMessage.Status.WAITING, available_at__lte=now)
            .order_by("available_at")
            .values_list("id", flat=True)[:limit]
        )
        OutboxMessage.objects.filter(id__in=due).update(available_at=now + _RESEND_AFTER)
    _publish(due)
    return len(due)


def run_messages(message_ids: Sequence[int]) -> None:
    """Runs each message in turn as `run_message` does; a failure is raised after the others have had their turn.

    What they leave in the outbox themselves is done right after them, without a way through the broker. When all that
    takes long, the rest is given to other workers: the time of a task is limited.
    """
    turn = deque(message_ids)
    token = _turn.set(turn)
    try:
        one_by_one(_while_there_is_time(turn), run_message)
    finally:
        _turn.reset(token)
        if turn:
            _publish(list(turn))


def run_message(message_id: int) -> None:
    """Runs the task of one message in this process, once at a time, and records how it ended.

    A lock is held by this connection for the run of the task; another worker that gets the same message skips it. The
    task itself opens its own transactions inside.
    """
    may_hold = True
    try:
        if _take_advisory_lock(message_id):
            try:
                message = _waiting(message_id)
                if message is not None:
                    with _trace_of(message):
                        _run(message)
            finally:
                _drop_advisory_lock(message_id)
                may_hold = False
        else:
            may_hold = False
    finally:
        if may_hold:
            # The end of the task's time can strike between any two lines, also before the lock is known to be taken or
            # dropped. Workers keep their connections, and with this one it would be kept.
            connection.close()


def revive(*, message_ids: list[int], now: dt.datetime) -> int:
    """Puts dead messages back to waiting, due at once. Returns how many."""
    return OutboxMessage.objects.filter(id__in=message_ids, status=OutboxMessage.Status.DEAD).update(
        status=OutboxMessage.Status.WAITING, attempts=0, available_at=now
    )


def forget_done(*, now: dt.datetime) -> int:
    """Deletes messages carried out longer ago than OUTBOX_DONE_DAYS; returns how many. Called by the schedule.

    Waiting and dead ones stay. With a message its key is forgotten too: what enqueues it is guarded by the state of its
    own rows, the key only spares a second message within hours.
    """
    before = now - settings.DONE_MESSAGES_KEPT
    deleted, last_id = 0, 0
    for _ in range(_FORGET_STEPS):
        # By primary key from the oldest on, which needs no index of its own: ids and ages have the same order.
        oldest = list(
            OutboxMessage.objects.filter(id__gt=last_id)
            .order_by("id")
            .values_list("id", "status", "done_at", "created_at")[:_FORGET_AT_ONCE]
        )
        old = [
            row_id
            for row_id, status, done_at, _ in oldest
            if status == OutboxMessage.Status.DONE and done_at is not None and done_at < before
        ]
        deleted += OutboxMessage.objects.filter(id__in=old).delete()[0] if old else 0
        if len(oldest) < _FORGET_AT_ONCE or oldest[-1][3] >= before:
            break
        last_id = oldest[-1][0]
    return deleted


def _while_there_is_time(turn: "deque[int]") -> Iterator[int]:
    """At least one."""
    ends = time.monotonic() + _LONGEST_TURN_SECONDS
    while turn:
        yield turn.popleft()
        if time.monotonic() >= ends:
            return


def _run(message: OutboxMessage) -> None:
    try:
        # The look-up too: a message for a task that a release has dropped must not be sent for ever.
        current_app.tasks[message.task].run(**message.kwargs)
    except Exception as error:
        # Whatever a task raises must be kept on the row, or a message would be retried forever without a trace.
        _record_failure(message, error)
        raise
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [clock_now(), message.id])


def _waiting(message_id: int) -> OutboxMessage | None:
    """By a statement after the one that took the lock, so that it sees what its last holder did."""
    return fetch_first(OutboxMessage, "WHERE id = %s AND status = 'waiting'", [message_id])


@contextmanager
def _trace_of(message: OutboxMessage) -> Iterator[None]:
    """The message's own trace, and afterwards what was bound before: the next message is somebody else's."""
    given = {"trace_id": message.trace_id} if message.trace_id else {}
    before = structlog.contextvars.get_contextvars()
    structlog.contextvars.bind_contextvars(**given)
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**before)


def _record_failure(message: OutboxMessage, error: Exception) -> None:
    attempts = message.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    delay_seconds = _FIRST_RETRY_SECONDS * 2 ** min(attempts, 10) * random.uniform(0.5, 1.0)  # noqa: S311 jitter, not a secret
    OutboxMessage.objects.filter(id=message.id).update(
        attempts=F("attempts") + 1,
        status=OutboxMessage.Status.DEAD if dead else OutboxMessage.Status.WAITING,
        last_error=f"{type(error).__name__}: {error}"[:300],
        available_at=clock_now() + dt.timedelta(seconds=delay_seconds),
    )
    log.error("outbox_message_failed", message_id=message.id, task=message.task, attempts=attempts, dead=dead)


def _publish(message_ids: Sequence[int]) -> bool:
    """Hands the messages to the broker; False when it can't be reached, and the sweeper sends them later."""
    try:
        for start in range(0, len(message_ids), _MESSAGES_PER_TASK):
            some = list(message_ids[start : start + _MESSAGES_PER_TASK])
            current_app.send_task(_TASK, kwargs={"message_ids": some})
    except (BrokerError, RedisError, OSError) as error:
        log.warning("broker_unreachable", messages=len(message_ids), error=type(error).__name__)
        return False
    return True


# What one transaction leaves behind, or two right after each other, goes together.
_announcer = Announcer("outbox-announcer", _publish, gather_seconds=0.05)


# What this worker does next, while it runs messages.
_turn: "ContextVar[deque[int] | None]" = ContextVar("outbox_turn", default=None)


def _announce(message_id: int) -> None:
    """After commit: tells the workers without making the request wait for the broker."""
    turn = _turn.get()
    if turn is not None:
        turn.append(message_id)
    else:
        _announcer.announce(message_id)


_LOCK_SPACE = 0x0B0C  # advisory locks of the outbox: (space, message id)


def _take_advisory_lock(message_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", [_LOCK_SPACE, message_id % 2**31])
        return bool(cursor.fetchone()[0])


def _drop_advisory_lock(message_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", [_LOCK_SPACE, message_id % 2**31])


def _json(value: Mapping[str, str | int]) -> str:
    return json.dumps(dict(value), sort_keys=True)
