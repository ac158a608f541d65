"""What an artisan is told about their money: where it lies, and what each payout is made of."""

import datetime as dt
import enum
from collections import defaultdict
from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from common.money import Money, total
from payouts.enums import PayoutStatus, RepaymentStatus


class PayoutNotFound(DomainError):
    """There is no such payout, or it is another artisan's."""

    code = "payout_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "There is no such payout"


class FiguresDiffer(Exception):
    """Figures that have to add up don't: a defect of ours. Nothing is shown rather than something wrong."""


class StoryKind(enum.StrEnum):
    """What a line of a payout's explanation is."""

    GOODS = "goods"  # what was sold, at the price of the sale
    COMMISSION = "commission"  # what we keep of it
    SHIPPING = "shipping"
    SHARE = "share"  # a share whose order part is not known line by line
    REFUND = "refund"  # what the artisan bears of a refund
    DISPUTE = "dispute"  # what the buyer's bank took, or holds
    GIVEN_BACK = "given_back"  # of a refund or dispute: the artisan's again
    DEBT = "debt"  # kept for what the artisan owed
    RESERVE_WITHHELD = "reserve_withheld"
    RESERVE_RELEASED = "reserve_released"
    BROUGHT_BACK = "brought_back"  # of an earlier payout, paid anew
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One reason, with its amount: below zero for what was taken.

    `reference` is the refund, dispute, debt or reserve. `part_reference` is the order part where it can be read up,
    `payout_reference` the earlier payout that it goes back to; both are empty where there is none. `until` is when a
    reserve ends. `buyer_got` is what the buyer got back with a refund of this part.
    """

    kind: StoryKind
    amount: Money
    title: str = ""
    quantity: int | None = None
    unit_price: Money | None = None
    reference: str = ""
    at: dt.datetime | None = None
    until: dt.datetime | None = None
    part_reference: str = ""
    payout_reference: str = ""
    buyer_got: Money | None = None


@dataclass(frozen=True, slots=True)
class StoryItem:
    """One payable of a payout. Its lines add up to its amount, or there is no such item (FiguresDiffer)."""

    payable_reference: str
    part_reference: str
    order_reference: str
    sold_at: dt.datetime
    amount: Money
    lines: tuple[StoryLine, ...]

    def __post_init__(self) -> None:
        told = total([line.amount for line in self.lines], self.amount.currency)
        if told != self.amount:
            raise FiguresDiffer(f"{self.payable_reference}: the lines say {told}, the payout {self.amount}")


@dataclass(frozen=True, slots=True)
class PayoutStory:
    """Why a payout has its amount. Its items add up to it, or there is no such story (FiguresDiffer)."""

    payout_reference: str
    amount: Money
    items: tuple[StoryItem, ...]

    def __post_init__(self) -> None:
        told = total([item.amount for item in self.items], self.amount.currency)
        if told != self.amount:
            raise FiguresDiffer(f"{self.payout_reference}: the items say {told}, the payout {self.amount}")

    @property
    def sums(self) -> dict[StoryKind, Money]:
        """By kind, in the order of the kinds; together they are the payout."""
        found: dict[StoryKind, int] = defaultdict(int)
        for item in self.items:
            for line in item.lines:
                found[line.kind] += line.amount.amount_minor
        return {kind: Money(found[kind], self.amount.currency) for kind in StoryKind if kind in found}


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an artisan's money lies, in one currency. None below zero.

    `pending`, `available`, `reserved`, `disputed` and `owed` are the books'; `on_its_way` is what has left them and has
    not arrived at the bank, of which `stuck` was sent back by a bank. `paid` is what arrived. What was brought back of
    a payout counts in neither.
    """

    currency: str
    pending: Money
    available: Money
    reserved: Money
    disputed: Money
    owed: Money
    on_its_way: Money
    stuck: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class DayPoint:
    """The end of a day (UTC; of today: now), and the shares of what was sold on it."""

    date: dt.date
    pending: Money
    available: Money
    reserved: Money
    disputed: Money
    owed: Money
    sold: Money


@dataclass(frozen=True, slots=True)
class PayoutView:
    """A payout in a list. `arrival_date` is when the bank is expected to have it."""

    reference: str
    amount: Money
    status: PayoutStatus
    brought_back: Money
    items: int
    created_at: dt.datetime
    transferred_at: dt.datetime | None
    paid_at: dt.datetime | None
    arrival_date: dt.date | None
    failure_code: str
    attempts: int


@dataclass(frozen=True, slots=True)
class RepaymentView:
    """What the artisan paid to our bank account for what they owed. `received_on` is the bank's booking date."""

    reference: str
    amount: Money
    received_on: dt.date
    bank_reference: str
    status: RepaymentStatus


@dataclass(frozen=True, slots=True)
class Sale:
    """One artisan's part of an order, with what became of its money. `places` are the states of what is left of it."""

    part_reference: str
    sold_at: dt.datetime
    is_recall: bool
    titles: tuple[str, ...]
    pieces: int
    fulfilment: str
    goods: Money
    commission: Money
    shipping: Money
    share: Money
    taken: Money
    status: str
    hold_until: dt.datetime | None
    released_at: dt.datetime | None
    payout_reference: str
