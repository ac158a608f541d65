"""A set of rows of which one can't be worked on: the others have their turn, and it is found and named."""

from collections.abc import Sequence

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from common.one_by_one import by_sets


@pytest.mark.parametrize("bad", [set(), {0}, {6}, {3, 4}, {0, 2, 4, 6}, set(range(7))])
def test_each_good_row_has_its_turn_once_and_a_defect_is_raised_at_the_end(bad: set[int]) -> None:
    done: list[int] = []

    def work(rows: Sequence[int]) -> None:
        if bad & set(rows):
            raise ValueError(f"a defect in {rows}")
        done.extend(rows)

    if bad:
        with pytest.raises(ValueError, match=rf"a defect in \[{max(bad)}\]"):
            by_sets(range(7), work)
    else:
        by_sets(range(7), work)
    assert done == [row for row in range(7) if row not in bad]


def test_no_rows_are_no_work_and_good_ones_one_call() -> None:
    calls: list[Sequence[int]] = []
    by_sets([], calls.append)
    by_sets([1, 2, 3], calls.append)
    assert calls == [[1, 2, 3]]


def test_the_end_of_the_time_is_no_defect_of_a_row() -> None:
    calls: list[Sequence[int]] = []

    def work(rows: Sequence[int]) -> None:
        calls.append(rows)
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        by_sets([1, 2, 3], work)
    assert calls == [[1, 2, 3]]
