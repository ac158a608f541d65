"""Proof of the books from raw rows. Shares no code with what writes them and trusts no stored figure."""

from django.db import connection

from ledger.contracts import Finding

# rule -> statement that gives one text per offence, nothing when the rule holds
_RULES: dict[str, str] = {
    "an entry sums to zero in each currency": """
        SELECT 'entry ' || entry_id || ' is off by ' || sum(amount_minor) || ' ' || currency
          FROM ledger_posting GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0
    """,
    "an entry has all its postings": """
        SELECT 'entry ' || e.id || ' (' || e.source_reference || ') has ' || count(p.line) || ' of ' || e.line_count
          FROM ledger_journalentry e LEFT JOIN ledger_posting p ON p.entry_id = e.id
         GROUP BY e.id HAVING count(p.line) <> e.line_count OR count(p.line) < 2
             OR max(p.line) <> e.line_count OR min(p.line) <> 1
    """,
    "a posting has an entry, of no later time": """
        SELECT 'posting ' || p.entry_id || '/' || p.line
          FROM ledger_posting p LEFT JOIN ledger_journalentry e ON e.id = p.entry_id
         WHERE e.id IS NULL OR e.posted_at > p.posted_at
    """,
    "a posting has an account of its currency": """
        SELECT 'posting ' || p.entry_id || '/' || p.line
          FROM ledger_posting p LEFT JOIN ledger_account a ON a.id = p.account_id
         WHERE a.id IS NULL OR a.currency <> p.currency OR (p.slot <> 0 AND NOT a.is_hot)
    """,
    "a running balance is the one before plus the amount": """
        SELECT 'posting ' || entry_id || '/' || line || ': ' || balance_minor || ' instead of '
               || coalesce(before, 0) + amount_minor
          FROM (SELECT p.*, lag(balance_minor) OVER chain AS before
                  FROM ledger_posting p WINDOW chain AS (PARTITION BY account_id, slot ORDER BY sequence)) c
         WHERE balance_minor <> coalesce(before, 0) + amount_minor
    """,
    "the postings of an account have no gap and go forward in time": """
        SELECT 'posting ' || entry_id || '/' || line || ': number ' || sequence || ' after ' || coalesce(before, 0)
          FROM (SELECT p.*, lag(sequence) OVER chain AS before, lag(posted_at) OVER chain AS before_at
                  FROM ledger_posting p WINDOW chain AS (PARTITION BY account_id, slot ORDER BY sequence)) c
         WHERE sequence <> coalesce(before, 0) + 1 OR posted_at < before_at
    """,
    "a stored balance is the sum of all postings": """
        SELECT a.code || ': stored ' || coalesce(stored.minor, 0) || ', sum ' || coalesce(summed.minor, 0)
          FROM ledger_account a
          LEFT JOIN (SELECT account_id, sum(amount_minor) AS minor FROM ledger_posting GROUP BY account_id) summed
                 ON summed.account_id = a.id
          LEFT JOIN (SELECT account_id, sum(balance_minor) AS minor
                       FROM (SELECT DISTINCT ON (account_id, slot) account_id, balance_minor
                               FROM ledger_posting ORDER BY account_id, slot, sequence DESC) newest
                      GROUP BY account_id) stored
                 ON stored.account_id = a.id
         WHERE coalesce(stored.minor, 0) <> coalesce(summed.minor, 0)
    """,
    "a bounded account is on its side of zero": """
        SELECT a.code || ': ' || sum(p.amount_minor)
          FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id
         GROUP BY a.id HAVING a.balance_sign * sum(p.amount_minor) < 0
    """,
    "a currency sums to zero": """
        SELECT currency || ' is off by ' || sum(amount_minor)
          FROM ledger_posting GROUP BY currency HAVING sum(amount_minor) <> 0
    """,
    "a reversal is the opposite of its original": """
        SELECT 'entry ' || r.id || ' reverses ' || o.id
          FROM ledger_journalentry r JOIN ledger_journalentry o ON o.id = r.reverses_id
         WHERE o.reverses_id IS NOT NULL
            OR EXISTS (SELECT FROM (
                 SELECT account_id, sum(amount_minor) AS minor FROM ledger_posting WHERE entry_id IN (r.id, o.id)
                  GROUP BY account_id) together WHERE minor <> 0)
    """,
    "the guards of the tables are in force": """
        SELECT coalesce(t.tgname, g.name) || ' on ' || g.tbl || CASE WHEN t.oid IS NULL THEN ' is missing'
               ELSE ' is switched off' END
          FROM (VALUES ('ledger_posting', 'ledger_refuse_insert'), ('ledger_journalentry', 'ledger_refuse_insert'),
                       ('ledger_posting', 'pgtrigger_append_only'), ('ledger_posting', 'pgtrigger_no_truncate'),
                       ('ledger_journalentry', 'pgtrigger_append_only'),
                       ('ledger_journalentry', 'pgtrigger_no_truncate'),
                       ('ledger_account', 'pgtrigger_identity_fixed'), ('ledger_account', 'pgtrigger_no_delete'),
                       ('ledger_account', 'pgtrigger_no_truncate')) g (tbl, name)
          LEFT JOIN pg_trigger t ON t.tgrelid = g.tbl::regclass AND starts_with(t.tgname::text, g.name)
         WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
    """,
}


def verify() -> list[Finding]:
    """Every broken rule, one finding per offending row; an empty list when the books are whole. Reads all postings."""
    findings: list[Finding] = []
    with connection.cursor() as cursor:
        for rule, statement in _RULES.items():
            cursor.execute(statement)
            findings += [Finding(rule=rule, detail=str(row[0])) for row in cursor.fetchall()]
    return findings
