"""What each business event posts: pure functions from figures to lines. docs/ledger.md shows each one in figures.

Amounts are given positive; the functions put the signs (debit positive). An amount of zero gives no line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.money import Money
from ledger import chart
from ledger.contracts import AccountSpec, Line


class NotPositive(ValueError):
    """An amount that an event moves must be above zero."""


class SharesDiffer(ValueError):
    """Shares and commission don't add up to what was captured."""


@dataclass(frozen=True, slots=True)
class SellerShare:
    """What one artisan gets of a sale (goods less commission, plus shipping), and what we keep of it."""

    seller: str
    share: Money
    commission: Money


def sale(
    *, captured: Money, shares: Sequence[SellerShare], goodwill: Money | None = None, processor: str = "stripe"
) -> tuple[Line, ...]:
    """A captured payment: each artisan's share is held, our commission earned.

    `goodwill` is what of it pays back a refund that we had borne ourselves. Raises SharesDiffer unless shares,
    commissions and goodwill add up to the captured amount. Several shares of one artisan are added together.
    """
    _positive(captured)
    held: dict[str, Money] = {}
    earned = Money.zero(captured.currency)
    ours = goodwill or Money.zero(captured.currency)
    for share in shares:
        held[share.seller] = held.get(share.seller, Money.zero(captured.currency)) + share.share
        earned = earned + share.commission
    owed = sum((amount.amount_minor for amount in held.values()), earned.amount_minor + ours.amount_minor)
    if owed != captured.amount_minor or min(earned.amount_minor, ours.amount_minor, 0, *_minor(held)) < 0:
        raise SharesDiffer(f"captured {captured}, shares and commission {Money(owed, captured.currency)}")
    return _lines(
        [
            (chart.clearing(processor, captured.currency), captured),
            *((chart.seller_held(seller, captured.currency), -amount) for seller, amount in held.items()),
            (chart.commission(captured.currency), -earned),
            (chart.goodwill(captured.currency), -ours),
        ]
    )


def _minor(amounts: dict[str, Money]) -> list[int]:
    return [amount.amount_minor for amount in amounts.values()]


def processor_fee(*, fee: Money, processor: str = "stripe") -> tuple[Line, ...]:
    """The processor took its fee out of what it holds for us."""
    return _move(debit=chart.processor_fees(fee.currency), credit=chart.clearing(processor, fee.currency), amount=fee)


def release(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """The hold period of a share is over."""
    return _move(
        debit=chart.seller_held(seller, amount.currency),
        credit=chart.seller_payable(seller, amount.currency),
        amount=amount,
    )


def reserve_withheld(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """Part of a released share is kept back for a time."""
    return _move(
        debit=chart.seller_payable(seller, amount.currency),
        credit=chart.seller_reserved(seller, amount.currency),
        amount=amount,
    )


def reserve_released(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """A reserve, or a part of it, is due to the artisan: its time is over, or it was needed before."""
    return _move(
        debit=chart.seller_reserved(seller, amount.currency),
        credit=chart.seller_payable(seller, amount.currency),
        amount=amount,
    )


def transfer_requested(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """A transfer is about to be asked for; its amount can't be transferred twice. If it fails, reverse this entry."""
    return _move(
        debit=chart.seller_payable(seller, amount.currency),
        credit=chart.transfers_in_transit(amount.currency),
        amount=amount,
    )


def transfer_succeeded(*, amount: Money, processor: str = "stripe") -> tuple[Line, ...]:
    """The processor has moved the amount to the artisan's own account."""
    return _move(
        debit=chart.transfers_in_transit(amount.currency),
        credit=chart.clearing(processor, amount.currency),
        amount=amount,
    )


def late_payment(*, captured: Money, processor: str = "stripe") -> tuple[Line, ...]:
    """Money arrived for an order that can't be completed any more."""
    return _move(
        debit=chart.clearing(processor, captured.currency),
        credit=chart.late_payments(captured.currency),
        amount=captured,
    )


def late_payment_refund(*, refunded: Money, processor: str = "stripe") -> tuple[Line, ...]:
    """Money of a late payment went back to the buyer."""
    return _move(
        debit=chart.late_payments(refunded.currency),
        credit=chart.clearing(processor, refunded.currency),
        amount=refunded,
    )


def late_payment_paid_otherwise(*, refunded: Money) -> tuple[Line, ...]:
    """Money of a late payment was paid to its buyer from elsewhere, because the processor could not."""
    return _move(
        debit=chart.late_payments(refunded.currency),
        credit=chart.paid_otherwise(refunded.currency),
        amount=refunded,
    )


@dataclass(frozen=True, slots=True)
class SellerPlaces:
    """Where an artisan's money lies: on hold, released, kept as a reserve, or gone already (then the artisan owes it).

    All in one currency; none below zero.
    """

    seller: str
    held: Money
    payable: Money
    reserved: Money
    receivable: Money

    @property
    def total(self) -> Money:
        return self.held + self.payable + self.reserved + self.receivable


@dataclass(frozen=True, slots=True)
class DisputedShare:
    """How one artisan's part of a lost dispute ends: `lost` is gone, `returned` goes back to where it says.

    The two together are what was kept back when the dispute was opened.
    """

    seller: str
    lost: Money
    returned: SellerPlaces


def refund_requested(
    *, refunded: Money, sellers: Sequence[SellerPlaces], commission: Money, goodwill: Money
) -> tuple[Line, ...]:
    """A refund of a sale is about to be asked for: taken from the artisans' shares, our commission and our own pocket.

    Raises SharesDiffer unless the three add up to the refund.
    """
    _adds_up(refunded, [*(seller.total for seller in sellers), commission, goodwill])
    return _lines(
        [
            *_places(sellers, 1),
            (chart.commission(refunded.currency), commission),
            (chart.goodwill(refunded.currency), goodwill),
            (chart.refunds_in_transit(refunded.currency), -refunded),
        ]
    )


def refund_sent(*, refunded: Money, processor: str) -> tuple[Line, ...]:
    """The processor took the refund out of what it holds for us. If the bank sends it back, reverse this entry."""
    return _move(
        debit=chart.refunds_in_transit(refunded.currency),
        credit=chart.clearing(processor, refunded.currency),
        amount=refunded,
    )


def refund_withdrawn(
    *, refunded: Money, sellers: Sequence[SellerPlaces], commission: Money, goodwill: Money
) -> tuple[Line, ...]:
    """A refund that was asked for and will not be made: everybody has back what was taken, wherever that lies now.

    No plain reversal, because a share may have been released or transferred in the meantime.
    """
    lines = refund_requested(refunded=refunded, sellers=sellers, commission=commission, goodwill=goodwill)
    return tuple(Line(line.account, -line.amount) for line in lines)


def refund_unallocated(*, refunded: Money, processor: str) -> tuple[Line, ...]:
    """A refund made at the processor that fits no order of ours."""
    return _move(
        debit=chart.unallocated_refunds(refunded.currency),
        credit=chart.clearing(processor, refunded.currency),
        amount=refunded,
    )


def transfer_reversed(*, seller: str, amount: Money, processor: str = "stripe") -> tuple[Line, ...]:
    """The processor brought back what the artisan owed us from the connected account."""
    return _move(
        debit=chart.clearing(processor, amount.currency),
        credit=chart.seller_receivable(seller, amount.currency),
        amount=amount,
    )


def transfer_returned(*, seller: str, amount: Money, processor: str = "stripe") -> tuple[Line, ...]:
    """Somebody reversed a transfer for which the artisan owed us nothing: what came back is the artisan's, on hold."""
    return _move(
        debit=chart.clearing(processor, amount.currency),
        credit=chart.seller_held(seller, amount.currency),
        amount=amount,
    )


def recovery(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """What the artisan owes us is taken from what we owe the artisan."""
    return _move(
        debit=chart.seller_payable(seller, amount.currency),
        credit=chart.seller_receivable(seller, amount.currency),
        amount=amount,
    )


def debt_repaid(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """The artisan paid what they owe us to our bank account. If it was recorded by mistake, reverse this entry."""
    return _move(
        debit=chart.bank(amount.currency), credit=chart.seller_receivable(seller, amount.currency), amount=amount
    )


def debt_written_off(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """What the artisan owes us will not be asked for any more: we bear it."""
    return _move(
        debit=chart.goodwill(amount.currency),
        credit=chart.seller_receivable(seller, amount.currency),
        amount=amount,
    )


def debt_reopened(*, seller: str, amount: Money) -> tuple[Line, ...]:
    """What was written off is owed again, because the artisan got it a second time: a dispute was won after all."""
    return _move(
        debit=chart.seller_receivable(seller, amount.currency),
        credit=chart.goodwill(amount.currency),
        amount=amount,
    )


def dispute_opened(*, disputed: Money, sellers: Sequence[SellerPlaces], processor: str) -> tuple[Line, ...]:
    """The processor withdrew the disputed amount; the artisans' shares of it are kept back until it is decided."""
    _positive(disputed)
    return _lines(
        [
            (chart.disputed(disputed.currency), disputed),
            (chart.clearing(processor, disputed.currency), -disputed),
            *_places(sellers, 1),
            *((chart.seller_disputed(seller.seller, disputed.currency), -seller.total) for seller in sellers),
        ]
    )


def dispute_fee(*, fee: Money, processor: str) -> tuple[Line, ...]:
    """The processor's fee for a dispute. Given back after a won one: reverse this entry."""
    return _move(debit=chart.dispute_fees(fee.currency), credit=chart.clearing(processor, fee.currency), amount=fee)


def dispute_won(*, disputed: Money, sellers: Sequence[SellerPlaces], processor: str) -> tuple[Line, ...]:
    """The processor gave the amount back, and the artisans' shares are theirs again, wherever they go now."""
    lines = dispute_opened(disputed=disputed, sellers=sellers, processor=processor)
    return tuple(Line(line.account, -line.amount) for line in lines)


def dispute_held(*, sellers: Sequence[SellerPlaces]) -> tuple[Line, ...]:
    """Artisans' shares are kept back for a dispute whose money is not withdrawn now.

    The processor holds it until it decides (PayPal), or a refund stood in the way that was not made after all.
    """
    return _lines(
        [
            *_places(sellers, 1),
            *((chart.seller_disputed(seller.seller, seller.held.currency), -seller.total) for seller in sellers),
        ]
    )


def dispute_released(*, sellers: Sequence[SellerPlaces]) -> tuple[Line, ...]:
    """What was kept back is the artisans' again, and the processor has withdrawn nothing for it."""
    return tuple(Line(line.account, -line.amount) for line in dispute_held(sellers=sellers))


def dispute_lost(
    *, disputed: Money, shares: Sequence[DisputedShare], commission: Money, late_payment: Money | None = None
) -> tuple[Line, ...]:
    """The amount is gone: borne by the artisans as far as they are liable, by our commission, and else by us.

    What was kept back and is not lost goes back to the artisans. `late_payment` is what of it was money that we owed
    the buyer anyway. Raises SharesDiffer if more is lost than was disputed.
    """
    _positive(disputed)
    owed = late_payment or Money.zero(disputed.currency)
    borne = sum((share.lost.amount_minor for share in shares), commission.amount_minor + owed.amount_minor)
    ours = Money(disputed.amount_minor - borne, disputed.currency)
    if ours.amount_minor < 0:
        raise SharesDiffer(f"{borne} borne of {disputed}")
    kept = [
        (chart.seller_disputed(share.seller, disputed.currency), share.lost + share.returned.total) for share in shares
    ]
    return _lines(
        [
            *kept,
            *_places([share.returned for share in shares], -1),
            (chart.commission(disputed.currency), commission),
            (chart.late_payments(disputed.currency), owed),
            (chart.dispute_losses(disputed.currency), ours),
            (chart.disputed(disputed.currency), -disputed),
        ]
    )


def dispute_regained(
    *,
    regained: Money,
    sellers: Sequence[SellerPlaces],
    commission: Money,
    processor: str,
    late_payment: Money | None = None,
) -> tuple[Line, ...]:
    """A lost dispute was decided again, and the processor gave the amount back: everybody has back what they bore.

    Raises SharesDiffer if the artisans, our commission and the buyer (of a late payment) get more than came back.
    """
    _positive(regained)
    owed = late_payment or Money.zero(regained.currency)
    borne = sum((seller.total.amount_minor for seller in sellers), commission.amount_minor + owed.amount_minor)
    ours = Money(regained.amount_minor - borne, regained.currency)
    if ours.amount_minor < 0:
        raise SharesDiffer(f"{borne} given of {regained}")
    return _lines(
        [
            (chart.clearing(processor, regained.currency), regained),
            *_places(sellers, -1),
            (chart.commission(regained.currency), -commission),
            (chart.late_payments(regained.currency), -owed),
            (chart.dispute_losses(regained.currency), -ours),
        ]
    )


def platform_payout_sent(*, amount: Money, processor: str) -> tuple[Line, ...]:
    """The processor sends our own money to our bank account. If it comes back, reverse this entry."""
    return _move(
        debit=chart.bank_in_transit(amount.currency), credit=chart.clearing(processor, amount.currency), amount=amount
    )


def platform_payout_arrived(*, amount: Money) -> tuple[Line, ...]:
    """The bank's own statement shows it."""
    return _move(debit=chart.bank(amount.currency), credit=chart.bank_in_transit(amount.currency), amount=amount)


def top_up(*, amount: Money, processor: str) -> tuple[Line, ...]:
    """We paid from our bank account into what the processor holds for us."""
    return _move(debit=chart.clearing(processor, amount.currency), credit=chart.bank(amount.currency), amount=amount)


def suspense_booked(*, effect: Money, processor: str) -> tuple[Line, ...]:
    """What the processor holds differs by `effect` (debit positive), and nobody knows yet why.

    Raises NotPositive for an effect of nothing.
    """
    if not effect:
        raise NotPositive("an effect of nothing is not booked")
    return _lines([(chart.clearing(processor, effect.currency), effect), (chart.suspense(effect.currency), -effect)])


def _places(sellers: Iterable[SellerPlaces], sign: int) -> list[tuple[AccountSpec, Money]]:
    """Each place of each artisan: debited with sign 1, credited with -1."""
    sides: list[tuple[AccountSpec, Money]] = []
    for seller in sellers:
        currency = seller.held.currency
        sides += [
            (chart.seller_held(seller.seller, currency), seller.held * sign),
            (chart.seller_payable(seller.seller, currency), seller.payable * sign),
            (chart.seller_reserved(seller.seller, currency), seller.reserved * sign),
            (chart.seller_receivable(seller.seller, currency), seller.receivable * sign),
        ]
    return sides


def _adds_up(whole: Money, parts: Iterable[Money]) -> None:
    _positive(whole)
    figures = [part.amount_minor for part in parts]
    if sum(figures) != whole.amount_minor or min(figures, default=0) < 0:
        raise SharesDiffer(f"{figures} are not the parts of {whole}")


def _move(*, debit: AccountSpec, credit: AccountSpec, amount: Money) -> tuple[Line, ...]:
    _positive(amount)
    return _lines([(debit, amount), (credit, -amount)])


def _positive(amount: Money) -> None:
    if amount.amount_minor <= 0:
        raise NotPositive(f"{amount} is not above zero")


def _lines(sides: Iterable[tuple[AccountSpec, Money]]) -> tuple[Line, ...]:
    return tuple(Line(account, amount) for account, amount in sides if amount)
