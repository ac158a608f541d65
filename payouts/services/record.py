"""Record: what has become of a transfer at the processor. Each outcome is one transaction, and twice is once."""

import datetime as dt
from collections import defaultdict

import structlog
from django.db import transaction

from common import audit, outbox
from identity.selectors import staff_who_may
from payments import services as payments
from payments.contracts import OutcomeUnknown, ProcessorError, TransferFound
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.contracts import TransferContradiction
from payouts.enums import PayableEdge, PayableStatus, PayoutEdge, PayoutStatus, TransferEdge, TransferStatus
from payouts.models import Payable, Payout, Transfer
from payouts.services import books
from payouts.services.history import move_payables, move_payout, move_transfer
from payouts.services.locking import LockedTransfer, lock_debts_to_collect, lock_open_request, lock_transfer
from payouts.services.reverse import request_reversals

log = structlog.get_logger(__name__)

# The processor's word for a balance of ours that is too low: https://docs.stripe.com/error-codes#balance-insufficient
OUT_OF_FUNDS = "balance_insufficient"
_FIRST_PAUSE = dt.timedelta(minutes=5)
_LONGEST_PAUSE = dt.timedelta(hours=12)


def record_carried_out(*, found: TransferFound, now: dt.datetime) -> Transfer:
    """The processor has it. Raises UnknownTransfer, and TransferContradiction when it has something else."""
    try:
        with transaction.atomic():
            locked = lock_transfer(reference=found.transfer_reference)
            transfer = locked.transfer
            _compare(transfer, found)
            if transfer.status == TransferStatus.SUCCEEDED:
                return transfer
            if transfer.status == TransferStatus.FAILED:
                _take_refusal_back(locked, now)
            _carried_out(locked, found, now)
    except TransferContradiction as contradiction:
        _raise_alarm(found, contradiction)
        raise
    return transfer


def record_refused(*, request: ProcessorRequest, refusal: ProcessorError, now: dt.datetime) -> None:
    """Nothing was moved, certainly: the payout is over, its payables are released again, for a later one.

    After a pause that grows, except where it was our balance that was too low: that is no reason of the artisan's, and
    the run that stops for it says when the next try is.
    """
    with transaction.atomic():
        locked = lock_transfer(reference=request.subject)
        if not _is_open(request):
            return
        transfer, payout = locked.transfer, locked.payout
        payments.finish_failed(
            request, error_code=refusal.processor_code, processor_request_id=refusal.processor_request_id, now=now
        )
        code = (refusal.processor_code or refusal.code)[:80]
        move_transfer(transfer, TransferEdge.REFUSED, now=now, note=code, failure_code=code)
        move_payout(payout, PayoutEdge.TRANSFER_REFUSED, now=now, note=code, failure_code=code)
        _release_again(locked, code, now)
        books.book_failure(transfer, now=now)
        audit.record(
            event_type="transfer.refused", outcome="failed", subject=transfer.public_id, amount=transfer.amount,
            artisan=payout.artisan.public_id, processor=transfer.processor, failure_code=code,
            processor_id=transfer.destination_account_id, idempotency_key=request.idempotency_key, command="transfer",
        )  # fmt: skip
        if code != OUT_OF_FUNDS:
            _tell_of_refusal(payout, now)
    log.warning("transfer_refused", transfer=request.subject, payout=payout.public_id, code=code)


def record_unresolved(*, request: ProcessorRequest, lost: ProcessorError, now: dt.datetime) -> None:
    """No answer, or not yet. What was booked stays in transit until a look-up tells."""
    with transaction.atomic():
        locked = lock_transfer(reference=request.subject)
        if not _is_open(request):
            return
        transfer = locked.transfer
        payments.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        if isinstance(lost, OutcomeUnknown) and transfer.status == TransferStatus.REQUESTED:
            move_transfer(transfer, TransferEdge.ANSWER_LOST, now=now, note=lost.processor_code or lost.code)
            audit.record(
                event_type="transfer.unknown", outcome="unknown", subject=transfer.public_id, amount=transfer.amount,
                artisan=locked.payout.artisan.public_id, processor=transfer.processor, command="transfer",
                failure_code=lost.processor_code or lost.code, idempotency_key=request.idempotency_key,
            )  # fmt: skip


def _carried_out(locked: LockedTransfer, found: TransferFound, now: dt.datetime) -> None:
    transfer, payout = locked.transfer, locked.payout
    request = lock_open_request(kind=RequestKind.TRANSFER, reference=transfer.public_id)
    if request is not None:
        payments.finish_succeeded(request, processor_id=found.processor_transfer_id, now=now)
    move_transfer(
        transfer, TransferEdge.CARRIED_OUT, now=now, processor_transfer_id=found.processor_transfer_id, failure_code=""
    )
    move_payout(payout, PayoutEdge.TRANSFER_SUCCEEDED, now=now, transferred_at=now, failure_code="")
    outbox.enqueue(
        task="payouts.tasks.send_to_bank", kwargs={"payout_id": payout.pk}, key=f"send_to_bank:{payout.public_id}"
    )
    move_payables(
        locked.payables, PayableEdge.TRANSFER_SUCCEEDED, now=now, reference=payout.public_id, transferred_at=now,
        failure_code="",
    )  # fmt: skip
    books.book_success(transfer, now=now)
    audit.record(
        event_type="transfer.succeeded", outcome="succeeded", subject=transfer.public_id, amount=transfer.amount,
        artisan=payout.artisan.public_id, processor=transfer.processor, processor_id=found.processor_transfer_id,
        command="transfer", idempotency_key=request.idempotency_key if request is not None else "",
    )  # fmt: skip
    # What was refunded while this was under way could not be asked back before now.
    request_reversals(lock_debts_to_collect(seller_order_references=locked.parts), now=now, only=transfer)


def _release_again(locked: LockedTransfer, code: str, now: dt.datetime) -> None:
    """The pause grows with each payable's own refusals; those with the same number are moved together."""
    of_refusals: dict[int, list[Payable]] = defaultdict(list)
    for payable in locked.payables:
        of_refusals[payable.refusals].append(payable)
    for refusals, payables in sorted(of_refusals.items()):
        pause = min(_FIRST_PAUSE * 2 ** min(refusals, 10), _LONGEST_PAUSE)
        is_ours = code == OUT_OF_FUNDS
        move_payables(
            payables, PayableEdge.TRANSFER_FAILED, now=now, note=code, reference=locked.payout.public_id,
            failure_code=code, refusals=refusals if is_ours else refusals + 1,
            next_transfer_at=now if is_ours else now + pause,
        )  # fmt: skip


def _tell_of_refusal(payout: Payout, now: dt.datetime) -> None:
    """To the artisan and to staff, once a day however often it is tried again."""
    day = f"{payout.artisan.public_id}:{now.date()}"
    outbox.enqueue(
        task="payouts.tasks.send_payout_refused", kwargs={"payout_id": payout.pk}, key=f"payout-refused:{day}"
    )
    for person in staff_who_may("payouts.start_payout_run"):
        outbox.enqueue(
            task="payouts.tasks.send_refused_to_staff",
            kwargs={"payout_id": payout.pk, "user_id": person.pk},
            key=f"payout-refused:{day}:{person.pk}",
        )


def _take_refusal_back(locked: LockedTransfer, now: dt.datetime) -> None:
    """A refusal was recorded, yet the money has moved: the books follow the money, or it would be sent twice."""
    transfer, payout = locked.transfer, locked.payout
    amounts = dict(payout.items.values_list("payable_id", "amount_minor"))
    for payable in locked.payables:
        if payable.status != PayableStatus.RELEASED:
            raise TransferContradiction(f"its {payable} is {payable.get_status_display()}")
        if payable.left.amount_minor != amounts[payable.pk]:
            raise TransferContradiction(f"only {payable.left} are left of its {payable}")
    others = Payout.objects.filter(run_id=payout.run_id, artisan_id=payout.artisan_id, currency=payout.currency)
    if others.exclude(status=PayoutStatus.REFUSED).exists():
        raise TransferContradiction("its run has paid the artisan in another payout")
    log.error("transfer_found_after_refusal", transfer=transfer.public_id)
    move_transfer(transfer, TransferEdge.REQUESTED_AGAIN, now=now, note="found", attempt=transfer.attempt + 1)
    move_payout(payout, PayoutEdge.FOUND_AFTER_REFUSAL, now=now)
    move_payables(
        locked.payables, PayableEdge.TRANSFER_REQUESTED, now=now, reference=payout.public_id,
        note="found after a refusal",
    )  # fmt: skip
    books.post([books.request_entry(transfer, payout, seller=payout.artisan.public_id, now=now)])


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
