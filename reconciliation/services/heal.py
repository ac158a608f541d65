"""What merely arrived late: its object is ours and was not booked, so the use case that missed news would have called
is called now.

Nothing is guessed: the use case asks the processor, and refuses what is no object of ours.
"""

import datetime as dt
from collections.abc import Callable

import structlog

from common.errors import DomainError
from common.ids import is_public_id
from orders import services as orders
from payments import services as payments
from payments.contracts import MovementKind, UnknownDispute, UnknownPayment, UnknownRefund
from payments.processors import processor_named, reports_of
from payouts import services as payouts
from payouts.contracts import UnknownTransfer
from reconciliation.selectors.matching import TheirLine

log = structlog.get_logger(__name__)

SOURCE = "reconciliation"
_NOT_OURS = (UnknownPayment, UnknownRefund, UnknownDispute, UnknownTransfer)


def heal(*, processor: str, subject_key: str, line: TheirLine, now: dt.datetime) -> str:
    """Looks the object of a movement up and records what is found, twice is the same as once. Not in a transaction.

    Returns why nothing was recorded, empty when something may have been: whoever compares again sees it.
    """
    settle = _SETTLE.get(MovementKind(line.kind))
    if settle is None:
        return "nothing of ours is of this kind"
    try:
        about = reports_of(processor).news_about(
            kind=MovementKind(line.kind), external_id=line.external_id, subject_id=subject_key,
            related_id=line.related_id,
        )  # fmt: skip
        if not about:
            if processor == "paypal" and line.kind == MovementKind.DISPUTE:
                # No dispute is behind it: PayPal itself took the payment back.
                settle, about = _refund, line.external_id
            else:
                return "the processor names nothing that could be ours"
        settle(processor, about, now)
    except _NOT_OURS:
        return "not made by this shop"
    except DomainError as error:
        log.warning("reconciliation_not_healed", processor=processor, subject=subject_key, code=error.code)
        return f"it could not be looked up: {error.code}"
    return ""


def _payment(processor: str, about: str, now: dt.datetime) -> None:
    found = payments.look_up_at(processor=processor, processor_payment_id=about)
    reference = found.payment_reference if is_public_id(found.payment_reference, "pay") else None
    orders.settle_payment(
        processor=processor, processor_payment_id=about, payment_reference=reference, source=SOURCE, now=now
    )


def _refund(processor: str, about: str, now: dt.datetime) -> None:
    orders.settle_refund(processor=processor, processor_refund_id=about, source=SOURCE, now=now)


def _dispute(processor: str, about: str, now: dt.datetime) -> None:
    orders.settle_dispute(processor=processor, processor_dispute_id=about, source=SOURCE, now=now)


def _transfer(processor: str, about: str, now: dt.datetime) -> None:
    reference = processor_named(processor).retrieve_transfer(about).transfer_reference
    payouts.settle_transfer(
        processor_transfer_id=about,
        transfer_reference=reference if is_public_id(reference, "trf") else None,
        now=now,
    )


_SETTLE: dict[MovementKind, Callable[[str, str, dt.datetime], None]] = {
    MovementKind.CHARGE: _payment,
    MovementKind.REFUND: _refund,
    MovementKind.REFUND_FAILURE: _refund,
    MovementKind.DISPUTE: _dispute,
    MovementKind.DISPUTE_REVERSAL: _dispute,
    MovementKind.TRANSFER: _transfer,
    MovementKind.TRANSFER_REVERSAL: _transfer,
}
