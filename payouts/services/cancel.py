"""Take back what an artisan was going to be paid, because the sale is undone."""

import datetime as dt

from common import audit
from payouts.contracts import PayableInTheWay
from payouts.enums import PayableEdge, PayableStatus
from payouts.models import Payable, ShareDebit
from payouts.services.history import take_from_payable
from payouts.services.locking import lock_parts

_REFERENCE = "sale_undone"


def cancel(*, seller_order_reference: str, now: dt.datetime) -> Payable:
    """Cancels the held payable of one part of an order, in the caller's transaction; a canceled one stays as it is.

    The caller reverses the sale in the books: until its hold is over the amount stands in the artisan's held account.
    Raises UnknownPayable, and PayableInTheWay once it was released: then money has to be asked back, which is
    `debit_parts` and not this.
    """
    [payables] = lock_parts(seller_order_references=[seller_order_reference]).values()
    sold = payables[0]
    for payable in payables:
        if payable.status not in (PayableStatus.HELD, PayableStatus.CANCELED):
            raise PayableInTheWay(f"it is {payable.get_status_display()}")
    taken_minor = 0
    for payable in payables:
        left_minor = payable.left.amount_minor
        if left_minor:
            undone = PayableEdge.SALE_UNDONE
            take_from_payable(payable, left_minor, part=undone, whole=undone, reference=_REFERENCE, now=now)
            taken_minor += left_minor
            audit.record(
                event_type="payable.canceled", outcome="succeeded", subject=payable.public_id, amount=payable.amount,
                artisan=payable.artisan.public_id, command="cancel_payable",
            )  # fmt: skip
    if taken_minor:
        ShareDebit.objects.create(
            seller_order_reference=seller_order_reference, reference=_REFERENCE, artisan=sold.artisan,
            amount_minor=taken_minor, currency=sold.currency, held_minor=taken_minor, payable_minor=0,
            receivable_minor=0, created_at=now, updated_at=now,
        )  # fmt: skip
    return sold
