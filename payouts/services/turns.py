"""Sweeps over many rows: chunk after chunk, each in a transaction of its own, so that memory stays flat."""

import time
from collections.abc import Callable

# Less than a task's time; the schedule comes again, and goes on with what is left.
_SECONDS = 20


def in_turns(step: Callable[[], int], *, chunk: int) -> int:
    """Repeats `step`, which does at most `chunk` and says how many, until it does fewer or the time is over; the sum.

    Not in a transaction.
    """
    started, done = time.monotonic(), 0
    while True:
        count = step()
        done += count
        if count < chunk or time.monotonic() - started > _SECONDS:
            return done
