"""The next day on which an artisan is paid."""

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.enums import PayoutSchedule
from payouts.models import PayoutPolicy
from payouts.services import next_payout_date

days = st.dates(min_value=dt.date(2020, 1, 1), max_value=dt.date(2035, 12, 31))
_DAY = dt.timedelta(days=1)


def by(schedule: PayoutSchedule, *, weekday: int = 0, month_day: int = 1) -> PayoutPolicy:
    return PayoutPolicy(schedule=schedule, weekday=weekday, month_day=month_day)


def pays_on(policy: PayoutPolicy, day: dt.date) -> bool:
    """What the schedule means, said another way: a look at one day."""
    match policy.schedule:
        case PayoutSchedule.DAILY:
            return True
        case PayoutSchedule.WEEKLY:
            return day.weekday() == policy.weekday
        case PayoutSchedule.MONTHLY:
            is_last = (day + _DAY).month != day.month
            return day.day == policy.month_day or (is_last and day.day < policy.month_day)
    return False


policies = st.builds(
    by,
    st.sampled_from([PayoutSchedule.DAILY, PayoutSchedule.WEEKLY, PayoutSchedule.MONTHLY]),
    weekday=st.integers(0, 6),
    month_day=st.integers(1, 31),
)


@given(policies, days)
def test_the_next_payout_is_the_first_later_day_that_the_schedule_names(policy: PayoutPolicy, after: dt.date) -> None:
    found = next_payout_date(policy, after)
    assert found is not None
    day = after + _DAY
    while not pays_on(policy, day):
        day += _DAY
    assert found == day


@given(policies, days)
def test_a_year_has_as_many_payouts_as_the_schedule_says(policy: PayoutPolicy, start: dt.date) -> None:
    first = dt.date(start.year, 1, 1)
    day, count = first - _DAY, 0
    while (day := next_payout_date(policy, day) or first) < dt.date(start.year + 1, 1, 1):
        count += 1
    length = 366 if calendar.isleap(start.year) else 365
    expected = {"daily": {length}, "weekly": {52, 53}, "monthly": {12}}
    assert count in expected[policy.schedule]


@given(days)
def test_a_manual_schedule_names_no_day(after: dt.date) -> None:
    assert next_payout_date(by(PayoutSchedule.MANUAL), after) is None


@pytest.mark.parametrize(
    ("after", "expected"),
    [("2026-01-30", "2026-01-31"), ("2026-01-31", "2026-02-28"), ("2028-02-01", "2028-02-29"),
     ("2026-02-28", "2026-03-31"), ("2026-12-31", "2027-01-31")],
)  # fmt: skip
def test_the_31st_is_the_last_day_of_a_shorter_month(after: str, expected: str) -> None:
    monthly = by(PayoutSchedule.MONTHLY, month_day=31)
    assert next_payout_date(monthly, dt.date.fromisoformat(after)) == dt.date.fromisoformat(expected)
