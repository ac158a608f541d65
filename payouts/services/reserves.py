"""Reserves: a part of each released share that is kept back for a time, in case buyers get money back."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from common import audit
from common.ids import new_public_id
from common.money import Money
from ledger.contracts import EntryRequest
from payouts.enums import PayableStatus, ReserveReason, ReserveStatus
from payouts.models import Payable, Reserve, ReserveDebit, ReserveRelease, ShareDebit
from payouts.services import books
from payouts.services.history import reserve_of_payables
from payouts.services.locking import lock_reserves_due, lock_reserves_of_artisans, lock_reserves_of_payables
from payouts.services.policies import policies_of
from payouts.services.turns import in_turns

_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Freed:
    """What of a reserve is due again: the payable it became, and the entry for the caller to post."""

    payable: Payable
    entry: EntryRequest


def withhold(payables: Sequence[Payable], *, now: dt.datetime) -> list[EntryRequest]:
    """Keeps a part of released payables back, as their artisans' policies say; returns the entries to post.

    Of what is left of each after netting, rounded down: never the whole, as a policy may keep back half at most. In
    the caller's transaction, which has locked the payables. Payables that were made of a reserve are not for this:
    nothing is kept back twice.
    """
    due = [payable for payable in payables if payable.status == PayableStatus.RELEASED]
    policies = policies_of(artisan_ids={payable.artisan_id for payable in due}, now=now) if due else {}
    reserves = []
    for payable in due:
        policy = policies[payable.artisan_id]
        amount_minor = payable.left.amount_minor * policy.reserve_bps // _WHOLE_BPS
        if amount_minor:
            reserves.append(
                Reserve(
                    public_id=new_public_id("rsv"), payable=payable, artisan=payable.artisan, amount_minor=amount_minor,
                    currency=payable.currency, release_at=now + dt.timedelta(days=policy.reserve_days),
                    created_at=now, updated_at=now,
                )
            )  # fmt: skip
    if not reserves:
        return []
    reserve_of_payables(reserves, now=now)
    Reserve.objects.bulk_create(reserves)
    audit.record_all(
        [
            audit.entry(
                event_type="reserve.withheld", outcome="succeeded", subject=reserve.public_id, amount=reserve.amount,
                artisan=reserve.artisan.public_id, command=f"withhold:{reserve.payable.public_id}",
            )
            for reserve in reserves
        ]
    )  # fmt: skip
    return [books.withheld_entry(reserve, now=now) for reserve in reserves]


def release_reserves(*, now: dt.datetime, limit: int = 200) -> int:
    """By the schedule: what reserves keep back is due again when their time is over; returns how many ended.

    `limit` at a time, each time in a transaction of its own. What the artisans owe us by then is netted by
    `recover_debts`, and again before each payout.
    """

    def step() -> int:
        with transaction.atomic():
            reserves = lock_reserves_due(now=now, limit=limit)
            _end(reserves, ReserveReason.TIME_OVER, now)
        return len(reserves)

    return in_turns(step, chunk=limit)


def end_reserves(*, reserve_ids: Sequence[int], now: dt.datetime) -> int:
    """By staff with the permission `payouts.end_reserve`, checked by the caller: ends reserves before their time.

    Returns how many ended; those that had ended before are left alone.
    """
    with transaction.atomic():
        reserves = list(
            Reserve.objects.select_for_update(of=("self",))
            .select_related("payable__artisan")
            .filter(id__in=list(reserve_ids), status=ReserveStatus.HELD)
            .order_by("id")
        )
        _end(reserves, ReserveReason.STAFF, now)
    return len(reserves)


def free(
    wanted: Sequence[tuple[Reserve, int]],
    *,
    reason: ReserveReason,
    now: dt.datetime,
    references: Sequence[str] | None = None,
) -> list[Freed]:
    """Makes amounts (minor units, no more than is left) of locked reserves due: each becomes a released payable.

    `references` say what each is for, if it is for anything. It belongs to the part of the order whose share was kept
    back. Nothing is kept back of it again.
    """
    payables = Payable.objects.bulk_create(
        [
            Payable(
                public_id=new_public_id("pbl"), order_reference=reserve.payable.order_reference,
                seller_order_reference=reserve.payable.seller_order_reference, origin_reference=new_public_id("rsr"),
                artisan=reserve.payable.artisan, amount_minor=amount_minor, currency=reserve.currency,
                processor=reserve.payable.processor, source_charge_id="", status=PayableStatus.RELEASED,
                hold_until=reserve.payable.hold_until, released_at=now, next_transfer_at=now, created_at=now,
                updated_at=now,
            )
            for reserve, amount_minor in wanted
        ]
    )  # fmt: skip
    releases = ReserveRelease.objects.bulk_create(
        [
            ReserveRelease(
                public_id=payable.origin_reference, reserve=reserve, payable=payable, amount_minor=amount_minor,
                reason=reason, reference=reference, occurred_at=now,
            )
            for (reserve, amount_minor), payable, reference in zip(
                wanted, payables, references or [""] * len(wanted), strict=True
            )
        ]
    )  # fmt: skip
    for reserve, amount_minor in wanted:
        reserve.released_minor += amount_minor
    _save(list(dict.fromkeys(reserve for reserve, _ in wanted)), now)
    audit.record_all(
        [
            audit.entry(
                event_type="reserve.released", outcome="succeeded", subject=release.reserve.public_id,
                amount=release.payable.amount, artisan=release.payable.artisan.public_id,
                command=f"{reason}:{release.payable.public_id}",
            )
            for release in releases
        ]
    )  # fmt: skip
    return [Freed(release.payable, books.reserve_released_entry(release, now=now)) for release in releases]


def take_from_reserves(
    payables: Sequence[Payable], at_most_minor: int, *, now: dt.datetime
) -> list[tuple[Reserve, int]]:
    """For a debit of one part, whose payables are locked: takes what its own reserves have; returns what of which.

    The caller writes the debit and then `note_debit`; its own entry debits the artisan's reserved account, so that one
    transaction posts to the artisan's accounts once.
    """
    taken, missing_minor = [], at_most_minor
    for reserve in lock_reserves_of_payables(payables) if missing_minor else []:
        amount_minor = min(missing_minor, reserve.left.amount_minor)
        if amount_minor:
            reserve.debited_minor += amount_minor
            taken.append((reserve, amount_minor))
            missing_minor -= amount_minor
    _save([reserve for reserve, _ in taken], now)
    return taken


def put_back_into_reserves(debit: ShareDebit, at_most_minor: int, *, reference: str, now: dt.datetime) -> int:
    """For a credit: puts back what the debit took of reserves and is not put back yet; returns how much, minor units.

    Also where the reserve's time is over by now: then it is due with the next run of the schedule.
    """
    taken: dict[int, int] = {}
    for reserve_id, amount_minor in ReserveDebit.objects.filter(debit=debit).values_list("reserve_id", "amount_minor"):
        taken[reserve_id] = taken.get(reserve_id, 0) + amount_minor
    if not any(taken.values()) or not at_most_minor:
        return 0
    reserves = list(Reserve.objects.select_for_update(of=("self",)).filter(id__in=taken).order_by("id"))
    back, missing_minor = [], at_most_minor
    for reserve in reserves:
        amount_minor = min(missing_minor, taken[reserve.pk])
        if amount_minor:
            reserve.debited_minor -= amount_minor
            back.append((reserve, -amount_minor))
            missing_minor -= amount_minor
    _save([reserve for reserve, _ in back], now)
    note_debit(debit, back, reference=reference, now=now)
    return at_most_minor - missing_minor


def note_debit(debit: ShareDebit, moved: Iterable[tuple[Reserve, int]], *, reference: str, now: dt.datetime) -> None:
    """The rows that say what of which reserve a debit took, or a credit put back (below zero)."""
    moved = list(moved)
    ReserveDebit.objects.bulk_create(
        [
            ReserveDebit(reserve=reserve, debit=debit, amount_minor=amount_minor, reference=reference, occurred_at=now)
            for reserve, amount_minor in moved
        ]
    )
    audit.record_all(
        [
            audit.entry(
                event_type="reserve.debited" if amount_minor > 0 else "reserve.put_back", outcome="succeeded",
                subject=reserve.public_id, amount=Money(abs(amount_minor), reserve.currency),
                artisan=debit.artisan.public_id, command=f"debit:{reference}",
            )
            for reserve, amount_minor in moved
        ]
    )  # fmt: skip


def reserves_of(*, artisan_ids: Iterable[int]) -> list[Reserve]:
    """What is still kept back of these artisans' shares, locked, the oldest first: for their debts."""
    return lock_reserves_of_artisans(artisan_ids=artisan_ids)


def _end(reserves: Sequence[Reserve], reason: ReserveReason, now: dt.datetime) -> None:
    if reserves:
        freed = free([(reserve, reserve.left.amount_minor) for reserve in reserves], reason=reason, now=now)
        books.post([one.entry for one in freed])


def _save(reserves: Sequence[Reserve], now: dt.datetime) -> None:
    for reserve in reserves:
        reserve.status = ReserveStatus.HELD if reserve.left else ReserveStatus.RELEASED
        reserve.updated_at = now
    if reserves:
        Reserve.objects.bulk_update(reserves, ["released_minor", "debited_minor", "status", "updated_at"])
