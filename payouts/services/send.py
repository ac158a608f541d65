"""Call: carry prepared transfers out at the processor, outside any transaction, and find out about lost answers."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

from django.db import transaction

from common.money import Money
from payments import services as payments
from payments.contracts import (
    OutcomeUnknown,
    PaymentDeclined,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
    TransferFound,
    TransferRequest,
)
from payments.enums import RequestKind, RequestState
from payments.models import ProcessorRequest
from payments.processors import processor_named
from payments.services.outgoing import LEASE
from payouts.contracts import TransferContradiction, TransferRun
from payouts.enums import ReversalStatus, TransferStatus
from payouts.models import Transfer
from payouts.services.record import record_carried_out, record_refused, record_unresolved

Found = TypeVar("Found")

# A processor that does not answer is left alone for the rest of a run; the requests wait for the next one.
_LOST_ANSWERS_PER_RUN = 3
_RUN_SECONDS = 60


class Run:
    """Counts what became of the requests of one run, and says when to stop. Its clock starts at `now` and goes on."""

    def __init__(self, now: dt.datetime) -> None:
        self._start, self._ticks = now, time.monotonic()
        self.succeeded = self.refused = self.unresolved = 0

    def now(self) -> dt.datetime:
        return self._start + dt.timedelta(seconds=time.monotonic() - self._ticks)

    @property
    def is_over(self) -> bool:
        return self.unresolved >= _LOST_ANSWERS_PER_RUN or time.monotonic() - self._ticks > _RUN_SECONDS

    def count(self, status: TransferStatus | ReversalStatus) -> None:
        """Both have the same words."""
        self.succeeded += status == TransferStatus.SUCCEEDED
        self.refused += status == TransferStatus.FAILED
        self.unresolved += status in (TransferStatus.REQUESTED, TransferStatus.UNKNOWN)

    def result(self, *, requested: int) -> TransferRun:
        return TransferRun(requested, self.succeeded, self.refused, self.unresolved)


def send_requested(*, requests: Sequence[ProcessorRequest], now: dt.datetime) -> TransferRun:
    """Sends requests that were prepared just now, one after the other. Not in a transaction.

    A request whose lease is half over is left to `resolve_due`, so that no request is in two hands.
    """
    run = Run(now)
    for request in requests:
        at = run.now()
        if run.is_over or at - request.created_at > LEASE / 2:
            break
        run.count(_carry_out(request, at))
    return run.result(requested=len(requests))


def resolve_due(*, now: dt.datetime, limit: int = 50) -> TransferRun:
    """Takes up requests that were never sent or got no answer: looked up first, and only what is not there is sent.

    Each is claimed right before its call, so its lease covers the call. Not in a transaction.
    """
    run = Run(now)
    for _ in range(limit):
        at = run.now()
        claimed = [] if run.is_over else payments.claim_due(kinds=[RequestKind.TRANSFER], now=at, limit=1)
        if not claimed:
            break
        run.count(_carry_out(claimed[0], at))
    return run.result(requested=0)


def _carry_out(request: ProcessorRequest, now: dt.datetime) -> TransferStatus:
    """Takes one transfer to its outcome, which is recorded; returns the status it has then."""
    processor, asked = processor_named(request.processor), _as_asked(request)

    @cache
    def find() -> TransferFound | None:
        return processor.find_transfer(asked.reference, group=asked.group)

    try:
        found, request = looked_up_first(request, find=find, now=now)
        if found is None:
            found = payments.perform(
                request, send=lambda key: processor.create_transfer(asked, idempotency_key=key), find=find, now=now
            )
        return TransferStatus(record_carried_out(found=found, now=now).status)
    except (OutcomeUnknown, ProcessorUnavailable) as lost:
        record_unresolved(request=request, lost=lost, now=now)
    except (ProcessorRefused, PaymentDeclined) as refusal:
        record_refused(request=request, refusal=refusal, now=now)
    except TransferContradiction as contradiction:
        # A person has to look at it; until then it stays in transit and is asked after with growing pauses.
        record_unresolved(request=request, lost=ProcessorError(processor_code=contradiction.code), now=now)
    return TransferStatus(Transfer.objects.get(public_id=request.subject).status)


def looked_up_first(
    request: ProcessorRequest, *, find: Callable[[], Found | None], now: dt.datetime
) -> tuple[Found | None, ProcessorRequest]:
    """What an earlier send or attempt may have made after all, and the request to go on with if there is nothing."""
    if request.attempt == 1 and request.state != RequestState.UNKNOWN:
        return None, request
    found = find()
    return found, request if found is not None else _renewed(request, now)


def _renewed(request: ProcessorRequest, now: dt.datetime) -> ProcessorRequest:
    """The request itself, or a new attempt where replaying the old key can't help any more."""
    with transaction.atomic():
        return payments.begin_again(request, now=now) or request


def _as_asked(request: ProcessorRequest) -> TransferRequest:
    """From the stored body alone, so that a key never carries another body."""
    body = request.body
    return TransferRequest(
        reference=body["transfer"],
        destination_account_id=body["destination"],
        amount=Money(body["amount_minor"], body["currency"]),
        group=body["order"],
        source_charge_id=body["source_charge"],
        trace_id=body["trace_id"],
    )
