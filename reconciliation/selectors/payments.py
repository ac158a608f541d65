"""Payments and refunds: every movement of a buyer's money is in the books once, in the audit trail, and no other is."""

RULES: dict[str, str] = {
    "a capture is booked exactly once, with its own amount": """
        SELECT p.public_id, 'captured ' || c.amount_minor || ' ' || c.currency || ', booked '
               || coalesce(booked.amount_minor::text, 'nothing')
        FROM payments_capture c
        JOIN payments_payment p ON p.id = c.payment_id
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) AS amount_minor, count(DISTINCT e.id) AS entries
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code = p.processor || '_clearing:' || c.currency
            WHERE e.source_reference IN ('sale:' || p.public_id, 'late_payment:' || p.public_id)
        ) booked ON true
        WHERE booked.entries IS DISTINCT FROM 1 OR booked.amount_minor IS DISTINCT FROM c.amount_minor
    """,
    "a payment is paid when there is a capture, and only then": """
        SELECT p.public_id, p.status || ', captured ' || coalesce(c.amount_minor::text, 'nothing')
        FROM payments_payment p LEFT JOIN payments_capture c ON c.payment_id = p.id
        WHERE (p.status = 'succeeded') <> (c.id IS NOT NULL)
    """,
    "the processor's fee of a capture is booked once it is known": """
        SELECT p.public_id, 'fee ' || coalesce(c.fee_minor::text, 'unknown') || ', booked '
               || coalesce(booked.amount_minor::text, 'nothing')
        FROM payments_capture c
        JOIN payments_payment p ON p.id = c.payment_id
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) AS amount_minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code = 'processor_fees:' || c.currency
            WHERE e.source_reference = 'processor_fee:' || p.public_id
        ) booked ON true
        WHERE coalesce(booked.amount_minor, 0) <> coalesce(c.fee_minor, 0)
    """,
    # By the name in its entries, whatever they are called: sent back by the bank, it counts as not given. What staff
    # have paid from elsewhere has left no processor.
    "a refund is booked exactly once when it was given, with its own amount, and else not": """
        SELECT r.public_id, r.status || ' ' || r.amount_minor || ' ' || r.currency || ', booked '
               || coalesce(-booked.amount_minor, 0)
        FROM payments_refund r
        JOIN payments_capture c ON c.id = r.capture_id
        JOIN payments_payment p ON p.id = c.payment_id
        LEFT JOIN (
            SELECT split_part(e.source_reference, ':', 2) AS reference, a.code, sum(g.amount_minor) AS amount_minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id
            GROUP BY 1, 2
        ) booked ON booked.reference = r.public_id AND booked.code = p.processor || '_clearing:' || r.currency
        LEFT JOIN ledger_journalentry otherwise ON otherwise.source_reference = 'late_refund_otherwise:' || r.public_id
        WHERE coalesce(booked.amount_minor, 0)
              <> CASE WHEN r.status IN ('pending', 'succeeded') AND otherwise.id IS NULL THEN -r.amount_minor ELSE 0 END
           OR (otherwise.id IS NOT NULL AND r.status <> 'succeeded')
    """,
    "no more is given back than was taken": """
        SELECT p.public_id, 'captured ' || c.amount_minor || ', refunds ' || sum(r.amount_minor)
        FROM payments_capture c
        JOIN payments_payment p ON p.id = c.payment_id
        JOIN payments_refund r ON r.capture_id = c.id AND r.status <> 'failed'
        GROUP BY p.id, c.id
        HAVING sum(r.amount_minor) > c.amount_minor
    """,
    # An entry of a kind that is not listed is left to the rule of whoever posts it.
    "what is booked has happened": """
        SELECT e.source_reference, 'entry ' || e.id || ' (' || e.kind || ') is about nothing that is known'
        FROM ledger_journalentry e
        WHERE CASE split_part(e.source_reference, ':', 1)
              WHEN 'sale' THEN 'capture' WHEN 'late_payment' THEN 'capture' WHEN 'processor_fee' THEN 'capture'
              WHEN 'late_refund' THEN 'refund' WHEN 'late_refund_bounced' THEN 'refund'
              WHEN 'late_refund_otherwise' THEN 'refund'
              WHEN 'refund_requested' THEN 'refund' WHEN 'refund_sent' THEN 'refund'
              WHEN 'refund_bounced' THEN 'refund' WHEN 'refund_withdrawn' THEN 'refund'
              WHEN 'release' THEN 'payable'
              WHEN 'transfer_requested' THEN 'transfer' WHEN 'transfer_failed' THEN 'transfer'
              WHEN 'transfer_succeeded' THEN 'transfer'
              WHEN 'transfer_reversed' THEN 'reversal' WHEN 'transfer_returned' THEN 'reversal'
              WHEN 'recovery' THEN 'debt' WHEN 'debt_written_off' THEN 'debt'
              WHEN 'debt_repaid' THEN 'repayment' WHEN 'debt_repayment_undone' THEN 'repayment'
              WHEN 'reserve_withheld' THEN 'reserve' WHEN 'reserve_released' THEN 'release'
              END || ':' || split_part(e.source_reference, ':', 2)
              NOT IN (SELECT 'capture:' || p.public_id
                      FROM payments_capture c JOIN payments_payment p ON p.id = c.payment_id
                      UNION ALL SELECT 'refund:' || public_id FROM payments_refund
                      UNION ALL SELECT 'payable:' || public_id FROM payouts_payable
                      UNION ALL SELECT 'transfer:' || public_id FROM payouts_transfer
                      UNION ALL SELECT 'reversal:' || public_id FROM payouts_transferreversal
                      UNION ALL SELECT 'reserve:' || public_id FROM payouts_reserve
                      UNION ALL SELECT 'release:' || public_id FROM payouts_reserverelease
                      UNION ALL SELECT 'repayment:' || public_id FROM payouts_debtrepayment
                      UNION ALL SELECT 'debt:' || public_id FROM payouts_sellerdebt
                      -- Never empty: NULL, of a kind that is not listed, is "not in" an empty set.
                      UNION ALL SELECT '')
    """,
    "every movement of money is in the audit trail": """
        SELECT moved.public_id, moved.event_types[1] || ' ' || moved.amount_minor || ' ' || moved.currency
        FROM (
            SELECT p.public_id, '{payment.captured}'::text[] AS event_types, c.amount_minor, c.currency
            FROM payments_capture c JOIN payments_payment p ON p.id = c.payment_id
            UNION ALL
            SELECT public_id, '{refund.accepted,refund.paid_back,refund.paid_otherwise}', amount_minor, currency
            FROM payments_refund WHERE status IN ('pending', 'succeeded')
            UNION ALL
            SELECT public_id, '{transfer.succeeded}', amount_minor, currency
            FROM payouts_transfer WHERE status = 'succeeded'
            UNION ALL
            SELECT public_id, '{transfer_reversal.succeeded,transfer_reversal.adopted}', amount_minor, currency
            FROM payouts_transferreversal WHERE status = 'succeeded'
            UNION ALL
            SELECT public_id, '{debt.repaid}', amount_minor, currency FROM payouts_debtrepayment
        ) moved
        WHERE NOT EXISTS (
            SELECT FROM common_auditrecord a
            WHERE a.subject = moved.public_id AND a.event_type = ANY (moved.event_types)
              AND a.amount_minor = moved.amount_minor AND a.currency = moved.currency)
    """,
}
