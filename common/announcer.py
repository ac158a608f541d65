"""Tells the workers of rows that wait for them, without costing the request anything.

A thread of the process publishes: a moment after the first row, with all that came meanwhile. A message costs broker
and workers more than a row in it, and rows that come together are often about the same thing. So no answer ever
waits for the broker, and a dead broker is left alone for some seconds. What is lost here (a process that is killed, a
broker that is down) is found by a sweeper: the table is the queue.
"""

import atexit
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable

_BROKEN_FOR_SECONDS = 5.0
_MAX_WAITING = 10_000

Publish = Callable[[list[int]], bool]
_all: "weakref.WeakSet[Announcer]" = weakref.WeakSet()


class Announcer:
    """One per kind of row and process. `publish` sends ids to the workers; False when the broker can't be reached.

    `gather_seconds` is how long the first row of a message waits for others.
    """

    def __init__(self, name: str, publish: Publish, *, gather_seconds: float) -> None:
        self._name = name
        self._publish = publish
        self._gather_seconds = gather_seconds
        self._reset()
        _all.add(self)

    def _reset(self) -> None:
        """Also after a fork: threads don't survive it, and what waits is the parent's to send."""
        self._waiting: deque[int] = deque(maxlen=_MAX_WAITING)
        self._something = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def announce(self, row_id: int) -> None:
        """Returns at once; never fails."""
        self._waiting.append(row_id)
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._something.set()

    def flush(self) -> None:
        """Sends what waits, in the calling thread: before a process ends."""
        row_ids = self._take_all()
        if row_ids:
            self._publish(row_ids)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._something.wait()
            time.sleep(self._gather_seconds)
            self._something.clear()
            row_ids = self._take_all()
            if row_ids and not self._publish(row_ids):
                time.sleep(_BROKEN_FOR_SECONDS)
                self._waiting.clear()

    def _take_all(self) -> list[int]:
        row_ids = []
        while True:
            try:
                row_ids.append(self._waiting.popleft())
            except IndexError:
                return row_ids


def _after_fork() -> None:
    for announcer in _all:
        announcer._reset()


def _at_exit() -> None:
    for announcer in _all:
        announcer.flush()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
