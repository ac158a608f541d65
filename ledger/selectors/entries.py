"""Entries as they stand in the books."""

from django.db import connection

from common.money import Money
from ledger.contracts import Entry, EntryPosting
from ledger.models import JournalEntry, Posting


def is_booked(source_reference: str) -> bool:
    """Whether a business fact has its entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ledger_journalentry WHERE source_reference = %s", [source_reference])
        return cursor.fetchone() is not None


def entry_by_source(source_reference: str) -> Entry | None:
    """The entry of a business fact with its postings, or None if the fact is not booked."""
    entry = JournalEntry.objects.select_related("reverses").filter(source_reference=source_reference).first()
    if entry is None:
        return None
    postings = Posting.objects.filter(entry_id=entry.pk).select_related("account").order_by("line")
    reversal = JournalEntry.objects.filter(reverses_id=entry.pk).first()
    return Entry(
        id=entry.pk,
        kind=entry.kind,
        source_reference=entry.source_reference,
        description=entry.description,
        trace_id=entry.trace_id,
        effective_at=entry.effective_at,
        posted_at=entry.posted_at,
        reverses=entry.reverses.source_reference if entry.reverses else "",
        reversed_by=reversal.source_reference if reversal else "",
        postings=tuple(
            EntryPosting(
                line=posting.line,
                account_code=posting.account.code,
                account_name=posting.account.name,
                amount=Money(posting.amount_minor, posting.currency),
            )
            for posting in postings
        ),
    )
