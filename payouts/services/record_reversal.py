"""Record: what has become of a transfer reversal. Each outcome is one transaction, and twice is once."""

import datetime as dt

import structlog
from django.conf import settings
from django.db import transaction

from common import audit
from common.ids import new_public_id
from common.money import Money
from payments import services as payments
from payments.contracts import OutcomeUnknown, ProcessorError, TransferReversalFound
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.contracts import TransferContradiction, UnknownTransfer
from payouts.enums import PayoutEdge, PayoutStatus, ReversalEdge, ReversalStatus
from payouts.models import DebtRecovery, Transfer, TransferReversal
from payouts.services import books
from payouts.services.history import move_payout, move_reversal
from payouts.services.items import bring_back
from payouts.services.locking import lock_open_request, lock_reversal, lock_transfer
from payouts.services.reverse import under_way
from payouts.services.supplement import add_supplementary

log = structlog.get_logger(__name__)

_NOT_AT_A_BANK = (PayoutStatus.TRANSFERRED, PayoutStatus.BANK_FAILED)


def record_reversed(*, found: TransferReversalFound, now: dt.datetime) -> TransferReversal:
    """One that we asked for was carried out. Raises UnknownTransfer, and TransferContradiction if it is another."""
    try:
        with transaction.atomic():
            reversal = lock_reversal(reference=found.reversal_reference)
            if reversal is None:
                raise UnknownTransfer()
            _compare(reversal, found)
            if reversal.status != ReversalStatus.SUCCEEDED:
                _carried_out(reversal, found, now)
    except TransferContradiction as contradiction:
        log.error("reversal_contradiction", reversal=found.reversal_reference, detail=contradiction.detail)
        audit.record(
            event_type="transfer_reversal.contradiction", outcome="refused", subject=found.reversal_reference[:60],
            amount=found.amount, processor_id=found.processor_reversal_id, failure_code=contradiction.code,
        )  # fmt: skip
        raise
    return reversal


def record_reversal_refused(*, request: ProcessorRequest, refusal: ProcessorError, now: dt.datetime) -> None:
    """Nothing came back, certainly: the debt stays open, to be netted against what else is due to the artisan."""
    with transaction.atomic():
        reversal = lock_reversal(reference=request.subject)
        if reversal is None or not _is_open(request):
            return
        payments.finish_failed(
            request, error_code=refusal.processor_code, processor_request_id=refusal.processor_request_id, now=now
        )
        code = (refusal.processor_code or refusal.code)[:80]
        move_reversal(reversal, ReversalEdge.REFUSED, now=now, note=code, failure_code=code)
        _audit(reversal, "refused", "failed", failure_code=code, idempotency_key=request.idempotency_key)
    log.warning("transfer_reversal_refused", reversal=request.subject, code=code)


def record_reversal_unresolved(*, request: ProcessorRequest, lost: ProcessorError, now: dt.datetime) -> None:
    """No answer, or not yet. The debt counts as being recovered until a look-up tells."""
    with transaction.atomic():
        reversal = lock_reversal(reference=request.subject)
        if reversal is None or not _is_open(request):
            return
        code = lost.processor_code or lost.code
        payments.finish_unknown(request, error_code=code, now=now)
        if isinstance(lost, OutcomeUnknown) and reversal.status == ReversalStatus.REQUESTED:
            move_reversal(reversal, ReversalEdge.ANSWER_LOST, now=now, note=code)
            _audit(reversal, "unknown", "unknown", failure_code=code, idempotency_key=request.idempotency_key)


def adopt_reversal(*, transfer_reference: str, found: TransferReversalFound, now: dt.datetime) -> TransferReversal:
    """One that we did not ask for: somebody made it at the processor. Adopting it twice changes nothing.

    We hold money that was the artisan's, and nobody told us why. It is theirs again, as supplementary payables of the
    parts that the payout was for, in their order, with a hold of full length, in which staff can find out; what the
    artisan owes us is netted when it is released.
    """
    with transaction.atomic():
        transfer = lock_transfer(reference=transfer_reference).transfer
        known = TransferReversal.objects.filter(processor_reversal_id=found.processor_reversal_id).first()
        if known is not None:
            return known
        reversal = TransferReversal.objects.create(
            public_id=new_public_id("trr"), transfer=transfer, debt=None, amount_minor=found.amount.amount_minor,
            currency=found.amount.currency, status=ReversalStatus.SUCCEEDED,
            processor_reversal_id=found.processor_reversal_id, created_at=now, updated_at=now,
        )  # fmt: skip
        _came_back(reversal, recovered_minor=0, now=now)
        _audit(reversal, "adopted", "succeeded")
    log.warning("transfer_reversed_unasked", transfer=transfer_reference, reversal=reversal.public_id)
    return reversal


def _carried_out(reversal: TransferReversal, found: TransferReversalFound, now: dt.datetime) -> None:
    request = lock_open_request(kind=RequestKind.TRANSFER_REVERSAL, reference=reversal.public_id)
    if request is not None:
        payments.finish_succeeded(request, processor_id=found.processor_reversal_id, now=now)
    was_refused = reversal.status == ReversalStatus.FAILED
    move_reversal(
        reversal,
        ReversalEdge.FOUND_AFTER_REFUSAL if was_refused else ReversalEdge.CARRIED_OUT,
        now=now, processor_reversal_id=found.processor_reversal_id, failure_code="",
    )  # fmt: skip
    # After a refusal the debt may have been netted or forgiven meanwhile: then the rest is the artisan's.
    debt = reversal.debt
    open_minor = debt.open_minor - under_way([debt]).get(debt.pk, 0) if debt is not None else 0
    _came_back(reversal, recovered_minor=min(reversal.amount_minor, open_minor), now=now)
    _audit(reversal, "succeeded", "succeeded", idempotency_key=request.idempotency_key if request is not None else "")


def _came_back(reversal: TransferReversal, *, recovered_minor: int, now: dt.datetime) -> None:
    """Books it: `recovered_minor` of it for the debt, the rest back to the artisan."""
    transfer, debt = reversal.transfer, reversal.debt
    of_parts = bring_back(transfer, reversal.amount_minor, part=debt.seller_order_reference if debt is not None else "")
    transfer.reversed_minor += reversal.amount_minor
    transfer.updated_at = now
    transfer.save(update_fields=["reversed_minor", "updated_at"])
    if debt is not None and recovered_minor:
        debt.recovered_minor += recovered_minor
        debt.updated_at = now
        debt.save(update_fields=["recovered_minor", "updated_at"])
        number = DebtRecovery.objects.filter(debt=debt).count() + 1
        DebtRecovery.objects.create(
            debt=debt, number=number, reversal=reversal, amount_minor=recovered_minor, occurred_at=now
        )
    if transfer.reversed_minor == transfer.amount_minor and transfer.payout.status in _NOT_AT_A_BANK:
        move_payout(transfer.payout, PayoutEdge.BROUGHT_BACK, now=now)
    returned_minor, kept_minor = reversal.amount_minor - recovered_minor, recovered_minor
    for payable, back_minor in of_parts:
        kept = min(kept_minor, back_minor)
        kept_minor -= kept
        if back_minor > kept:
            add_supplementary(
                like=payable, amount_minor=back_minor - kept, origin_reference=reversal.public_id,
                hold_until=now + settings.HOLD_PERIOD, now=now,
            )  # fmt: skip
    books.post(
        books.reversal_entries(
            reversal,
            recovered=Money(recovered_minor, reversal.currency),
            returned=Money(returned_minor, reversal.currency),
            now=now,
        )
    )


def _compare(reversal: TransferReversal, found: TransferReversalFound) -> None:
    if reversal.processor_reversal_id not in (None, found.processor_reversal_id):
        raise TransferContradiction(f"{reversal.processor_reversal_id} was recorded for it before")
    if found.amount != reversal.amount:
        raise TransferContradiction(f"asked for {reversal.amount} back, found {found.amount}")
    if found.processor_transfer_id != reversal.transfer.processor_transfer_id:
        raise TransferContradiction(f"it reverses {found.processor_transfer_id}")


def _audit(
    reversal: TransferReversal, event: str, outcome: str, *, failure_code: str = "", idempotency_key: str = ""
) -> None:
    transfer: Transfer = reversal.transfer
    audit.record(
        event_type=f"transfer_reversal.{event}", outcome=outcome, subject=reversal.public_id, amount=reversal.amount,
        artisan=transfer.payout.artisan.public_id, processor=transfer.processor,
        processor_id=reversal.processor_reversal_id or "", failure_code=failure_code[:80],
        idempotency_key=idempotency_key, command="transfer_reversal",
    )  # fmt: skip


def _is_open(request: ProcessorRequest) -> bool:
    """Whether the request still has no outcome. The reversal's lock is held, and every outcome is written under it."""
    return ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).exists()
