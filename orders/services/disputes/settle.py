"""News of a dispute: the processor is asked, and what it says is recorded and booked.

The look-up happens outside any transaction; what follows is one transaction under the order's lock. A finding that was
read before somebody else's was recorded may be the older one, so it is read again.
"""

import datetime as dt

from django.db import transaction

from common import outbox
from common.errors import DomainError, ErrorKind
from common.ids import is_public_id
from common.rows import fetch_one, fetch_with
from orders.models import Order
from orders.services.disputes.evidence import draft_from_order
from orders.services.disputes.money import apply_money
from orders.services.settle import settle_payment
from payments import services as payments
from payments.contracts import DisputeFound, UnknownDispute, UnknownPayment
from payments.models import Capture, Dispute
from payments.services import DisputeRecorded

_LOOK_UPS = 4
_OF_CHARGE = "WHERE payments_capture.processor_charge_id = %s AND payment.processor = %s ORDER BY payments_capture.id"
# The bank asks us: the artisans and staff are written to.
_ASKS = ("opened", "escalated", "escalated_answered", "reopened")
_DECIDED = ("won", "lost", "inquiry_closed")


class DisputeWaits(DomainError):
    """Not now: come again in a while."""

    code = "dispute_waits"
    kind = ErrorKind.UNAVAILABLE
    title = "This dispute can't be recorded yet"


def settle_dispute(*, processor: str, processor_dispute_id: str, source: str, now: dt.datetime) -> Dispute:
    """Looks the dispute up and applies the answer; twice is the same as once. Not in a transaction.

    A payment of which these are the first news is settled on the way. Raises UnknownPayment for a dispute of money
    that is not ours, UnknownDispute where that can't be told yet, DisputeWaits while a refund of the same money has no
    answer, DisputeContradiction, and the errors of `payments.contracts`.
    """
    for _ in range(_LOOK_UPS):
        version = payments.dispute_version(processor_dispute_id=processor_dispute_id)
        found = payments.look_up_dispute(processor=processor, processor_dispute_id=processor_dispute_id)
        capture = _capture_of(found, source, now)
        recorded = apply_found(found=found, capture=capture, version=version, source=source, now=now)
        if recorded is not None:
            if recorded.is_held_back:
                raise DisputeWaits("A refund of the same payment has no answer yet.")
            return recorded.dispute
    raise DisputeWaits("Its state changes faster than it can be read.")


def apply_found(
    *, found: DisputeFound, capture: Capture, version: tuple[object, ...] | None, source: str, now: dt.datetime
) -> DisputeRecorded | None:
    """One transaction. None: something was recorded since `version` was read, so the finding may be out of date."""
    with transaction.atomic():
        order = fetch_one(Order, "WHERE public_id = %s FOR UPDATE", [capture.payment.order_reference])
        known = payments.dispute_version(processor_dispute_id=found.processor_dispute_id)
        if version is not None and known != version:
            return None
        recorded = payments.record_dispute_found(found=found, capture=capture, source=source, now=now)
        apply_money(order=order, capture=capture, recorded=recorded, now=now)
        _tell(recorded, order, now)
    return recorded


def _capture_of(found: DisputeFound, source: str, now: dt.datetime) -> Capture:
    capture = _known_capture(found)
    if capture is not None:
        return capture
    if not found.processor_payment_id:
        raise UnknownDispute(f"No payment {found.processor_charge_id} is known (yet).")
    payment = payments.look_up_at(processor=found.processor, processor_payment_id=found.processor_payment_id)
    if not is_public_id(payment.payment_reference, "pay"):
        raise UnknownPayment()
    settle_payment(
        processor=found.processor,
        processor_payment_id=found.processor_payment_id,
        payment_reference=payment.payment_reference,
        source=source,
        now=now,
    )
    capture = _known_capture(found)
    if capture is None:
        raise DisputeWaits("Its payment is not captured yet.")
    return capture


def _known_capture(found: DisputeFound) -> Capture | None:
    known = fetch_with(Capture, ("payment",), _OF_CHARGE, [found.processor_charge_id, found.processor])
    return known[0] if known else None


def _tell(recorded: DisputeRecorded, order: Order, now: dt.datetime) -> None:
    """Drafts our answer where one is asked for, and leaves the messages to whoever has to act or wants to
    know; the history's row makes each the only one."""
    event, dispute = recorded.event, recorded.dispute
    if event is None:
        return
    entry = payments.last_entry(dispute=dispute)
    if event in _ASKS and dispute.can_be_answered:
        draft_from_order(dispute=dispute, order=order, now=now)
        task = "orders.tasks.announce_dispute"
    elif event in _DECIDED or dispute.is_over:
        task = "orders.tasks.announce_dispute_end"
    else:
        return
    outbox.enqueue(task=task, kwargs={"dispute_id": dispute.id}, key=f"{task}:{dispute.public_id}:{entry}")
