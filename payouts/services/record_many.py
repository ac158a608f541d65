"""Record: transfers that were all carried out, in one transaction and by sets of rows. Twice is once.

A run sends thousands; recorded one by one, the statements of each would take longer than the processor does. Whatever
is not the plain case is left to `record_carried_out`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from common import audit, context, outbox
from common.money import Money
from common.writes import Writes
from payments import services as payments
from payments.contracts import TransferFound
from payments.models import ProcessorRequest
from payouts.enums import PayableEdge, PayableStatus, PayoutEdge, PayoutStatus, TransferEdge, TransferStatus
from payouts.services import books
from payouts.transitions import payable_after, payout_after, transfer_after

# Their rows stay where they are: a run has a hundred thousand, and nothing has to be known of each. As an array they
# are looked up one by one, where a join might read all payables that there are.
_LOCK_PAYABLES = """
    SELECT count(*) FROM (
        SELECT b.id FROM payouts_payable b
        WHERE b.id = ANY(ARRAY(
            SELECT i.payable_id
            FROM payouts_transfer t
            JOIN payouts_payoutitem i ON i.payout_id = t.payout_id
            WHERE t.public_id = ANY(%s)
        )) ORDER BY b.id FOR UPDATE
    ) locked
"""
# By a statement after the one that took the locks, so that it sees what their last holder did.
_WITH_DEBTS = """
    SELECT DISTINCT t.payout_id
    FROM payouts_transfer t
    JOIN payouts_payoutitem i ON i.payout_id = t.payout_id
    JOIN payouts_payable b ON b.id = i.payable_id
    JOIN payouts_sellerdebt d ON d.seller_order_reference = b.seller_order_reference
    WHERE t.public_id = ANY(%s) AND d.collects AND d.amount_minor > d.recovered_minor + d.forgiven_minor
"""
_LOCK = """
    SELECT t.id, t.public_id, t.status, t.destination_account_id, t.amount_minor, t.currency, t.processor, t.attempt,
           y.id, y.public_id, y.status, a.public_id
    FROM payouts_transfer t
    JOIN payouts_payout y ON y.id = t.payout_id
    JOIN catalog_artisan a ON a.id = y.artisan_id
    WHERE t.public_id = ANY(%s) ORDER BY t.id FOR UPDATE OF y, t
"""
_TRANSFERS = (
    "UPDATE payouts_transfer t SET status = %s, processor_transfer_id = r.processor_id, failure_code = '',"
    " updated_at = %s FROM unnest(%s::bigint[], %s::text[]) AS r (id, processor_id) WHERE t.id = r.id RETURNING t.id"
)
_TRANSFER_EVENTS = (
    "INSERT INTO payouts_transferevent (transfer_id, event, from_status, to_status, attempt, actor, note, trace_id,"
    " occurred_at) SELECT r.id, %s, r.status, %s, r.attempt, %s, '', %s, %s"
    " FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS r (id, status, attempt) RETURNING id"
)
_PAYOUTS = (
    "UPDATE payouts_payout SET status = %s, transferred_at = %s, updated_at = %s, failure_code = ''"
    " WHERE id = ANY(%s) RETURNING id"
)
_PAYOUT_EVENTS = (
    "INSERT INTO payouts_payoutevent (payout_id, event, from_status, to_status, actor, note, trace_id, occurred_at)"
    " SELECT id, %s, %s, %s, %s, '', %s, %s FROM unnest(%s::bigint[]) AS r (id) RETURNING id"
)
_PAYABLES = (
    "UPDATE payouts_payable SET status = %s, transferred_at = %s, failure_code = '', next_transfer_at = NULL,"
    " updated_at = %s WHERE id = ANY(ARRAY(SELECT payable_id FROM payouts_payoutitem WHERE payout_id = ANY(%s)))"
    " RETURNING id"
)
_PAYABLE_EVENTS = (
    "INSERT INTO payouts_payableevent (payable_id, event, from_status, to_status, amount_minor, reference, actor, note,"
    " trace_id, occurred_at) SELECT i.payable_id, %s, %s, %s, 0, y.public_id, %s, '', %s, %s"
    " FROM payouts_payoutitem i JOIN payouts_payout y ON y.id = i.payout_id WHERE i.payout_id = ANY(%s)"
    " ORDER BY i.id RETURNING id"
)


@dataclass(frozen=True, slots=True)
class _Locked:
    """A transfer and its payout, as the lock found them, and their artisan."""

    transfer_id: int
    reference: str
    status: str
    account_id: str
    amount_minor: int
    currency: str
    processor: str
    attempt: int
    payout_id: int
    payout_reference: str
    payout_status: str
    seller: str

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


Answer = tuple[ProcessorRequest, TransferFound]


def record_all_carried_out(answers: Sequence[Answer], *, now: dt.datetime) -> list[Answer]:
    """Records the plain ones in one transaction; returns those that `record_carried_out` has to look at.

    These are: of another amount or to another account than asked, recorded by somebody else meanwhile, or of a part of
    which something was refunded while the transfer was under way.
    """
    if not answers:
        return []
    found = {request.subject: (request, answer) for request, answer in answers}
    with transaction.atomic():
        _fetch(_LOCK_PAYABLES, list(found))
        with_debts = {payout_id for (payout_id,) in _fetch(_WITH_DEBTS, list(found))}
        locked = [_Locked(*row) for row in _fetch(_LOCK, list(found))]
        plain = [one for one in locked if _is_plain(one, found[one.reference][1]) and one.payout_id not in with_debts]
        if plain:
            _record(plain, found, now)
    done = {one.reference for one in plain}
    return [answer for reference, answer in found.items() if reference not in done]


def _is_plain(one: _Locked, found: TransferFound) -> bool:
    return (
        one.status in (TransferStatus.REQUESTED, TransferStatus.UNKNOWN)
        and one.payout_status == PayoutStatus.REQUESTED
        and (found.transfer_reference, found.amount, found.destination_account_id)
        == (one.reference, one.amount, one.account_id)
    )


def _record(plain: Sequence[_Locked], found: dict[str, Answer], now: dt.datetime) -> None:
    work, writes = context.current(), Writes()
    payout_ids = [one.payout_id for one in plain]
    payments.finish_all_succeeded(
        {found[one.reference][0].pk: found[one.reference][1].processor_transfer_id for one in plain}, now=now
    )
    edge, after = TransferEdge.CARRIED_OUT, transfer_after(TransferStatus.REQUESTED, TransferEdge.CARRIED_OUT)
    ids = [one.transfer_id for one in plain]
    writes.raw(
        "transfers", _TRANSFERS, [after, now, ids, [found[one.reference][1].processor_transfer_id for one in plain]]
    )
    writes.raw(
        "transfer_events",
        _TRANSFER_EVENTS,
        [
            edge, after, work.actor, work.trace_id, now, ids, [one.status for one in plain],
            [one.attempt for one in plain],
        ],
    )  # fmt: skip
    paid = payout_after(PayoutStatus.REQUESTED, PayoutEdge.TRANSFER_SUCCEEDED)
    writes.raw("payouts", _PAYOUTS, [paid, now, now, payout_ids])
    writes.raw(
        "payout_events",
        _PAYOUT_EVENTS,
        [
            PayoutEdge.TRANSFER_SUCCEEDED, PayoutStatus.REQUESTED, paid, work.actor, work.trace_id, now,
            payout_ids,
        ],
    )  # fmt: skip
    gone = payable_after(PayableStatus.TRANSFERRING, PayableEdge.TRANSFER_SUCCEEDED)
    writes.raw("payables", _PAYABLES, [gone, now, now, payout_ids])
    writes.raw(
        "payable_events",
        _PAYABLE_EVENTS,
        [
            PayableEdge.TRANSFER_SUCCEEDED, PayableStatus.TRANSFERRING, gone, work.actor, work.trace_id, now,
            payout_ids,
        ],
    )  # fmt: skip
    writes.insert_many(
        "trail",
        [
            audit.entry(
                event_type="transfer.succeeded", outcome="succeeded", subject=one.reference, amount=one.amount,
                artisan=one.seller, processor=one.processor, command="transfer",
                processor_id=found[one.reference][1].processor_transfer_id,
                idempotency_key=found[one.reference][0].idempotency_key,
            )
            for one in plain
        ],
    )  # fmt: skip
    writes.execute()
    outbox.enqueue_all(
        task="payouts.tasks.send_to_bank",
        messages={f"send_to_bank:{one.payout_reference}": {"payout_id": one.payout_id} for one in plain},
    )
    books.post([
        books.success_entry(
            one.reference, one.amount, processor=one.processor,
            processor_transfer_id=found[one.reference][1].processor_transfer_id, now=now,
        )
        for one in plain
    ])  # fmt: skip


def _fetch(sql: str, parameter: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(parameter)])
        return list(cursor.fetchall())
