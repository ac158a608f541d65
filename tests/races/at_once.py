"""Runs things at the same moment, each in a thread with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

START_TIMEOUT_SECONDS = 30


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each returned or raised, in the order given. All of them start when the last is ready."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            connections["default"].ensure_connection()
            start.wait(timeout=START_TIMEOUT_SECONDS)
            return work()
        except Exception as error:  # noqa: BLE001  what a race raised is its result
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def kinds(results: Sequence[Any]) -> dict[str, int]:
    """How many of each type came back."""
    names = [type(result).__name__ for result in results]
    return {name: names.count(name) for name in sorted(set(names))}
