"""What the artisans are owed once an order is paid."""

import datetime as dt
from collections.abc import Sequence

from common.ids import new_public_id
from common.writes import Writes
from payouts.contracts import SellerShare

_ACCRUE = (
    "INSERT INTO payouts_payable (public_id, order_reference, seller_order_reference, origin_reference, artisan_id,"
    " amount_minor, debited_minor, currency, processor, source_charge_id, status, hold_until, refusals, failure_code,"
    " created_at, updated_at)"
    " SELECT share.public_id, %s, share.part, '', share.artisan_id, share.amount_minor, 0, share.currency, %s, %s,"
    " 'held', %s, 0, '', %s, %s"
    " FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])"
    " AS share (public_id, part, artisan_id, amount_minor, currency)"
    " ON CONFLICT (seller_order_reference, origin_reference) DO NOTHING RETURNING id"
)


def accrue(
    *,
    order_reference: str,
    source_charge_id: str,
    processor: str,
    shares: Sequence[SellerShare],
    hold_until: dt.datetime | None,
    now: dt.datetime,
) -> int:
    """Writes one held payable per share, in the caller's transaction; returns how many were new. One statement.

    The sale's journal, which credits the artisans' held accounts, is posted by the caller.
    """
    writes = Writes()
    add_accrual(
        writes, order_reference=order_reference, source_charge_id=source_charge_id, processor=processor,
        shares=shares, hold_until=hold_until, now=now,
    )  # fmt: skip
    return len(writes.execute().get("payables", ()))


def add_accrual(
    writes: Writes,
    *,
    order_reference: str,
    source_charge_id: str,
    processor: str,
    shares: Sequence[SellerShare],
    hold_until: dt.datetime | None,
    now: dt.datetime,
) -> None:
    """As `accrue`, for callers that have more to write in the same statement.

    A share whose part of the order has its payable already changes nothing.
    """
    if not shares:
        return
    writes.raw(
        "payables",
        _ACCRUE,
        [
            order_reference, processor, source_charge_id, hold_until, now, now,
            [new_public_id("pbl") for _ in shares],
            [share.seller_order_reference for share in shares],
            [share.artisan_id for share in shares],
            [share.amount.amount_minor for share in shares],
            [share.amount.currency for share in shares],
        ],
    )  # fmt: skip
