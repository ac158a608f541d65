"""One payout run over 100,000 released payables of 5,000 artisans: its local part beside its floor, and its memory.

Local is everything but the processor's answers, for which something that answers at once stands in: composing with
debts, requests, history, audit trail and ledger entries, and recording each outcome. The floor is one SQL statement
that aggregates the same rows for each artisan and writes what the sums are for: a payout for each artisan, its items,
and that the payables are paid; with its foreign keys checked, and committed. It keeps no history and no books, and asks
nothing of a processor. (The SELECT alone, which keeps nothing at all, is shown too, "select s".)
Both find the same database: the floor has copies of it, one before and one after the run, and is the mean of both, so
that what else the machine does falls on both. Each part has a process of its own, so that its memory is its own. Run by
`python -m dev.bench`, or alone with `python -m dev.bench.payout_run [--sizes 10000 100000]`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev.bench.databases import copied_database, scratch_database

if TYPE_CHECKING:
    from payments.contracts import TransferFound, TransferRequest

_SIZES = (10_000, 100_000)
_LINES_PER_ARTISAN, _LINE_MINOR = 20, 1_234
_BATCH = 500
_MOST_TIMES, _MOST_GROWTH_MB = 5.0, 10.0
_SELECT = """
    SELECT artisan_id, currency, sum(amount_minor - debited_minor) FROM payouts_payable
    WHERE status = 'released' AND next_transfer_at <= now() GROUP BY artisan_id, currency
"""
_FLOOR = """
    WITH due AS MATERIALIZED (
        SELECT id, artisan_id, currency, amount_minor - debited_minor AS minor FROM payouts_payable
        WHERE status = 'released' AND next_transfer_at <= now()
    ), payouts AS (
        INSERT INTO payouts_payout (public_id, run_id, artisan_id, amount_minor, currency, processor,
            destination_account_id, status, failure_code, created_at, updated_at)
        SELECT 'pyt_floor' || artisan_id, %s, artisan_id, sum(minor), currency, 'stripe', 'acct_floor', 'transferred',
            '', now(), now()
        FROM due GROUP BY artisan_id, currency RETURNING id, artisan_id, currency
    ), items AS (
        INSERT INTO payouts_payoutitem (payout_id, payable_id, amount_minor, brought_back_minor)
        SELECT p.id, d.id, d.minor, 0 FROM due d JOIN payouts p USING (artisan_id, currency) RETURNING 1
    )
    UPDATE payouts_payable b
    SET status = 'transferred', next_transfer_at = NULL, transferred_at = now(), updated_at = now()
    FROM due WHERE b.id = due.id
"""
_LINES = """
    INSERT INTO payouts_payable (public_id, order_reference, seller_order_reference, origin_reference, artisan_id,
        amount_minor, debited_minor, currency, processor, source_charge_id, status, hold_until, next_transfer_at,
        refusals, failure_code, created_at, updated_at, released_at)
    SELECT 'pbl_' || a.id || '_' || n, 'ord_' || n || '_' || a.id, 'sel_' || a.id || '_' || n, '', a.id, %(minor)s, 0,
        'EUR', 'stripe', 'ch_' || n, 'released', now(), now() - interval '1 hour', 0, '', now(), now(), now()
    FROM generate_series(%(first)s::int, %(last)s::int) n, catalog_artisan a
    WHERE a.id %% %(every)s = 0 ORDER BY n, a.id
"""


def run(sizes: tuple[int, ...] = _SIZES) -> bool:
    """Prints the table; whether every goal was met."""
    print(f"one run, {_LINES_PER_ARTISAN} payables for each artisan; the floor aggregates and writes by one statement")
    print(
        f"{'payables':>10}{'compose s':>11}{'all s':>8}{'floor s':>9}{'of floor':>10}{'by CPU':>8}{'select s':>10}"
        f"{'tenth MB':>10}{'end MB':>8}"
    )
    met = True
    for size in sizes:
        met &= _told(size, *_measured(size), is_last=size == sizes[-1])
    return met


def _told(size: int, paid: dict[str, Any], floor: dict[str, Any], *, is_last: bool) -> bool:
    """One line of the table; under the last, whether it met its goals."""
    times = paid["seconds"] / floor["seconds"]
    print(
        f"{size:>10,}{paid['composed']:>11.2f}{paid['seconds']:>8.2f}{floor['seconds']:>9.2f}{times:>10.1f}"
        f"{paid['cpu'] / floor['cpu']:>8.1f}{floor['select']:>10.3f}{paid['tenth_mb']:>10.1f}{paid['end_mb']:>8.1f}"
    )
    growth = paid["end_mb"] - paid["tenth_mb"]
    goals = {
        f"{size:,}: {growth:+.1f} MB after the first tenth (goal: {_MOST_GROWTH_MB:g})": growth <= _MOST_GROWTH_MB,
        f"{size:,}: each artisan was paid once": paid["paid"] == size // _LINES_PER_ARTISAN,
    }
    if is_last:
        goals[f"{size:,}: {times:.1f} times the floor (goal: {_MOST_TIMES:g})"] = times <= _MOST_TIMES
    for words, met in goals.items():
        print(f"  {'ok    ' if met else 'MISSED'} {words}")
    return all(goals.values())


def _measured(size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The run, and the mean of the floors before and after it."""
    server = os.environ["DATABASE_URL"]
    with scratch_database(server, "bench_payouts") as url:
        _in_a_process("fill", size, url)
        with copied_database(server, url) as before, copied_database(server, url) as after:
            floors = [_in_a_process("floor", size, before)]
            paid = _in_a_process("pay", size, url)
            floors.append(_in_a_process("floor", size, after))
    return paid, {name: (floors[0][name] + floors[1][name]) / 2 for name in floors[0]}


def _in_a_process(part: str, size: int, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "dev.bench.payout_run", "--part", part, "--sizes", str(size)],
        env={**os.environ, "DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


class InstantTransfers:
    """A processor that carries every transfer out at once."""

    name = "stripe"

    def __init__(self) -> None:
        self.accounts: dict[str, int] = {}

    def create_transfer(self, request: "TransferRequest", *, idempotency_key: str) -> "TransferFound":
        from common.money import Money
        from payments.contracts import TransferFound

        account = request.destination_account_id
        self.accounts[account] = self.accounts.get(account, 0) + 1
        return TransferFound(
            f"tr_{request.reference}", request.reference, request.amount, Money.zero(request.amount.currency), account
        )


def _part(part: str, size: int) -> dict[str, float]:
    """One part of the measurement, in this process and the database of DATABASE_URL."""
    import django

    django.setup()
    if part == "fill":
        _fill(size // _LINES_PER_ARTISAN)
        return {}
    return _floor() if part == "floor" else _paid(size)


def _paid(size: int) -> dict[str, float]:
    """Pays everybody."""
    from payouts.services import compose
    from payouts.services import run as runs

    processor, composed, tenth_mb = InstantTransfers(), [0.0], [0.0]
    real = compose.compose_chunk

    def timed(**given: Any) -> Any:
        if not tenth_mb[0] and len(processor.accounts) >= size / _LINES_PER_ARTISAN / 10:
            tenth_mb[0] = _peak_mb()
        started = time.perf_counter()
        try:
            return real(**given)
        finally:
            composed[0] += time.perf_counter() - started

    runs.compose_chunk = timed  # type: ignore[attr-defined]
    started, cpu = time.perf_counter(), _cpu_seconds()
    _pay_all(processor)
    return {
        "seconds": time.perf_counter() - started, "cpu": _cpu_seconds() - cpu, "composed": composed[0],
        "tenth_mb": tenth_mb[0], "end_mb": _peak_mb(),
        "paid": sum(count == 1 for count in processor.accounts.values()),
    }  # fmt: skip


def _pay_all(processor: InstantTransfers) -> None:
    """As the schedule does, a minute at most each time, until nothing is left."""
    from common.clock import now
    from payouts import services
    from payouts.models import PayoutRun
    from payouts.services import send

    send.processor_named = lambda _: processor  # type: ignore[attr-defined,assignment]
    services.run_scheduled(now=now())
    while PayoutRun.objects.filter(status="running").exists():
        services.run_scheduled(now=now())


def _fill(artisans: int) -> None:
    """Artisans who can be paid, each with released payables that the books know."""
    from django.core.management import call_command
    from django.db import connection

    from catalog.models import Artisan
    from common.clock import now
    from common.money import Money
    from identity.models import User
    from ledger import journals
    from ledger.contracts import EntryRequest
    from ledger.enums import EntryKind
    from ledger.services import post_entries
    from payouts.models import ConnectedAccount

    call_command("migrate", verbosity=0)
    # For both runs.
    owed = Money(2 * _LINE_MINOR * _LINES_PER_ARTISAN, "EUR")
    for first in range(0, artisans, _BATCH):
        numbers = range(first, min(first + _BATCH, artisans))
        owners = User.objects.bulk_create(User(email=f"bench{n}@example.test") for n in numbers)
        made = Artisan.objects.bulk_create(
            Artisan(
                owner=owner, slug=f"bench-{n}", name=f"Bench {n}", tagline="Bench", story="Bench", location="Bremen",
                currency="EUR", created_at=now(),
            )
            for n, owner in zip(numbers, owners, strict=True)
        )  # fmt: skip
        ConnectedAccount.objects.bulk_create(
            ConnectedAccount(
                artisan=artisan, processor_account_id=f"acct_{artisan.slug}", country="DE", transfers_enabled=True,
                created_at=now(), updated_at=now(),
            )
            for artisan in made
        )  # fmt: skip
        for artisan in made:
            share = journals.SellerShare(artisan.public_id, owed, Money(0, "EUR"))
            sale = journals.sale(captured=owed, shares=[share])
            post_entries(entries=[
                EntryRequest(EntryKind.SALE, f"sale:{artisan.slug}", now(), sale),
                EntryRequest(
                    EntryKind.RELEASE, f"release:{artisan.slug}", now(),
                    journals.release(seller=artisan.public_id, amount=owed),
                ),
            ])  # fmt: skip
    with connection.cursor() as cursor:
        # A tenth was paid once before: tables that have always been empty would be planned for as such, until
        # autovacuum comes by, which no shop's second run meets.
        cursor.execute(_LINES, {"minor": _LINE_MINOR, "first": 1 - _LINES_PER_ARTISAN, "last": 0, "every": 10})
        cursor.execute("VACUUM ANALYZE")
    _pay_all(InstantTransfers())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payouts_payoutrun SET for_date = for_date - 1")
        cursor.execute(_LINES, {"minor": _LINE_MINOR, "first": 1, "last": _LINES_PER_ARTISAN, "every": 1})
        cursor.execute("VACUUM ANALYZE")


def _floor() -> dict[str, float]:
    """The one statement, committed, and the SELECT alone."""
    from django.db import connection

    from common.clock import now
    from payouts.models import PayoutRun

    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(_SELECT)
        cursor.fetchall()
        select = time.perf_counter() - started
        made = PayoutRun.objects.create(
            public_id="run_floor", kind="on_demand", for_date=now().date(), started_by="bench", created_at=now(),
            updated_at=now(),
        )  # fmt: skip
        started, cpu = time.perf_counter(), _cpu_seconds()
        cursor.execute(_FLOOR, [made.pk])
        return {"seconds": time.perf_counter() - started, "cpu": _cpu_seconds() - cpu, "select": select}


def _cpu_seconds() -> float:
    """Of this process and of the one that serves its connection, where that is on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not server.exists():
        return time.process_time()
    # The 14th and 15th figure (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html), after a name in brackets.
    user, system = server.read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=list(_SIZES))
    parser.add_argument("--part", choices=("fill", "floor", "pay"))
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps(_part(chosen.part, chosen.sizes[0])))
    else:
        sys.exit(0 if run(tuple(chosen.sizes)) else 1)
