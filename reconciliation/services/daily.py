"""The daily run and those that staff ask for, and who hears of them."""

import datetime as dt

import structlog
from django.db import transaction

from common import outbox
from common.errors import DomainError
from identity.selectors import staff_who_may
from payments.contracts import MovementUnreadable
from reconciliation.contracts import RunInProgress
from reconciliation.enums import RunStatus
from reconciliation.models import ReconciliationRun
from reconciliation.services.run import reconcile
from reconciliation.services.store import StatementContradiction

log = structlog.get_logger(__name__)

SCHEDULE = "schedule"
# Asked every hour whether it is time: a schedule that counts a day from its own start never ends one that is restarted
# every night.
_EVERY = dt.timedelta(hours=23)
_MAY_WORK_ON_IT = "reconciliation.propose_journal"


def reconcile_daily(*, now: dt.datetime) -> str:
    """Reconciles if the last complete run of the schedule ended long enough ago; what became of it, in a word.

    Staff are written to when something is unexplained, and once a day when the run can't be finished.
    """
    last = ReconciliationRun.objects.filter(started_by=SCHEDULE, status=RunStatus.COMPLETE).order_by("-id").first()
    if last is not None and last.finished_at is not None and now - last.finished_at < _EVERY:
        return "not due"
    return _reconciled(now=now, started_by=SCHEDULE)


def reconcile_asked(*, now: dt.datetime) -> str:
    """Because staff asked for it; the same people are written to. What became of it, in a word."""
    return _reconciled(now=now, started_by="staff")


def _reconciled(*, now: dt.datetime, started_by: str) -> str:
    try:
        run, _ = reconcile(now=now, started_by=started_by)
    except RunInProgress:
        return "another is running"
    except (DomainError, MovementUnreadable, StatementContradiction) as error:
        log.error("reconciliation_broke_off", error=type(error).__name__, detail=str(error)[:300])
        _write("send_broken", ReconciliationRun.objects.latest("id"), key=f"{now:%Y-%m-%d}")
        return "broke off"
    if run.open_exceptions:
        _write("send_unexplained", run, key=run.public_id)
        return "unexplained"
    return "explained"


def _write(task: str, run: ReconciliationRun, *, key: str) -> None:
    with transaction.atomic():
        for person in staff_who_may(_MAY_WORK_ON_IT):
            outbox.enqueue(
                task=f"reconciliation.tasks.{task}",
                kwargs={"run_id": run.pk, "user_id": person.pk},
                key=f"{task}:{key}:{person.pk}",
            )
