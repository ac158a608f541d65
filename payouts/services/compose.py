"""Persist: a run's payouts, chunk by chunk, with their transfers, requests and journals, before anything is sent.

Set-based, since a run may have a hundred thousand payables: rows are moved by a handful of statements for a chunk, and
no more than a chunk is ever in memory.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from common import audit, context
from common.ids import new_public_id
from common.writes import RowId, Writes
from ledger.contracts import EntryRequest
from payments import services as payments
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.enums import PayableEdge, PayableStatus, RunKind, RunStatus
from payouts.models import Payable, Payout, PayoutRun, Transfer
from payouts.services import books
from payouts.services.net import net_debts
from payouts.services.pauses import lock_pauses
from payouts.transitions import payable_after

# A chunk ends with the artisan with whom it reaches either.
CHUNK_ARTISANS, CHUNK_PAYABLES = 200, 4_000

_NEXT_ARTISANS = """
    SELECT artisan_id, count(*) FROM payouts_payable
    WHERE status = 'released' AND next_transfer_at <= %(now)s AND artisan_id > %(after)s
      AND (%(only)s::bigint IS NULL OR artisan_id = %(only)s::bigint)
    GROUP BY artisan_id ORDER BY artisan_id LIMIT %(most)s
"""
# Who has no policy is paid every day, whatever it is, and once.
_WHO_IS_DUE = """
    SELECT a.id, a.public_id, c.processor, c.processor_account_id, coalesce(p.minimum_minor, 0), a.currency
    FROM catalog_artisan a
    JOIN payouts_connectedaccount c ON c.artisan_id = a.id AND c.transfers_enabled
    LEFT JOIN payouts_payoutpolicy p ON p.artisan_id = a.id
    WHERE a.id = ANY(%(artisans)s) AND p.paused_at IS NULL
      AND (NOT %(by_schedule)s OR p.id IS NULL AND NOT %(closing)s OR p.next_payout_date <= %(for_date)s)
"""
_LOCK = """
    SELECT id, artisan_id FROM payouts_payable
    WHERE artisan_id = ANY(%(artisans)s) AND status = 'released' AND next_transfer_at <= %(now)s
    ORDER BY id FOR UPDATE SKIP LOCKED
"""
_WHO_OWES = """
    SELECT DISTINCT artisan_id FROM payouts_sellerdebt
    WHERE artisan_id = ANY(%(artisans)s) AND amount_minor > recovered_minor + forgiven_minor
"""
# Of an artisan and a currency a run has one payout at most, also when it is resumed. What we are short of is not begun.
_SUMS = """
    SELECT b.artisan_id, b.currency, sum(b.amount_minor - b.debited_minor)::bigint, array_agg(b.id ORDER BY b.id),
           array_agg(b.amount_minor - b.debited_minor ORDER BY b.id)
    FROM payouts_payable b
    WHERE b.id = ANY(%(payables)s::bigint[]) AND b.status = 'released' AND b.currency <> ALL(%(short_of)s::text[])
      AND NOT EXISTS (SELECT FROM payouts_payout y WHERE y.run_id = %(run)s AND y.artisan_id = b.artisan_id
                      AND y.currency = b.currency AND y.status <> 'refused')
    GROUP BY b.artisan_id, b.currency ORDER BY b.artisan_id, b.currency
"""
# Of each payable: what it is, what is left of it, and which of the payouts it is in, by its number among them.
_ITEMS = (
    "INSERT INTO payouts_payoutitem (payout_id, payable_id, amount_minor, brought_back_minor)"
    " SELECT p.value, r.payable_id, r.amount_minor, 0"
    " FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS r (number, payable_id, amount_minor)"
    " JOIN unnest(%s::text[]) WITH ORDINALITY AS k (payout, number) USING (number)"
    ' JOIN "payouts" p ON p.key = k.payout RETURNING id'
)
_PAYABLES = (
    "UPDATE payouts_payable SET status = %s, next_transfer_at = NULL, updated_at = %s"
    " WHERE id = ANY(%s::bigint[]) RETURNING id"
)
_PAYABLE_EVENTS = (
    "INSERT INTO payouts_payableevent (payable_id, event, from_status, to_status, amount_minor, reference, actor, note,"
    " trace_id, occurred_at)"
    " SELECT r.payable_id, %s, %s, %s, 0, k.payout, %s, '', %s, %s"
    " FROM unnest(%s::int[], %s::bigint[]) AS r (number, payable_id)"
    " JOIN unnest(%s::text[]) WITH ORDINALITY AS k (payout, number) USING (number) RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one step of a run did. `is_last`: there is nobody after it."""

    payouts: int
    payables: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class _Due:
    """An artisan who is paid in this run, and to where."""

    public_id: str
    processor: str
    account_id: str
    minimum_minor: int
    # Of their shop: a minimum is in it, released shares in another one have none.
    currency: str


@dataclass(frozen=True, slots=True)
class _Sum:
    """What one artisan gets in one currency: payables and what is left of each, in the same order."""

    artisan_id: int
    currency: str
    amount_minor: int
    payable_ids: list[int]
    amounts_minor: list[int]


def compose_chunk(*, run_id: int, now: dt.datetime) -> Chunk:
    """Writes down the payouts of the run's next artisans, in one transaction with the run's place. Nothing is sent.

    Two processes at one run take turns; payables that somebody else has in hand are left to the next run. Whoever may
    not be paid now is passed over: paused, by their schedule not due, unable to receive, or below their minimum.
    """
    with transaction.atomic():
        run = PayoutRun.objects.select_for_update().get(id=run_id)
        if run.status != RunStatus.RUNNING or lock_pauses():
            return Chunk(0, 0, is_last=True)
        artisan_ids, is_last = _next_artisans(run, now)
        due = _who_is_due(run, artisan_ids)
        sums, recoveries = _sums(run, due, now) if due else ([], [])
        if sums:
            _write(run, due, sums, recoveries, now)
        else:
            books.post(recoveries)
        chunk = Chunk(len(sums), sum(len(one.payable_ids) for one in sums), is_last)
        run.composed_up_to = artisan_ids[-1] if artisan_ids else run.composed_up_to
        run.payout_count += chunk.payouts
        run.item_count += chunk.payables
        run.updated_at = now
        run.save(update_fields=["composed_up_to", "payout_count", "item_count", "updated_at"])
    return chunk


def kind_parameters(kind: str) -> dict[str, bool]:
    """What asks who is due needs to know of the run: whether schedules count, and whether the day is being closed."""
    return {"by_schedule": kind != RunKind.ON_DEMAND, "closing": kind == RunKind.CLOSING}


def _next_artisans(run: PayoutRun, now: dt.datetime) -> tuple[list[int], bool]:
    rows = _fetch(
        _NEXT_ARTISANS, {"now": now, "after": run.composed_up_to, "only": run.artisan_id, "most": CHUNK_ARTISANS}
    )
    taken: list[int] = []
    payables = 0
    for artisan_id, count in rows:
        if taken and payables + count > CHUNK_PAYABLES:
            return taken, False
        taken.append(artisan_id)
        payables += count
    return taken, len(rows) < CHUNK_ARTISANS


def _who_is_due(run: PayoutRun, artisan_ids: Sequence[int]) -> dict[int, _Due]:
    parameters = {"artisans": list(artisan_ids), "for_date": run.for_date, **kind_parameters(run.kind)}
    rows = _fetch(_WHO_IS_DUE, parameters)
    return {artisan_id: _Due(*rest) for artisan_id, *rest in rows}


def _sums(run: PayoutRun, due: dict[int, _Due], now: dt.datetime) -> tuple[list[_Sum], list[EntryRequest]]:
    """What everybody gets, after what they owe us; and the entries of that, to be posted with the rest."""
    locked = _fetch(_LOCK, {"artisans": list(due), "now": now})
    owing = {artisan_id for (artisan_id,) in _fetch(_WHO_OWES, {"artisans": list(due)})}
    theirs = [payable_id for payable_id, artisan_id in locked if artisan_id in owing]
    recoveries: list[EntryRequest] = []
    if theirs:
        # Once more: they may owe us since the release, or a refused reversal may have left a debt open.
        payables = Payable.objects.select_related("artisan").filter(id__in=theirs).order_by("id")
        recoveries = net_debts(list(payables), now=now).entries
    payable_ids = _array(payable_id for payable_id, _ in locked)
    rows = _fetch(_SUMS, {"payables": payable_ids, "run": run.pk, "short_of": run.short_of})
    sums = [_Sum(*row) for row in rows]
    return [one for one in sums if one.amount_minor >= _least(due[one.artisan_id], one.currency)], recoveries


def _least(due: _Due, currency: str) -> int:
    return due.minimum_minor if currency == due.currency else 1


def _write(
    run: PayoutRun, due: dict[int, _Due], sums: Sequence[_Sum], recoveries: list[EntryRequest], now: dt.datetime
) -> None:
    payouts = [_payout(run, due[one.artisan_id], one, now) for one in sums]
    transfers = [_transfer(payout, now) for payout in payouts]
    writes = Writes()
    writes.insert_many("payouts", payouts, key="public_id")
    writes.insert_many("transfers", transfers, payout=RowId("payouts"))
    _add_items(writes, payouts, sums)
    _add_payables(writes, payouts, sums, now)
    writes.insert_many("requests", [_request(transfer, now) for transfer in transfers])
    sellers = [due[one.artisan_id].public_id for one in sums]
    writes.insert_many(
        "trail",
        [
            audit.entry(
                event_type="transfer.requested", outcome="requested", subject=transfer.public_id,
                amount=transfer.amount, artisan=seller, processor=transfer.processor, command=f"run:{run.public_id}",
            )
            for transfer, seller in zip(transfers, sellers, strict=True)
        ],
    )  # fmt: skip
    writes.execute()
    entries = [
        books.request_entry(transfer, transfer.payout, seller=seller, now=now)
        for transfer, seller in zip(transfers, sellers, strict=True)
    ]
    books.post([*recoveries, *entries])


def _payout(run: PayoutRun, due: _Due, one: _Sum, now: dt.datetime) -> Payout:
    return Payout(
        public_id=new_public_id("pyt"), run=run, artisan_id=one.artisan_id, amount_minor=one.amount_minor,
        currency=one.currency, processor=due.processor, destination_account_id=due.account_id, created_at=now,
        updated_at=now,
    )  # fmt: skip


def _transfer(payout: Payout, now: dt.datetime) -> Transfer:
    return Transfer(
        public_id=new_public_id("trf"), payout=payout, processor=payout.processor,
        destination_account_id=payout.destination_account_id, amount_minor=payout.amount_minor,
        currency=payout.currency, created_at=now, updated_at=now,
    )  # fmt: skip


def _request(transfer: Transfer, now: dt.datetime) -> ProcessorRequest:
    return payments.build(
        kind=RequestKind.TRANSFER,
        processor=transfer.processor,
        subject=transfer.public_id,
        body={
            "transfer": transfer.public_id,
            "payout": transfer.payout.public_id,
            "destination": transfer.destination_account_id,
            "amount_minor": transfer.amount_minor,
            "currency": transfer.currency,
            "trace_id": context.current().trace_id,
        },
        now=now,
    )


def _add_items(writes: Writes, payouts: Sequence[Payout], sums: Sequence[_Sum]) -> None:
    amounts = _array(amount_minor for one in sums for amount_minor in one.amounts_minor)
    writes.raw("items", _ITEMS, [_numbers(sums), _payable_ids(sums), amounts, _references(payouts)])


def _add_payables(writes: Writes, payouts: Sequence[Payout], sums: Sequence[_Sum], now: dt.datetime) -> None:
    work, edge = context.current(), PayableEdge.TRANSFER_REQUESTED
    target = payable_after(PayableStatus.RELEASED, edge)
    writes.raw("payables", _PAYABLES, [target, now, _payable_ids(sums)])
    writes.raw(
        "payable_events",
        _PAYABLE_EVENTS,
        [
            edge, PayableStatus.RELEASED, target, work.actor, work.trace_id, now, _numbers(sums), _payable_ids(sums),
            _references(payouts),
        ],
    )  # fmt: skip


def _references(payouts: Sequence[Payout]) -> list[str]:
    return [payout.public_id for payout in payouts]


def _payable_ids(sums: Sequence[_Sum]) -> str:
    return _array(payable_id for one in sums for payable_id in one.payable_ids)


def _numbers(sums: Sequence[_Sum]) -> str:
    """For each payable the number, from 1, of its payout."""
    return _array(number for number, one in enumerate(sums, start=1) for _ in one.payable_ids)


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes one. The driver, which looks at each element, takes ten times as long."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _fetch(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
