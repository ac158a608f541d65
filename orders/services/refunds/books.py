"""What refunds post to the ledger. One entry per fact, named by the refund; docs/ledger.md shows each in figures."""

import datetime as dt
from collections.abc import Sequence

from common import audit
from common.money import Money
from ledger import journals
from ledger import selectors as ledger
from ledger.enums import EntryKind
from ledger.services import post_entry, reverse_entry
from payments.contracts import RefundFound
from payments.models import Refund


def book_requested(
    *,
    refund: Refund,
    sellers: Sequence[journals.SellerPlaces],
    commission: Money,
    platform: Money,
    now: dt.datetime,
) -> None:
    """Before the processor is asked, so that the money can't be paid out meanwhile."""
    post_entry(
        kind=EntryKind.REFUND_REQUESTED,
        source_reference=f"refund_requested:{refund.public_id}",
        effective_at=now,
        lines=journals.refund_requested(
            refunded=refund.amount, sellers=sellers, commission=commission, goodwill=platform
        ),
        description=_description(refund),
    )


def book_withdrawn(
    *,
    refund: Refund,
    sellers: Sequence[journals.SellerPlaces],
    commission: Money,
    platform: Money,
    now: dt.datetime,
) -> None:
    """`sellers` are the places to which the artisans' shares went back."""
    post_entry(
        kind=EntryKind.REFUND_WITHDRAWN,
        source_reference=f"refund_withdrawn:{refund.public_id}",
        effective_at=now,
        lines=journals.refund_withdrawn(
            refunded=refund.amount, sellers=sellers, commission=commission, goodwill=platform
        ),
        description=_description(refund),
    )


def book_sent(*, refund: Refund, now: dt.datetime) -> None:
    """The processor took it from what it holds for us. It keeps its fee for the sale."""
    post_entry(
        kind=EntryKind.REFUND_SENT,
        source_reference=f"refund_sent:{refund.public_id}:{refund.attempt}",
        effective_at=now,
        lines=journals.refund_sent(refunded=refund.amount, processor=refund.capture.payment.processor),
        description=_description(refund),
    )


def book_bounced(*, refund: Refund, now: dt.datetime) -> None:
    """The buyer's bank sent it back: it lies with the processor again, and is owed to the buyer."""
    reverse_entry(
        original=f"refund_sent:{refund.public_id}:{refund.attempt}",
        source_reference=f"refund_bounced:{refund.public_id}:{refund.attempt}",
        effective_at=now,
        kind=EntryKind.REFUND_BOUNCED,
        description=_description(refund),
    )


def book_late_given(*, refund: Refund, now: dt.datetime) -> None:
    """A late payment given back. The processor keeps its fee (Stripe: fees of refunded charges are not returned)."""
    post_entry(
        kind=EntryKind.LATE_PAYMENT_REFUND,
        source_reference=_late(refund, "late_refund"),
        effective_at=now,
        lines=journals.late_payment_refund(refunded=refund.amount, processor=refund.capture.payment.processor),
        description=_description(refund),
    )


def book_late_bounced(*, refund: Refund, now: dt.datetime) -> None:
    """A refund that the buyer's bank sent back: the money is ours to return again."""
    reverse_entry(
        original=_late(refund, "late_refund"),
        source_reference=_late(refund, "late_refund_bounced"),
        effective_at=now,
        description=_description(refund),
    )


def book_unallocated(*, found: RefundFound, amount: Money, processor: str, now: dt.datetime) -> bool:
    """What of a refund made at the processor fits no order; False if it was booked before."""
    entry = post_entry(
        kind=EntryKind.REFUND_UNALLOCATED,
        source_reference=f"refund_unallocated:{found.processor_refund_id}",
        effective_at=now,
        lines=journals.refund_unallocated(refunded=amount, processor=processor),
        description=f"Payment {found.processor_payment_id or found.processor_charge_id}"[:200],
    )
    return not entry.replayed


def book_late_paid_otherwise(*, refund: Refund, reference: str, now: dt.datetime) -> None:
    """The buyer of a late payment was paid from elsewhere; the processor holds what it was, and that is ours now."""
    post_entry(
        kind=EntryKind.LATE_PAYMENT_PAID_OTHERWISE,
        source_reference=f"late_refund_otherwise:{refund.public_id}",
        effective_at=now,
        lines=journals.late_payment_paid_otherwise(refunded=refund.amount),
        description=f"{_description(refund)}, paid back by {reference}"[:200],
    )


def is_unallocated(processor_refund_id: str) -> bool:
    """Whether something of this refund at the processor was booked as fitting no order."""
    return ledger.is_booked(f"refund_unallocated:{processor_refund_id}")


def book_unallocated_returned(*, processor_refund_id: str, now: dt.datetime) -> bool:
    """Such a refund came back. False if nothing of it was booked, or this was before."""
    original = ledger.entry_by_source(f"refund_unallocated:{processor_refund_id}")
    if original is None:
        return False
    entry = reverse_entry(
        original=original.source_reference,
        source_reference=f"refund_unallocated_returned:{processor_refund_id}",
        effective_at=now,
    )
    if not entry.replayed:
        audit.record(
            event_type="refund.unallocated_returned", outcome="succeeded", processor_id=processor_refund_id,
            amount=next(one.amount for one in original.postings if one.amount.amount_minor > 0),
        )  # fmt: skip
    return not entry.replayed


def _late(refund: Refund, name: str) -> str:
    """The first attempt has no number."""
    return f"{name}:{refund.public_id}" + (f":{refund.attempt}" if refund.attempt > 1 else "")


def _description(refund: Refund) -> str:
    return f"Order {refund.capture.payment.order_reference}"
