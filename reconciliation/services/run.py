"""One reconciliation from beginning to end: fetch, compare, heal, compare with the bank, and say what came of it.

One at a time, by a lock of PostgreSQL's that ends with the connection: a run that was killed holds nothing, and its row
says how far it came. The next run goes on there.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min

from common import audit
from common.errors import DomainError
from common.ids import new_public_id
from payments.contracts import MovementFound, MovementUnreadable
from payments.processors import reports_of
from reconciliation.contracts import Outcome, Period, PeriodInvalid, RunInProgress, StatementFile
from reconciliation.enums import ExceptionStatus, RunEdge, RunStatus, Source
from reconciliation.models import BookedMovement, ReconciliationException, ReconciliationRun
from reconciliation.selectors import report
from reconciliation.services.bank import compare_bank
from reconciliation.services.bank_statement import read_bank_statement
from reconciliation.services.index import index_books
from reconciliation.services.match import DATE_TOLERANCE, match
from reconciliation.services.store import StatementContradiction, Stored, store_lines
from reconciliation.transitions import run_after

log = structlog.get_logger(__name__)

_LOCK = 0x4EC0
# Statements are fetched from this much before the period: what is booked in it may have moved before it.
LOOK_BACK = dt.timedelta(days=7)
_FIRST_PERIOD = dt.timedelta(days=31)
_WINDOW = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)
Step = Callable[[str], None]


def reconcile(
    *,
    now: dt.datetime,
    processors: Sequence[str] = (),
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    files: Sequence[StatementFile] = (),
    started_by: str = "command",
    heals: bool = True,
    date_tolerance: dt.timedelta = DATE_TOLERANCE,
    step: Step = lambda _: None,
) -> tuple[ReconciliationRun, list[Outcome]]:
    """Compares the books with the statements of `processors` (all, if none is named) and our bank. Takes a while.

    `since` is by default where the last complete run ended, less a week; `until` is now. `files` are read instead of
    asking their processor. A run that was killed or broke off is taken up where it stopped, unless another period is
    asked for. `step` is told what was done. Not in a transaction. Raises RunInProgress, PeriodInvalid,
    MovementUnreadable, StatementContradiction, and the errors of `payments.contracts`.
    """
    with _alone():
        run = _begin(processors, since, until, files, started_by, now)
        try:
            outcomes = _work(run, files, now, heals, date_tolerance, step)
        except (DomainError, MovementUnreadable, StatementContradiction) as error:
            _end(run, RunEdge.BROKE_OFF, now, error=f"{type(error).__name__}: {error}")
            raise
        run.open_exceptions = ReconciliationException.objects.filter(status=ExceptionStatus.OPEN).count()
        run.report = _report(run, outcomes)
        _end(run, RunEdge.COMPLETED, now)
    return run, outcomes


def processors_in_use() -> list[str]:
    """Those that hold money for us."""
    return ["stripe", *(["paypal"] if settings.PAYPAL_ENABLED else [])]


def _work(
    run: ReconciliationRun,
    files: Sequence[StatementFile],
    now: dt.datetime,
    heals: bool,
    date_tolerance: dt.timedelta,
    step: Step,
) -> list[Outcome]:
    by_source = {file.source: file for file in files}
    outcomes = []
    for processor in run.processors:
        told = _statement(run, processor, by_source.get(processor), now, step)
        outcome = match(
            run=run, processor=processor, period=Period(run.since, run.until), told=told, now=now, heals=heals,
            date_tolerance=date_tolerance,
        )  # fmt: skip
        step(f"{processor}: {outcome.compared} compared, {outcome.matched} agree, {len(outcome.healed)} healed")
        run.matched += outcome.matched
        run.healed += len(outcome.healed)
        run.save(update_fields=["matched", "healed"])
        outcomes.append(outcome)
    bank = by_source.get(Source.BANK)
    if bank is not None:
        path = Path(bank.path)
        _count(run, store_lines(source="bank", movements=read_bank_statement(path), origin=path.name, now=now))
        step(f"bank: {path.name} read")
    outcomes.append(compare_bank(run=run, period=Period(run.since, run.until), now=now, heals=heals))
    run.healed += len(outcomes[-1].healed)
    run.save(update_fields=["healed"])
    return outcomes


def _statement(
    run: ReconciliationRun, processor: str, file: StatementFile | None, now: dt.datetime, step: Step
) -> Period:
    """Fetches or reads one processor's statement; the time for which it is complete."""
    if file is not None:
        path = Path(file.path)
        _count(run, store_lines(source=processor, movements=_read(processor, path), origin=path.name, now=now))
        step(f"{processor}: {path.name} read")
        # Not from what was stored: another statement may have told its lines before.
        return _span(file)
    start = dt.datetime.fromisoformat(run.progress.get(processor) or _fetched_from(run).isoformat())
    while start < now:
        end = min(start + _WINDOW, now)
        movements = reports_of(processor).list_movements(start, end)
        _count(run, store_lines(source=processor, movements=movements, origin="api", now=now))
        # Written after the lines: a run that is killed in between fetches the window again, and stores nothing twice.
        run.progress = {**run.progress, processor: end.isoformat()}
        run.save(update_fields=["progress"])
        step(f"{processor}: fetched until {end:%Y-%m-%d %H:%M}")
        start = end
    return Period(_fetched_from(run), now)


def _read(processor: str, path: Path) -> Iterator[MovementFound]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from reports_of(processor).read_statement(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise MovementUnreadable(f"{path} can't be read: {error}") from error


def _fetched_from(run: ReconciliationRun) -> dt.datetime:
    """Whole seconds: processors' times have no fractions."""
    return (run.since - LOOK_BACK).replace(microsecond=0)


def _begin(
    processors: Sequence[str],
    since: dt.datetime | None,
    until: dt.datetime | None,
    files: Sequence[StatementFile],
    started_by: str,
    now: dt.datetime,
) -> ReconciliationRun:
    wanted = list(processors or [file.source for file in files if file.source != Source.BANK] or processors_in_use())
    if since is None and until is None and not files:
        unfinished = ReconciliationRun.objects.filter(
            status__in=(RunStatus.RUNNING, RunStatus.FAILED), processors=wanted
        ).order_by("-id").first()  # fmt: skip
        newest = ReconciliationRun.objects.filter(processors=wanted).order_by("-id").first()
        if unfinished is not None and unfinished == newest:
            return _take_up(unfinished, now)
    # A killed run that is not taken up is over.
    for stale in ReconciliationRun.objects.filter(status=RunStatus.RUNNING):
        _end(stale, RunEdge.BROKE_OFF, now, error="killed, and another period was asked for")
    index_books()
    told = [_span(file) for file in files if file.source != Source.BANK]
    if told:
        # A file is complete from its first movement to its last, and says nothing of other times.
        since = since or min(span.since for span in told)
        until = until or min(now, max(span.until for span in told))
    until = until or now
    since = since or _continued(wanted, now)
    if since >= until or until > now:
        raise PeriodInvalid(f"from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}")
    with transaction.atomic():
        run = ReconciliationRun.objects.create(
            public_id=new_public_id("rcn"), processors=wanted, since=since, until=until, started_by=started_by,
            started_at=now,
        )  # fmt: skip
        audit.record(
            event_type="reconciliation.started", outcome="succeeded", subject=run.public_id, command=started_by
        )
    return run


def _span(file: StatementFile) -> Period:
    """From the first movement in a file to the last."""
    first = last = None
    for movement in _read(file.source, Path(file.path)):
        first = min(first or movement.occurred_at, movement.occurred_at)
        last = max(last or movement.occurred_at, movement.occurred_at)
    if first is None or last is None:
        raise MovementUnreadable(f"{file.path} holds no movement")
    return Period(first, last + dt.timedelta(seconds=1))


def _take_up(run: ReconciliationRun, now: dt.datetime) -> ReconciliationRun:
    run.status = run_after(run.status, RunEdge.TAKEN_UP)
    # Its end moves on, so that what happened meanwhile is in it; what it has fetched it keeps.
    run.until, run.error, run.finished_at, run.matched, run.healed = now, "", None, 0, 0
    run.save()
    log.info("reconciliation_taken_up", run=run.public_id, progress=run.progress)
    return run


def _continued(processors: Sequence[str], now: dt.datetime) -> dt.datetime:
    """Where the last complete run of these processors ended, less a week; the first one begins with the books."""
    last = ReconciliationRun.objects.filter(status=RunStatus.COMPLETE, processors=list(processors)).aggregate(
        until=Max("until")
    )
    until: dt.datetime | None = last["until"]
    if until is not None:
        return min(until, now) - LOOK_BACK
    first = BookedMovement.objects.filter(processor__in=list(processors)).aggregate(at=Min("effective_at"))
    began: dt.datetime | None = first["at"]
    return began - _DAY if began is not None else now - _FIRST_PERIOD


def _count(run: ReconciliationRun, stored: Stored) -> None:
    run.fetched += stored.read
    run.added += stored.added
    run.save(update_fields=["fetched", "added"])


def _end(run: ReconciliationRun, edge: RunEdge, now: dt.datetime, *, error: str = "") -> None:
    run.status = run_after(run.status, edge)
    run.finished_at, run.error = now, error[:300]
    with transaction.atomic():
        run.save()
        audit.record(
            event_type=f"reconciliation.{edge.value}", outcome="failed" if error else "succeeded",
            subject=run.public_id, command=run.started_by,
        )  # fmt: skip


def _report(run: ReconciliationRun, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """What is printed, and shown in admin: all of it from the rows, at the end of the run."""
    period = Period(run.since, run.until)
    return {
        outcome.source: {
            "compared": outcome.compared,
            "matched": outcome.matched,
            "healed": outcome.healed[:200],
            "in_flight": outcome.in_flight[:200],
            "opening": report.opening_balances(outcome.source, period),
            "kinds": [asdict(row) for row in report.movements_by_kind(outcome.source, period)],
            "open": [asdict(row) for row in report.open_by_kind(outcome.source)],
        }
        for outcome in outcomes
    }


@contextmanager
def _alone() -> Iterator[None]:
    """Raises RunInProgress while another connection reconciles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise RunInProgress()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
