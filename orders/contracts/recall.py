"""A refund issued in error, asked back from the buyer: what crosses the border of `orders`, and its refusals."""

from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from common.money import Money, total


@dataclass(frozen=True, slots=True)
class RecallableRow:
    """What of one row of a refund is not asked back yet. Minor units."""

    refund_allocation_id: int
    commission_minor: int
    share_minor: int
    platform_minor: int

    @property
    def left_minor(self) -> int:
        return self.commission_minor + self.share_minor + self.platform_minor


@dataclass(frozen=True, slots=True)
class Recallable:
    """A refund, and what of it can be asked back."""

    refund_reference: str
    currency: str
    rows: tuple[RecallableRow, ...]

    @property
    def left(self) -> Money:
        return total((Money(row.left_minor, self.currency) for row in self.rows), self.currency)


@dataclass(frozen=True, slots=True)
class RecalledRow:
    """What of one row of a refund is asked back, and for whom."""

    refund_allocation_id: int
    commission: Money
    share: Money
    platform: Money

    @property
    def amount(self) -> Money:
        return self.commission + self.share + self.platform


class RecallNotFound(DomainError):
    """There is none, or it is somebody else's: the two are not told apart."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    title = "This request does not exist"


class NotRecallable(DomainError):
    """The refund was not made for good, or gave back money that never was ours."""

    code = "not_recallable"
    title = "This refund can't be asked back"


class RecallTooLarge(DomainError):
    """More than the refund has left. The member `left_minor` says how much is, in minor units."""

    code = "recall_too_large"
    title = "This is more than can be asked back"


class InvalidRecall(DomainError):
    """No amount, another currency, no reason, a foreign reference."""

    code = "invalid_recall"
    kind = ErrorKind.INVALID
    title = "This request does not fit the refund"


class RecallOver(DomainError):
    """It was paid, declined, withdrawn, or its time is over."""

    code = "recall_over"
    kind = ErrorKind.CONFLICT
    title = "We are not asking for this any more"


class ConsentMissing(DomainError):
    """Nobody agreed to these words."""

    code = "consent_missing"
    kind = ErrorKind.INVALID
    title = "Nothing is charged before you agree"
