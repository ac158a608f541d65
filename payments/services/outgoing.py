"""Persist, call, record: the one way in which anything mutating is asked of a processor.

1. `prepare` writes the request, its key and its body in the caller's transaction.
2. `perform` sends it, or looks it up when an earlier send may have been carried out; no transaction is open.
3. `finish_*` stores the outcome in the caller's transaction.

A process that dies after 1 or in 2 leaves the row `prepared` with a time in `next_try_at`; a sweeper takes it up. Where
many requests are written long before they are sent, `claim_unsent` marks each right before its send, so that what was
never sent is known from what may have been.
"""

import datetime as dt
import hashlib
import json
import random
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from common import audit, context
from common.money import Money
from common.rows import fetch_first
from payments.contracts import OutcomeUnknown
from payments.enums import RequestKind, RequestState
from payments.models import ProcessorRequest
from payments.processors import Replay, replay_of

log = structlog.get_logger(__name__)
Found = TypeVar("Found")

# Longer than a call may take (STRIPE_TIMEOUT_SECONDS), so that nobody looks up what is still being sent.
LEASE = dt.timedelta(seconds=45)
# After so many replays without an answer, and a look-up that found nothing, the key itself holds a stored 500. (Not
# where a replay is the look-up: PayPal keeps no failures under a key.)
_REPLAYS = 3
# What is too old for its key may have been sent for the first time a moment ago (it was written down long before, and
# payouts were paused), and then it is still under way: so often it has to be looked for in vain, some five minutes,
# unless nobody has touched it for as long.
_LOOK_UPS, _LEFT_ALONE = 6, dt.timedelta(minutes=5)
_FINISH_ALL = (
    "UPDATE payments_processorrequest q SET state = 'succeeded', finished_at = %s, next_try_at = NULL,"
    " processor_id = r.processor_id FROM unnest(%s::bigint[], %s::text[]) AS r (id, processor_id)"
    " WHERE q.id = r.id AND q.finished_at IS NULL"
)
# Payments, refunds, transfers, reversals and payouts to banks: what they ask for has a row of its own when it fails,
# with what follows.
_TOLD_BY_THEIR_OWN = (
    RequestKind.CREATE_PAYMENT, RequestKind.REFUND, RequestKind.TRANSFER, RequestKind.TRANSFER_REVERSAL,
    RequestKind.CREATE_PAYOUT,
)  # fmt: skip


def prepare(
    *,
    kind: RequestKind,
    processor: str,
    subject: str,
    body: Mapping[str, str | int],
    now: dt.datetime,
    attempt: int = 1,
) -> ProcessorRequest:
    """Writes the request in the current transaction; the caller sends it after commit. One INSERT."""
    request = build(kind=kind, processor=processor, subject=subject, body=body, now=now, attempt=attempt)
    request.save(force_insert=True)
    return request


def build(
    *,
    kind: RequestKind,
    processor: str,
    subject: str,
    body: Mapping[str, str | int],
    now: dt.datetime,
    attempt: int = 1,
) -> ProcessorRequest:
    """The unsaved row, for callers that write it together with others."""
    text = json.dumps(dict(body), sort_keys=True, separators=(",", ":"))
    return ProcessorRequest(
        idempotency_key=f"{kind}:{subject}:{attempt}",
        kind=kind,
        processor=processor,
        subject=subject,
        attempt=attempt,
        body=dict(body),
        body_hash=hashlib.sha256(text.encode()).hexdigest(),
        next_try_at=now + LEASE,
        trace_id=context.current().trace_id,
        created_at=now,
    )


def perform(
    request: ProcessorRequest,
    *,
    send: Callable[[str], Found],
    find: Callable[[], Found | None],
    now: dt.datetime,
    is_first: bool = False,
) -> Found:
    """Carries the request out exactly once and returns what the processor has.

    A request never sent is sent; `is_first` says that it is one, by a `claim_unsent` just now. One that may have been
    sent is looked up first, and only when it is certainly not there sent again, under the same key while the processor
    remembers keys. Where the processor has no list to look in and answers a repeated key with what it made
    (`Replay.is_look_up`), the replay is the look-up. Raises the errors
    of `payments.contracts`; after OutcomeUnknown it may or may not have been carried out.
    """
    if transaction.get_connection().in_atomic_block and not _in_test_transaction():
        raise RuntimeError("a processor must not be called inside a database transaction")
    unsent = request.tries == 0 and request.state == RequestState.PREPARED and now < request.created_at + LEASE
    if is_first or unsent:
        return send(request.idempotency_key)
    replay = _replay(request)
    is_replayable = now - request.created_at <= replay.window
    if is_replayable and replay.is_look_up:
        return send(request.idempotency_key)
    found = find()
    if found is not None:
        return found
    if not is_replayable:
        raise OutcomeUnknown("too old to be sent under its key; begin_again makes a new attempt after the look-up")
    return send(request.idempotency_key)


def finish_succeeded(request: ProcessorRequest, *, processor_id: str, now: dt.datetime) -> None:
    """One UPDATE; the outcome of the outgoing request."""
    _finish(request, RequestState.SUCCEEDED, now, processor_id=processor_id)


def finish_all_succeeded(processor_ids: Mapping[int, str], *, now: dt.datetime) -> None:
    """As `finish_succeeded`, for requests that were claimed before their send, by their ids. One UPDATE."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH_ALL, [now, list(processor_ids), list(processor_ids.values())])


def finish_failed(request: ProcessorRequest, *, error_code: str, processor_request_id: str, now: dt.datetime) -> None:
    """The processor refused, or it was given up: nothing happened there. The audit trail says so, whatever it was."""
    with transaction.atomic():
        ended = _finish(
            request, RequestState.FAILED, now, error_code=error_code, processor_request_id=processor_request_id
        )
        if ended and request.kind not in _TOLD_BY_THEIR_OWN:
            amount = request.body.get("amount_minor")
            audit.record(
                event_type="request.failed", outcome="failed", subject=request.subject, command=request.kind,
                amount=None if amount is None else Money(amount, request.body["currency"]),
                processor=request.processor, failure_code=error_code[:80], idempotency_key=request.idempotency_key,
            )  # fmt: skip


def finish_unknown(request: ProcessorRequest, *, error_code: str, now: dt.datetime) -> None:
    """The answer was lost: a sweeper takes it up again with growing pauses."""
    tries = request.tries + 1
    ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).update(
        state=RequestState.UNKNOWN,
        error_code=error_code[:80],
        tries=tries,
        next_try_at=now + _pause(tries),
    )
    log.warning("processor_outcome_unknown", kind=request.kind, subject=request.subject, tries=tries)


def finish_busy(request: ProcessorRequest, *, error_code: str, now: dt.datetime) -> None:
    """This send was certainly not carried out, but another one beside it, under the same key, may be at this moment.

    So the request stays as it is, in whoever's hands, and this does not count as a replay that did not help.
    """
    ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).update(
        error_code=error_code[:80], next_try_at=Greatest(F("next_try_at"), now + _pause(request.tries + 1))
    )
    log.warning("processor_busy", kind=request.kind, subject=request.subject, code=error_code)


def _pause(tries: int) -> dt.timedelta:
    return dt.timedelta(seconds=min(5 * 2 ** min(tries, 9), 1800) * random.uniform(0.5, 1.0))  # noqa: S311 jitter


def look_again(
    request: ProcessorRequest,
    *,
    send: Callable[[str], Found],
    find: Callable[[], Found | None],
    now: dt.datetime,
) -> Found | None:
    """What became of a request whose answer was lost a moment ago, for somebody who waits; None when it can't be told.

    Not in a transaction. Raises what `find`, or where a replay is the look-up `send`, raises.
    """
    replay = _replay(request)
    if replay.is_look_up and now - request.created_at <= replay.window:
        return send(request.idempotency_key)
    return find()


def resume(request: ProcessorRequest, *, find: Callable[[], Found | None], now: dt.datetime) -> ProcessorRequest:
    """The request to go on with: itself, or a new attempt where replays can't help and a look-up finds nothing.

    A processor that answered 500 keeps that answer under the key, so replaying it gets the same 500 for ever. Raises
    the errors of `find`. Not in a transaction.
    """
    if not _is_exhausted(request, now) or find() is not None:
        return request
    with transaction.atomic():
        return begin_again(request, now=now) or request


def _is_exhausted(request: ProcessorRequest, now: dt.datetime) -> bool:
    if request.state != RequestState.UNKNOWN:
        return False
    replay = _replay(request)
    is_old = now - request.created_at > replay.window
    if replay.is_look_up:
        return is_old
    if not is_old:
        return request.tries >= _REPLAYS
    is_left_alone = request.next_try_at is not None and now - request.next_try_at > _LEFT_ALONE
    return is_left_alone or request.tries >= _LOOK_UPS


def _replay(request: ProcessorRequest) -> Replay:
    return replay_of(request.processor, RequestKind(request.kind))


def begin_again(request: ProcessorRequest, *, now: dt.datetime) -> ProcessorRequest | None:
    """A new attempt under a new key, only for a request that a look-up has just not found and that replays don't help.

    None while replaying the same key still can. Called in a transaction.
    """
    if not _is_exhausted(request, now):
        return None
    _finish(request, RequestState.FAILED, now, error_code="replaced_by_new_attempt")
    return prepare(
        kind=RequestKind(request.kind),
        processor=request.processor,
        subject=request.subject,
        body=request.body,
        now=now,
        attempt=request.attempt + 1,
    )


def claim_due(
    *, kinds: list[RequestKind], now: dt.datetime, limit: int = 100, least_tries: int = 0
) -> list[ProcessorRequest]:
    """Takes the requests that are due for another try; each is leased so that no other sweeper takes it as well.

    With `least_tries` 1 those that are left to `claim_unsent` are passed over.
    """
    with transaction.atomic():
        due = list(
            ProcessorRequest.objects.select_for_update(skip_locked=True)
            .filter(kind__in=kinds, next_try_at__lte=now, tries__gte=least_tries)
            .order_by("next_try_at")[:limit]
        )
        ProcessorRequest.objects.filter(id__in=[request.id for request in due]).update(next_try_at=now + LEASE)
    return due


def claim_unsent(*, kind: RequestKind, subjects: Collection[str], now: dt.datetime) -> list[ProcessorRequest]:
    """Takes those of these subjects' requests that nobody has sent or has in hand, in the order of their making.

    In the database they count as tried from now on: who dies before or in the call leaves one to be looked up. The
    rows returned say 0 tries, for `perform` with `is_first`. What is not sent after all goes to `put_back`.
    """
    with transaction.atomic():
        unsent = list(
            ProcessorRequest.objects.select_for_update(skip_locked=True)
            .filter(kind=kind, subject__in=subjects, state=RequestState.PREPARED, tries=0)
            .order_by("id")
        )
        ProcessorRequest.objects.filter(id__in=[request.id for request in unsent]).update(
            tries=1, next_try_at=now + LEASE
        )
    return unsent


def put_back(requests: Collection[ProcessorRequest], *, now: dt.datetime) -> None:
    """Of `claim_unsent`, and certainly not sent: somebody else's to claim."""
    ProcessorRequest.objects.filter(
        id__in=[request.id for request in requests], state=RequestState.PREPARED, tries=1
    ).update(tries=0, next_try_at=now + LEASE)


def extend_lease(request: ProcessorRequest, *, now: dt.datetime) -> None:
    """Says that it is about to be sent once more, so that nobody takes it for never carried out meanwhile."""
    ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).update(
        state=RequestState.PREPARED, next_try_at=now + LEASE
    )


def is_in_hand(request: ProcessorRequest, *, now: dt.datetime) -> bool:
    """Whether it has no outcome and may be on its way to the processor at this moment."""
    leased = request.next_try_at is not None and request.next_try_at > now
    return request.state == RequestState.PREPARED and leased


def latest_request(*, kind: RequestKind, subject: str) -> ProcessorRequest | None:
    """The newest attempt."""
    return fetch_first(
        ProcessorRequest, "WHERE kind = %s AND subject = %s ORDER BY attempt DESC LIMIT 1", [kind, subject]
    )


def _finish(request: ProcessorRequest, state: RequestState, now: dt.datetime, **values: str) -> bool:
    """False if it had an outcome already."""
    clipped = {name: value[:80] if name == "error_code" else value for name, value in values.items()}
    ended = ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).update(
        state=state, finished_at=now, next_try_at=None, tries=request.tries + 1, **clipped
    )
    return bool(ended)


def _in_test_transaction() -> bool:
    """pytest-django wraps a test in one atomic block that is no transaction of ours."""
    blocks = transaction.get_connection().atomic_blocks
    return all(getattr(block, "_from_testcase", False) for block in blocks)
