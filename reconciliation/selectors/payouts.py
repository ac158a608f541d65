"""Payouts: what artisans are owed, row by row, is what the books say that they are owed, and each transfer is once."""


def _as_in_the_books(*, payable_status: str, account: str) -> str:
    """Per artisan and currency: the payables of a status add up to the artisan's account."""
    return f"""
        SELECT artisan || ' ' || currency, 'payables ' || coalesce(owed.minor, 0) || ', books '
               || coalesce(booked.minor, 0)
        FROM (
            SELECT a.public_id AS artisan, b.currency, sum(b.amount_minor - b.debited_minor) AS minor
            FROM payouts_payable b JOIN catalog_artisan a ON a.id = b.artisan_id
            WHERE b.status = '{payable_status}'
            GROUP BY 1, 2
        ) owed
        FULL JOIN (
            SELECT a.owner_reference AS artisan, a.currency, -sum(g.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id
            WHERE a.code = '{account}:' || a.owner_reference || ':' || a.currency
            GROUP BY 1, 2
        ) booked USING (artisan, currency)
        WHERE coalesce(owed.minor, 0) <> coalesce(booked.minor, 0)
    """  # noqa: S608 - constants only


RULES: dict[str, str] = {
    "what is kept back of an artisan's shares equals the books": """
        SELECT artisan || ' ' || currency, 'reserves ' || coalesce(kept.minor, 0) || ', books '
               || coalesce(booked.minor, 0)
        FROM (
            SELECT a.public_id AS artisan, r.currency,
                   sum(r.amount_minor - r.released_minor - r.debited_minor) AS minor
            FROM payouts_reserve r JOIN catalog_artisan a ON a.id = r.artisan_id
            GROUP BY 1, 2
        ) kept
        FULL JOIN (
            SELECT a.owner_reference AS artisan, a.currency, -sum(g.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id
            WHERE a.code = 'seller_reserved:' || a.owner_reference || ':' || a.currency
            GROUP BY 1, 2
        ) booked USING (artisan, currency)
        WHERE coalesce(kept.minor, 0) <> coalesce(booked.minor, 0)
    """,
    "what a reserve has given is the sum of its releases and of what refunds and disputes took": """
        SELECT r.public_id, 'released ' || r.released_minor || ', releases ' || coalesce(given.minor, 0)
               || '; debited ' || r.debited_minor || ', debits ' || coalesce(taken.minor, 0)
        FROM payouts_reserve r
        LEFT JOIN (
            SELECT reserve_id, sum(amount_minor) AS minor FROM payouts_reserverelease GROUP BY 1
        ) given ON given.reserve_id = r.id
        LEFT JOIN (
            SELECT reserve_id, sum(amount_minor) AS minor FROM payouts_reservedebit GROUP BY 1
        ) taken ON taken.reserve_id = r.id
        WHERE r.released_minor <> coalesce(given.minor, 0) OR r.debited_minor <> coalesce(taken.minor, 0)
    """,
    "a reserve was taken off its payable, and each release of it became a payable of the same part": r"""
        SELECT r.public_id, 'kept back ' || r.amount_minor || ', taken off ' || coalesce(sum(-e.amount_minor), 0)
        FROM payouts_reserve r
        LEFT JOIN payouts_payableevent e ON e.payable_id = r.payable_id AND e.event = 'reserved'
        GROUP BY r.id
        HAVING r.amount_minor <> coalesce(sum(-e.amount_minor), 0)
        UNION ALL
        SELECT l.public_id, 'released ' || l.amount_minor || ', payable ' || b.public_id || ' ' || b.amount_minor
        FROM payouts_reserverelease l
        JOIN payouts_reserve r ON r.id = l.reserve_id
        JOIN payouts_payable k ON k.id = r.payable_id
        JOIN payouts_payable b ON b.id = l.payable_id
        WHERE (b.amount_minor, b.currency, b.artisan_id, b.seller_order_reference, b.origin_reference)
              <> (l.amount_minor, r.currency, r.artisan_id, k.seller_order_reference, l.public_id)
        UNION ALL
        SELECT b.public_id, 'made of a release that is not there'
        FROM payouts_payable b LEFT JOIN payouts_reserverelease l ON l.payable_id = b.id
        WHERE b.origin_reference LIKE 'rsr\_%' AND l.id IS NULL
    """,
    "a share has an end of its hold where its goods were sent, and only there": """
        SELECT b.public_id, 'part ' || f.status || ', held until ' || coalesce(b.hold_until::text, 'it is sent')
        FROM payouts_payable b
        JOIN orders_sellerorder s ON s.public_id = b.seller_order_reference
        JOIN orders_fulfilment f ON f.seller_order_id = s.id
        WHERE b.origin_reference = ''
          AND CASE WHEN f.status IN ('shipped', 'delivered') THEN b.hold_until IS NULL
                   -- once holds were counted from the sale: what was released then keeps its day, sent or not
                   ELSE b.hold_until IS NOT NULL AND b.status = 'held' END
    """,
    "no share is released before its hold is over, but by staff": """
        SELECT b.public_id, 'released ' || e.occurred_at || ', held until '
               || coalesce(b.hold_until::text, 'it is sent')
        FROM payouts_payable b JOIN payouts_payableevent e ON e.payable_id = b.id AND e.event = 'hold_over'
        WHERE b.hold_until IS NULL OR e.occurred_at < b.hold_until
    """,
    "an artisan's held payables equal the books": _as_in_the_books(payable_status="held", account="seller_held"),
    "an artisan's released payables equal the books": _as_in_the_books(
        payable_status="released", account="seller_payable"
    ),
    "payables that are being transferred equal the books": """
        SELECT currency, 'payables ' || coalesce(owed.minor, 0) || ', books ' || coalesce(booked.minor, 0)
        FROM (
            SELECT currency, sum(amount_minor - debited_minor) AS minor
            FROM payouts_payable WHERE status = 'transferring'
            GROUP BY currency
        ) owed
        FULL JOIN (
            SELECT a.currency, -sum(g.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id
            WHERE a.code = 'transfers_in_transit:' || a.currency
            GROUP BY a.currency
        ) booked USING (currency)
        WHERE coalesce(owed.minor, 0) <> coalesce(booked.minor, 0)
    """,
    "a payout is its items and its transfer": """
        SELECT y.public_id, y.status || ' ' || y.amount_minor || ' ' || y.currency || ', items ' || items.minor
               || ', transfer ' || coalesce(t.status || ' ' || t.amount_minor || ' ' || t.currency, 'none')
        FROM payouts_payout y
        LEFT JOIN payouts_transfer t ON t.payout_id = y.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(i.amount_minor), 0) AS minor,
                   count(*) FILTER (WHERE (b.artisan_id, b.currency) IS DISTINCT FROM (y.artisan_id, y.currency))
                       AS strange
            FROM payouts_payoutitem i JOIN payouts_payable b ON b.id = i.payable_id
            WHERE i.payout_id = y.id
        ) items
        WHERE items.minor <> y.amount_minor OR items.strange > 0
           OR (t.amount_minor, t.currency, t.destination_account_id)
              IS DISTINCT FROM (y.amount_minor, y.currency, y.destination_account_id)
           OR (y.status = 'requested') <> (t.status IN ('requested', 'unknown'))
           OR (y.status = 'refused') <> (t.status = 'failed')
    """,
    "every item's payable is as the payout is": """
        SELECT b.public_id, 'payable ' || b.status || ' ' || (b.amount_minor - b.debited_minor) || ', payout '
               || coalesce(p.status || ' ' || p.amount_minor, 'none')
        FROM payouts_payable b
        LEFT JOIN LATERAL (
            SELECT min(y.status) AS status, sum(i.amount_minor) AS amount_minor
            FROM payouts_payoutitem i JOIN payouts_payout y ON y.id = i.payout_id
            WHERE i.payable_id = b.id AND y.status <> 'refused'
        ) p ON true
        WHERE (b.status = 'transferring') <> (coalesce(p.status, '') = 'requested')
           OR (b.status = 'transferred')
              <> (coalesce(p.status, '') IN ('transferred', 'on_its_way', 'paid', 'bank_failed', 'brought_back'))
           OR (b.status IN ('transferring', 'transferred')
               AND p.amount_minor IS DISTINCT FROM b.amount_minor - b.debited_minor)
    """,
    "nothing is in two living payouts": """
        SELECT b.public_id, 'in ' || string_agg(y.public_id, ', ' ORDER BY y.id)
        FROM payouts_payoutitem i
        JOIN payouts_payout y ON y.id = i.payout_id AND y.status <> 'refused'
        JOIN payouts_payable b ON b.id = i.payable_id
        GROUP BY b.id
        HAVING count(*) > 1
    """,
    "what came back of a payout is what came back of its items": """
        SELECT y.public_id, y.status || ', transfer ' || t.reversed_minor || ', items ' || sum(i.brought_back_minor)
        FROM payouts_payout y
        JOIN payouts_transfer t ON t.payout_id = y.id
        JOIN payouts_payoutitem i ON i.payout_id = y.id
        GROUP BY y.id, t.id
        HAVING t.reversed_minor <> sum(i.brought_back_minor)
            OR (y.status = 'brought_back' AND t.reversed_minor < t.amount_minor)
            OR (y.status = 'transferred' AND t.reversed_minor = t.amount_minor)
    """,
    "a run's counters are its payouts": """
        SELECT r.public_id, r.payout_count || ' payouts of ' || r.item_count || ', found ' || count(DISTINCT y.id)
               || ' of ' || count(i.id)
        FROM payouts_payoutrun r
        LEFT JOIN payouts_payout y ON y.run_id = r.id
        LEFT JOIN payouts_payoutitem i ON i.payout_id = y.id
        GROUP BY r.id
        HAVING r.payout_count <> count(DISTINCT y.id) OR r.item_count <> count(i.id)
    """,
    "a payout run goes on": """
        SELECT public_id, 'running since ' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC, '
               || payout_count || ' payouts'
        FROM payouts_payoutrun
        WHERE status = 'running' AND created_at < now() - interval '1 day'
    """,
    "a transfer is in transit in the books while it is on its way, with its own amount": """
        SELECT t.public_id, t.status || ' ' || t.amount_minor || ', in transit ' || coalesce(-booked.amount_minor, 0)
        FROM payouts_transfer t
        LEFT JOIN (
            SELECT split_part(e.source_reference, ':', 2) AS reference, a.code, sum(g.amount_minor) AS amount_minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id
            GROUP BY 1, 2
        ) booked ON booked.reference = t.public_id AND booked.code = 'transfers_in_transit:' || t.currency
        WHERE coalesce(booked.amount_minor, 0)
              <> CASE WHEN t.status IN ('requested', 'unknown') THEN -t.amount_minor ELSE 0 END
    """,
    "a transfer is booked as sent exactly once when it was carried out, with its own amount, and else not": """
        SELECT t.public_id, t.status || ' ' || t.amount_minor || ', booked ' || coalesce(-booked.amount_minor, 0)
        FROM payouts_transfer t
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) AS amount_minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code = t.processor || '_clearing:' || t.currency
            WHERE e.source_reference = 'transfer_succeeded:' || t.public_id
        ) booked ON true
        WHERE coalesce(booked.amount_minor, 0) <> CASE WHEN t.status = 'succeeded' THEN -t.amount_minor ELSE 0 END
    """,
}
