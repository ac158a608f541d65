"""Which parts of a refund are asked back. Pure; whole minor units."""

from common.money import Money, allocate, charge_step_minor, smallest_charge_minor
from orders.contracts.recall import InvalidRecall, Recallable, RecalledRow, RecallTooLarge


def plan_recall(*, figures: Recallable, amount: Money) -> list[RecalledRow]:
    """Splits the amount over what the refund took from each artisan, from our commission and from us.

    In proportion to what is left of each, largest remainder: nobody gets more back than was taken, and with the last
    cent exactly everything is back. Rows of which nothing is asked are left out. Raises InvalidRecall and
    RecallTooLarge.
    """
    if amount.currency != figures.currency or amount.amount_minor <= 0:
        raise InvalidRecall(f"An amount above zero in {figures.currency} is needed.")
    if amount.amount_minor % charge_step_minor(figures.currency):
        raise InvalidRecall(f"{amount} can't be charged: the last digit of an amount in {figures.currency} is 0.")
    left = figures.left
    if amount.amount_minor > left.amount_minor:
        raise RecallTooLarge(f"At most {left} can be asked back.", left_minor=left.amount_minor)
    smallest = Money(smallest_charge_minor(figures.currency), figures.currency)
    if amount.amount_minor < smallest.amount_minor:
        raise InvalidRecall(_too_small(left, smallest))
    weights = [part for row in figures.rows for part in (row.commission_minor, row.share_minor, row.platform_minor)]
    parts = iter(allocate(amount, weights))
    rows = [
        RecalledRow(row.refund_allocation_id, commission=next(parts), share=next(parts), platform=next(parts))
        for row in figures.rows
    ]
    return [row for row in rows if row.amount]


def _too_small(left: Money, smallest: Money) -> str:
    if left.amount_minor < smallest.amount_minor:
        return f"What is left of this refund is {left}. Less than {smallest} can't be charged, so it stays refunded."
    return f"Less than {smallest} can't be charged. Ask for {smallest} or more, at most {left}."
