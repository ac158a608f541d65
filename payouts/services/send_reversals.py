"""Call: carry prepared transfer reversals out at the processor, outside any transaction."""

import datetime as dt

from common.money import Money
from payments import services as payments
from payments.contracts import (
    OutcomeUnknown,
    PaymentDeclined,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
    TransferReversalFound,
    TransferReversalRequest,
)
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payments.processors import processor_named
from payments.services.outgoing import LEASE
from payouts.contracts import TransferContradiction, TransferRun
from payouts.enums import ReversalStatus
from payouts.models import TransferReversal
from payouts.services.record_reversal import record_reversal_refused, record_reversal_unresolved, record_reversed
from payouts.services.send import Run, look_up, looked_up_first


def send_reversal(*, reversal_reference: str, now: dt.datetime) -> ReversalStatus:
    """Sends a reversal that was asked for just now, and returns what became of it. Not in a transaction.

    One that was sent before, or whose lease is half over, is left to `resolve_reversals`.
    """
    request = (
        ProcessorRequest.objects.filter(
            kind=RequestKind.TRANSFER_REVERSAL, subject=reversal_reference, finished_at__isnull=True, tries=0
        )
        .order_by("-attempt")
        .first()
    )
    if request is not None and now - request.created_at <= LEASE / 2:
        return _carry_out(request, now)
    return _status(reversal_reference)


def resolve_reversals(*, now: dt.datetime, limit: int = 50) -> TransferRun:
    """Takes up reversals that were never sent or got no answer: looked up first, and only what is not there is sent.

    Each is claimed right before its call, so its lease covers the call. Not in a transaction.
    """
    run = Run(now)
    for _ in range(limit):
        at = run.now()
        claimed = [] if run.is_over else payments.claim_due(kinds=[RequestKind.TRANSFER_REVERSAL], now=at, limit=1)
        if not claimed:
            break
        run.count(_carry_out(claimed[0], at))
    return run.result(requested=0)


def _carry_out(request: ProcessorRequest, now: dt.datetime) -> ReversalStatus:
    """Takes one reversal to its outcome, which is recorded; returns the status it has then."""
    processor, asked = processor_named(request.processor), _as_asked(request)

    @look_up
    def find() -> TransferReversalFound | None:
        listed = processor.list_transfer_reversals(asked.processor_transfer_id)
        return next((found for found in listed if found.reversal_reference == asked.reference), None)

    try:
        found, request = looked_up_first(request, find=find, now=now)
        if found is None:
            found = payments.perform(
                request,
                send=lambda key: processor.create_transfer_reversal(asked, idempotency_key=key),
                find=find,
                now=now,
            )
        return ReversalStatus(record_reversed(found=found, now=now).status)
    except (OutcomeUnknown, ProcessorUnavailable) as lost:
        record_reversal_unresolved(request=request, lost=lost, now=now)
    except (ProcessorRefused, PaymentDeclined) as refusal:
        record_reversal_refused(request=request, refusal=refusal, now=now)
    except TransferContradiction as contradiction:
        # A person has to look at it; until then it counts as under way and is asked after with growing pauses.
        record_reversal_unresolved(request=request, lost=ProcessorError(processor_code=contradiction.code), now=now)
    return _status(request.subject)


def _status(reference: str) -> ReversalStatus:
    return ReversalStatus(TransferReversal.objects.get(public_id=reference).status)


def _as_asked(request: ProcessorRequest) -> TransferReversalRequest:
    """From the stored body alone, so that a key never carries another body."""
    body = request.body
    return TransferReversalRequest(
        reference=body["reversal"],
        processor_transfer_id=body["transfer"],
        amount=Money(body["amount_minor"], body["currency"]),
        trace_id=body["trace_id"],
    )
