"""A reconciliation of 25,000 and of 100,000 payments, each with its fee: time and memory beside their floor.

The statement comes from a generator in place of the processor's answers; all else is the run that the shop makes: the
books are read off, the lines stored, both sides compared, the differences kept, the table made. Some payments differ,
and all of these must be found. The floor is one SQL statement that joins the same rows, once they are there.
Each size has a process of its own, so that its memory is its own. Run by `python -m dev.bench`, or alone with
`python -m dev.bench.reconcile [--sizes 25000 100000]`.
"""

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dev.bench.databases import scratch_database

if TYPE_CHECKING:
    from payments.contracts import MovementFound

_SIZES = (25_000, 100_000)
_BATCH = 500
_ODD_EVERY = 5_000  # of these one in turn has another fee, is missing there, or is there twice
_DAYS = 20
_GROSS, _FEE, _SHARE = 10_000, 175, 9_000
# Four times the payments in at most so many times the time, and with at most so much more memory.
_MOST_TIMES, _MOST_GROWTH_MB = 5.0, 10.0
_START = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
_FLOOR = """
    SELECT count(*) FROM
        (SELECT subject_key, currency, sum(gross_minor) AS gross, sum(fee_minor) AS fee
         FROM reconciliation_statementline WHERE source = 'stripe' GROUP BY 1, 2) t
    FULL JOIN
        (SELECT subject_key, currency, sum(gross_minor) AS gross, sum(fee_minor) AS fee
         FROM reconciliation_bookedmovement WHERE processor = 'stripe' GROUP BY 1, 2) o USING (subject_key, currency)
    WHERE (t.gross, t.fee) IS DISTINCT FROM (o.gross, o.fee)
"""


def run(sizes: tuple[int, ...] = _SIZES) -> bool:
    """Prints the table; whether every goal was met."""
    print("one reconciliation; the floor joins the same rows by one statement")
    print(
        f"{'payments':>10}{'seconds':>10}{'per 1,000':>11}{'floor s':>10}{'of floor':>10}{'peak +MB':>10}{'found':>8}"
    )
    told = [_in_a_process(size) for size in sizes]
    for one in told:
        print(
            f"{one['size']:>10,}{one['seconds']:>10.2f}{1000 * one['seconds'] / one['size']:>11.3f}"
            f"{one['floor']:>10.2f}{one['seconds'] / one['floor']:>10.1f}{one['grown_mb']:>10.1f}{one['found']:>8}"
        )
    first, last = told[0], told[-1]
    times, growth = last["seconds"] / first["seconds"], last["grown_mb"] - first["grown_mb"]
    most = _MOST_TIMES * (last["size"] / first["size"]) / 4
    goals = {
        f"{times:.1f} times the time (goal: {most:g})": times <= most,
        f"{growth:+.1f} MB (goal: {_MOST_GROWTH_MB:g})": growth <= _MOST_GROWTH_MB,
        "every planted difference was found, and nothing else": all(one["found"] == one["planted"] for one in told),
    }
    for words, met in goals.items():
        print(f"  {'ok    ' if met else 'MISSED'} {words}")
    return all(goals.values())


def _in_a_process(size: int) -> dict[str, Any]:
    with scratch_database(os.environ["DATABASE_URL"], "bench_reconcile") as url:
        done = subprocess.run(
            [sys.executable, "-m", "dev.bench.reconcile", "--one", str(size)],
            env={**os.environ, "DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _one(size: int) -> None:
    """Fills the books, reconciles, and prints what came of it as JSON."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from reconciliation.models import ReconciliationException
    from reconciliation.services import match, run

    call_command("migrate", verbosity=0)
    _fill(size)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    statement = _Statement(size)
    for module in (run, match):
        module.reports_of = lambda _: statement  # type: ignore[attr-defined]  # in place of the processor
    before_mb = _peak_mb()
    started = time.perf_counter()
    run.reconcile(
        now=_START + dt.timedelta(days=_DAYS + 2), since=_START - dt.timedelta(days=1), processors=["stripe"],
        heals=False,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    grown_mb = _peak_mb() - before_mb
    found = ReconciliationException.objects.filter(status="open").count()
    print(json.dumps({
        "size": size, "seconds": seconds, "floor": _floor(), "grown_mb": grown_mb, "found": found,
        "planted": statement.planted,
    }))  # fmt: skip


def _fill(size: int) -> None:
    """Payments, captures, and their two entries each, by the code that books them."""
    from common.money import Money
    from ledger import journals
    from ledger.contracts import EntryRequest
    from ledger.services import post_entries
    from payments.models import Capture, Payment

    sale = journals.sale(
        captured=Money(_GROSS, "EUR"),
        shares=[journals.SellerShare("art_bench", Money(_SHARE, "EUR"), Money(_GROSS - _SHARE, "EUR"))],
    )
    fee = journals.processor_fee(fee=Money(_FEE, "EUR"))
    for first in range(0, size, _BATCH):
        numbers = range(first, min(first + _BATCH, size))
        payments = Payment.objects.bulk_create(
            Payment(
                public_id=f"pay_{n}", order_reference=f"ord_{n}", processor="stripe", processor_payment_id=f"pi_{n}",
                status="succeeded", amount_minor=_GROSS, currency="EUR", created_at=_START, updated_at=_START,
            )
            for n in numbers
        )  # fmt: skip
        Capture.objects.bulk_create(
            Capture(
                payment=payment, processor_charge_id=f"ch_{n}", amount_minor=_GROSS, currency="EUR", fee_minor=_FEE,
                balance_transaction_id=f"txn_{n}", captured_at=_at(n, size), recorded_at=_at(n, size),
            )
            for n, payment in zip(numbers, payments, strict=True)
        )  # fmt: skip
        post_entries(
            entries=[
                entry
                for n in numbers
                for entry in (
                    EntryRequest("sale", f"sale:pay_{n}", _at(n, size), sale),
                    EntryRequest("processor_fee", f"processor_fee:pay_{n}", _at(n, size), fee),
                )
            ]
        )


def _at(number: int, size: int) -> dt.datetime:
    return _START + dt.timedelta(seconds=number * _DAYS * 86_400 // size)


class _Statement:
    """`Reports` of a processor that made some mistakes."""

    complete_after = dt.timedelta(hours=1)

    def __init__(self, size: int) -> None:
        self._size = size
        self.planted = len(range(0, size, _ODD_EVERY))

    def list_movements(self, since: dt.datetime, until: dt.datetime) -> "Iterator[MovementFound]":
        from common.money import Money
        from payments.contracts import MovementFound, MovementKind

        for number in range(self._size):
            at = _at(number, self._size)
            if not since <= at < until:
                continue
            odd = number // _ODD_EVERY % 3 if number % _ODD_EVERY == 0 else None
            if odd == 1:
                continue
            for copy in range(2 if odd == 2 else 1):
                yield MovementFound(
                    external_id=f"txn_{number}_{copy}", kind=MovementKind.CHARGE, gross=Money(_GROSS, "EUR"),
                    fee=Money(_FEE + (odd == 0), "EUR"), occurred_at=at, available_on=at, subject_id=f"ch_{number}",
                    raw_type="charge",
                )  # fmt: skip

    def retrieve_platform_payout(self, processor_payout_id: str) -> None:
        raise AssertionError("no payout was made")


def _floor() -> float:
    """The best of three, in seconds."""
    from django.db import connection

    times = []
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reconciliation_statementline, reconciliation_bookedmovement")
        for _ in range(3):
            started = time.perf_counter()
            cursor.execute(_FLOOR)
            cursor.fetchone()
            times.append(time.perf_counter() - started)
    return min(times)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", type=int)
    parser.add_argument("--sizes", type=int, nargs=2, default=_SIZES)
    arguments = parser.parse_args()
    if arguments.one:
        _one(arguments.one)
        sys.exit(0)
    sys.exit(0 if run(tuple(arguments.sizes)) else 1)
