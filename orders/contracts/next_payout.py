"""What an artisan will be paid next, as far as it is known."""

import datetime as dt
from dataclasses import dataclass

from common.money import Money, total
from orders.contracts.seller_money import FiguresDiffer
from payouts.contracts import PolicyTerms, WhyNotPaid


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """A share that is, or will be, available then. `is_available` now; else its hold is over before the day."""

    part_reference: str
    amount: Money
    is_available: bool
    hold_until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the next payout in one currency would be, if nothing else happens until then. None below zero.

    `amount` = `available` + `coming` + `reserves_ending` - `reserve` - `debts`. `items` are the first of what is in
    it, `item_count` how many there are.
    """

    currency: str
    available: Money
    coming: Money
    reserves_ending: Money
    reserve: Money
    debts: Money
    amount: Money
    items: tuple[ExpectedItem, ...]
    item_count: int

    def __post_init__(self) -> None:
        told = total([self.available, self.coming, self.reserves_ending, -self.reserve, -self.debts], self.currency)
        if told != self.amount:
            raise FiguresDiffer(f"the parts of the next payout come to {told}, not {self.amount}")


@dataclass(frozen=True, slots=True)
class NextPayout:
    """When and how much. `date` is None where it is made when it is asked for.

    `why_not` tells everything that stands between the artisan and a payout at this moment; `can_be_asked_for`: nothing
    but the schedule does.
    """

    terms: PolicyTerms
    date: dt.date | None
    can_be_asked_for: bool
    why_not: tuple[WhyNotPaid, ...]
    expected: tuple[Expected, ...]
