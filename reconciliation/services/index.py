"""Read off the books what they post to clearing accounts, and what each posting is about at the processor."""

from django.db import connection

# Entries are numbered when their transaction posts them and seen when it commits: one with a lower number may come
# after. None of ours stays open for as long as it takes to number so many.
_OVERLAP = 100_000
# What is new is read to its end before any of it is written (the count): the same table is looked through for what is
# there already, and where PostgreSQL took it for empty it would look through all that was just written, for each row.
# Facts by the first word of the source reference, and where their object has its id at the processor. A fact that is
# not listed is about itself, so that it is compared all the same, and found missing there.
_INDEX = """
    WITH fresh AS MATERIALIZED (
        SELECT split_part(a.code, '_clearing:', 1) AS processor, e.id AS entry_id, e.source_reference, e.kind,
               g.amount_minor, g.currency, e.effective_at, e.posted_at,
               split_part(e.source_reference, ':', 1) AS fact, split_part(e.source_reference, ':', 2) AS reference,
               substr(e.source_reference, strpos(e.source_reference, ':') + 1) AS rest,
               CASE WHEN split_part(e.source_reference, ':', 3) ~ '^[0-9]{1,4}$'
                    THEN split_part(e.source_reference, ':', 3)::int ELSE 1 END AS attempt,
               e.kind IN ('processor_fee', 'dispute_fee')
               OR e.source_reference LIKE 'dispute\\_fee\\_returned:%%' AS is_fee
        FROM ledger_account a
        JOIN ledger_posting g ON g.account_id = a.id
        JOIN ledger_journalentry e ON e.id = g.entry_id
        WHERE a.code ~ '^(stripe|paypal)_clearing:'
          AND g.entry_id > (SELECT coalesce(max(entry_id), 0) - %s FROM reconciliation_bookedmovement)
          AND NOT EXISTS (SELECT FROM reconciliation_bookedmovement k WHERE k.entry_id = g.entry_id)
    )
    INSERT INTO reconciliation_bookedmovement
        (processor, subject_key, entry_id, source_reference, entry_kind, gross_minor, fee_minor, net_minor, currency,
         effective_at, posted_at)
    SELECT b.processor,
           coalesce(CASE
               WHEN b.fact IN ('sale', 'late_payment', 'processor_fee') THEN (
                   SELECT c.processor_charge_id FROM payments_payment p JOIN payments_capture c ON c.payment_id = p.id
                   WHERE p.public_id = b.reference)
               WHEN b.fact IN ('refund_sent', 'refund_bounced', 'late_refund', 'late_refund_bounced') THEN coalesce(
                   (SELECT nullif(q.processor_id, '') FROM payments_processorrequest q
                    WHERE q.kind = 'refund' AND q.subject = b.reference AND q.attempt = b.attempt
                      AND q.state = 'succeeded'),
                   (SELECT r.processor_refund_id FROM payments_refund r WHERE r.public_id = b.reference))
               WHEN b.fact IN ('refund_unallocated', 'refund_unallocated_returned') THEN b.rest
               WHEN b.fact IN ('platform_payout_sent', 'platform_payout_failed', 'top_up') THEN b.rest
               WHEN b.fact = 'transfer_succeeded' THEN (
                   SELECT t.processor_transfer_id FROM payouts_transfer t WHERE t.public_id = b.reference)
               WHEN b.fact IN ('transfer_reversed', 'transfer_returned') THEN (
                   SELECT v.processor_reversal_id FROM payouts_transferreversal v WHERE v.public_id = b.reference)
               WHEN b.fact LIKE 'dispute\\_%%' THEN (
                   SELECT CASE WHEN d.processor = 'paypal' THEN c.processor_charge_id || ':dispute'
                               ELSE d.processor_dispute_id END
                   FROM payments_dispute d JOIN payments_capture c ON c.id = d.capture_id
                   WHERE d.public_id = b.reference)
               WHEN b.fact = 'reconciliation' THEN (
                   SELECT x.subject_key FROM reconciliation_reconciliationexception x WHERE x.public_id = b.reference)
           END, 'entry:' || b.source_reference),
           b.entry_id, b.source_reference, b.kind,
           CASE WHEN b.is_fee THEN 0 ELSE b.amount_minor END,
           CASE WHEN b.is_fee THEN -b.amount_minor ELSE 0 END,
           b.amount_minor, b.currency, b.effective_at, b.posted_at
    FROM fresh b WHERE (SELECT count(*) FROM fresh) > 0
    ON CONFLICT (entry_id) DO NOTHING
"""


def index_books() -> int:
    """Brings `BookedMovement` up to date, in one statement; returns how many postings were new."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, [_OVERLAP])
        return int(cursor.rowcount)
