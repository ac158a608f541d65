"""How disputed money is split over the parts of an order. Pure; whole minor units."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.money import Money, allocate


@dataclass(frozen=True, slots=True)
class PartAtStake:
    """One artisan's part: as it was sold, and what refunds and other disputes have taken of it.

    `share_left_minor` is what can still be taken from the artisan.
    """

    seller_order_id: int
    reference: str
    artisan_public_id: str
    sold_minor: int
    commission_minor: int
    taken_minor: int
    taken_commission_minor: int
    share_left_minor: int

    @property
    def left_minor(self) -> int:
        return max(self.sold_minor - self.taken_minor, 0)


@dataclass(frozen=True, slots=True)
class Stake:
    """What of the disputed amount belongs to a part. What commission and share don't cover is ours."""

    part: PartAtStake
    amount_minor: int
    commission_minor: int
    share_minor: int


def split_disputed(amount: Money, *, left: Money, parts: Sequence[PartAtStake]) -> list[Stake]:
    """Splits by what is left of each part, largest remainder; parts that get nothing are left out.

    `left` is what was not refunded or disputed otherwise: a dispute of more is ours to bear above it.
    """
    together_minor = sum(part.left_minor for part in parts)
    at_stake_minor = min(amount.amount_minor, left.amount_minor, together_minor)
    if at_stake_minor <= 0:
        return []
    amounts = allocate(Money(at_stake_minor, amount.currency), [part.left_minor for part in parts])
    return [_stake(part, each.amount_minor) for part, each in zip(parts, amounts, strict=True) if each]


def _stake(part: PartAtStake, amount_minor: int) -> Stake:
    """Commission is cumulative: what should be given up of it after this, less what was; the share is the rest."""
    gone_minor = _half_even(part.commission_minor * (part.taken_minor + amount_minor), part.sold_minor)
    commission_left = max(part.commission_minor - part.taken_commission_minor, 0)
    commission_minor = min(max(gone_minor - part.taken_commission_minor, 0), commission_left, amount_minor)
    share_minor = min(amount_minor - commission_minor, max(part.share_left_minor, 0))
    # What the share can't bear is borne by what is left of the commission, and then by us.
    commission_minor += min(amount_minor - commission_minor - share_minor, commission_left - commission_minor)
    return Stake(part, amount_minor, commission_minor, share_minor)


def portion(whole_minor: int, part: int, of: int) -> int:
    """`part` of `of` equal pieces of an amount, rounded down; all of it for all pieces."""
    return whole_minor * part // of


def _half_even(numerator: int, denominator: int) -> int:
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))
