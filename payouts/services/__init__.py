"""The use cases of payouts.

`accrue` runs inside the settlement of an order. Everything else is called by an edge and opens its own transactions:
`release_due` ends holds, `transfer_due` sends what is released and resolves what got no answer, `settle_transfer`
takes the processor's news.
"""

from payouts.services.accrue import accrue, add_accrual
from payouts.services.cancel import cancel
from payouts.services.connect import connect_demo_artisan
from payouts.services.release import release_due, release_now
from payouts.services.request import request_transfers
from payouts.services.run import transfer_due
from payouts.services.send import resolve_due, send_requested
from payouts.services.settle import settle_transfer

__all__ = [
    "accrue",
    "add_accrual",
    "cancel",
    "connect_demo_artisan",
    "release_due",
    "release_now",
    "request_transfers",
    "resolve_due",
    "send_requested",
    "settle_transfer",
    "transfer_due",
]
