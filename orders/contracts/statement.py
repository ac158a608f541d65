"""An artisan's statement of one month in one currency."""

import datetime as dt
import enum
from collections import defaultdict
from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from common.money import Money, total
from orders.contracts.seller_money import FiguresDiffer


class NoStatement(DomainError):
    """There is no statement of this month or currency: before the first sale, or yet to come."""

    code = "no_statement"
    kind = ErrorKind.NOT_FOUND
    title = "There is no statement of this month"


class Category(enum.StrEnum):
    """What moves an artisan's balance, in the order in which a statement sums it up."""

    SALES = "sales"
    COMMISSION = "commission"
    SHIPPING = "shipping"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    RESERVES = "reserves"
    PAYOUTS = "payouts"
    BROUGHT_BACK = "brought_back"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One movement, on the day it entered the books (UTC). Below zero: the balance became less."""

    at: dt.datetime
    category: Category
    amount: Money
    text: str
    reference: str
    part_reference: str = ""
    payout_reference: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the money lay at one moment; none below zero.

    The statement's balance is what is pending and available less what is owed. What is reserved or disputed is kept
    beside it: it leaves the balance when it is kept back, and comes into it again.
    """

    pending: Money
    available: Money
    owed: Money
    reserved: Money
    disputed: Money

    @property
    def balance(self) -> Money:
        return self.pending + self.available - self.owed


@dataclass(frozen=True, slots=True)
class Statement:
    """A month, or what has passed of it. Opening, movements and closing add up, or there is none (FiguresDiffer).

    `start` is included, `end` is not; both as the books count, UTC.
    """

    artisan_name: str
    artisan_reference: str
    currency: str
    start: dt.datetime
    end: dt.datetime
    is_complete: bool
    opening: Places
    entries: tuple[StatementEntry, ...]
    closing: Places

    def __post_init__(self) -> None:
        moved = total([entry.amount for entry in self.entries], self.currency)
        if self.opening.balance + moved != self.closing.balance:
            raise FiguresDiffer(f"{self.opening.balance} and {moved} are not {self.closing.balance}")

    @property
    def month(self) -> str:
        """2026-11"""
        return f"{self.start:%Y-%m}"

    @property
    def last_moment(self) -> dt.datetime:
        """In it: of a whole month on its last day."""
        return self.end - dt.timedelta(microseconds=1)

    @property
    def sums(self) -> dict[Category, Money]:
        """What each category moved; those without an entry are left out."""
        found: dict[Category, int] = defaultdict(int)
        for entry in self.entries:
            found[entry.category] += entry.amount.amount_minor
        return {category: Money(found[category], self.currency) for category in Category if category in found}
