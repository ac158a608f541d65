"""Scheduled and queued work of reconciliation."""

from celery import shared_task

from common.clock import now
from reconciliation import emails, services

_HOUR = 3600


# Longer than other tasks: the statements of a day, or of all days since it last ran. Should the broker hand the task
# out once more meanwhile, the second one finds the first at work and ends.
@shared_task(name="reconciliation.tasks.reconcile_daily", soft_time_limit=_HOUR, time_limit=_HOUR + 60)
def reconcile_daily() -> str:
    """What became of it."""
    return services.reconcile_daily(now=now())


@shared_task(name="reconciliation.tasks.reconcile_asked", soft_time_limit=_HOUR, time_limit=_HOUR + 60)
def reconcile_asked() -> str:
    """What became of it."""
    return services.reconcile_asked(now=now())


@shared_task(name="reconciliation.tasks.send_unexplained")
def send_unexplained(run_id: int, user_id: int) -> None:
    emails.send_unexplained(run_id=run_id, user_id=user_id)


@shared_task(name="reconciliation.tasks.send_broken")
def send_broken(run_id: int, user_id: int) -> None:
    emails.send_broken(run_id=run_id, user_id=user_id)
