"""For clearing away: many small transactions instead of one that holds thousands of locks."""

from collections.abc import Callable


def in_batches(work: Callable[[int], int], *, size: int, at_most: int) -> int:
    """Calls `work(size)` until it finds fewer than `size` rows, at most `at_most` times; returns how many it found.

    What is left over waits for the next run. `work` does one batch in a transaction of its own.
    """
    total = 0
    for _ in range(at_most):
        found = work(size)
        total += found
        if found < size:
            break
    return total
