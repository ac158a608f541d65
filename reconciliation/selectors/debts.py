"""Debts of artisans: what refunds and disputes took after it had left, what came back of it, and the books of both."""

RULES: dict[str, str] = {
    "what an artisan owes us equals the books": """
        SELECT artisan || ' ' || currency, 'debts ' || coalesce(owed.minor, 0) || ', books '
               || coalesce(booked.minor, 0)
        FROM (
            SELECT a.public_id AS artisan, d.currency,
                   sum(d.amount_minor - d.recovered_minor - d.forgiven_minor) AS minor
            FROM payouts_sellerdebt d JOIN catalog_artisan a ON a.id = d.artisan_id
            GROUP BY 1, 2
        ) owed
        FULL JOIN (
            SELECT a.owner_reference AS artisan, a.currency, sum(g.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id
            WHERE a.code = 'seller_receivable:' || a.owner_reference || ':' || a.currency
            GROUP BY 1, 2
        ) booked USING (artisan, currency)
        WHERE coalesce(owed.minor, 0) <> coalesce(booked.minor, 0)
    """,
    "what was recovered of a debt is the sum of its recoveries": """
        SELECT d.public_id, 'recovered ' || d.recovered_minor || ', recoveries ' || coalesce(sum(r.amount_minor), 0)
        FROM payouts_sellerdebt d LEFT JOIN payouts_debtrecovery r ON r.debt_id = d.id
        GROUP BY d.id
        HAVING d.recovered_minor <> coalesce(sum(r.amount_minor), 0)
    """,
    "what was given back of a debit is the sum of its credits": """
        SELECT s.reference || ' of ' || s.seller_order_reference, 'credited ' || s.credited_minor || ', credits '
               || coalesce(sum(c.amount_minor), 0)
        FROM payouts_sharedebit s LEFT JOIN payouts_sharecredit c ON c.debit_id = s.id
        GROUP BY s.id
        HAVING s.credited_minor <> coalesce(sum(c.amount_minor), 0)
    """,
    "what a debit took of reserves is what their rows say, and so is what a credit put back": """
        SELECT s.reference || ' of ' || s.seller_order_reference, 'reserved ' || s.reserved_minor || ', put back '
               || coalesce(back.minor, 0) || ', rows ' || coalesce(moved.minor, 0)
        FROM payouts_sharedebit s
        LEFT JOIN (
            SELECT debit_id, sum(reserved_minor) AS minor FROM payouts_sharecredit GROUP BY 1
        ) back ON back.debit_id = s.id
        LEFT JOIN (
            SELECT debit_id, sum(amount_minor) AS minor FROM payouts_reservedebit GROUP BY 1
        ) moved ON moved.debit_id = s.id
        WHERE s.reserved_minor - coalesce(back.minor, 0) <> coalesce(moved.minor, 0)
    """,
    "what is no longer owed was given back or written off, and what was written off is booked": r"""
        SELECT d.public_id, 'forgiven ' || d.forgiven_minor || ', credits ' || coalesce(given.minor, 0)
               || ', written off ' || coalesce(gone.minor, 0) || ', booked ' || coalesce(booked.minor, 0)
        FROM payouts_sellerdebt d
        LEFT JOIN (
            SELECT debit_id, sum(receivable_minor) AS minor FROM payouts_sharecredit GROUP BY 1
        ) given ON given.debit_id = d.debit_id
        LEFT JOIN (
            SELECT debt_id, sum(amount_minor) AS minor FROM payouts_debtwriteoff GROUP BY 1
        ) gone ON gone.debt_id = d.id
        LEFT JOIN (
            SELECT split_part(e.source_reference, ':', 2) AS reference, sum(g.amount_minor) AS minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code LIKE 'goodwill:%'
            WHERE e.source_reference LIKE 'debt\_written\_off:%'
            GROUP BY 1
        ) booked ON booked.reference = d.public_id
        WHERE d.forgiven_minor <> coalesce(given.minor, 0) + coalesce(gone.minor, 0)
           OR coalesce(gone.minor, 0) <> coalesce(booked.minor, 0)
    """,
    "what an artisan paid to our bank account is booked once, and is what was paid of debts": """
        SELECT p.public_id, p.status || ' ' || p.amount_minor || ', booked ' || coalesce(booked.minor, 0)
               || ', of debts ' || coalesce(paid.minor, 0)
        FROM payouts_debtrepayment p
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) AS minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code = 'bank:' || p.currency
            WHERE e.source_reference IN ('debt_repaid:' || p.public_id, 'debt_repayment_undone:' || p.public_id)
        ) booked ON true
        LEFT JOIN LATERAL (
            SELECT sum(amount_minor) AS minor FROM payouts_debtrecovery WHERE repayment_id = p.id
        ) paid ON true
        WHERE coalesce(booked.minor, 0) <> CASE WHEN p.status = 'recorded' THEN p.amount_minor ELSE 0 END
           OR coalesce(paid.minor, 0) <> CASE WHEN p.status = 'recorded' THEN p.amount_minor ELSE 0 END
    """,
    "what came back of a transfer is the sum of its reversals": """
        SELECT t.public_id, 'came back ' || t.reversed_minor || ', reversals ' || coalesce(sum(r.amount_minor), 0)
        FROM payouts_transfer t
        LEFT JOIN payouts_transferreversal r ON r.transfer_id = t.id AND r.status = 'succeeded'
        GROUP BY t.id
        HAVING t.reversed_minor <> coalesce(sum(r.amount_minor), 0)
    """,
    "a transfer reversal is booked exactly once when it was carried out, with its own amount, and else not": """
        SELECT r.public_id, r.status || ' ' || r.amount_minor || ', booked ' || coalesce(booked.amount_minor, 0)
        FROM payouts_transferreversal r
        JOIN payouts_transfer t ON t.id = r.transfer_id
        LEFT JOIN LATERAL (
            SELECT sum(g.amount_minor) AS amount_minor
            FROM ledger_journalentry e
            JOIN ledger_posting g ON g.entry_id = e.id
            JOIN ledger_account a ON a.id = g.account_id AND a.code = t.processor || '_clearing:' || r.currency
            WHERE e.source_reference IN ('transfer_reversed:' || r.public_id, 'transfer_returned:' || r.public_id)
        ) booked ON true
        WHERE coalesce(booked.amount_minor, 0) <> CASE WHEN r.status = 'succeeded' THEN r.amount_minor ELSE 0 END
    """,
}
