"""What orders post to the ledger, and what they tell payouts. One entry per fact, named by its source."""

import datetime as dt
from collections.abc import Sequence

from common import audit
from common.money import Money
from ledger import journals
from ledger.contracts import EntryRequest
from ledger.enums import EntryKind
from ledger.services import post_entries
from orders.models import Order, SellerOrder
from payments.contracts import CaptureMade
from payouts.contracts import SellerShare


def book_sale(*, order: Order, parts: Sequence[SellerOrder], capture: CaptureMade, now: dt.datetime) -> None:
    """The captured amount split into shares and commission, and the processor's fee if it is known. One statement.

    Of an order that pays a refund back, what we had borne of the refund is ours again.
    """
    shares = [
        journals.SellerShare(
            seller=part.artisan.public_id, share=part.share, commission=Money(part.commission_minor, part.currency)
        )
        for part in parts
    ]
    entries = [
        EntryRequest(
            kind=EntryKind.SALE,
            source_reference=f"sale:{capture.payment_reference}",
            effective_at=now,
            lines=journals.sale(
                captured=capture.amount,
                shares=shares,
                goodwill=Money(order.platform_minor, order.currency),
                processor=capture.processor,
            ),
            description=f"Order {order.public_id}",
        )
    ]
    post_entries(entries=entries + _fee(capture, capture.fee, now))


def book_late_payment(*, order: Order, capture: CaptureMade, now: dt.datetime) -> None:
    """Money that can't become a sale, and the processor's fee for taking it, which stays ours. One statement."""
    entry = EntryRequest(
        kind=EntryKind.LATE_PAYMENT,
        source_reference=f"late_payment:{capture.payment_reference}",
        effective_at=now,
        lines=journals.late_payment(captured=capture.amount, processor=capture.processor),
        description=f"Order {order.public_id}",
    )
    post_entries(entries=[entry, *_fee(capture, capture.fee, now)])


def book_fee(*, capture: CaptureMade, fee: Money, now: dt.datetime) -> None:
    """The fee of a capture, when the processor tells it later."""
    entries = _fee(capture, fee, now)
    if entries:
        audit.record(
            event_type="payment.fee_charged", outcome="succeeded", subject=capture.payment_reference, amount=fee,
            processor=capture.processor, processor_id=capture.processor_charge_id,
        )  # fmt: skip
        post_entries(entries=entries)


def seller_share(part: SellerOrder) -> SellerShare:
    """What payouts are told of a part of a paid order."""
    return SellerShare(
        artisan_id=part.artisan_id,
        artisan_public_id=part.artisan.public_id,
        seller_order_reference=part.public_id,
        amount=part.share,
    )


def _fee(capture: CaptureMade, fee: Money | None, now: dt.datetime) -> list[EntryRequest]:
    if fee is None or not fee:
        return []
    return [
        EntryRequest(
            kind=EntryKind.PROCESSOR_FEE,
            source_reference=f"processor_fee:{capture.payment_reference}",
            effective_at=now,
            lines=journals.processor_fee(fee=fee, processor=capture.processor),
            description=f"Order {capture.order_reference}",
        )
    ]
