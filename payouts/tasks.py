"""Queued and scheduled work of payouts."""

from celery import shared_task

from common.clock import now
from payouts import services
from payouts.emails import pauses


@shared_task(name="payouts.tasks.release_payables")
def release_payables() -> int:
    return services.release_due(now=now())


@shared_task(name="payouts.tasks.send_transfers")
def send_transfers() -> int:
    """How many were carried out."""
    return services.transfer_due(now=now()).succeeded


@shared_task(name="payouts.tasks.send_reversal")
def send_reversal(reversal: str) -> str:
    """What became of it."""
    return services.send_reversal(reversal_reference=reversal, now=now()).value


@shared_task(name="payouts.tasks.resolve_reversals")
def resolve_reversals() -> int:
    """How many were carried out."""
    return services.resolve_reversals(now=now()).succeeded


@shared_task(name="payouts.tasks.send_pause_letter")
def send_pause_letter(policy_event_id: int) -> None:
    pauses.send_pause_letter(policy_event_id=policy_event_id)
