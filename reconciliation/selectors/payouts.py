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
    "a transfer is as its payable is": """
        SELECT b.public_id, 'payable ' || b.status || ' ' || (b.amount_minor - b.debited_minor) || ', transfer '
               || coalesce(t.status || ' ' || t.amount_minor, 'none')
        FROM payouts_payable b LEFT JOIN payouts_transfer t ON t.payable_id = b.id
        WHERE (b.status = 'transferring') <> (coalesce(t.status, '') IN ('requested', 'unknown'))
           OR (b.status = 'transferred') <> (coalesce(t.status, '') = 'succeeded')
           OR (b.status IN ('transferring', 'transferred')
               AND (t.amount_minor, t.currency) IS DISTINCT FROM (b.amount_minor - b.debited_minor, b.currency))
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
