"""Record: what has become of a payout to a bank. Each outcome is one transaction, and twice is once."""

import datetime as dt
from typing import Any

import structlog
from django.db import transaction

from common import audit, outbox
from common.errors import DomainError, ErrorKind
from payments import services as payments
from payments.contracts import OutcomeUnknown, PayoutFound, ProcessorError
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payments.models import ProcessorRequest
from payouts.enums import BankPayoutEdge, BankPayoutStatus, PayoutEdge, PayoutStatus
from payouts.models import BankPayout
from payouts.services.bank.amount import GONE
from payouts.services.bank.history import move_bank_payout
from payouts.services.bank.later import ask_again_later
from payouts.services.bank.locking import lock_bank_payout, lock_open_request
from payouts.services.bank.pauses import MAY_COME_BACK_FOR
from payouts.services.bank.reasons import BankRefusal, NextStep, reason_of
from payouts.services.history import move_payout
from payouts.transitions import BANK_PAYOUT_TRANSITIONS

log = structlog.get_logger(__name__)

_EDGE_OF = {
    ProcessorPayoutStatus.PENDING: BankPayoutEdge.ACCEPTED,
    ProcessorPayoutStatus.IN_TRANSIT: BankPayoutEdge.ACCEPTED,
    ProcessorPayoutStatus.PAID: BankPayoutEdge.PAID,
    ProcessorPayoutStatus.FAILED: BankPayoutEdge.FAILED,
    ProcessorPayoutStatus.CANCELED: BankPayoutEdge.CANCELED,
}
_STATUS_OF = {
    BankPayoutEdge.ACCEPTED: BankPayoutStatus.PENDING,
    BankPayoutEdge.PAID: BankPayoutStatus.PAID,
    BankPayoutEdge.FAILED: BankPayoutStatus.FAILED,
    BankPayoutEdge.CANCELED: BankPayoutStatus.CANCELED,
}
_OUTCOME = {"accepted": "requested", "paid": "succeeded", "failed": "failed", "canceled": "failed"}
_MESSAGE_LENGTH = 300


class UnknownBankPayout(DomainError):
    """Not one of ours: somebody else made it at the processor."""

    code = "bank_payout_unknown"
    kind = ErrorKind.NOT_FOUND
    title = "This payout was not made by this shop"


class BankPayoutContradiction(DomainError):
    """The processor holds something under our reference that is not what we asked for. A person has to look."""

    code = "bank_payout_contradiction"
    kind = ErrorKind.MISMATCH
    title = "The processor's payout is not the one we asked for"


class SentTwice(BankPayoutContradiction):
    """An attempt that was recorded as refused is at the processor, and the payout has gone on without it.

    Staff are told: nothing that we could do by ourselves would be right.
    """

    def __init__(self, bank_payout: BankPayout, detail: str) -> None:
        super().__init__(detail)
        self.bank_payout_id = bank_payout.pk


def record_found(*, found: PayoutFound, now: dt.datetime) -> BankPayout:
    """What the processor has. Raises UnknownBankPayout, and BankPayoutContradiction when it has something else."""
    try:
        with transaction.atomic():
            bank_payout = lock_bank_payout(found.payout_reference)
            if bank_payout is None:
                raise UnknownBankPayout()
            _compare(bank_payout, found)
            _follow(bank_payout, found, now)
    except BankPayoutContradiction as contradiction:
        log.error("bank_payout_contradiction", bank_payout=found.payout_reference, detail=contradiction.detail)
        audit.record(
            event_type="bank_payout.contradiction", outcome="refused", subject=found.payout_reference[:60],
            amount=found.amount, processor_id=found.processor_payout_id, failure_code=contradiction.code,
        )  # fmt: skip
        if isinstance(contradiction, SentTwice):
            tell_staff_of_find(contradiction.bank_payout_id, found.payout_reference, is_twice=True)
        raise
    return bank_payout


def record_superseded(*, request: ProcessorRequest, found: PayoutFound, now: dt.datetime) -> None:
    """An attempt that was certainly not sent gives way to an earlier one, recorded as refused, that `found` is.

    Raises BankPayoutContradiction where that is not as we had asked for it.
    """
    with transaction.atomic():
        later = lock_bank_payout(request.subject)
        if later is None or not _is_open(request):
            return
        code = BankRefusal.SUPERSEDED
        payments.finish_failed(request, error_code=code, processor_request_id="", now=now)
        move_bank_payout(
            later, BankPayoutEdge.REFUSED, now=now, note=found.payout_reference, failure_code=code,
            failure_message=f"{found.payout_reference} is at the processor as {found.processor_payout_id}",
        )  # fmt: skip
        move_payout(later.payout, PayoutEdge.BANK_REFUSED, now=now, note=code, failure_code=code, paid_at=None)
        _audit(later, "superseded", "failed", failure_code=code, request=request)
        earlier = lock_bank_payout(found.payout_reference)
        if earlier is None:
            raise UnknownBankPayout()
        _compare(earlier, found)
        _follow(earlier, found, now)


def tell_staff_of_find(bank_payout_id: int, reference: str, *, is_twice: bool) -> None:
    """Once for each attempt and kind of find."""
    with transaction.atomic():
        outbox.enqueue(
            task="payouts.tasks.announce_bank_find",
            kwargs={"bank_payout_id": bank_payout_id, "is_twice": is_twice},
            key=f"bank-find:{reference}:{'twice' if is_twice else 'adopted'}",
        )


def record_refused(*, request: ProcessorRequest, refusal: ProcessorError, code: BankRefusal, now: dt.datetime) -> None:
    """Certainly nothing left the artisan's account. `code` is our word for it."""
    with transaction.atomic():
        bank_payout = lock_bank_payout(request.subject)
        if bank_payout is None or not _is_open(request):
            return
        payments.finish_failed(
            request, error_code=refusal.processor_code, processor_request_id=refusal.processor_request_id, now=now
        )
        _fail(bank_payout, BankPayoutEdge.REFUSED, code=code, message=refusal.detail, now=now)
        _audit(bank_payout, "refused", "failed", failure_code=refusal.processor_code or code, request=request)
    log.warning("bank_payout_refused", bank_payout=request.subject, code=code, processor_code=refusal.processor_code)


def record_unresolved(*, request: ProcessorRequest, lost: ProcessorError, now: dt.datetime) -> None:
    """No answer, or not yet. It counts as on its way until a look-up tells."""
    with transaction.atomic():
        bank_payout = lock_bank_payout(request.subject)
        if bank_payout is None or not _is_open(request):
            return
        code = lost.processor_code or lost.code
        payments.finish_unknown(request, error_code=code, now=now)
        if isinstance(lost, OutcomeUnknown) and bank_payout.status == BankPayoutStatus.REQUESTED:
            move_bank_payout(bank_payout, BankPayoutEdge.ANSWER_LOST, now=now, note=code)
            _audit(bank_payout, "unknown", "unknown", failure_code=code, request=request)


def _follow(bank_payout: BankPayout, found: PayoutFound, now: dt.datetime) -> None:
    """Takes the row to what was found, along an edge of the table; news that is older than what we know is dropped."""
    request = lock_open_request(bank_payout)
    if request is not None:
        payments.finish_succeeded(request, processor_id=found.processor_payout_id, now=now)
    edge = _EDGE_OF[found.status]
    if bank_payout.status == _STATUS_OF[edge]:
        # So that the next look waits longer than this one did.
        bank_payout.updated_at, bank_payout.arrival_date = now, found.arrival_date or bank_payout.arrival_date
        bank_payout.save(update_fields=["updated_at", "arrival_date"])
        return
    was_refused = bank_payout.status == BankPayoutStatus.FAILED and bank_payout.processor_payout_id is None
    if was_refused and edge in (BankPayoutEdge.ACCEPTED, BankPayoutEdge.PAID):
        _adopt(bank_payout, found, now)
        _follow(bank_payout, found, now)
        return
    if (BankPayoutStatus(bank_payout.status), edge) not in BANK_PAYOUT_TRANSITIONS:
        _check_that_it_is_old_news(bank_payout, edge)
        return
    known: dict[str, Any] = {"processor_payout_id": found.processor_payout_id, "arrival_date": found.arrival_date}
    if edge in (BankPayoutEdge.ACCEPTED, BankPayoutEdge.PAID):
        move_bank_payout(bank_payout, edge, now=now, failure_code="", failure_message="", **known)
        _tell_success(bank_payout)
    else:
        code = BankRefusal.CANCELED.value if edge == BankPayoutEdge.CANCELED else found.failure_code.value
        _fail(
            bank_payout, edge, code=code or PayoutFailure.OTHER.value, message=found.failure_message, now=now, **known
        )
    if edge == BankPayoutEdge.PAID:
        move_payout(bank_payout.payout, PayoutEdge.BANK_PAID, now=now, paid_at=now, failure_code="")
        outbox.enqueue(
            task="payouts.tasks.ask_after_bank_payout",
            kwargs={"bank_payout_id": bank_payout.pk},
            key=f"bank-came-back:{bank_payout.public_id}",
            available_at=now + MAY_COME_BACK_FOR,
        )
    _audit(bank_payout, edge.value, _OUTCOME[edge], failure_code=bank_payout.failure_code, request=request)


def _adopt(bank_payout: BankPayout, found: PayoutFound, now: dt.datetime) -> None:
    """A refusal was recorded, yet the processor has it: it is the payout's attempt again, and no other one is made.

    The payout is locked. Raises SentTwice where another attempt was sent meanwhile or the money was brought back, and
    BankPayoutContradiction while another one is being sent: that one looks for this one first, and gives way to it.
    """
    payout = bank_payout.payout
    other = payout.bank_payouts.exclude(id=bank_payout.pk).filter(status__in=GONE).first()
    if other is not None and other.processor_payout_id is None:
        raise BankPayoutContradiction(f"it was recorded as refused, and {other.public_id} is being sent")
    if other is not None or payout.status != PayoutStatus.BANK_FAILED:
        meanwhile = f"{other.public_id} was sent" if other is not None else f"its payout is {payout.status}"
        raise SentTwice(bank_payout, f"it was recorded as refused and is at the processor; meanwhile {meanwhile}")
    move_bank_payout(
        bank_payout, BankPayoutEdge.FOUND_AFTER_REFUSAL, now=now, note=found.processor_payout_id, failure_code="",
        failure_message="", processor_payout_id=found.processor_payout_id, arrival_date=found.arrival_date,
    )  # fmt: skip
    move_payout(payout, PayoutEdge.FOUND_AFTER_REFUSAL, now=now, note=found.processor_payout_id, failure_code="")
    _audit(bank_payout, "adopted", "requested", request=None)
    _tell_success(bank_payout)
    tell_staff_of_find(bank_payout.pk, bank_payout.public_id, is_twice=False)
    log.error("bank_payout_found_after_refusal", bank_payout=bank_payout.public_id)


def _fail(
    bank_payout: BankPayout, edge: BankPayoutEdge, *, code: str, message: str, now: dt.datetime, **known: Any
) -> None:
    payout = bank_payout.payout
    move_bank_payout(
        bank_payout, edge, now=now, note=code, failure_code=code, failure_message=message[:_MESSAGE_LENGTH], **known
    )
    move_payout(payout, PayoutEdge.BANK_REFUSED, now=now, note=code, failure_code=code, paid_at=None)
    if reason_of(code).step == NextStep.WAIT:
        ask_again_later(bank_payout, payout, now)
    else:
        outbox.enqueue(
            task="payouts.tasks.announce_bank_failure",
            kwargs={"bank_payout_id": bank_payout.pk},
            key=f"bank-failure:{bank_payout.public_id}",
        )


def _tell_success(bank_payout: BankPayout) -> None:
    """Once for each attempt: when it is accepted, or when we learn first that it was paid."""
    outbox.enqueue(
        task="payouts.tasks.send_bank_paid",
        kwargs={"bank_payout_id": bank_payout.pk},
        key=f"bank-paid:{bank_payout.public_id}",
    )


def _check_that_it_is_old_news(bank_payout: BankPayout, edge: BankPayoutEdge) -> None:
    """Two look-ups may overtake each other: what was read before is no news. Raises BankPayoutContradiction else."""
    if bank_payout.status == BankPayoutStatus.PAID and edge == BankPayoutEdge.CANCELED:
        raise BankPayoutContradiction("it was recorded as paid, and is canceled")
    log.info("bank_payout_old_news", bank_payout=bank_payout.public_id, status=bank_payout.status, news=edge.value)


def _compare(bank_payout: BankPayout, found: PayoutFound) -> None:
    if bank_payout.processor_payout_id not in (None, found.processor_payout_id):
        raise BankPayoutContradiction(f"{bank_payout.processor_payout_id} was recorded for it before")
    if found.amount != bank_payout.amount:
        raise BankPayoutContradiction(f"asked for {bank_payout.amount}, found {found.amount}")
    if found.processor_account_id != bank_payout.processor_account_id:
        raise BankPayoutContradiction(f"it was paid from {found.processor_account_id}")


def _audit(
    bank_payout: BankPayout, event: str, outcome: str, *, failure_code: str = "", request: ProcessorRequest | None
) -> None:
    payout = bank_payout.payout
    audit.record(
        event_type=f"bank_payout.{event}", outcome=outcome, subject=bank_payout.public_id, amount=bank_payout.amount,
        artisan=payout.artisan.public_id, processor=payout.processor,
        processor_id=bank_payout.processor_payout_id or bank_payout.processor_account_id,
        failure_code=failure_code[:80], idempotency_key=request.idempotency_key if request is not None else "",
        command="bank_payout",
    )  # fmt: skip


def _is_open(request: ProcessorRequest) -> bool:
    """Whether the request still has no outcome. The payout's lock is held, and every outcome is written under it."""
    return ProcessorRequest.objects.filter(id=request.id, finished_at__isnull=True).exists()
