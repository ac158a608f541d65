"""Take back what an artisan was going to be paid, because the sale is undone."""

import datetime as dt

from common import audit
from payouts.contracts import PayableInTheWay
from payouts.enums import PayableEdge, PayableStatus
from payouts.models import Payable
from payouts.services.history import move_payables
from payouts.services.locking import lock_payable_of_part


def cancel(*, seller_order_reference: str, now: dt.datetime) -> Payable:
    """Cancels the held payable of one part of an order, in the caller's transaction; a canceled one stays as it is.

    The caller reverses the sale in the books: until its hold is over the amount stands in the artisan's held account.
    Raises UnknownPayable, and PayableInTheWay once it was released: then money has to be asked back, which is a
    transfer reversal and not this.
    """
    payable = lock_payable_of_part(seller_order_reference=seller_order_reference)
    if payable.status == PayableStatus.CANCELED:
        return payable
    if payable.status != PayableStatus.HELD:
        raise PayableInTheWay(f"it is {payable.get_status_display()}")
    move_payables([payable], PayableEdge.SALE_UNDONE, now=now)
    audit.record(
        event_type="payable.canceled", outcome="succeeded", subject=payable.public_id, amount=payable.amount,
        artisan=payable.artisan.public_id, command="cancel_payable",
    )  # fmt: skip
    return payable
