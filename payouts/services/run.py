"""One run of the transfer schedule."""

import datetime as dt
import time

from payouts.contracts import TransferRun
from payouts.services.request import request_transfers
from payouts.services.send import resolve_due, send_requested

_BATCHES_PER_RUN = 20
_RUN_SECONDS = 60


def transfer_due(*, now: dt.datetime) -> TransferRun:
    """Resolves what got no answer earlier, then requests and sends what is due. Not in a transaction.

    Nothing new is requested while the processor does not answer, or after a minute: the schedule comes again.
    """
    ticks = time.monotonic()
    done = resolve_due(now=now)
    for _ in range(_BATCHES_PER_RUN):
        passed_seconds = time.monotonic() - ticks
        if done.unresolved or passed_seconds > _RUN_SECONDS:
            break
        # The leases of a batch start when it is written, not when the run did.
        at = now + dt.timedelta(seconds=passed_seconds)
        requests = request_transfers(now=at)
        if not requests:
            break
        done += send_requested(requests=requests, now=at)
    return done
