"""Checkout against its floor: SQL statements and time of the API's create, confirm and settle for 1, 5 and 50 lines.

Requests go through Django with all middleware, in this process; the processor is a stand-in that answers at once, so
what is measured is ours. The floor is a bare Django cursor that writes the same rows in the same transactions. Run by
`python -m dev.bench`, or alone with `python -m dev.bench.checkout`; makes a database of its own and drops it.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dev.bench.databases import scratch_database

if TYPE_CHECKING:
    from dev.bench.checkout_shop import Shop

_SHAPES = ((1, 1), (5, 3), (50, 10))  # lines, artisans
_ROUNDS = 60
_WARM_UP_ROUNDS = 15
_MOST_STATEMENTS = {"create": 12, "confirm": 10, "settle": 10}
_MOST_TIMES_FLOOR = 2.5
_NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Measured:
    statements: int
    p50_ms: float


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
            shop = Shop.with_goods(lines=lines, artisans=artisans)
            floors = _floors(shop)
            requests, use_cases = _measured(shop.requests), _measured(shop.use_cases)
            for name, request in requests.items():
                ratio = use_cases[name].p50_ms / floors[name]
                counts.setdefault(name, set()).add(request.statements)
                good = request.statements <= _MOST_STATEMENTS[name] and ratio <= _MOST_TIMES_FLOOR
                met &= good
                print(
                    f"{f'{name}, {lines} lines of {artisans} artisans':34}{request.statements:11}"
                    f"{use_cases[name].p50_ms:9.2f}{floors[name]:10.2f}{ratio:8.2f}{1000 / request.p50_ms:12,.0f}"
                    f"{'' if good else '  MISSED'}"
                )
    for name, different in counts.items():
        if len(different) > 1:
            met = False
            print(f"{name}: the number of statements depends on the size of the order: MISSED")
    return met


def _measured(purchase: "Callable[[], Iterator[tuple[str, Callable[[], object]]]]") -> dict[str, Measured]:
    times: dict[str, list[float]] = {}
    statements: dict[str, int] = {}
    for round_number in range(_ROUNDS):
        for name, call in purchase():
            statements[name], milliseconds = _timed(call)
            if round_number >= _WARM_UP_ROUNDS:
                times.setdefault(name, []).append(milliseconds)
    return {name: Measured(statements[name], statistics.median(values)) for name, values in times.items()}


def _floors(shop: "Shop") -> dict[str, float]:
    from dev.bench import checkout_floor as floor

    medians = {}
    for name, call in shop.use_cases():
        changes = floor.watch(call)
        floor.prepare(changes)
        times = []
        for round_number in range(_ROUNDS):
            started = time.perf_counter()
            floor.write(changes)
            if round_number >= _WARM_UP_ROUNDS:
                times.append((time.perf_counter() - started) * 1000)
            floor.clean(changes)
        medians[name] = statistics.median(times)
    return medians


def _timed(call: Callable[[], object]) -> tuple[int, float]:
    from django.db import connection

    counter = _Counter()
    with connection.execute_wrapper(counter):
        started = time.perf_counter()
        call()
        milliseconds = (time.perf_counter() - started) * 1000
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
