"""The artisans' side of a dispute: shares kept back and given back, through payouts."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.money import Money
from ledger.journals import SellerPlaces
from orders.models import DisputeAllocation
from payouts import services as payouts
from payouts.contracts import PartAmount


@dataclass(frozen=True, slots=True)
class Back:
    """What of one row comes back, in minor units: of the disputed amount, of our commission, of the artisan's share."""

    row: DisputeAllocation
    amount_minor: int
    commission_minor: int
    share_minor: int


def keep_back(rows: Sequence[DisputeAllocation], *, now: dt.datetime) -> list[SellerPlaces]:
    """Takes the shares of rows with one number, for the time being: no transfer is reversed for it."""
    parts = [_part(row, row.share_minor) for row in rows if row.share_minor]
    if not parts:
        return []
    return by_seller(payouts.debit_parts(parts=parts, reference=rows[0].reference, collects=False, now=now))


def give_back(backs: Sequence[Back], *, credit_reference: str, now: dt.datetime) -> list[SellerPlaces]:
    """Gives shares back, to where they are the artisans' now."""
    places: list[SellerPlaces] = []
    by_reference: dict[str, list[PartAmount]] = {}
    for back in backs:
        if back.share_minor:
            by_reference.setdefault(back.row.reference, []).append(_part(back.row, back.share_minor))
    for reference, parts in by_reference.items():
        places += payouts.credit_parts(parts=parts, reference=reference, now=now, credit_reference=credit_reference)
    return by_seller(places)


def seller_of(row: DisputeAllocation) -> str:
    """The artisan's public id. Only for rows with a part."""
    if row.seller_order is None:
        raise ValueError(f"{row} is no artisan's")
    return row.seller_order.artisan.public_id


def by_seller(places: Iterable[SellerPlaces]) -> list[SellerPlaces]:
    """One for each artisan: an entry names an account once."""
    together: dict[str, SellerPlaces] = {}
    for place in places:
        known = together.get(place.seller)
        together[place.seller] = place if known is None else added(known, place)
    return list(together.values())


def added(first: SellerPlaces, second: SellerPlaces) -> SellerPlaces:
    return SellerPlaces(
        seller=first.seller,
        held=first.held + second.held,
        payable=first.payable + second.payable,
        reserved=first.reserved + second.reserved,
        receivable=first.receivable + second.receivable,
    )


def _part(row: DisputeAllocation, share_minor: int) -> PartAmount:
    if row.seller_order is None:
        raise ValueError(f"{row} is no artisan's")
    return PartAmount(row.seller_order.public_id, Money(share_minor, row.currency))
