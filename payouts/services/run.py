"""Payout runs: everybody who is due is paid once in each. Killed anywhere, a run goes on where it was."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from common import audit, context, outbox
from common.ids import new_public_id
from identity.selectors import staff_who_may
from payouts.contracts import NothingToPay, TransferRun, UnknownRun
from payouts.enums import PayableStatus, PayoutSchedule, PayoutStatus, RunEdge, RunKind, RunStatus
from payouts.models import Payable, Payout, PayoutPolicy, PayoutRun, Transfer
from payouts.services.compose import compose_chunk, kind_parameters
from payouts.services.paused import everybody_is_paused
from payouts.services.policies import had_their_turn
from payouts.services.send import resolve_due, send_unsent
from payouts.transitions import run_after

log = structlog.get_logger(__name__)
Tell = Callable[[PayoutRun], None]

# Less than a task's time: the schedule comes again, and goes on where this ended.
_SECONDS = 60
# A balance that was too low is asked again after this; whoever topped it up need not wait, they resume the run.
MAY_START = "payouts.start_payout_run"
_POLICIES_AT_ONCE = 500
_DAY = dt.timedelta(days=1)
_BY_SCHEDULE = (RunKind.SCHEDULED, RunKind.CLOSING)
_FUNDS_AGAIN_AFTER = dt.timedelta(minutes=30)
_ANYTHING_DUE = """
    SELECT EXISTS (
        SELECT FROM payouts_payable b
        JOIN catalog_artisan a ON a.id = b.artisan_id
        JOIN payouts_connectedaccount c ON c.artisan_id = b.artisan_id AND c.transfers_enabled
        LEFT JOIN payouts_payoutpolicy p ON p.artisan_id = b.artisan_id
        WHERE b.status = 'released' AND b.next_transfer_at <= %(now)s AND p.paused_at IS NULL
          AND (%(only)s::bigint IS NULL OR b.artisan_id = %(only)s::bigint)
          AND (NOT %(by_schedule)s OR p.id IS NULL AND NOT %(closing)s OR p.next_payout_date <= %(for_date)s)
        GROUP BY b.artisan_id, b.currency, a.currency, p.minimum_minor
        HAVING b.currency <> a.currency OR sum(b.amount_minor - b.debited_minor) >= coalesce(p.minimum_minor, 0)
    )
"""
_ANYTHING_UNSENT = """
    SELECT EXISTS (
        SELECT FROM payouts_payout y
        JOIN payouts_transfer t ON t.payout_id = y.id AND t.status = 'requested'
        JOIN payments_processorrequest q
          ON q.subject = t.public_id AND q.kind = 'transfer' AND q.state = 'prepared' AND q.tries = 0
        LEFT JOIN payouts_payoutpolicy p ON p.artisan_id = y.artisan_id
        WHERE y.run_id = %s AND y.status = 'requested' AND p.paused_at IS NULL AND y.currency <> ALL(%s::text[])
    )
"""


def run_payouts(*, now: dt.datetime, artisan_id: int | None = None, tell: Tell | None = None) -> TransferRun:
    """Pays everybody, or one artisan, what is due now, whatever their schedules say. Not in a transaction.

    First what earlier runs left is looked after, as by the schedule. A minimum and a pause hold here too. After a
    minute it ends; the schedule goes on with what is left.
    """
    done = look_after_runs(now=now)
    if done.unresolved:
        return done
    run = start_run(kind=RunKind.ON_DEMAND, artisan_id=artisan_id, now=now)
    return done + (go_on(run_id=run.pk, now=now, tell=tell) if run is not None else TransferRun(0, 0, 0, 0))


def run_scheduled(*, now: dt.datetime, tell: Tell | None = None) -> TransferRun:
    """By the schedule, often: what earlier runs left, then today's run, once anybody is due. Not in a transaction.

    In the evening the day is closed: what was released since is paid to those whose schedule is still due.
    """
    done = look_after_runs(now=now)
    if done.unresolved:
        return done
    for start in (_start_closing, _start_scheduled):
        run = start(now)
        if run is not None:
            done += go_on(run_id=run.pk, now=now, tell=tell)
            if done.unresolved:
                return done
    pass_days_over(now=now)
    return done


def request_payout(*, artisan_id: int | None, actor: str, now: dt.datetime) -> PayoutRun:
    """By an artisan who is paid when they ask, or by staff, also for everybody (None): a worker pays what is due now.

    `actor` is artisan:<id> or staff:<id>; the caller has checked that they may. Raises NothingToPay: nothing is
    released, it is less than the minimum, paused, or can't be received.
    """
    with transaction.atomic():
        run = start_run(kind=RunKind.ON_DEMAND, artisan_id=artisan_id, now=now, actor=actor)
        if run is None:
            raise NothingToPay()
        _enqueue(run)
    return run


def resume_by_hand(*, run_reference: str, now: dt.datetime) -> PayoutRun:
    """By staff with the permission `payouts.start_payout_run`: as `resume_run`, and a worker goes on with it."""
    with transaction.atomic():
        run = resume_run(run_reference=run_reference, now=now)
        _enqueue(run)
    return run


def look_after_runs(*, now: dt.datetime) -> TransferRun:
    """Lost answers, transfers not sent, runs under way and stopped ones whose time has come. Not in a transaction.

    Nothing new is composed while the processor does not answer.
    """
    done = resolve_due(now=now, out_of_funds=_out_of_funds)
    if done.unresolved:
        return done
    for run in PayoutRun.objects.filter(status=RunStatus.PARTIAL).order_by("id"):
        if _may_go_on(run, now):
            resume_run(run_reference=run.public_id, now=now)
    for run_id in PayoutRun.objects.filter(status=RunStatus.RUNNING).order_by("id").values_list("id", flat=True):
        done += go_on(run_id=run_id, now=now)
    # Of runs that are done: an artisan's that waited for the end of their pause.
    return done + send_unsent(now=now, out_of_funds=_out_of_funds)


def start_run(*, kind: RunKind, artisan_id: int | None, now: dt.datetime, actor: str = "") -> PayoutRun | None:
    """A new run; None where nobody is due, or where today has had its run. Payouts are written by `go_on`."""
    today = timezone.localdate(now)
    if kind in _BY_SCHEDULE and PayoutRun.objects.filter(kind=kind, for_date=today).exists():
        return None
    parameters = {"now": now, "only": artisan_id, "for_date": today, **kind_parameters(kind)}
    if everybody_is_paused() or not _asked(_ANYTHING_DUE, parameters):
        return None
    return _create_run(kind, today, artisan_id=artisan_id, now=now, actor=actor)


def _start_scheduled(now: dt.datetime) -> PayoutRun | None:
    return start_run(kind=RunKind.SCHEDULED, artisan_id=None, now=now)


def _start_closing(now: dt.datetime) -> PayoutRun | None:
    """The second run by the schedules of a day that had one: from the closing hour on, or before the next day's.

    Also where nobody is due any more: the schedules go on to their next dates with it. Not while a run by the schedules
    has stopped or is under way: it pays who was due on its day when it goes on. A share whose hold ended before today
    is released first.
    """
    at, runs = timezone.localtime(now), PayoutRun.objects.filter(kind__in=_BY_SCHEDULE)
    last = runs.order_by("-for_date", "-id").first()
    if last is None or last.kind == RunKind.CLOSING or last.for_date > at.date():
        return None
    if last.for_date == at.date() and at.hour < settings.PAYOUT_CLOSING_HOUR:
        return None
    if runs.exclude(status=RunStatus.DONE).exists() or everybody_is_paused():
        return None
    if last.for_date < at.date() and _overdue(at.date()).exists():
        return None
    return _create_run(RunKind.CLOSING, last.for_date, artisan_id=None, now=now)


def _create_run(
    kind: RunKind, for_date: dt.date, *, artisan_id: int | None, now: dt.datetime, actor: str = ""
) -> PayoutRun | None:
    """None where somebody else began the day's at this moment."""
    try:
        with transaction.atomic():
            run = PayoutRun.objects.create(
                public_id=new_public_id("run"), kind=kind, for_date=for_date, artisan_id=artisan_id,
                started_by=actor or context.current().actor, created_at=now, updated_at=now,
            )  # fmt: skip
            audit.record(event_type="payout_run.started", outcome="succeeded", subject=run.public_id, command=kind)
    except IntegrityError:
        return None
    log.info("payout_run_started", run=run.public_id, kind=kind)
    return run


def resume_run(*, run_reference: str, now: dt.datetime) -> PayoutRun:
    """Lets a stopped run go on, from its first artisan: whoever was paid in it is passed over. Raises UnknownRun.

    One that is running or done stays as it is.
    """
    with transaction.atomic():
        run = PayoutRun.objects.select_for_update().filter(public_id=run_reference).first()
        if run is None:
            raise UnknownRun()
        if run.status == RunStatus.PARTIAL:
            _move(run, RunEdge.RESUMED, now, composed_up_to=0, stopped_for="", short_of=[], note="")
    return run


def go_on(*, run_id: int, now: dt.datetime, tell: Tell | None = None) -> TransferRun:
    """Composes and sends chunk after chunk until the run is done, has stopped, or a minute is over.

    Two processes may be at one run: they take turns at composing and share the sending. `tell` hears of each chunk.
    Not in a transaction.
    """
    ticks, done = time.monotonic(), TransferRun(0, 0, 0, 0)
    while True:
        at = now + dt.timedelta(seconds=time.monotonic() - ticks)
        chunk = compose_chunk(run_id=run_id, now=at)
        sent = send_unsent(now=at, out_of_funds=_out_of_funds)
        done += TransferRun(chunk.payouts, sent.succeeded, sent.refused, sent.unresolved)
        _log_progress(run_id, tell)
        if chunk.is_last:
            _finish(run_id, at)
            return done
        if sent.unresolved or time.monotonic() - ticks > _SECONDS:
            return done


def _finish(run_id: int, now: dt.datetime) -> None:
    """Done when everybody had their turn and nothing waits to be sent but what is paused.

    What waits because our balance is too low stops it, once everything in other currencies is sent.
    """
    with transaction.atomic():
        run = PayoutRun.objects.select_for_update().get(id=run_id)
        if run.status != RunStatus.RUNNING:
            return
        if everybody_is_paused():
            _stop(run, RunEdge.STOPPED, now, note="Payouts are paused.")
        elif _asked(_ANYTHING_UNSENT, [run_id, run.short_of]):
            return
        elif run.short_of:
            currencies = " and ".join(run.short_of)
            _stop(run, RunEdge.OUT_OF_FUNDS, now, note=f"The platform's balance in {currencies} is too low.")
        else:
            _move(run, RunEdge.FINISHED, now, finished_at=now)
            if run.kind in _BY_SCHEDULE:
                _turn_schedules(run, now)


def _had_their_turn(run: PayoutRun) -> "QuerySet[PayoutPolicy]":
    """Whose schedule does not wait for the rest of the run's day.

    Everybody once it is closed. Before, who is paid every day and was paid by this run: tomorrow's is near, and a
    second payout today would only cost the processor's fee once more.
    """
    if run.kind == RunKind.CLOSING:
        return PayoutPolicy.objects.all()
    paid = Payout.objects.filter(run=run).exclude(status=PayoutStatus.REFUSED)
    return PayoutPolicy.objects.filter(schedule=PayoutSchedule.DAILY, artisan__in=paid.values("artisan"))


def _turn_schedules(run: PayoutRun, now: dt.datetime) -> None:
    """In the transaction in which the run ends: a run that stopped pays, when it goes on, who was due on its day.

    Whose transfer was refused is due again on the day after: somebody who is paid once a month does not wait for one.
    """
    while True:
        due = list(
            _had_their_turn(run)
            .select_for_update(of=("self",))
            .filter(next_payout_date__lte=run.for_date)
            .order_by("id")[:_POLICIES_AT_ONCE]
        )
        had_their_turn(policies=due, for_date=run.for_date, again=_refused(due), now=now)
        if len(due) < _POLICIES_AT_ONCE:
            return


def _refused(policies: Sequence[PayoutPolicy]) -> set[int]:
    """The artisans who still have what was in a refused transfer."""
    released = Payable.objects.filter(
        artisan__in=[policy.artisan_id for policy in policies], status=PayableStatus.RELEASED
    )
    return set(released.exclude(failure_code="").values_list("artisan_id", flat=True))


def pass_days_over(*, now: dt.datetime) -> int:
    """Sets the next date of whoever's day went by without anybody being due, so without a run; returns how many.

    Otherwise they would be paid on whatever day something is released next. Not while a run of the schedule is under
    way, which does it at its end, nor while payouts are paused; and a share whose hold ended before today is released
    first.
    """
    today = timezone.localdate(now)
    overdue = _overdue(today).filter(artisan=OuterRef("artisan"))
    passed = PayoutPolicy.objects.filter(~Exists(overdue), next_payout_date__lt=today).order_by("id")
    under_way = PayoutRun.objects.filter(kind__in=_BY_SCHEDULE).exclude(status=RunStatus.DONE)
    if not passed.exists() or under_way.exists() or everybody_is_paused():
        return 0
    with transaction.atomic():
        policies = list(passed.select_for_update(of=("self",), skip_locked=True)[:_POLICIES_AT_ONCE])
        had_their_turn(policies=policies, for_date=today - _DAY, now=now)
    return len(policies)


def _overdue(today: dt.date) -> "QuerySet[Payable]":
    """Shares that are still held although their hold ended before today: the sweep that releases them is late."""
    return Payable.objects.filter(
        status=PayableStatus.HELD, hold_until__lt=dt.datetime.combine(today, dt.time(), dt.UTC)
    )


def _out_of_funds(transfer: Transfer) -> None:
    """Whatever its run would send next in this currency would be refused as well. Balances are kept by currency."""
    with transaction.atomic():
        run = PayoutRun.objects.select_for_update().get(id=transfer.payout.run_id)
        if run.status == RunStatus.RUNNING and transfer.currency not in run.short_of:
            run.short_of = sorted([*run.short_of, transfer.currency])
            run.updated_at = transfer.updated_at
            run.save(update_fields=["short_of", "updated_at"])
            log.warning("payout_run_short", run=run.public_id, currency=transfer.currency)


def _stop(run: PayoutRun, edge: RunEdge, now: dt.datetime, *, note: str) -> None:
    _move(run, edge, now, stopped_for=edge, note=note)
    if edge == RunEdge.OUT_OF_FUNDS:
        # Once a day, however often it is tried again.
        for person in staff_who_may(MAY_START):
            outbox.enqueue(
                task="payouts.tasks.send_run_stopped",
                kwargs={"run_id": run.pk, "user_id": person.pk},
                key=f"payout-run-stopped:{run.public_id}:{timezone.localdate(now)}:{person.pk}",
            )


def _enqueue(run: PayoutRun) -> None:
    outbox.enqueue(task="payouts.tasks.go_on_with_run", kwargs={"run_id": run.pk})


def _move(run: PayoutRun, edge: RunEdge, now: dt.datetime, **values: object) -> None:
    wanted = {"status": run_after(run.status, edge), "updated_at": now, **values}
    for name, value in wanted.items():
        setattr(run, name, value)
    run.save(update_fields=list(wanted))
    audit.record(event_type=f"payout_run.{edge}", outcome="succeeded", subject=run.public_id, command=run.kind)
    log.info("payout_run_moved", run=run.public_id, edge=edge.value)


def _may_go_on(run: PayoutRun, now: dt.datetime) -> bool:
    if run.stopped_for == RunEdge.STOPPED:
        return not everybody_is_paused()
    return now - run.updated_at >= _FUNDS_AGAIN_AFTER


def _log_progress(run_id: int, tell: Tell | None) -> None:
    run = PayoutRun.objects.get(id=run_id)
    if tell is not None:
        tell(run)
    log.info("payout_run_progress", run=run.public_id, payouts=run.payout_count, payables=run.item_count)


def _asked(sql: str, parameters: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return bool(cursor.fetchone()[0])
