"""Give a capture back, whole or in part. What a part is for, and who bears it, is the caller's to know."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from common import audit, context
from common.ids import new_public_id
from common.models import AuditRecord
from common.money import Money
from common.rows import fetch_with
from common.writes import Writes
from payments.contracts import (
    OutcomeUnknown,
    ProcessorRefused,
    ProcessorUnavailable,
    RefundFound,
    RefundRequest,
    UnknownRefund,
)
from payments.enums import OPEN_REFUND_STATUSES, RefundReason, RefundStatus, RequestKind
from payments.models import Capture, ProcessorRequest, Refund, RefundEvent
from payments.processors import processor_named
from payments.services import outgoing
from payments.transitions import REFUND_TRANSITIONS, refund_event

# Initiator of a refund that was made at the processor, in its dashboard.
ADOPTED = "processor"
# A refund takes days at the banks; its news come by webhook, this is for the ones that are lost.
_SILENT_FOR = dt.timedelta(hours=6)
_WITH_PAYMENT = ("capture", "capture__payment")
_LOCKED = "FOR UPDATE OF payments_refund"


@dataclass(frozen=True, slots=True)
class RefundRecorded:
    """`event` is None when nothing was new; `was_open` says that there had been no answer before it."""

    refund: Refund
    order_reference: str
    event: str | None
    was_open: bool = False

    @property
    def is_given(self) -> bool:
        """Whether the processor has just taken it from our balance; from pending to succeeded nothing moves there."""
        return self.was_open and self.event in ("accepted", "paid_back")


def prepare_refund(
    *,
    capture_id: int,
    reason: RefundReason,
    now: dt.datetime,
    amount: Money | None = None,
    initiator: str = "system",
    note: str = "",
    reference: str = "",
) -> Refund:
    """Writes a refund of the capture, or of `amount` of it, and its request down, in the caller's transaction.

    The database refuses refunds beyond the capture with IntegrityError, so the whole can't be given back twice.
    `reference` is the public id that it gets, for who must be able to ask twice.
    """
    refund = _created(capture_id, reason, amount, initiator, note, reference, now)
    _prepare_request(refund, now)
    _audit(refund, "refund.requested", "requested")
    return refund


def adopt_refund(
    *,
    capture_id: int,
    amount: Money,
    processor_refund_id: str,
    now: dt.datetime,
    reason: RefundReason = RefundReason.PROCESSOR,
) -> Refund:
    """Writes a refund down that was made at the processor, without us; nothing is to be sent.

    `reason` is that of the payment's own return, for part of a payment that never became a sale.
    """
    refund = _created(capture_id, reason, amount, ADOPTED, "", "", now)
    refund.processor_refund_id = processor_refund_id
    refund.save(update_fields=["processor_refund_id"])
    _audit(refund, "refund.adopted", "succeeded")
    return refund


def prepare_resend(*, refund: Refund, source: str, now: dt.datetime) -> None:
    """A failed refund is asked for once more, under a key of its own. The caller holds the refund's lock."""
    _try_again(refund, "resent", source, now)
    _prepare_request(refund, now)


def take_in_its_place(*, refund: Refund, found: RefundFound, source: str, now: dt.datetime) -> RefundRecorded:
    """What somebody made in the dashboard is this refund of ours: the open attempt, or if that failed the next one.

    The caller holds the refund's lock.
    """
    if refund.status == RefundStatus.FAILED:
        _try_again(refund, "resent", source, now)
    return record_as(refund=refund, found=found, source=source, now=now)


def record_paid_otherwise(*, refund: Refund, reference: str, source: str, now: dt.datetime) -> None:
    """The buyer has the money, and not from the processor; `reference` says where to find that. Under the same lock.

    It counts as an attempt of its own, so that news of those that failed change nothing any more.
    """
    _try_again(refund, "paid_otherwise", source, now, told=reference)


def withdraw_refund(*, refund: Refund, now: dt.datetime) -> None:
    """It will not be made: the amount can be given back by another one. The caller holds the refund's lock."""
    refund.withdrawn_at = refund.updated_at = now
    refund.save(update_fields=["withdrawn_at", "updated_at"])
    Capture.objects.filter(id=refund.capture_id).update(refunded_minor=F("refunded_minor") - refund.amount_minor)
    _audit(refund, "refund.withdrawn", "succeeded", failure_code=refund.failure_code)


def get_refund(*, refund_id: int) -> Refund:
    """With its capture and payment. Raises Refund.DoesNotExist."""
    return _one(fetch_with(Refund, _WITH_PAYMENT, "WHERE payments_refund.id = %s", [refund_id]))


def lock_refund(*, refund_id: int) -> Refund:
    """The row, locked, with its capture and payment. The caller has locked the order before."""
    return _one(fetch_with(Refund, _WITH_PAYMENT, f"WHERE payments_refund.id = %s {_LOCKED}", [refund_id]))


def send_refund(*, refund: Refund, now: dt.datetime) -> RefundFound:
    """Carries the prepared refund out exactly once. Not in a transaction.

    Raises OutcomeUnknown, ProcessorUnavailable (both are taken up again by the sweeper) and ProcessorRefused. What came
    of it, and with it the end of the request, is recorded by the caller with `record_refund_found` or `refuse_refund`.
    """
    payment = refund.capture.payment
    processor = processor_named(payment.processor)
    request = _request(refund)
    body = RefundRequest(
        reference=refund.public_id,
        processor_charge_id=refund.capture.processor_charge_id,
        processor_payment_id=str(payment.processor_payment_id),
        amount=refund.amount,
        trace_id=request.body["trace_id"],
        attempt=refund.attempt,
        note_to_payer=refund.note,
    )

    def find() -> RefundFound | None:
        found = processor.find_refund(refund.public_id, processor_payment_id=str(payment.processor_payment_id))
        # The newest one under our reference; an older attempt came back, and is why there is another.
        return found if found is not None and found.attempt == refund.attempt else None

    try:
        request = outgoing.resume(request, find=find, now=now)
        found = outgoing.perform(
            request, send=lambda key: processor.create_refund(body, idempotency_key=key), find=find, now=now
        )
    except OutcomeUnknown as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    return found


def look_up_refund(*, processor: str, processor_refund_id: str) -> RefundFound:
    """The refund as the processor has it now. Not in a transaction."""
    return processor_named(processor).retrieve_refund(processor_refund_id)


def record_refund_found(*, found: RefundFound, source: str, now: dt.datetime) -> RefundRecorded:
    """Applies a finding, in the caller's transaction. Raises UnknownRefund for one that is not ours.

    News of an attempt that was followed by another change nothing.
    """
    refund = known_refund(found=found, lock=True)
    if refund is None:
        raise UnknownRefund()
    if found.refund_reference and found.attempt < refund.attempt:
        return RefundRecorded(refund=refund, order_reference=refund.capture.payment.order_reference, event=None)
    if refund.processor_refund_id not in (None, found.processor_refund_id):
        raise UnknownRefund()
    return record_as(refund=refund, found=found, source=source, now=now)


def known_refund(*, found: RefundFound, lock: bool = False) -> Refund | None:
    """Ours by its reference, or one that we have adopted or taken for ours; None for any other."""
    locked = _LOCKED if lock else ""
    if found.refund_reference:
        ours = fetch_with(
            Refund, _WITH_PAYMENT, f"WHERE payments_refund.public_id = %s {locked}", [found.refund_reference]
        )
    else:
        clauses = f"WHERE payments_refund.processor_refund_id = %s {locked}"
        ours = fetch_with(Refund, _WITH_PAYMENT, clauses, [found.processor_refund_id])
    return ours[0] if ours else None


def record_as(*, refund: Refund, found: RefundFound, source: str, now: dt.datetime) -> RefundRecorded:
    """Applies a finding to the refund that the caller has locked and taken it for."""
    request = _latest_request(refund)
    if request is not None and request.finished_at is None:
        # However the answer came, the request that made it is over; the two are recorded together.
        outgoing.finish_succeeded(request, processor_id=found.processor_refund_id, now=now)
    return _apply(refund, found.status, found.processor_refund_id, found.failure_code, source, now)


def refuse_refund(*, refund_id: int, refused: ProcessorRefused, source: str, now: dt.datetime) -> RefundRecorded:
    """The processor refused to make it: the refund failed without money having moved. In the caller's transaction.

    One that was found to be made meanwhile stays made.
    """
    refund = lock_refund(refund_id=refund_id)
    if refund.status not in OPEN_REFUND_STATUSES:
        return RefundRecorded(refund=refund, order_reference=refund.capture.payment.order_reference, event=None)
    outgoing.finish_failed(
        _request(refund),
        error_code=refused.processor_code,
        processor_request_id=refused.processor_request_id,
        now=now,
    )
    return _apply(refund, RefundStatus.FAILED, refund.processor_refund_id, refused.processor_code, source, now)


def take_silent_refunds(*, now: dt.datetime, limit: int = 50) -> list[Refund]:
    """Accepted refunds of which nothing was heard for some hours, each to be asked after once in that time."""
    with transaction.atomic():
        silent = list(
            Refund.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("capture__payment")
            .filter(status=RefundStatus.PENDING, updated_at__lte=now - _SILENT_FOR)
            .order_by("updated_at")[:limit]
        )
        Refund.objects.filter(id__in=[refund.id for refund in silent]).update(updated_at=now)
    return silent


def _apply(
    refund: Refund,
    status: RefundStatus,
    processor_refund_id: str | None,
    failure_code: str,
    source: str,
    now: dt.datetime,
) -> RefundRecorded:
    payment = refund.capture.payment
    previous = RefundStatus(refund.status)
    event = refund_event(previous, status)
    if event is not None:
        refund.processor_refund_id = processor_refund_id
        refund.failure_code = failure_code[:80]
        _move(refund, event, status, source, now)
    return RefundRecorded(
        refund=refund,
        order_reference=payment.order_reference,
        event=event,
        was_open=previous in OPEN_REFUND_STATUSES,
    )


def _try_again(refund: Refund, event: str, source: str, now: dt.datetime, told: str = "") -> None:
    refund.attempt += 1
    refund.processor_refund_id = None
    refund.failure_code = ""
    _move(refund, event, REFUND_TRANSITIONS[RefundStatus(refund.status), event], source, now, told)


def _move(refund: Refund, event: str, status: RefundStatus, source: str, now: dt.datetime, told: str = "") -> None:
    previous = refund.status
    refund.status = status
    refund.updated_at = now
    history = RefundEvent(
        refund=refund, event=event, from_status=previous, to_status=status, source=source,
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip
    outcome = {RefundStatus.FAILED: "failed", RefundStatus.REQUESTED: "requested"}.get(status, "succeeded")
    writes = Writes()
    writes.update("refund", refund, ["status", "attempt", "processor_refund_id", "failure_code", "updated_at"])
    writes.insert("history", history)
    writes.insert("audit", _audited(refund, f"refund.{event}", outcome, failure_code=refund.failure_code, told=told))
    writes.execute()


def _created(
    capture_id: int,
    reason: RefundReason,
    amount: Money | None,
    initiator: str,
    note: str,
    reference: str,
    now: dt.datetime,
) -> Refund:
    capture = Capture.objects.select_related("payment").get(id=capture_id)
    amount = amount or capture.amount
    Capture.objects.filter(id=capture_id).update(refunded_minor=F("refunded_minor") + amount.amount_minor)
    return Refund.objects.create(
        public_id=reference or new_public_id("ref"),
        capture=capture,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        reason=reason,
        initiator=initiator,
        note=note,
        created_at=now,
        updated_at=now,
    )


def _prepare_request(refund: Refund, now: dt.datetime) -> None:
    last = _latest_request(refund)
    outgoing.prepare(
        kind=RequestKind.REFUND,
        processor=refund.capture.payment.processor,
        subject=refund.public_id,
        body={
            "refund": refund.public_id,
            "charge": refund.capture.processor_charge_id,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "attempt": refund.attempt,
            "trace_id": context.current().trace_id,
        },
        now=now,
        attempt=last.attempt + 1 if last is not None else 1,
    )


def _audit(refund: Refund, event_type: str, outcome: str, failure_code: str = "") -> None:
    audit.record_all([_audited(refund, event_type, outcome, failure_code)])


def _audited(refund: Refund, event_type: str, outcome: str, failure_code: str = "", told: str = "") -> AuditRecord:
    return audit.entry(
        event_type=event_type, outcome=outcome, subject=refund.public_id, amount=refund.amount,
        processor=refund.capture.payment.processor, failure_code=failure_code, command=f"refund:{refund.reason}",
        processor_id=told or refund.processor_refund_id or refund.capture.processor_charge_id,
    )  # fmt: skip


def _one(found: list[Refund]) -> Refund:
    if not found:
        raise Refund.DoesNotExist("no such refund")
    return found[0]


def _request(refund: Refund) -> ProcessorRequest:
    request = _latest_request(refund)
    if request is None:
        raise RuntimeError(f"{refund} was never asked for")
    return request


def _latest_request(refund: Refund) -> ProcessorRequest | None:
    return outgoing.latest_request(kind=RequestKind.REFUND, subject=refund.public_id)
