"""The inbox's queued and scheduled work."""

from celery import shared_task

from common import clock
from webhooks import services


@shared_task(name="webhooks.tasks.process_events")
def process_events(event_ids: list[int]) -> None:
    services.process_events(event_ids=event_ids)


@shared_task(name="webhooks.tasks.sweep_inbox")
def sweep_inbox() -> int:
    return services.sweep_inbox(now=clock.now())


@shared_task(name="webhooks.tasks.empty_old_payloads")
def empty_old_payloads() -> int:
    return services.empty_old_payloads(now=clock.now())
