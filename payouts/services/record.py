"""Record: what has become of a transfer at the processor. Each outcome is one transaction, and twice is once."""

import datetime as dt

import structlog
from django.db import transaction

from common import audit
from payments import services as payments
from payments.contracts import OutcomeUnknown, ProcessorError, TransferFound
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.contracts import TransferContradiction
from payouts.enums import PayableEdge, PayableStatus, TransferEdge, TransferStatus
from payouts.models import Transfer
from payouts.services import books
from payouts.services.history import move_payables, move_transfer
from payouts.services.locking import lock_debts_to_collect, lock_open_request, lock_transfer
from payouts.services.reverse import request_reversals

log = structlog.get_logger(__name__)

_FIRST_PAUSE = dt.timedelta(minutes=5)
_LONGEST_PAUSE = dt.timedelta(hours=12)


def record_carried_out(*, found: TransferFound, now: dt.datetime) -> Transfer:
    """The processor has it. Raises UnknownTransfer, and TransferContradiction when it has something else."""
    try:
        with transaction.atomic():
            transfer = lock_transfer(reference=found.transfer_reference)
            _compare(transfer, found)
            if transfer.status == TransferStatus.SUCCEEDED:
                return transfer
            if transfer.status == TransferStatus.FAILED:
                _take_refusal_back(transfer, now)
            _carried_out(transfer, found, now)
    except TransferContradiction as contradiction:
        _raise_alarm(found, contradiction)
        raise
    return transfer


def record_refused(*, request: ProcessorRequest, refusal: ProcessorError, now: dt.datetime) -> None:
    """Nothing was moved, certainly: the payable is released again, to be tried after a pause that grows."""
    with transaction.atomic():
        transfer = lock_transfer(reference=request.subject)
        if not _is_open(request):
            return
        payments.finish_failed(
            request, error_code=refusal.processor_code, processor_request_id=refusal.processor_request_id, now=now
        )
        payable, code = transfer.payable, (refusal.processor_code or refusal.code)[:80]
        move_transfer(transfer, TransferEdge.REFUSED, now=now, note=code, failure_code=code)
        pause = min(_FIRST_PAUSE * 2 ** min(payable.refusals, 10), _LONGEST_PAUSE)
        move_payables(
            [payable], PayableEdge.TRANSFER_FAILED, now=now, note=code, failure_code=code,
            refusals=payable.refusals + 1, next_transfer_at=now + pause,
        )  # fmt: skip
        books.book_failure(transfer, now=now)
        audit.record(
            event_type="transfer.refused", outcome="failed", subject=transfer.public_id, amount=transfer.amount,
            artisan=payable.artisan.public_id, processor=transfer.processor, failure_code=code,
            processor_id=transfer.destination_account_id, idempotency_key=request.idempotency_key, command="transfer",
        )  # fmt: skip
    log.warning("transfer_refused", transfer=request.subject, code=code, next_try_in_seconds=pause.total_seconds())


def record_unresolved(*, request: ProcessorRequest, lost: ProcessorError, now: dt.datetime) -> None:
    """No answer, or not yet. What was booked stays in transit until a look-up tells."""
    with transaction.atomic():
        transfer = lock_transfer(reference=request.subject)
        if not _is_open(request):
            return
        payments.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        if isinstance(lost, OutcomeUnknown) and transfer.status == TransferStatus.REQUESTED:
            move_transfer(transfer, TransferEdge.ANSWER_LOST, now=now, note=lost.processor_code or lost.code)
            audit.record(
                event_type="transfer.unknown", outcome="unknown", subject=transfer.public_id, amount=transfer.amount,
                artisan=transfer.payable.artisan.public_id, processor=transfer.processor, command="transfer",
                failure_code=lost.processor_code or lost.code, idempotency_key=request.idempotency_key,
            )  # fmt: skip


def _carried_out(transfer: Transfer, found: TransferFound, now: dt.datetime) -> None:
    request = lock_open_request(kind=RequestKind.TRANSFER, reference=transfer.public_id)
    if request is not None:
        payments.finish_succeeded(request, processor_id=found.processor_transfer_id, now=now)
    move_transfer(
        transfer, TransferEdge.CARRIED_OUT, now=now, processor_transfer_id=found.processor_transfer_id, failure_code=""
    )
    move_payables([transfer.payable], PayableEdge.TRANSFER_SUCCEEDED, now=now, transferred_at=now, failure_code="")
    books.book_success(transfer, now=now)
    audit.record(
        event_type="transfer.succeeded", outcome="succeeded", subject=transfer.public_id, amount=transfer.amount,
        artisan=transfer.payable.artisan.public_id, processor=transfer.processor,
        processor_id=found.processor_transfer_id, command="transfer",
        idempotency_key=request.idempotency_key if request is not None else "",
    )  # fmt: skip
    # What was refunded while this was under way could not be asked back before now.
    debts = lock_debts_to_collect(seller_order_reference=transfer.payable.seller_order_reference)
    request_reversals(debts, now=now, only=transfer)


def _take_refusal_back(transfer: Transfer, now: dt.datetime) -> None:
    """A refusal was recorded, yet the money has moved: the books follow the money, or it would be sent twice."""
    if transfer.payable.status != PayableStatus.RELEASED:
        raise TransferContradiction(f"its payable is {transfer.payable.get_status_display()}")
    if transfer.payable.left != transfer.amount:
        raise TransferContradiction(f"only {transfer.payable.left} are left of its payable")
    log.error("transfer_found_after_refusal", transfer=transfer.public_id)
    move_transfer(transfer, TransferEdge.REQUESTED_AGAIN, now=now, note="found", attempt=transfer.attempt + 1)
    move_payables([transfer.payable], PayableEdge.TRANSFER_REQUESTED, now=now, note="found after a refusal")
    books.post([books.request_entry(transfer, now=now)])


def _compare(transfer: Transfer, found: TransferFound) -> None:
    if transfer.processor_transfer_id not in (None, found.processor_transfer_id):
        raise TransferContradiction(f"{transfer.processor_transfer_id} was recorded for it before")
    if found.amount != transfer.amount:
        raise TransferContradiction(f"asked for {transfer.amount}, found {found.amount}")
    if found.destination_account_id != transfer.destination_account_id:
        raise TransferContradiction(f"it went to {found.destination_account_id}")


def _raise_alarm(found: TransferFound, contradiction: TransferContradiction) -> None:
    log.error("transfer_contradiction", transfer=found.transfer_reference, detail=contradiction.detail)
    audit.record(
        event_type="transfer.contradiction", outcome="refused", subject=found.transfer_reference[:60],
        amount=found.amount, processor_id=found.processor_transfer_id, failure_code=contradiction.code,
    )  # fmt: skip


def _is_open(request: ProcessorRequest) -> bool:
    """Whether the request still has no outcome. The transfer's lock is held, and every outcome is written under it."""
    return ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).exists()
