"""Answer a dispute: the evidence as it stands, or giving in. Either once."""

import datetime as dt
import hashlib
from contextlib import AbstractContextManager

from django.db import transaction

from common import audit, outbox
from orders.contracts.dispute import EvidenceRefused
from orders.models import Order
from orders.services.disputes.settle import DisputeWaits, apply_found
from orders.services.transition import lock_order
from payments import services as payments
from payments.contracts import EvidenceFile, EvidenceRequest, ProcessorRefused
from payments.enums import RequestKind
from payments.models import Dispute, DisputeEvidence, ProcessorRequest
from payments.services import Answered

_RECORDINGS = 4


def submit_evidence(*, dispute_id: int, now: dt.datetime) -> None:
    """The evidence as it is drafted is sent after this transaction, once and for good.

    Raises DisputeNotAnswerable, and EvidenceRefused when there is none.
    """
    with _refusals(dispute_id, "submit_evidence"), transaction.atomic():
        dispute = _locked(dispute_id)
        evidence = list(DisputeEvidence.objects.filter(dispute=dispute).order_by("kind"))
        if not evidence:
            raise EvidenceRefused("There is nothing to be sent.")
        _prepare(dispute, RequestKind.SUBMIT_EVIDENCE, {row.kind: _fingerprint(row) for row in evidence}, now)


def accept_dispute(*, dispute_id: int, now: dt.datetime) -> None:
    """We give in: the processor is told after this transaction, and it is lost. Raises DisputeNotAnswerable."""
    with _refusals(dispute_id, "accept_dispute"), transaction.atomic():
        _prepare(_locked(dispute_id), RequestKind.ACCEPT_DISPUTE, {}, now)


def send_answer(*, dispute_id: int, source: str, now: dt.datetime) -> None:
    """Carries the open answer out and applies what is found. Not in a transaction.

    A refusal ends it: staff see it and can answer again. Raises OutcomeUnknown and ProcessorUnavailable, after which
    the caller comes again.
    """
    dispute = Dispute.objects.select_related("capture__payment").get(id=dispute_id)
    request = payments.open_answer(dispute)
    if request is None:
        return
    version = payments.dispute_version(processor_dispute_id=dispute.processor_dispute_id)
    try:
        answered = payments.send_answer(dispute=dispute, request=request, evidence=_evidence(dispute, request), now=now)
    except ProcessorRefused:
        return
    for _ in range(_RECORDINGS):
        if _recorded(dispute, answered, version, source, now):
            return
        version = payments.dispute_version(processor_dispute_id=dispute.processor_dispute_id)
        found = payments.look_up_dispute(processor=dispute.processor, processor_dispute_id=dispute.processor_dispute_id)
        answered = Answered(found, answered.is_carried_out)
    raise DisputeWaits("Its state changes faster than it can be read.")


def _refusals(dispute_id: int, command: str) -> AbstractContextManager[None]:
    reference = Dispute.objects.values_list("public_id", flat=True).get(id=dispute_id)
    return audit.refusals(event_type="dispute.answer_refused", subject=reference, command=command)


def _recorded(dispute: Dispute, answered: Answered, version: tuple[object, ...], source: str, now: dt.datetime) -> bool:
    with transaction.atomic():
        recorded = apply_found(found=answered.found, capture=dispute.capture, version=version, source=source, now=now)
        if recorded is None:
            return False
        payments.close_answer(dispute=recorded.dispute, answered=answered, source=source, now=now)
    return True


def _locked(dispute_id: int) -> Dispute:
    reference = Dispute.objects.values_list("capture__payment__order_reference", flat=True).get(id=dispute_id)
    lock_order(order_id=Order.objects.values_list("id", flat=True).get(public_id=reference))
    return payments.lock_dispute(dispute_id=dispute_id)


def _prepare(dispute: Dispute, kind: RequestKind, fingerprints: dict[str, str], now: dt.datetime) -> None:
    request = payments.prepare_answer(dispute=dispute, kind=kind, fingerprints=fingerprints, now=now)
    outbox.enqueue(
        task="orders.tasks.answer_dispute",
        kwargs={"dispute_id": dispute.id},
        key=f"answer:{dispute.public_id}:{kind}:{request.attempt}",
    )


def _evidence(dispute: Dispute, request: ProcessorRequest) -> EvidenceRequest:
    rows = list(DisputeEvidence.objects.filter(dispute=dispute).order_by("kind"))
    return EvidenceRequest(
        reference=dispute.public_id,
        processor_dispute_id=dispute.processor_dispute_id,
        texts={row.kind: row.text for row in rows if row.content is None},
        files=tuple(
            EvidenceFile(kind=row.kind, name=row.file_name, content_type=row.content_type, content=bytes(row.content))
            for row in rows
            if row.content is not None
        ),
        trace_id=request.body["trace_id"],
    )


def _fingerprint(row: DisputeEvidence) -> str:
    content = bytes(row.content) if row.content is not None else row.text.encode()
    return hashlib.sha256(content).hexdigest()
