"""Checkout against its floor: SQL statements and time of the API's create, confirm and settle for 1, 5 and 50 lines.

Requests go through Django with all middleware, in this process; the processor is a stand-in that answers at once, so
what is measured is ours. The floor is a bare Django cursor that writes the same rows in the same transactions
(checkout_floor.py says what that includes); it runs after each step of ours, so that whatever else the machine does
falls on both. The goal names create and confirm; settle is shown beside them, and its statements are held to a limit.
Run by `python -m dev.bench`, or alone with `python -m dev.bench.checkout`; makes a database of its own and drops it.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dev.bench.databases import scratch_database

if TYPE_CHECKING:
    from dev.bench.checkout_shop import Shop

_SHAPES = ((1, 1), (5, 3), (50, 10))  # lines, artisans
_ROUNDS = 60
_WARM_UP_ROUNDS = 15
_MOST_STATEMENTS = {"create": 12, "confirm": 10, "settle": 12}
_MOST_TIMES_FLOOR = {"create": 2.5, "confirm": 2.5}
_NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Measured:
    """Medians, of a step as a use case, of its floor, and of its HTTP request."""

    statements: int
    use_case_ms: float
    floor_ms: float
    request_ms: float

    @property
    def ratio(self) -> float:
        return self.use_case_ms / self.floor_ms


def run() -> bool:
    """Prints the table; whether every goal was met."""
    os.environ.setdefault("ARTISANS_HUB_ENV", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "artisans_hub.settings")
    with scratch_database(os.environ["DATABASE_URL"]) as url:
        os.environ["DATABASE_URL"] = url
        os.environ["CHECKOUT_RATE"] = "1000000/min"
        os.environ["LOG_LEVEL"] = "ERROR"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        try:
            return _run_all()
        finally:
            connections.close_all()


def _run_all() -> bool:
    from dev.bench.checkout_shop import Shop, instant_processor

    met = True
    print("checkout: SQL statements per HTTP request (BEGIN, COMMIT not counted); time of the use case against a bare")
    print("Django cursor that writes the same rows; HTTP requests/s of one client, in process")
    print(f"{'':34}{'statements':>11}{'p50 ms':>9}{'floor ms':>10}{'ratio':>8}{'requests/s':>12}")
    counts: dict[str, set[int]] = {}
    with instant_processor():
        for lines, artisans in _SHAPES:
            for name, step in _measure(Shop.with_goods(lines=lines, artisans=artisans)).items():
                counts.setdefault(name, set()).add(step.statements)
                limit = _MOST_TIMES_FLOOR.get(name)
                good = step.statements <= _MOST_STATEMENTS[name] and (limit is None or step.ratio <= limit)
                met &= good
                print(
                    f"{f'{name}, {lines} lines of {artisans} artisans':34}{step.statements:11}"
                    f"{step.use_case_ms:9.2f}{step.floor_ms:10.2f}{step.ratio:8.2f}{1000 / step.request_ms:12,.0f}"
                    f"{'' if good else '  MISSED'}"
                )
    for name, different in counts.items():
        if len(different) > 1:
            met = False
            print(f"{name}: the number of statements depends on the size of the order: MISSED")
    return met


def _measure(shop: "Shop") -> dict[str, Measured]:
    from dev.bench.checkout_floor import Floor

    floors = {name: Floor(name, call) for name, call in shop.use_cases()}
    times: dict[tuple[str, str], list[float]] = {}
    statements: dict[str, int] = {}
    for number in range(-_WARM_UP_ROUNDS, _ROUNDS):
        for name, call in shop.use_cases():
            ours = _milliseconds(call)
            floor = _milliseconds(partial(floors[name].write, shop.ids))
            floors[name].clean()
            if number >= 0:
                times.setdefault((name, "use case"), []).append(ours)
                times.setdefault((name, "floor"), []).append(floor)
        for name, call in shop.requests():
            statements[name], request = _counted(call)
            if number >= 0:
                times.setdefault((name, "request"), []).append(request)
    medians = {key: statistics.median(values) for key, values in times.items()}
    return {
        name: Measured(
            statements=count,
            use_case_ms=medians[name, "use case"],
            floor_ms=medians[name, "floor"],
            request_ms=medians[name, "request"],
        )
        for name, count in statements.items()
    }


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _counted(call: Callable[[], object]) -> tuple[int, float]:
    from django.db import connection

    counter = _Counter()
    with connection.execute_wrapper(counter):
        milliseconds = _milliseconds(call)
    return counter.count, milliseconds


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if not str(sql).lstrip().upper().startswith(_NOT_COUNTED):
            self.count += 1
        return execute(sql, params, many, context)


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
