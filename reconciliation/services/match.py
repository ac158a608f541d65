"""Compare one processor's statement with the books: what came late is recorded, what is left goes to the queue."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from payments.contracts import MovementKind
from payments.models import Refund
from payments.processors import reports_of
from reconciliation.contracts import Outcome, Period
from reconciliation.enums import Difference
from reconciliation.models import ReconciliationRun
from reconciliation.selectors.differences import difference_of, journal_for, movement_kind_of
from reconciliation.selectors.matching import Differing, TheirLine, compare, differing
from reconciliation.services import exceptions
from reconciliation.services.exceptions import Found
from reconciliation.services.heal import heal
from reconciliation.services.index import index_books
from reconciliation.services.platform_payouts import ask_after_payouts, book_own_money

# Booked on another day: news may be late by a weekend without anybody minding.
DATE_TOLERANCE = dt.timedelta(days=3)
_HEALABLE = (Difference.MISSING_HERE, Difference.AMOUNT, Difference.FEE)
# A processor that does not answer is left alone for the rest of a run.
_LOST_ANSWERS = 3


@dataclass(slots=True)
class _Round:
    """What one comparison found."""

    found: dict[tuple[str, str], Found] = field(default_factory=dict)
    in_flight: list[str] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    compared: int = 0


def match(
    *,
    run: ReconciliationRun,
    processor: str,
    period: Period,
    told: Period,
    now: dt.datetime,
    heals: bool = True,
    date_tolerance: dt.timedelta = DATE_TOLERANCE,
) -> Outcome:
    """Compares what is stored of the processor's statement with the books. `told` is the time that it is complete for.

    Not in a transaction: what came late is settled by use cases of their own.
    """
    outcome = Outcome(source=processor)
    book_own_money(processor=processor, now=now)
    outcome.healed += [f"payout {key} was paid" for key in ask_after_payouts(processor=processor, now=now)]
    late = exceptions.found_by_unfinished_runs(source=processor, differences=_HEALABLE)
    late |= _heal(run, processor, period, now, date_tolerance) if heals else set()
    index_books()
    result = _Round()
    for one in _compared(result, processor, period, date_tolerance):
        _judge(result, one, processor, told, was_late=(one.subject_key, one.currency) in late)
    result.seen |= exceptions.record(run=run, source=processor, found=result.found.values(), now=now)
    healed = exceptions.close_others(run=run, source=processor, seen=result.seen, healed=late, now=now)
    outcome.healed += [f"{row.movement_kind} {row.subject_key}" for row in healed]
    outcome.compared, outcome.in_flight = result.compared, result.in_flight
    outcome.matched = result.compared - len(result.found) - len(result.in_flight)
    return outcome


def _heal(
    run: ReconciliationRun, processor: str, period: Period, now: dt.datetime, date_tolerance: dt.timedelta
) -> set[tuple[str, str]]:
    """Looks up what the statement tells of and the books don't; the names of what was asked after.

    Each is in the queue before it is asked after: when the run is killed in between, the next one knows that it was
    late, and says so.
    """
    index_books()
    asked: set[tuple[str, str]] = set()
    lost = 0
    for one in list(_compared(_Round(), processor, period, date_tolerance)):
        difference = difference_of(one)
        line = _unbooked(one, difference)
        if line is None or lost >= _LOST_ANSWERS:
            continue
        exceptions.record(
            run=run, source=processor, found=[_as_found(one, difference, _words(one, difference))], now=now
        )
        why_not = heal(processor=processor, subject_key=one.subject_key, line=line, now=now)
        lost += why_not.startswith("it could not be looked up")
        if not why_not:
            asked.add((one.subject_key, one.currency))
    return asked


def _compared(result: _Round, processor: str, period: Period, date_tolerance: dt.timedelta) -> Iterator[Differing]:
    result.compared, _ = compare(processor=processor, since=period.since, until=period.until)
    return differing(processor=processor, date_tolerance=date_tolerance)


def _unbooked(one: Differing, difference: Difference) -> TheirLine | None:
    """The movement whose object is to be looked up: the newest one, which news of it would be about."""
    return one.theirs[-1] if difference in _HEALABLE and one.theirs else None


def _judge(result: _Round, one: Differing, processor: str, told: Period, *, was_late: bool) -> None:
    difference, name = difference_of(one), (one.subject_key, one.currency)
    if difference == Difference.MISSING_THERE and (why_not := _why_not_shown(one, processor, told)):
        result.in_flight.append(f"{one.ours[-1].source_reference} is booked, {processor} {why_not}")
        result.seen.add(name)
        return
    if difference == Difference.DATE and (was_late or exceptions.was_healed(processor, *name)):
        # That it was booked late is known, and why.
        return
    result.found[name] = _as_found(one, difference, _words(one, difference))


def _why_not_shown(one: Differing, processor: str, told: Period) -> str:
    """Why the statement can't show it, in words; empty if it should.

    It is too new, the processor has accepted it and waits for funds, or it was booked so soon after a file begins that
    it may have moved before that.
    """
    newest = one.booked_last_at
    if newest is not None and newest > told.until - reports_of(processor).complete_after:
        return "does not show it yet"
    if Refund.objects.filter(processor_refund_id=one.subject_key, status="pending").exists():
        return "does not show it yet"
    if one.booked_at is not None and one.booked_at < told.since + DATE_TOLERANCE:
        return "may have shown it before this statement begins"
    return ""


def _as_found(one: Differing, difference: Difference, detail: str) -> Found:
    kind = movement_kind_of(one)
    effect = one.theirs_gross - one.theirs_fee - one.ours_gross + one.ours_fee
    return Found(
        subject_key=one.subject_key, currency=one.currency, difference=difference, movement_kind=kind,
        ours_gross=one.ours_gross, ours_fee=one.ours_fee, theirs_gross=one.theirs_gross, theirs_fee=one.theirs_fee,
        detail=detail, suggestion=journal_for(difference, kind, effect),
        occurred_at=one.moved_last_at or one.booked_last_at or dt.datetime.now(dt.UTC),
    )  # fmt: skip


def _words(one: Differing, difference: Difference) -> str:
    """For people: what is there, what is here."""
    there = ", ".join(f"{line.kind} {line.external_id}" for line in one.theirs[-3:]) or "nothing"
    here = ", ".join(entry.source_reference for entry in one.ours[-3:]) or "nothing"
    if difference == Difference.MISSING_HERE and one.theirs[-1].kind == MovementKind.FEE:
        there = f"a fee of its own, {there}"
    days = ""
    if difference == Difference.DATE and one.booked_at is not None and one.moved_at is not None:
        days = f", {abs((one.booked_at - one.moved_at).days)} days apart"
    return f"there: {there}; here: {here}{days}"
