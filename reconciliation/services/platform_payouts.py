"""Our own money between a processor and our bank account: booked when a processor's statement tells of it.

What leaves the processor is on its way until the bank's own statement shows it; that the processor calls it paid moves
nothing in the books.
"""

import datetime as dt

from django.db import connection, transaction

from common import audit, context
from common.ids import new_public_id
from common.money import Money
from ledger import journals
from ledger import selectors as ledger
from ledger.contracts import Line
from ledger.enums import EntryKind
from ledger.services import post_entry, reverse_entry
from payments.contracts import PlatformPayoutFound, PlatformPayoutState, ProcessorError
from payments.processors import reports_of
from reconciliation.enums import PayoutEdge, PayoutStatus
from reconciliation.models import PlatformPayout, PlatformPayoutEvent
from reconciliation.transitions import payout_after

# Movements of our own money that no entry is about yet, oldest first.
_UNBOOKED = """
    SELECT l.kind, l.subject_key, l.net_minor, l.currency, l.occurred_at
    FROM reconciliation_statementline l
    WHERE l.source = %s AND l.kind = ANY (%s)
      AND NOT EXISTS (SELECT FROM ledger_journalentry e WHERE e.source_reference = CASE l.kind
          WHEN 'payout' THEN 'platform_payout_sent:' WHEN 'payout_reversal' THEN 'platform_payout_failed:'
          ELSE 'top_up:' END || l.subject_key)
    ORDER BY l.occurred_at, l.id
"""
_ALIVE = (PayoutStatus.SENT, PayoutStatus.PAID)


def book_own_money(*, processor: str, now: dt.datetime) -> int:
    """Books the payouts to our bank, their returns and the top-ups that the processor's statement tells of and the
    books don't; returns how many. Twice is the same as once. Not in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_UNBOOKED, [processor, ["payout", "payout_reversal", "top_up"]])
        rows = cursor.fetchall()
    booked = 0
    for kind, key, net_minor, currency, occurred_at in rows:
        amount = Money(abs(net_minor), currency)
        if not amount:
            continue
        if kind == "payout" and net_minor < 0:
            booked += book_payout(
                processor=processor, processor_payout_id=key, amount=amount, sent_at=occurred_at, now=now
            )
        elif kind == "payout_reversal" and net_minor > 0:
            booked += book_returned(processor_payout_id=key, failure_code="", now=now)
        elif kind == "top_up" and net_minor > 0:
            booked += _book_top_up(processor, key, amount, occurred_at)
    return booked


def book_payout(
    *, processor: str, processor_payout_id: str, amount: Money, sent_at: dt.datetime, now: dt.datetime
) -> bool:
    """A payout has left the processor's balance. False when it was booked before."""
    with transaction.atomic():
        payout, is_new = PlatformPayout.objects.get_or_create(
            processor_payout_id=processor_payout_id,
            defaults={
                "public_id": new_public_id("ppo"), "processor": processor, "amount_minor": amount.amount_minor,
                "currency": amount.currency, "status": PayoutStatus.SENT, "sent_at": sent_at, "created_at": now,
                "updated_at": now,
            },
        )  # fmt: skip
        if is_new:
            _tell(payout, "", "sent", now)
            _post(
                EntryKind.PLATFORM_PAYOUT_SENT, processor_payout_id, sent_at,
                journals.platform_payout_sent(amount=amount, processor=processor),
            )  # fmt: skip
            _audit(payout, "platform_payout.sent")
    return is_new


def book_returned(*, processor_payout_id: str, failure_code: str, now: dt.datetime) -> bool:
    """It is on the processor's balance again. False when that was booked, or the payout is not known or arrived."""
    with transaction.atomic():
        payout = PlatformPayout.objects.select_for_update().filter(processor_payout_id=processor_payout_id).first()
        if payout is None or payout.status not in _ALIVE:
            return False
        if failure_code:
            payout.failure_code = failure_code[:80]
        reverse_entry(
            original=f"{EntryKind.PLATFORM_PAYOUT_SENT}:{processor_payout_id}",
            source_reference=f"{EntryKind.PLATFORM_PAYOUT_FAILED}:{processor_payout_id}",
            effective_at=now,
            kind=EntryKind.PLATFORM_PAYOUT_FAILED,
        )
        _move(payout, PayoutEdge.CAME_BACK, now)
        _audit(payout, "platform_payout.came_back")
    return True


def book_arrived(*, payout_id: int, bank_line_id: int, booked_at: dt.datetime, now: dt.datetime) -> bool:
    """The bank's statement shows it. False when that was recorded before."""
    with transaction.atomic():
        payout = PlatformPayout.objects.select_for_update().get(id=payout_id)
        if payout.status not in _ALIVE:
            return False
        payout.bank_line_id = bank_line_id
        _post(
            EntryKind.PLATFORM_PAYOUT_ARRIVED, payout.processor_payout_id, booked_at,
            journals.platform_payout_arrived(amount=payout.amount),
        )  # fmt: skip
        _move(payout, PayoutEdge.ARRIVED, now)
        _audit(payout, "platform_payout.arrived")
    return True


def ask_after_payouts(*, processor: str, now: dt.datetime) -> list[str]:
    """What the processor says of the payouts that are not over; returns those whose payment was news. Not in a
    transaction.

    A processor that does not answer is asked again by the next run.
    """
    paid = []
    for payout in PlatformPayout.objects.filter(processor=processor, status=PayoutStatus.SENT).order_by("id"):
        try:
            found = reports_of(processor).retrieve_platform_payout(payout.processor_payout_id)
        except ProcessorError:
            break
        if found is not None and record_payout_found(found=found, now=now):
            paid += [payout.processor_payout_id] if found.state == PlatformPayoutState.PAID else []
    return paid


def settle_platform_payout(*, processor: str, processor_payout_id: str, now: dt.datetime) -> bool:
    """News of a payout to our own bank: the processor is asked, and what it says is booked. Not in a transaction.

    Returns whether it is there. Raises the errors of `payments.contracts`.
    """
    found = reports_of(processor).retrieve_platform_payout(processor_payout_id)
    if found is None:
        return False
    book_payout(processor=processor, processor_payout_id=processor_payout_id, amount=found.amount, sent_at=now, now=now)
    record_payout_found(found=found, now=now)
    return True


def record_payout_found(*, found: PlatformPayoutFound, now: dt.datetime) -> bool:
    """Records what the processor says now; whether anything was new."""
    if found.state == PlatformPayoutState.FAILED:
        return book_returned(processor_payout_id=found.processor_payout_id, failure_code=found.failure_code, now=now)
    with transaction.atomic():
        payout = PlatformPayout.objects.select_for_update().get(processor_payout_id=found.processor_payout_id)
        # The date that was promised first: one that is put off is late all the same.
        is_new = payout.arrival_date is None and found.arrival_date is not None
        payout.arrival_date = payout.arrival_date or found.arrival_date
        if found.state == PlatformPayoutState.PAID and payout.status == PayoutStatus.SENT:
            is_new = True
            _move(payout, PayoutEdge.PAID, now)
        elif is_new:
            payout.updated_at = now
            payout.save()
    return is_new


def _book_top_up(processor: str, top_up_id: str, amount: Money, occurred_at: dt.datetime) -> bool:
    with transaction.atomic():
        if ledger.is_booked(f"{EntryKind.TOP_UP}:{top_up_id}"):
            return False
        _post(EntryKind.TOP_UP, top_up_id, occurred_at, journals.top_up(amount=amount, processor=processor))
        audit.record(
            event_type="platform_top_up.booked", outcome="succeeded", amount=amount, processor=processor,
            processor_id=top_up_id, command="reconcile",
        )  # fmt: skip
    return True


def _post(kind: EntryKind, processor_id: str, effective_at: dt.datetime, lines: tuple[Line, ...]) -> None:
    post_entry(kind=kind, source_reference=f"{kind}:{processor_id}", effective_at=effective_at, lines=lines)


def _move(payout: PlatformPayout, edge: PayoutEdge, now: dt.datetime) -> None:
    before = payout.status
    payout.status = payout_after(before, edge)
    payout.updated_at = now
    payout.save()
    _tell(payout, before, edge.value, now)


def _tell(payout: PlatformPayout, before: str, event: str, now: dt.datetime) -> None:
    PlatformPayoutEvent.objects.create(
        payout=payout, event=event, from_status=before, to_status=payout.status,
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip


def _audit(payout: PlatformPayout, event_type: str) -> None:
    audit.record(
        event_type=event_type, outcome="succeeded", subject=payout.public_id, amount=payout.amount,
        processor=payout.processor, processor_id=payout.processor_payout_id, command="reconcile",
    )  # fmt: skip
