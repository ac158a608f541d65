"""The letter to staff when a reconciliation found something unexplained."""

from django.conf import settings
from django.urls import reverse

from common.letters import send_letter
from identity.selectors import staff_who_may
from reconciliation.enums import ExceptionStatus
from reconciliation.models import ReconciliationException, ReconciliationRun

_SHOWN = 20
PERMISSION = "reconciliation.propose_journal"


def send_unexplained(*, run_id: int, user_id: int) -> None:
    """To one of staff: what is open after the run, the newest of it, and where it is worked on."""
    person = staff_who_may(PERMISSION).filter(pk=user_id).first()
    rows = ReconciliationException.objects.filter(status=ExceptionStatus.OPEN).order_by("-found_at", "-id")
    count = rows.count()
    if person is None or not count:
        return
    queue = reverse("admin:reconciliation_reconciliationexception_changelist")
    send_letter(
        "reconciliation/email/unexplained",
        to=person.email,
        subject=f"Reconciliation: {count} difference{'' if count == 1 else 's'} to be explained",
        context={
            "run": ReconciliationRun.objects.get(id=run_id),
            "rows": rows[:_SHOWN],
            "more": max(0, count - _SHOWN),
            "count": count,
            "queue_url": f"{settings.SITE_URL}{queue}?status__exact=open",
        },
    )


def send_broken(*, run_id: int, user_id: int) -> None:
    """To one of staff: the daily run could not be finished, so that nothing is known of what it would have found."""
    person = staff_who_may(PERMISSION).filter(pk=user_id).first()
    if person is None:
        return
    run = ReconciliationRun.objects.get(id=run_id)
    send_letter(
        "reconciliation/email/broken",
        to=person.email,
        subject="Reconciliation could not be finished",
        context={
            "run": run,
            "run_url": settings.SITE_URL + reverse("admin:reconciliation_reconciliationrun_change", args=[run.pk]),
        },
    )
