"""What the artisans are owed once an order is paid."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from common.ids import new_public_id
from payouts.contracts import SellerShare


def accrue(
    *,
    order_reference: str,
    source_charge_id: str,
    processor: str,
    shares: Sequence[SellerShare],
    hold_until: dt.datetime,
    now: dt.datetime,
) -> int:
    """Writes one held payable per share, in the caller's transaction; returns how many were new.

    One INSERT for any number of shares; a share whose part of the order has its payable already changes nothing. The
    sale's journal, which credits the artisans' held accounts, is posted by the caller.
    """
    if not shares:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payouts_payable (public_id, order_reference, seller_order_reference, artisan_id, amount_minor,"
            " currency, processor, source_charge_id, status, hold_until, refusals, failure_code, created_at,"
            " updated_at)"
            " SELECT share.public_id, %s, share.part, share.artisan_id, share.amount_minor, share.currency, %s, %s,"
            " 'held', %s, 0, '', %s, %s"
            " FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])"
            " AS share (public_id, part, artisan_id, amount_minor, currency)"
            " ON CONFLICT (seller_order_reference) DO NOTHING",
            [
                order_reference, processor, source_charge_id, hold_until, now, now,
                [new_public_id("pbl") for _ in shares],
                [share.seller_order_reference for share in shares],
                [share.artisan_id for share in shares],
                [share.amount.amount_minor for share in shares],
                [share.amount.currency for share in shares],
            ],
        )  # fmt: skip
        return int(cursor.rowcount)
