"""For sweepers: a row that can't be worked on must not keep the others from their turn."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import structlog
from celery.exceptions import SoftTimeLimitExceeded

log = structlog.get_logger(__name__)
Row = TypeVar("Row")


def one_by_one(rows: Iterable[Row], work: Callable[[Row], object]) -> None:
    """Calls `work` with each row. A defect met on one is logged, and the last is raised after all have had their turn.

    Rows come up again on the next run in the same order, so without this the first bad one would block a sweeper for
    ever. The end of the task's time is not a defect of a row: it ends the run.
    """
    defect: Exception | None = None
    for row in rows:
        try:
            work(row)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.exception("sweep_defect", row=str(row))
            defect = error
    if defect is not None:
        raise defect


def by_sets(rows: Sequence[Row], work: Callable[[Sequence[Row]], object]) -> None:
    """As `one_by_one`, for work that takes all rows at once and all or nothing: where it fails, the set is halved.

    So one row that can't be worked on costs a few more calls, and is found and named.
    """
    defect: Exception | None = None
    sets = [list(rows)] if rows else []
    while sets:
        some = sets.pop()
        try:
            work(some)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            if len(some) > 1:
                middle = len(some) // 2
                sets += [some[middle:], some[:middle]]
            else:
                log.exception("sweep_defect", row=str(some[0]))
                defect = error
    if defect is not None:
        raise defect
