"""Disputes: what processors took and gave back is in the books once, and so is what is kept back from artisans."""

# What the entries of a dispute post to one account, by the dispute's id in their names.
_BOOKED = """
    SELECT split_part(e.source_reference, ':', 2) AS reference, split_part(e.source_reference, ':', 1) AS fact,
           regexp_replace(a.code, ':.*', '') AS account, a.currency, sum(g.amount_minor) AS amount_minor
    FROM ledger_journalentry e
    JOIN ledger_posting g ON g.entry_id = e.id
    JOIN ledger_account a ON a.id = g.account_id
    WHERE e.source_reference LIKE 'dispute\\_%'
    GROUP BY 1, 2, 3, 4
"""

RULES: dict[str, str] = {
    "what a processor took for a dispute and gave back is booked, with its own amounts": f"""
        SELECT d.public_id, 'withdrawn ' || d.withdrawn_minor || ', given back ' || d.reinstated_minor || ', booked '
               || coalesce(booked.minor, 0)
        FROM payments_dispute d
        LEFT JOIN (
            SELECT reference, account, currency, sum(amount_minor) AS minor FROM ({_BOOKED}) b
            WHERE fact NOT IN ('dispute_fee', 'dispute_fee_returned') GROUP BY 1, 2, 3
        ) booked ON booked.reference = d.public_id AND booked.account = d.processor || '_clearing'
                AND booked.currency = d.currency
        WHERE coalesce(booked.minor, 0) <> d.reinstated_minor - d.withdrawn_minor
    """,  # noqa: S608 - constants only
    "a dispute's fee is booked as it is": f"""
        SELECT d.public_id, 'fee ' || d.fee_minor || ', booked ' || coalesce(booked.minor, 0)
        FROM payments_dispute d
        LEFT JOIN (
            SELECT reference, currency, sum(amount_minor) AS minor FROM ({_BOOKED}) b
            WHERE account = 'dispute_fees' GROUP BY 1, 2
        ) booked ON booked.reference = d.public_id AND booked.currency = d.currency
        WHERE coalesce(booked.minor, 0) <> d.fee_minor
    """,  # noqa: S608 - constants only
    "what is disputed in the books is undecided": f"""
        SELECT d.public_id, 'undecided ' || (d.withdrawn_minor - d.reinstated_minor - d.lost_minor) || ', booked '
               || coalesce(booked.minor, 0)
        FROM payments_dispute d
        LEFT JOIN (
            SELECT reference, currency, sum(amount_minor) AS minor FROM ({_BOOKED}) b
            WHERE account = 'disputed' GROUP BY 1, 2
        ) booked ON booked.reference = d.public_id AND booked.currency = d.currency
        WHERE coalesce(booked.minor, 0) <> d.withdrawn_minor - d.reinstated_minor - d.lost_minor
    """,  # noqa: S608 - constants only
    "a dispute has lost all that is gone when it is lost, and has lost nothing while it is open": """
        SELECT public_id, status || ', lost ' || lost_minor || ' of ' || (withdrawn_minor - reinstated_minor)
        FROM payments_dispute
        WHERE (status = 'lost' AND lost_minor <> withdrawn_minor - reinstated_minor)
           OR (status NOT IN ('lost', 'won') AND lost_minor <> 0)
           OR (status IN ('won', 'lost', 'inquiry_closed')) <> (closed_at IS NOT NULL)
    """,
    "a dispute that was won has its money back within a week": """
        SELECT public_id, 'withdrawn ' || withdrawn_minor || ', given back ' || reinstated_minor
        FROM payments_dispute
        WHERE status = 'won' AND reinstated_minor < withdrawn_minor AND closed_at < now() - interval '7 days'
    """,
    "what is kept back of artisans' shares for disputes equals the books": """
        SELECT artisan || ' ' || currency, 'kept back ' || coalesce(kept.minor, 0) || ', books '
               || coalesce(booked.minor, 0)
        FROM (
            SELECT r.public_id AS artisan, a.currency, sum(a.share_minor - a.returned_share_minor) AS minor
            FROM orders_disputeallocation a
            JOIN orders_sellerorder s ON s.id = a.seller_order_id
            JOIN catalog_artisan r ON r.id = s.artisan_id
            WHERE a.lost_at IS NULL
            GROUP BY 1, 2
        ) kept
        FULL JOIN (
            SELECT a.owner_reference AS artisan, a.currency, -sum(g.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id
            WHERE a.code = 'seller_disputed:' || a.owner_reference || ':' || a.currency
            GROUP BY 1, 2
        ) booked USING (artisan, currency)
        WHERE coalesce(kept.minor, 0) <> coalesce(booked.minor, 0)
    """,
    "a share kept back for a dispute was taken once from its artisan, less what went back": """
        SELECT a.dispute_reference || ' ' || a.number, 'share ' || a.share_minor || ', back ' || a.returned_share_minor
               || ', taken ' || coalesce(t.amount_minor, 0) || ', credited ' || coalesce(t.credited_minor, 0)
        FROM orders_disputeallocation a
        JOIN orders_sellerorder s ON s.id = a.seller_order_id
        LEFT JOIN payouts_sharedebit t ON t.seller_order_reference = s.public_id
              AND t.reference = a.dispute_reference || CASE WHEN a.number = 1 THEN '' ELSE ':' || a.number END
        WHERE (coalesce(t.amount_minor, 0), coalesce(t.credited_minor, 0))
              <> (a.share_minor, a.returned_share_minor)
    """,
    "the parts of a dispute are within it": """
        SELECT d.public_id, 'undecided parts '
               || coalesce(sum(a.amount_minor - a.returned_minor) FILTER (WHERE a.lost_at IS NULL), 0)
               || ' and lost ones '
               || coalesce(sum(a.amount_minor - a.returned_minor) FILTER (WHERE a.lost_at IS NOT NULL), 0)
        FROM payments_dispute d JOIN orders_disputeallocation a ON a.dispute_reference = d.public_id
        GROUP BY d.id
        HAVING coalesce(sum(a.amount_minor - a.returned_minor) FILTER (WHERE a.lost_at IS NULL), 0)
               > CASE WHEN d.withdrawn_minor = 0 AND d.closed_at IS NULL THEN d.amount_minor
                      ELSE d.withdrawn_minor - d.reinstated_minor - d.lost_minor END
            OR coalesce(sum(a.amount_minor - a.returned_minor) FILTER (WHERE a.lost_at IS NOT NULL), 0) > d.lost_minor
    """,
    "an entry about a dispute is about one that is known": """
        SELECT e.source_reference, 'entry ' || e.id || ' (' || e.kind || ') is about no dispute'
        FROM ledger_journalentry e
        WHERE e.source_reference LIKE 'dispute\\_%'
          AND split_part(e.source_reference, ':', 2) NOT IN (SELECT public_id FROM payments_dispute)
    """,
    "every movement of a dispute's money is in the audit trail": """
        SELECT d.public_id, 'withdrawn ' || d.withdrawn_minor || ', given back ' || d.reinstated_minor || ', fee '
               || d.fee_minor || ', told ' || coalesce(told.withdrawn, 0) || ', ' || coalesce(told.reinstated, 0)
               || ' and ' || coalesce(told.fee, 0)
        FROM payments_dispute d
        LEFT JOIN (
            SELECT subject, currency,
                   sum(amount_minor) FILTER (WHERE event_type = 'dispute.withdrawn') AS withdrawn,
                   sum(amount_minor) FILTER (WHERE event_type = 'dispute.reinstated') AS reinstated,
                   sum(amount_minor) FILTER (WHERE event_type LIKE 'dispute.fee%') AS fee
            FROM common_auditrecord WHERE event_type LIKE 'dispute.%' GROUP BY 1, 2
        ) told ON told.subject = d.public_id AND told.currency = d.currency
        WHERE (coalesce(told.withdrawn, 0), coalesce(told.reinstated, 0), coalesce(told.fee, 0))
              <> (d.withdrawn_minor, d.reinstated_minor, d.fee_minor)
    """,
    "a dispute was answered when its answer was carried out": """
        SELECT d.public_id, d.status || ', answer ' || coalesce(q.state, 'none') || ', sent '
               || coalesce(d.submitted_at::text, 'never')
        FROM payments_dispute d
        LEFT JOIN LATERAL (
            SELECT state, finished_at FROM payments_processorrequest
            WHERE subject = d.public_id AND kind IN ('submit_evidence', 'accept_dispute')
            ORDER BY id DESC LIMIT 1
        ) q ON true
        WHERE d.submitted_at IS NOT NULL AND q.state IS DISTINCT FROM 'succeeded'
    """,
}
