"""The inbox's queued and scheduled work."""

from celery import shared_task

from common import clock
from webhooks import services


@shared_task(name="webhooks.tasks.process_events")
def process_events(event_ids: list[int]) -> None:
    for event_id in event_ids:
        services.process_event(event_id=event_id, now=clock.now())


@shared_task(name="webhooks.tasks.sweep_inbox")
def sweep_inbox() -> int:
    return services.sweep_inbox(now=clock.now())
