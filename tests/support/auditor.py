"""An auditor of artisans' money that shares no code with the services: SQL over what was sold and over where it is.

What an artisan should have is computed from the lines of sold orders, the parts of refunds and the parts of disputes;
where it is from payables, reserves, debts, transfers and what came back of these. Neither side reads a figure that the
other side wrote.
"""

from dataclasses import dataclass

from django.db import connection

_LINES = """
    SELECT part.artisan_id, part.currency,
           sum(part.shipping_minor + coalesce(lines.minor, 0)
               - coalesce(refunded.minor, 0) - coalesce(disputed.minor, 0)) AS minor
    FROM orders_sellerorder part
    JOIN orders_order sold ON sold.id = part.order_id AND sold.status = 'paid'
    JOIN orders_fulfilment told ON told.seller_order_id = part.id AND told.status <> 'declined'
    LEFT JOIN (
        SELECT seller_order_id, sum(unit_price_minor * quantity - commission_minor) AS minor
        FROM orders_orderline GROUP BY 1
    ) lines ON lines.seller_order_id = part.id
    LEFT JOIN (
        SELECT seller_order_id, sum(amount_minor - commission_minor - platform_minor) AS minor
        FROM orders_refundallocation WHERE withdrawn_at IS NULL GROUP BY 1
    ) refunded ON refunded.seller_order_id = part.id
    LEFT JOIN (
        SELECT seller_order_id, sum(share_minor - returned_share_minor) AS minor
        FROM orders_disputeallocation GROUP BY 1
    ) disputed ON disputed.seller_order_id = part.id
    GROUP BY 1, 2
"""
_PLACES = """
    SELECT artisan_id, currency, place, sum(minor) AS minor
    FROM (
        SELECT artisan_id, currency, status AS place, amount_minor - debited_minor AS minor
        FROM payouts_payable WHERE status IN ('held', 'released')
        UNION ALL
        SELECT artisan_id, currency, 'reserved', amount_minor - released_minor - debited_minor FROM payouts_reserve
        UNION ALL
        SELECT artisan_id, currency, 'owed', recovered_minor + forgiven_minor - amount_minor FROM payouts_sellerdebt
        UNION ALL
        SELECT d.artisan_id, d.currency, 'written_off', -w.amount_minor
        FROM payouts_debtwriteoff w JOIN payouts_sellerdebt d ON d.id = w.debt_id
        UNION ALL
        SELECT artisan_id, currency, 'repaid', -amount_minor FROM payouts_debtrepayment WHERE status = 'recorded'
        UNION ALL
        SELECT y.artisan_id, y.currency, CASE t.status WHEN 'succeeded' THEN 'paid' ELSE 'in_transit' END,
               t.amount_minor
        FROM payouts_transfer t JOIN payouts_payout y ON y.id = t.payout_id
        WHERE t.status IN ('requested', 'unknown', 'succeeded')
        UNION ALL
        SELECT y.artisan_id, y.currency, 'paid', -r.amount_minor
        FROM payouts_transferreversal r
        JOIN payouts_transfer t ON t.id = r.transfer_id JOIN payouts_payout y ON y.id = t.payout_id
        WHERE r.status = 'succeeded'
    ) moved
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Offence:
    """An artisan whose places don't add up to their lines; minor units."""

    artisan_id: int
    currency: str
    lines_minor: int
    places: dict[str, int]


def offences() -> list[Offence]:
    """Every artisan whose paid + in transit + held + released + reserved - owed - repaid - written off is not what they
    sold.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LINES)
        lines = {(artisan, currency): int(minor) for artisan, currency, minor in cursor.fetchall()}
        cursor.execute(_PLACES)
        places: dict[tuple[int, str], dict[str, int]] = {}
        for artisan, currency, place, minor in cursor.fetchall():
            places.setdefault((artisan, currency), {})[place] = int(minor)
    return [
        Offence(who[0], who[1], lines.get(who, 0), places.get(who, {}))
        for who in sorted({*lines, *places})
        if lines.get(who, 0) != sum(places.get(who, {}).values())
    ]


def seen() -> set[str]:
    """The places in which anything lies at this moment: what a history was about."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        return {str(place) for _, _, place, minor in cursor.fetchall() if minor}
