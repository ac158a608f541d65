"""A shop's whole life under load: purchases, captures, refunds, disputes, artisans' payouts and all their events.

A stack of its own: gunicorn, a Celery worker, beat, PostgreSQL with fsync on, Valkey, and the sandbox as both
processors. Buyers, staff and the processors' messenger (`life_people`) keep it busy for a minute, while shares are
released and runs pay them out (`life_payouts`). How many buyers: it
is tried for some seconds each with more and more of them, and the number is taken with which most was sold while
webhooks were answered within the goal and the workers kept up. Afterwards everything is counted (`life_account`).
Run by `python -m dev.bench`, or alone: `python -m dev.bench.life [--seconds 60] [--buyers N]`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dev import books
from dev.provision.paths import LOCAL
from dev.stack.launcher import Plan, Stack

if TYPE_CHECKING:
    from dev.bench.life_account import Deliveries
    from dev.bench.life_people import Town

_HOME = LOCAL / "bench" / "life"
_SETTINGS = {"max_wal_size": "4GB", "checkpoint_timeout": "30min", "shared_buffers": "256MB"}
# They wait while they ask a processor, so there are more of them than cores.
_WEB_WORKERS, _WORKER_PROCESSES = 4, 4
_ENV = {
    "ARTISANS_HUB_ENV": "test",
    "LOG_LEVEL": "WARNING",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    # Each guest comes from an address of their own, so the rate limits stay as they are.
    "TRUSTED_PROXIES": "1",
}
_SECONDS, _TRIAL_SECONDS = 60.0, 6.0
_TRIALS = (1, 2, 4)
_DRAINED_WITHIN_SECONDS = 60.0
_MOST_WAITING_SECONDS = 2.0
_LEAST_WEBHOOKS, _MOST_P99_MS = 50.0, 100.0
_ARTISANS, _PRODUCTS = 20, 200
_SHOWN_PROBLEMS = 10


@dataclass(frozen=True)
class Rush:
    """One stretch of buying."""

    buyers: int
    per_second: float
    told: "Deliveries"
    waiting: int

    @property
    def is_accepted(self) -> bool:
        """Webhooks were answered in time, and no more waited at the end than what comes in within seconds."""
        kept_up = self.waiting <= _MOST_WAITING_SECONDS * self.told.per_second
        return kept_up and self.told.percentile(0.99) < _MOST_P99_MS

    def __str__(self) -> str:
        return (
            f"{self.buyers:8}{self.per_second:13.1f}{self.told.per_second:13.1f}"
            f"{self.told.percentile(0.5):11.1f}{self.told.percentile(0.99):11.1f}{self.waiting:10}"
        )


def run(*, seconds: float = _SECONDS, buyers: int = 0, home: Path = _HOME) -> bool:
    """Prints the table; whether every goal was met. Without a number of buyers, the best is looked for first."""
    with _stack(home) as stack:
        town = town_in(stack)
        print(f"{_WEB_WORKERS} web processes, {_WORKER_PROCESSES} workers, {os.cpu_count()} cores")
        print(f"{'buyers':>8}{'purchases/s':>13}{'webhooks/s':>13}{'p50 ms':>11}{'p99 ms':>11}{'waiting':>10}")
        return _live(stack, town, seconds, buyers)


def _live(stack: Stack, town: "Town", seconds: float, buyers: int) -> bool:
    from dev.bench.life_account import Processors, drain, longest_until_paid, payout_problems, problems
    from dev.bench.life_payouts import Paymaster, paid_to_banks, prepare, wait_for_banks
    from dev.bench.life_people import Staff

    processors = Processors(town.processor)
    prepare(town)
    staff, paymaster = Staff(town), Paymaster(town)
    staff.start()
    paymaster.start()
    buyers = buyers or _best(town, processors)
    cpu, sold = _cpu_seconds(stack), len(town.bought)
    rush = _rush(town, processors, buyers, seconds)
    is_paying = paymaster.is_alive()
    paymaster.going_home.set()
    paymaster.join()
    started = time.monotonic()
    left = drain(processors, staff_is_done=staff.idle.is_set, within_seconds=_DRAINED_WITHIN_SECONDS)
    left |= wait_for_banks(within_seconds=_DRAINED_WITHIN_SECONDS)
    drained = time.monotonic() - started
    cpu, sold = _cpu_seconds(stack) - cpu, len(town.bought) - sold
    is_at_work = staff.is_alive()
    staff.going_home.set()
    staff.join()
    print(f"{rush}  for {seconds:.0f} s")
    kinds = Counter(f"{one.way}{', captured later' if one.made_to_order else ''}" for one in town.bought)
    print("  in all: " + "; ".join(f"{count} {kind}" for kind, count in sorted((kinds + town.done).items())))
    print(f"  longest from the last step at the processor, or of the artisans, to paid: "
          f"{longest_until_paid(town.bought, town.accepted_at):.1f} s")  # fmt: skip
    parts = ", ".join(f"{part} {1000 * used / max(sold, 1):.0f}" for part, used in cpu.most_common())
    print(f"  CPU time of each purchase with all that it brings about, in ms: {parts}")
    wrong = problems(town.bought, processors.events(), processors) + payout_problems(processors)
    for text in (*town.refused[:_SHOWN_PROBLEMS], *wrong[:_SHOWN_PROBLEMS]):
        print(f"    {text}")
    goals = {
        f"{rush.told.per_second:.0f} webhooks a second (at least {_LEAST_WEBHOOKS:.0f})": (
            rush.told.per_second >= _LEAST_WEBHOOKS
        ),
        f"p99 of their answers {rush.told.percentile(0.99):.0f} ms (under {_MOST_P99_MS:.0f})": (
            rush.told.percentile(0.99) < _MOST_P99_MS
        ),
        f"{len(town.refused)} requests refused, {rush.told.failures} webhooks (none)": (
            not town.refused and not rush.told.failures and is_at_work and is_paying
        ),
        f"drained in {drained:.1f} s (within {_DRAINED_WITHIN_SECONDS:.0f}), left: {left or 'nothing'}": not left,
        f"{len(wrong)} lost, doubled or off the books (none)": not wrong,
        f"{town.done['payout runs']} payout runs, {paid_to_banks()} payouts arrived (some)": paid_to_banks() > 0,
    }
    for words, reached in goals.items():
        print(f"  {'ok    ' if reached else 'MISSED'} {words}")
    return all(goals.values())


def _best(town: "Town", processors: object) -> int:
    """The number of buyers with whom most was sold at a rate that was accepted; the fewest if none was."""
    trials = []
    for buyers in _TRIALS:
        trials.append(_rush(town, processors, buyers, _TRIAL_SECONDS))
        print(trials[-1])
    accepted = [rush for rush in trials if rush.is_accepted]
    return max(accepted, key=lambda rush: rush.per_second).buyers if accepted else _TRIALS[0]


def _rush(town: "Town", processors: object, buyers: int, seconds: float) -> Rush:
    from dev.bench.life_account import Processors, deliveries, what_waits
    from dev.bench.life_people import Buyer, Messenger

    assert isinstance(processors, Processors)
    town.over.clear()
    people = [Messenger(town), *(Buyer(town, number) for number in range(buyers))]
    before, began = len(town.bought), time.time()
    for person in people:
        person.start()
    time.sleep(seconds)
    ended, sold, waiting = time.time(), len(town.bought) - before, what_waits()
    town.over.set()
    for person in people:
        person.join()
    told = deliveries(processors.events(), since=began, until=ended)
    return Rush(buyers, sold / (ended - began), told, waiting.get("outbox", 0) + waiting.get("inbox", 0))


def _cpu_seconds(stack: Stack) -> "Counter[str]":
    """Used so far by each part with its children, and by this process: whole seconds of each process."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid=,cputimes="], check=True, capture_output=True, text=True).stdout
    rows = [(int(pid), int(parent), int(used)) for pid, parent, used in map(str.split, listing.splitlines())]
    mains = {identity.pid: part for part, identity in stack.running_parts().items()} | {os.getpid(): "buyers"}
    parents = {pid: parent for pid, parent, _ in rows}
    found: Counter[str] = Counter()
    for pid, _, used in rows:
        root = pid
        while root not in mains and root in parents:
            root = parents[root]
        if root in mains:
            found[mains[root]] += used
    return found


def town_in(stack: Stack) -> "Town":
    """A shop with goods from the shelf and goods made to order."""
    from catalog.models import Product
    from dev.bench.checkout_shop import Shop
    from dev.bench.life_people import Town

    goods = Shop.with_goods(lines=_PRODUCTS, artisans=_ARTISANS).products
    ready, to_order = goods[: _PRODUCTS // 2], goods[_PRODUCTS // 2 :]
    Product.objects.filter(id__in=[one.id for one in to_order]).update(is_made_to_order=True, lead_time_days=10)
    return Town(
        site=stack.site, processor=stack.sandbox_url,
        ready=[one.public_id for one in ready], to_order=[one.public_id for one in to_order],
    )  # fmt: skip


@contextmanager
def _stack(home: Path) -> Iterator[Stack]:
    """Everything `make demo` starts, on free ports and an empty database; this process's Django works on it too."""
    plan = Plan(
        home=home, database="life", extra_env=_ENV, postgres_settings=_SETTINGS, web_port=None, static_files=False,
        web_workers=_WEB_WORKERS, worker_processes=_WORKER_PROCESSES, inherit_env=False,
    )  # fmt: skip
    Stack(plan).stop_leftovers()
    shutil.rmtree(home, ignore_errors=True)
    stack = Stack(plan)
    stack.start(prepare=_prepare)
    try:
        yield stack
    finally:
        from django.db import connections

        connections.close_all()
        stack.stop()


def _prepare(stack: Stack) -> None:
    books.use(stack.env)
    books.migrate_and_load(demo_shop=False)


def main() -> int:
    """The exit status: 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m dev.bench.life")
    parser.add_argument("--seconds", type=float, default=_SECONDS)
    parser.add_argument("--buyers", type=int, default=0, help="0 looks for the best number first")
    arguments = parser.parse_args()
    return 0 if run(seconds=arguments.seconds, buyers=arguments.buyers) else 1


if __name__ == "__main__":
    sys.exit(main())
