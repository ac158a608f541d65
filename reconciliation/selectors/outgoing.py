"""Requests to processors: each comes to an outcome, somebody sees to that, and what it asked for agrees with it."""

RULES: dict[str, str] = {
    # An idempotency key is remembered for a day; whatever is older than that has used up what retries can do.
    # A transfer that was never sent waits as long as payouts are paused or its run has stopped: that is seen elsewhere.
    "a request to a processor is stuck: no outcome for more than a day": """
        SELECT subject, kind || ' attempt ' || attempt || ' is ' || state || ' since '
               || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC, tried ' || tries || ' times'
               || CASE WHEN error_code = '' THEN '' ELSE ', last ' || error_code END
        FROM payments_processorrequest
        WHERE finished_at IS NULL AND created_at < now() - interval '1 day'
          AND NOT (kind = 'transfer' AND tries = 0 AND state = 'prepared')
    """,
    "what is not over at a processor will be asked after": """
        SELECT public_id, 'payment ' || p.status || CASE WHEN c.id IS NULL THEN '' ELSE ', its fee is unknown' END
        FROM payments_payment p LEFT JOIN payments_capture c ON c.payment_id = p.id
        WHERE p.next_look_up_at IS NULL
          AND (p.status NOT IN ('succeeded', 'canceled', 'failed') OR (c.id IS NOT NULL AND c.fee_minor IS NULL))
        UNION ALL
        SELECT subject, 'request ' || kind || ' ' || state
        FROM payments_processorrequest
        WHERE finished_at IS NULL AND next_try_at IS NULL
        UNION ALL
        SELECT open.public_id, open.kind || ' ' || open.status || ' without a request'
        FROM (
            SELECT public_id, status, 'transfer' AS kind FROM payouts_transfer WHERE status IN ('requested', 'unknown')
            UNION ALL
            SELECT public_id, status, 'refund' FROM payments_refund WHERE status IN ('requested', 'unknown')
            UNION ALL
            SELECT public_id, status, 'transfer_reversal'
            FROM payouts_transferreversal WHERE status IN ('requested', 'unknown')
        ) open
        WHERE NOT EXISTS (SELECT FROM payments_processorrequest q
                          WHERE q.subject = open.public_id AND q.kind = open.kind AND q.finished_at IS NULL)
    """,
    "a request's outcome is that of what it asked for": """
        SELECT q.subject, q.kind || ' request ' || q.state || ', but ' || s.kind || ' ' || s.status
        FROM payments_processorrequest q
        JOIN (
            SELECT public_id, 'transfer' AS kind, status, status IN ('requested', 'unknown') AS is_open
            FROM payouts_transfer
            UNION ALL
            SELECT public_id, 'refund', status, status IN ('requested', 'unknown') FROM payments_refund
            UNION ALL
            SELECT public_id, 'transfer_reversal', status, status IN ('requested', 'unknown')
            FROM payouts_transferreversal
            UNION ALL
            SELECT public_id, 'create_payment', status, processor_payment_id IS NULL AND status <> 'failed'
                   AND status <> 'canceled'
            FROM payments_payment
        ) s ON s.public_id = q.subject AND s.kind = q.kind
        -- A refund that came back is open again with its next attempt.
        WHERE (q.state = 'succeeded' AND s.is_open AND NOT EXISTS (
                  SELECT FROM payments_processorrequest later
                  WHERE later.kind = q.kind AND later.subject = q.subject AND later.attempt > q.attempt))
           OR (q.finished_at IS NULL AND NOT s.is_open)
    """,
    "a finished request has an outcome, and only a finished one": """
        SELECT subject, kind || ' is ' || state || ', finished ' || coalesce(finished_at::text, 'never')
        FROM payments_processorrequest
        WHERE (finished_at IS NOT NULL) <> (state IN ('succeeded', 'failed'))
    """,
}
