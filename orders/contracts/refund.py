"""What of an order can be paid back, what is wished, and how a refund is split; its refusals."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from common.money import Money, total
from orders.enums import Bearer, RefundPart


@dataclass(frozen=True, slots=True)
class RefundableLine:
    """One line as it was sold, and what refunds have taken of it. Minor units of the order's currency."""

    line_id: int
    title: str
    quantity: int
    unit_price_minor: int
    sold_minor: int
    commission_minor: int
    refunded_minor: int = 0
    refunded_commission_minor: int = 0
    refunded_quantity: int = 0

    @property
    def left_minor(self) -> int:
        return self.sold_minor - self.refunded_minor

    @property
    def quantity_left(self) -> int:
        return self.quantity - self.refunded_quantity


@dataclass(frozen=True, slots=True)
class RefundablePart:
    """One artisan's part. Minor units.

    `refunded_minor` is all that was paid back for it, goodwill of the artisan's included, or lost in disputes.
    `share_left_minor` is what can still be taken from the artisan, and `commission_left_minor` what of our commission
    can be given back; a dispute may have taken of both.
    """

    reference: str
    artisan_id: int
    artisan_public_id: str
    artisan_name: str
    shipping_minor: int
    refunded_shipping_minor: int
    refunded_minor: int
    share_left_minor: int
    commission_left_minor: int
    lines: tuple[RefundableLine, ...]

    @property
    def sold_minor(self) -> int:
        return self.shipping_minor + sum(line.sold_minor for line in self.lines)

    @property
    def left_minor(self) -> int:
        return max(self.sold_minor - self.refunded_minor, 0)

    @property
    def shipping_left_minor(self) -> int:
        return self.shipping_minor - self.refunded_shipping_minor


@dataclass(frozen=True, slots=True)
class Refundable:
    """A paid order. `left_minor` is what of the captured money was not refunded, asked for, or lost in a dispute.

    `platform_left_minor` is what of an order that paid a refund back went to no artisan, because we had borne it.
    """

    order_reference: str
    currency: str
    captured_minor: int
    left_minor: int
    parts: tuple[RefundablePart, ...]
    platform_left_minor: int = 0

    @property
    def left(self) -> Money:
        return Money(self.left_minor, self.currency)


@dataclass(frozen=True, slots=True)
class EverythingLeft:
    """Pay back all that is left of the order. `restocks` puts the pieces on the shelf again."""

    bearer: Bearer = Bearer.ARTISAN
    restocks: bool = False


@dataclass(frozen=True, slots=True)
class PartLeft:
    """Pay back all that is left of one artisan's part (sor_...)."""

    reference: str
    bearer: Bearer = Bearer.ARTISAN
    restocks: bool = False


@dataclass(frozen=True, slots=True)
class LineWish:
    """So many pieces of a line, at the price they were sold for, or an amount of it.

    `restocks` pieces go back on the shelf, at most as many as are paid back.
    """

    line_id: int
    quantity: int | None = None
    amount: Money | None = None
    restocks: int = 0


@dataclass(frozen=True, slots=True)
class ShippingWish:
    """Of one artisan's shipping: an amount, or all that is left."""

    reference: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class GoodwillWish:
    """An amount for the trouble: from one artisan's share, or with an empty `reference` from us."""

    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """Single lines, shipping and goodwill, together one refund. `bearer` is of the lines and the shipping."""

    lines: Sequence[LineWish] = ()
    shipping: Sequence[ShippingWish] = ()
    goodwill: Sequence[GoodwillWish] = ()
    bearer: Bearer = Bearer.ARTISAN


@dataclass(frozen=True, slots=True)
class AmountOnly:
    """An amount without a word on what for: split over all that is left, in proportion."""

    amount: Money


RefundWish = EverythingLeft | PartLeft | Items | AmountOnly


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of a refund: what for, who bears it. `commission`, `share` and `platform` add up to `amount`."""

    part: RefundPart
    bearer: Bearer
    reference: str
    line_id: int | None
    quantity: int | None
    amount: Money
    commission: Money
    share: Money
    platform: Money


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """A refund before it is made. `restocks` are (line id, pieces)."""

    currency: str
    allocations: tuple[Allocation, ...]
    restocks: tuple[tuple[int, int], ...] = ()

    @property
    def amount(self) -> Money:
        return total((allocation.amount for allocation in self.allocations), self.currency)

    @property
    def commission(self) -> Money:
        return total((allocation.commission for allocation in self.allocations), self.currency)

    @property
    def platform(self) -> Money:
        return total((allocation.platform for allocation in self.allocations), self.currency)

    @property
    def shares(self) -> dict[str, Money]:
        """What each artisan gives back, by part; parts of which nothing is taken are left out."""
        found: dict[str, Money] = {}
        for allocation in self.allocations:
            if allocation.share:
                found[allocation.reference] = (
                    found.get(allocation.reference, Money.zero(self.currency)) + allocation.share
                )
        return found


class NotRefundable(DomainError):
    """There is no captured sale behind this order."""

    code = "not_refundable"
    title = "This order was not paid, so there is nothing to pay back"


class InvalidRefund(DomainError):
    """The wish makes no sense for this order: a foreign line, no amount, another currency."""

    code = "invalid_refund"
    kind = ErrorKind.INVALID
    title = "This refund does not fit the order"


class RefundTooLarge(DomainError):
    """More than is left. The member `left_minor` says how much is, in minor units."""

    code = "refund_too_large"
    title = "This is more than can still be paid back"


class NothingToRefund(DomainError):
    """All of it was paid back, asked for, or lost in a dispute."""

    code = "nothing_to_refund"
    title = "Nothing is left to be paid back"


class RefundChanged(DomainError):
    """Something was paid back since the figures were looked at."""

    code = "refund_changed"
    title = "The figures have changed"


class RefundWhileDisputed(DomainError):
    """The buyer's bank has the money and decides who gets it."""

    code = "refund_while_disputed"
    title = "The payment is disputed, so nothing can be paid back until that is decided"


class RefundInTheWay(DomainError):
    """The refund's state does not allow what was asked."""

    code = "refund_state"
    title = "The refund's state does not allow this"
