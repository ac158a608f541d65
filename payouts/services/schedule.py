"""When an artisan is paid next: pure arithmetic of days, in UTC."""

import calendar
import datetime as dt

from payouts.contracts import PolicyTerms
from payouts.enums import PayoutSchedule
from payouts.models import PayoutPolicy

_DAY = dt.timedelta(days=1)
_DECEMBER = 12


def next_payout_date(policy: PayoutPolicy | PolicyTerms, after: dt.date) -> dt.date | None:
    """The first day after `after` on which the policy's schedule pays; None where it pays only when asked.

    A monthly one for the 31st pays on the last day of a shorter month.
    """
    match PayoutSchedule(policy.schedule):
        case PayoutSchedule.DAILY:
            return after + _DAY
        case PayoutSchedule.WEEKLY:
            return after + dt.timedelta(days=(policy.weekday - after.weekday() - 1) % 7 + 1)
        case PayoutSchedule.MONTHLY:
            this_month = _day_of_month(after.year, after.month, policy.month_day)
            if this_month > after:
                return this_month
            year, month = (after.year + 1, 1) if after.month == _DECEMBER else (after.year, after.month + 1)
            return _day_of_month(year, month, policy.month_day)
        case PayoutSchedule.MANUAL:
            return None


def _day_of_month(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))
