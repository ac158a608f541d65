"""Whatever stands in the books and on a statement: the sum of what is named is the difference, to the minor unit."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reconciliation.enums import Difference
from reconciliation.models import BookedMovement, StatementLine
from reconciliation.selectors.differences import difference_of, journal_for, movement_kind_of
from reconciliation.selectors.matching import Differing, compare, differing

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TOLERANCE = 3 * DAY
amounts = st.integers(-500, 500).filter(bool)
# (subject, currency, gross, fee, day): few subjects and amounts, so that they meet.
sides = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["EUR", "JPY"]), st.sampled_from([100, -100, 250, -40]) | amounts,
              st.sampled_from([0, 0, 5, -5]), st.integers(0, 6)),
    max_size=12,
)  # fmt: skip
Row = tuple[int, str, int, int, int]


def _theirs(rows: list[Row]) -> None:
    StatementLine.objects.bulk_create(
        StatementLine(
            source="stripe", external_id=f"txn_{number}", kind="charge", gross_minor=gross, fee_minor=fee,
            net_minor=gross - fee, currency=currency, occurred_at=NOON + day * DAY, subject_key=f"ch_{subject}",
            origin="api", recorded_at=NOON,
        )
        for number, (subject, currency, gross, fee, day) in enumerate(rows)
    )  # fmt: skip


def _ours(rows: list[Row]) -> None:
    BookedMovement.objects.bulk_create(
        BookedMovement(
            processor="stripe", subject_key=f"ch_{subject}", entry_id=number, source_reference=f"sale:pay_{number}",
            entry_kind="sale", gross_minor=gross, fee_minor=fee, net_minor=gross - fee, currency=currency,
            effective_at=NOON + day * DAY, posted_at=NOON,
        )
        for number, (subject, currency, gross, fee, day) in enumerate(rows, start=1)
    )  # fmt: skip


def _compared(theirs: list[Row], ours: list[Row]) -> tuple[int, list[Differing]]:
    _theirs(theirs)
    _ours(ours)
    count, _ = compare(processor="stripe", since=NOON - DAY, until=NOON + 30 * DAY)
    return count, list(differing(processor="stripe", date_tolerance=TOLERANCE))


def _one(theirs: list[Row], ours: list[Row]) -> Difference:
    _, [found] = _compared(theirs, ours)
    return difference_of(found)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("theirs", "ours", "difference"),
    [
        ([(0, "EUR", 100, 5, 0)], [], Difference.MISSING_HERE),
        ([], [(0, "EUR", 100, 5, 0)], Difference.MISSING_THERE),
        ([(0, "EUR", 100, 5, 0)], [(0, "EUR", 90, 5, 0)], Difference.AMOUNT),
        ([(0, "EUR", 100, 6, 0)], [(0, "EUR", 100, 5, 0)], Difference.FEE),
        ([(0, "EUR", 100, 5, 0)] * 2, [(0, "EUR", 100, 5, 0)], Difference.DUPLICATE),
        ([(0, "EUR", 100, 5, 0)], [(0, "EUR", 100, 5, 0)] * 2, Difference.DUPLICATE),
        ([(0, "EUR", 100, 5, 0)], [(0, "EUR", 100, 5, 4)], Difference.DATE),
        ([(0, "EUR", 100, 0, 0), (0, "EUR", -40, 0, 1)], [(0, "EUR", 100, 0, 0)], Difference.MISSING_HERE),
        ([(0, "EUR", 100, 0, 0)], [(0, "EUR", 100, 0, 0), (0, "EUR", -40, 0, 0)], Difference.MISSING_THERE),
    ],
)
def test_each_kind_of_difference_has_its_name(theirs: list[Row], ours: list[Row], difference: Difference) -> None:
    assert _one(theirs, ours) == difference


@pytest.mark.django_db
def test_the_same_amount_in_another_currency_is_named_in_both() -> None:
    _, found = _compared([(0, "USD", 100, 0, 0)], [(0, "EUR", 100, 0, 0)])
    assert [(one.currency, difference_of(one)) for one in found] == [
        ("EUR", Difference.CURRENCY),
        ("USD", Difference.CURRENCY),
    ]


@pytest.mark.django_db
def test_what_balances_in_itself_agrees_in_however_many_steps_it_was_booked() -> None:
    # Authorized 100 and captured 60 there; here 60 at once.
    _, found = _compared([(0, "EUR", 100, 2, 0), (0, "EUR", -40, 0, 0)], [(0, "EUR", 60, 0, 1), (0, "EUR", 0, 2, 1)])
    assert found == []


@pytest.mark.django_db
@pytest.mark.slow
class TestMatching(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sides, sides)
    @example([(0, "EUR", 100, 5, 0)] * 3, [(0, "EUR", 100, 5, 0)])
    def test_the_sum_of_what_is_named_is_the_difference_to_the_minor_unit(
        self, theirs: list[Row], ours: list[Row]
    ) -> None:
        count, found = _compared(theirs, ours)
        subjects = {(row[0], row[1]) for row in (*theirs, *ours)}
        assert count == len(subjects)
        named: Counter[str] = Counter()
        for one in found:
            difference, effect = difference_of(one), _net(one)
            named[one.currency] += effect
            # Only what needs no entry is without a journal.
            assert bool(journal_for(difference, movement_kind_of(one), effect)) == bool(effect)
            assert effect == 0 or difference != Difference.DATE
        for currency in ("EUR", "JPY"):
            assert named[currency] == _sum(theirs, currency) - _sum(ours, currency)
        # What is not named agrees in gross and in fees.
        silent = subjects - {(int(one.subject_key[3:]), one.currency) for one in found}
        for subject in silent:
            assert _totals(theirs, subject) == _totals(ours, subject)


def _net(one: Differing) -> int:
    return one.theirs_gross - one.theirs_fee - one.ours_gross + one.ours_fee


def _sum(rows: list[Row], currency: str) -> int:
    return sum(row[2] - row[3] for row in rows if row[1] == currency)


def _totals(rows: list[Row], subject: tuple[int, str]) -> tuple[Any, Any]:
    own = [row for row in rows if row[:2] == subject]
    return sum(row[2] for row in own), sum(row[3] for row in own)
