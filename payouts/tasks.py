"""Scheduled work of payouts."""

from celery import shared_task

from common.clock import now
from payouts import services


@shared_task(name="payouts.tasks.release_payables")
def release_payables() -> int:
    return services.release_due(now=now())


@shared_task(name="payouts.tasks.send_transfers")
def send_transfers() -> int:
    """How many were carried out."""
    return services.transfer_due(now=now()).succeeded
