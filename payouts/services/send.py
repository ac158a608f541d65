"""Call: carry written-down transfers out at the processor, outside any transaction, and find out about lost answers."""

import datetime as dt
import time
from collections.abc import Callable, Collection
from functools import cache
from typing import TypeVar

from django.db import connection, transaction

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
from payouts.services.paused import may_be_sent
from payouts.services.record import OUT_OF_FUNDS, record_carried_out, record_refused, record_unresolved
from payouts.services.record_many import Answer, record_all_carried_out

Found = TypeVar("Found")

# A processor that does not answer is left alone for the rest of a run; the requests wait for the next one.
_LOST_ANSWERS_PER_RUN = 3
_RUN_SECONDS = 60
# Claimed and recorded together: as many as a processor answers within half of a lease.
_AT_ONCE = 40
# The transfers of runs that stopped wait until these go on, as those in a currency of which our balance was too low;
# those of artisans who are paused until that is lifted.
_UNSENT = """
    SELECT t.id, t.public_id
    FROM payouts_transfer t
    JOIN payouts_payout y ON y.id = t.payout_id
    JOIN payouts_payoutrun n ON n.id = y.run_id AND n.status <> 'partial' AND t.currency <> ALL(n.short_of)
    JOIN payments_processorrequest q
      ON q.subject = t.public_id AND q.kind = 'transfer' AND q.state = 'prepared' AND q.tries = 0
    LEFT JOIN payouts_payoutpolicy p ON p.artisan_id = y.artisan_id
    WHERE t.status = 'requested' AND t.id > %s AND p.paused_at IS NULL
      AND NOT EXISTS (SELECT FROM payouts_payoutswitch WHERE paused_at IS NOT NULL)
    ORDER BY t.id LIMIT %s
"""


class NotNow(Exception):
    """The transfer is not sent now: payouts are paused, or its run has stopped."""


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

    def count(self, status: TransferStatus | ReversalStatus | None) -> None:
        """Both have the same words. None: nothing was tried."""
        self.succeeded += status == TransferStatus.SUCCEEDED
        self.refused += status == TransferStatus.FAILED
        self.unresolved += status in (TransferStatus.REQUESTED, TransferStatus.UNKNOWN)

    def result(self, *, requested: int = 0) -> TransferRun:
        return TransferRun(requested, self.succeeded, self.refused, self.unresolved)


def send_unsent(*, now: dt.datetime, out_of_funds: Callable[[Transfer], None]) -> TransferRun:
    """Sends transfers that were written down and never sent, one after the other. Not in a transaction.

    Several processes take different ones. `out_of_funds` is told of each that was refused because our balance was too
    low. Whether payouts are paused is asked right before each send.
    """
    run, after = Run(now), 0
    while not run.is_over:
        with connection.cursor() as cursor:
            cursor.execute(_UNSENT, [after, _AT_ONCE])
            found = {reference: row_id for row_id, reference in cursor.fetchall()}
        if not found:
            break
        _send(found, run, out_of_funds)
        after = max(found.values())
    return run.result()


def _send(references: Collection[str], run: Run, out_of_funds: Callable[[Transfer], None]) -> None:
    """Claims them, sends its own, and puts back what it does not come to.

    It ends when half of the lease is over, so that nobody takes one that is about to be sent for lost.
    """
    claimed_at = run.now()
    claimed = payments.claim_unsent(kind=RequestKind.TRANSFER, subjects=references, now=claimed_at)
    not_now: list[ProcessorRequest] = []
    answers: list[Answer] = []
    while claimed and not run.is_over and run.now() - claimed_at <= LEASE / 2:
        request = claimed.pop(0)
        if may_be_sent(transfer_reference=request.subject):
            run.count(_carry_out(request, run.now(), is_first=True, out_of_funds=out_of_funds, keep=answers))
        else:
            not_now.append(request)
    if not_now or claimed:
        payments.put_back([*not_now, *claimed], now=run.now())
    for request, found in record_all_carried_out(answers, now=run.now()):
        try:
            record_carried_out(found=found, now=run.now())
        except TransferContradiction as contradiction:
            _record_contradiction(request, contradiction, run.now())
            run.succeeded -= 1
            run.unresolved += 1


def resolve_due(*, now: dt.datetime, out_of_funds: Callable[[Transfer], None], limit: int = 50) -> TransferRun:
    """Takes up transfers that got no answer: looked up first, and only what is not there is sent.

    Each is claimed right before its call, so its lease covers the call. Not in a transaction.
    """
    run = Run(now)
    for _ in range(limit):
        at = run.now()
        if run.is_over:
            break
        claimed = payments.claim_due(kinds=[RequestKind.TRANSFER], now=at, limit=1, least_tries=1)
        if not claimed:
            break
        run.count(_carry_out(claimed[0], at, is_first=False, out_of_funds=out_of_funds))
    return run.result()


def _carry_out(
    request: ProcessorRequest,
    now: dt.datetime,
    *,
    is_first: bool,
    out_of_funds: Callable[[Transfer], None],
    keep: list[Answer] | None = None,
) -> TransferStatus | None:
    """Takes one transfer to its outcome, which is recorded; returns the status it has then. None: not sent now.

    With `keep` a good answer is not recorded but put there, to be recorded together with others.
    """
    processor, asked = processor_named(request.processor), _as_asked(request)

    @look_up
    def find() -> TransferFound | None:
        return processor.find_transfer(asked.reference, group=asked.group)

    def send(key: str) -> TransferFound:
        if not is_first and not may_be_sent(transfer_reference=asked.reference):
            raise NotNow()
        return processor.create_transfer(asked, idempotency_key=key)

    try:
        found = None
        if not is_first:
            found, request = looked_up_first(request, find=find, now=now)
        if found is None:
            found = payments.perform(request, send=send, find=find, now=now, is_first=is_first)
        if keep is not None:
            keep.append((request, found))
            return TransferStatus.SUCCEEDED
        return TransferStatus(record_carried_out(found=found, now=now).status)
    except NotNow:
        payments.finish_busy(request, error_code="not_now", now=now)
        return None
    except (OutcomeUnknown, ProcessorUnavailable) as lost:
        record_unresolved(request=request, lost=lost, now=now)
    except (ProcessorRefused, PaymentDeclined) as refusal:
        record_refused(request=request, refusal=refusal, now=now)
    except TransferContradiction as contradiction:
        _record_contradiction(request, contradiction, now)
    transfer = Transfer.objects.select_related("payout").get(public_id=request.subject)
    if transfer.failure_code == OUT_OF_FUNDS:
        out_of_funds(transfer)
    return TransferStatus(transfer.status)


def _record_contradiction(request: ProcessorRequest, contradiction: TransferContradiction, now: dt.datetime) -> None:
    """A person has to look at it; until then it stays in transit and is asked after with growing pauses."""
    record_unresolved(request=request, lost=ProcessorError(processor_code=contradiction.code), now=now)


def look_up(find: Callable[[], Found | None]) -> Callable[[], Found | None]:
    """`find`, asked once. That the look-up is refused says nothing of what it looks for, which may be there.

    The one that it returns raises OutcomeUnknown then, never ProcessorRefused: taken for a refusal of the request
    itself, it would free the money to be sent again.
    """

    @cache
    def once() -> Found | None:
        try:
            return find()
        except ProcessorRefused as refused:
            raise OutcomeUnknown(refused.detail, processor_code=refused.processor_code) from refused

    return once


def looked_up_first(
    request: ProcessorRequest, *, find: Callable[[], Found | None], now: dt.datetime
) -> tuple[Found | None, ProcessorRequest]:
    """What an earlier send or attempt may have made after all, and the request to go on with if there is nothing."""
    if request.attempt == 1 and request.state != RequestState.UNKNOWN:
        return None, request
    found = find()
    return found, request if found is not None else _renewed(request, now)


def _renewed(request: ProcessorRequest, now: dt.datetime) -> ProcessorRequest:
    """The request itself, or a new attempt where replaying the old key can't help any more: claimed, to be sent now."""
    with transaction.atomic():
        if payments.begin_again(request, now=now) is None:
            return request
        [renewed] = payments.claim_unsent(kind=RequestKind(request.kind), subjects=[request.subject], now=now)
    return renewed


def _as_asked(request: ProcessorRequest) -> TransferRequest:
    """From the stored body alone, so that a key never carries another body."""
    body = request.body
    return TransferRequest(
        reference=body["transfer"],
        destination_account_id=body["destination"],
        amount=Money(body["amount_minor"], body["currency"]),
        # Requests from before payout runs were in the group of their order.
        group=body.get("payout") or body["order"],
        trace_id=body["trace_id"],
    )
