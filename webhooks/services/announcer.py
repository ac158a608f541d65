"""Tells the workers of new events, by the thread of `common.announcer`, many in one message."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from common.announcer import Announcer

log = structlog.get_logger(__name__)

TASK = "webhooks.tasks.process_events"
EVENTS_PER_MESSAGE = 50


def publish(event_ids: list[int]) -> bool:
    """Sends the ids to the workers now, in messages of limited size. False when the broker can't be reached."""
    try:
        for start in range(0, len(event_ids), EVENTS_PER_MESSAGE):
            current_app.send_task(TASK, kwargs={"event_ids": event_ids[start : start + EVENTS_PER_MESSAGE]})
    except (BrokerError, RedisError, OSError) as error:
        log.warning("broker_unreachable", events=len(event_ids), error=type(error).__name__)
        return False
    return True


# A processor tells of one step with several events, within a moment and to several of our processes. Those that are
# stored by the time a worker comes share one look-up.
_announcer = Announcer("webhook-announcer", publish, gather_seconds=0.1)


def announce(event_id: int) -> None:
    """Lets the workers know of an event that has been committed. Never waits and never fails."""
    _announcer.announce(event_id)
