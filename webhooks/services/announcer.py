"""Tells the workers of new events without costing the request anything.

A thread of the web process publishes: at once for the first event, then at most ten times a second with all that came
meanwhile. So the answer never waits for the broker, a busy web process publishes a handful of messages a second and
not one per event, and a dead broker is left alone for some seconds. What is lost here (a process that ends, a broker
that is down) is found by the sweeper: the table is the queue.
"""

import os
import threading
import time
from collections import deque

import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

TASK = "webhooks.tasks.process_events"
EVENTS_PER_MESSAGE = 50
_PAUSE_SECONDS = 0.1
_BROKEN_FOR_SECONDS = 5.0
_MAX_WAITING = 10_000


def publish(event_ids: list[int]) -> bool:
    """Sends the ids to the workers now, in messages of limited size. False when the broker can't be reached."""
    try:
        for start in range(0, len(event_ids), EVENTS_PER_MESSAGE):
            current_app.send_task(TASK, kwargs={"event_ids": event_ids[start : start + EVENTS_PER_MESSAGE]})
    except (BrokerError, RedisError, OSError) as error:
        log.warning("broker_unreachable", events=len(event_ids), error=type(error).__name__)
        return False
    return True


class Announcer:
    """One per process; made anew after a fork, because threads don't survive it."""

    def __init__(self) -> None:
        self._waiting: deque[int] = deque(maxlen=_MAX_WAITING)
        self._something = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def announce(self, event_id: int) -> None:
        """Returns at once."""
        self._waiting.append(event_id)
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._something.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="webhook-announcer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            event_ids = self._take_all()
            if event_ids and not publish(event_ids):
                time.sleep(_BROKEN_FOR_SECONDS)
                self._waiting.clear()
            time.sleep(_PAUSE_SECONDS)

    def _take_all(self) -> list[int]:
        event_ids = []
        while self._waiting:
            event_ids.append(self._waiting.popleft())
        return event_ids


_announcer = Announcer()


def announce(event_id: int) -> None:
    """Lets the workers know of an event that has been committed. Never waits and never fails."""
    _announcer.announce(event_id)


def _after_fork() -> None:
    global _announcer  # noqa: PLW0603 the one piece of state of this module
    _announcer = Announcer()


os.register_at_fork(after_in_child=_after_fork)
