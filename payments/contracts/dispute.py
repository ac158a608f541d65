"""A buyer's bank, or PayPal, takes a payment back and asks for reasons."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.money import Money
from payments.enums import DisputeReason, DisputeStatus


@dataclass(frozen=True, slots=True)
class DisputeFound:
    """A dispute as the processor tells it now.

    `withdrawn` and `reinstated` are what it has taken from our balance for it and given back, without fees; `fee` is
    what it has charged and not returned. An inquiry has withdrawn nothing. `processor_payment_id` is empty where the
    processor does not name it; by it a payment is settled whose dispute is heard of before its capture.
    """

    processor: str
    processor_dispute_id: str
    processor_charge_id: str
    status: DisputeStatus
    reason: DisputeReason
    processor_reason: str
    amount: Money
    withdrawn: Money
    reinstated: Money
    fee: Money
    evidence_due_at: dt.datetime | None
    is_inquiry: bool
    opened_at: dt.datetime
    processor_payment_id: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    kind: str
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """What we answer. `texts` by `EvidenceKind`; sent once, and final."""

    reference: str
    processor_dispute_id: str
    texts: Mapping[str, str]
    files: tuple[EvidenceFile, ...]
    trace_id: str
