"""Our answer to a dispute, sent once: evidence, or giving in. Persist, call, record."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from common import audit, context
from common.errors import DomainError
from payments.contracts import (
    DisputeFound,
    EvidenceRequest,
)
from payments.enums import ANSWERABLE_STATUSES, DisputeStatus, RequestKind
from payments.models import Dispute, ProcessorRequest
from payments.processors import dispute_desk_of
from payments.services import outgoing
from payments.services.carry_out import carry_out

ANSWERS = (RequestKind.SUBMIT_EVIDENCE, RequestKind.ACCEPT_DISPUTE)


class DisputeNotAnswerable(DomainError):
    """It is over, was answered, or an answer is on its way."""

    code = "dispute_not_answerable"
    title = "This dispute can't be answered now"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the processor has after our answer; `is_carried_out` is False where it was closed before that came."""

    found: DisputeFound
    is_carried_out: bool


def lock_dispute(*, dispute_id: int) -> Dispute:
    """The row, locked, with its capture and payment. The caller has locked the order before."""
    return Dispute.objects.select_for_update(of=("self",)).select_related("capture__payment").get(id=dispute_id)


def open_answer(dispute: Dispute) -> ProcessorRequest | None:
    """The answer that is on its way and has no outcome."""
    return (
        ProcessorRequest.objects.filter(kind__in=ANSWERS, subject=dispute.public_id, finished_at__isnull=True)
        .order_by("id")
        .first()
    )


def last_answer(dispute: Dispute) -> ProcessorRequest | None:
    return ProcessorRequest.objects.filter(kind__in=ANSWERS, subject=dispute.public_id).order_by("-id").first()


def check_answerable(dispute: Dispute) -> None:
    """Raises DisputeNotAnswerable unless our answer is awaited and none is on its way."""
    if not dispute.can_be_answered:
        raise DisputeNotAnswerable("It is over, or was answered already.")
    if open_answer(dispute) is not None:
        raise DisputeNotAnswerable("An answer is on its way.")


def prepare_answer(
    *, dispute: Dispute, kind: RequestKind, fingerprints: Mapping[str, str], now: dt.datetime
) -> ProcessorRequest:
    """Writes the answer down, in the caller's transaction, which holds the dispute's lock.

    `fingerprints` are hashes of what is sent: nobody changes that before the answer has an outcome. Raises
    DisputeNotAnswerable.
    """
    check_answerable(dispute)
    if kind == RequestKind.ACCEPT_DISPUTE and dispute.is_inquiry:
        raise DisputeNotAnswerable("An inquiry is answered or paid back; there is nothing to give in to yet.")
    last = outgoing.latest_request(kind=kind, subject=dispute.public_id)
    request = outgoing.prepare(
        kind=kind,
        processor=dispute.processor,
        subject=dispute.public_id,
        body={
            "dispute": dispute.public_id,
            "processor_dispute_id": dispute.processor_dispute_id,
            "trace_id": context.current().trace_id,
            **fingerprints,
        },
        now=now,
        attempt=last.attempt + 1 if last is not None else 1,
    )
    audit.record(
        event_type=f"dispute.{kind}", outcome="requested", subject=dispute.public_id, amount=dispute.amount,
        processor=dispute.processor, processor_id=dispute.processor_dispute_id, command=str(kind),
    )  # fmt: skip
    return request


def send_answer(
    *, dispute: Dispute, request: ProcessorRequest, evidence: EvidenceRequest, now: dt.datetime
) -> Answered:
    """Carries the answer out exactly once. Not in a transaction.

    Raises OutcomeUnknown and ProcessorUnavailable (a sweeper takes it up again), and ProcessorRefused, after which
    another answer can be given. The end of a request that succeeded is recorded by the caller with `close_answer`.
    """
    desk = dispute_desk_of(dispute.processor)
    accepts = request.kind == RequestKind.ACCEPT_DISPUTE
    sent: list[str] = []

    def send(key: str) -> DisputeFound:
        if accepts:
            found = desk.accept_dispute(dispute.processor_dispute_id, idempotency_key=key)
        else:
            found = desk.submit_evidence(evidence, idempotency_key=key)
        sent.append(key)
        return found

    def find() -> DisputeFound | None:
        found = desk.retrieve_dispute(dispute.processor_dispute_id)
        return None if found.status in ANSWERABLE_STATUSES else found

    request, found = carry_out(request, send=send, find=find, now=now)
    # Found lost without our having been answered: its time was over, for all we can tell.
    return Answered(found, bool(sent) or accepts or found.status != DisputeStatus.LOST)


def close_answer(*, dispute: Dispute, answered: Answered, source: str, now: dt.datetime) -> None:
    """Records the outcome of the open answer, in the caller's transaction."""
    request = open_answer(dispute)
    if request is None:
        return
    if answered.is_carried_out:
        outgoing.finish_succeeded(request, processor_id=dispute.processor_dispute_id, now=now)
        dispute.submitted_at = dispute.updated_at = now
        dispute.save(update_fields=["submitted_at", "updated_at"])
    else:
        outgoing.finish_failed(request, error_code="closed_before", processor_request_id="", now=now)
    audit.record(
        event_type=f"dispute.{request.kind}", outcome="succeeded" if answered.is_carried_out else "failed",
        subject=dispute.public_id, amount=dispute.amount, processor=dispute.processor,
        processor_id=dispute.processor_dispute_id, command=f"{request.kind} by {source}",
    )  # fmt: skip
