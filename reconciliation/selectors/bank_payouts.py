"""Payouts to artisans' banks: each payout is as its attempts are, sends no more than there is, and is seen to."""

RULES: dict[str, str] = {
    "a payout is as its attempts to reach the bank are": """
        SELECT y.public_id, 'payout ' || y.status || ', last attempt ' || coalesce(b.status, 'none')
        FROM payouts_payout y
        LEFT JOIN LATERAL (
            SELECT status FROM payouts_bankpayout a WHERE payout_id = y.id
            ORDER BY status NOT IN ('failed', 'canceled') AND EXISTS (
                SELECT FROM payouts_bankpayoutevent e WHERE e.bank_payout_id = a.id AND e.event = 'found_after_refusal'
            ) DESC, attempt DESC LIMIT 1
        ) b ON true
        WHERE NOT CASE y.status
            WHEN 'on_its_way' THEN coalesce(b.status, '') IN ('requested', 'unknown', 'pending')
            WHEN 'paid' THEN coalesce(b.status, '') = 'paid'
            WHEN 'bank_failed' THEN coalesce(b.status, '') IN ('failed', 'canceled')
            WHEN 'brought_back' THEN coalesce(b.status, 'failed') IN ('failed', 'canceled')
            ELSE b.status IS NULL
        END
    """,
    "only the last attempt to reach a bank may be under way or paid": """
        SELECT b.public_id, 'attempt ' || b.attempt || ' ' || b.status || ', and there is attempt ' || later.attempt
        FROM payouts_bankpayout b
        JOIN payouts_bankpayout later ON later.payout_id = b.payout_id AND later.attempt > b.attempt
        WHERE b.status NOT IN ('failed', 'canceled')
          AND (later.status NOT IN ('failed', 'canceled') OR NOT EXISTS (
              SELECT FROM payouts_bankpayoutevent e WHERE e.bank_payout_id = b.id AND e.event = 'found_after_refusal'))
    """,
    "a payout goes to the bank of its artisan's account, in its currency": """
        SELECT b.public_id, b.processor_account_id || ' ' || b.currency || ', payout ' || y.destination_account_id
               || ' ' || y.currency
        FROM payouts_bankpayout b JOIN payouts_payout y ON y.id = b.payout_id
        WHERE (b.processor_account_id, b.currency) IS DISTINCT FROM (y.destination_account_id, y.currency)
    """,
    # What came back after a payout had left was taken from the next one's money: so it is counted by account, and only
    # what had come back when the newest attempt was written down.
    "no more goes to banks than was transferred, less what had come back": """
        WITH sent AS (
            SELECT processor_account_id AS account, currency, sum(amount_minor) AS minor, max(created_at) AS last_at
            FROM payouts_bankpayout WHERE status IN ('requested', 'unknown', 'pending', 'paid')
            GROUP BY 1, 2
        ), came AS (
            SELECT destination_account_id AS account, currency, sum(amount_minor) AS minor
            FROM payouts_transfer WHERE status = 'succeeded'
            GROUP BY 1, 2
        )
        SELECT sent.account || ' ' || sent.currency, 'to banks ' || sent.minor || ', transferred '
               || coalesce(came.minor, 0) || ', came back before ' || coalesce(back.minor, 0)
        FROM sent
        LEFT JOIN came USING (account, currency)
        LEFT JOIN LATERAL (
            SELECT sum(r.amount_minor) AS minor
            FROM payouts_transferreversal r
            JOIN payouts_transfer t ON t.id = r.transfer_id
            WHERE t.destination_account_id = sent.account AND t.currency = sent.currency AND r.status = 'succeeded'
              AND coalesce((SELECT min(e.occurred_at) FROM payouts_transferreversalevent e
                            WHERE e.reversal_id = r.id AND e.to_status = 'succeeded'), r.created_at) < sent.last_at
        ) back ON true
        WHERE sent.minor > coalesce(came.minor, 0) - coalesce(back.minor, 0)
    """,
    "an attempt to reach a bank has the request that it is as": """
        SELECT b.public_id, 'attempt ' || b.status || ', request ' || coalesce(q.state, 'none')
        FROM payouts_bankpayout b
        LEFT JOIN LATERAL (
            SELECT state FROM payments_processorrequest
            WHERE kind = 'create_payout' AND subject = b.public_id ORDER BY attempt DESC LIMIT 1
        ) q ON true
        WHERE NOT CASE
            WHEN b.status IN ('requested', 'unknown') THEN coalesce(q.state, '') IN ('prepared', 'unknown')
            WHEN EXISTS (SELECT FROM payouts_bankpayoutevent e
                         WHERE e.bank_payout_id = b.id AND e.event = 'found_after_refusal')
                THEN coalesce(q.state, '') = 'failed'
            WHEN b.processor_payout_id IS NOT NULL THEN coalesce(q.state, '') = 'succeeded'
            ELSE coalesce(q.state, '') = 'failed'
        END
    """,
    # The schedule looks at each at least every six hours; what was not available has a message that asks again.
    "a payout that has not reached a bank is being seen to": """
        SELECT public_id, 'attempt pending, asked after '
               || to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
        FROM payouts_bankpayout WHERE status = 'pending' AND updated_at < now() - interval '1 day'
        UNION ALL
        SELECT public_id, 'transferred, looked at '
               || to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
        FROM payouts_payout WHERE status = 'transferred' AND updated_at < now() - interval '1 day'
        UNION ALL
        SELECT y.public_id, 'was not available, and nobody asks again'
        FROM payouts_payout y
        WHERE y.status = 'bank_failed' AND y.failure_code IN ('not_yet_available', 'too_many')
          AND NOT EXISTS (SELECT FROM common_outboxmessage m
                          WHERE m.task = 'payouts.tasks.ask_bank_again' AND m.status <> 'done'
                            AND (m.kwargs ->> 'payout_id')::bigint = y.id)
    """,
}
