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


def sale(*, captured: Money, shares: Sequence[SellerShare], processor: str = "stripe") -> tuple[Line, ...]:
    """A captured payment: each artisan's share is held, our commission earned.

    Raises SharesDiffer unless shares and commissions add up to the captured amount. Several shares of one artisan are
    added together.
    """
    _positive(captured)
    held: dict[str, Money] = {}
    earned = Money.zero(captured.currency)
    for share in shares:
        held[share.seller] = held.get(share.seller, Money.zero(captured.currency)) + share.share
        earned = earned + share.commission
    owed = sum((amount.amount_minor for amount in held.values()), earned.amount_minor)
    if owed != captured.amount_minor or earned.amount_minor < 0 or any(m.amount_minor < 0 for m in held.values()):
        raise SharesDiffer(f"captured {captured}, shares and commission {Money(owed, captured.currency)}")
    return _lines(
        [
            (chart.clearing(processor, captured.currency), captured),
            *((chart.seller_held(seller, captured.currency), -amount) for seller, amount in held.items()),
            (chart.commission(captured.currency), -earned),
        ]
    )


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


def _move(*, debit: AccountSpec, credit: AccountSpec, amount: Money) -> tuple[Line, ...]:
    _positive(amount)
    return _lines([(debit, amount), (credit, -amount)])


def _positive(amount: Money) -> None:
    if amount.amount_minor <= 0:
        raise NotPositive(f"{amount} is not above zero")


def _lines(sides: Iterable[tuple[AccountSpec, Money]]) -> tuple[Line, ...]:
    return tuple(Line(account, amount) for account, amount in sides if amount)
