"""One payout run over 100,000 released payables of 5,000 artisans: its local part beside its floor, and its memory.

Local is everything but the processor's answers, for which something that answers at once stands in: composing with
debts, requests, history, audit trail and ledger entries, and recording each outcome. The floor is one SQL statement
that aggregates the same rows for each artisan and writes what the run has to leave: payouts, items, the payables'
status.
Each size has a process of its own, so that its memory is its own. Run by `python -m dev.bench`, or alone with
`python -m dev.bench.payout_run [--sizes 10000 100000]`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from dev.bench.databases import scratch_database

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


def run(sizes: tuple[int, ...] = _SIZES) -> bool:
    """Prints the table; whether every goal was met."""
    print(f"one run, {_LINES_PER_ARTISAN} payables for each artisan; the floor aggregates and writes by one statement")
    print(
        f"{'payables':>10}{'compose s':>11}{'all s':>8}{'CPU s':>8}{'floor s':>9}{'of floor':>10}{'composing':>11}"
        f"{'select s':>10}{'of select':>11}{'peak +MB':>10}"
    )
    told = [_in_a_process(size) for size in sizes]
    for one in told:
        print(
            f"{one['size']:>10,}{one['composed']:>11.2f}{one['seconds']:>8.2f}{one['cpu']:>8.2f}{one['floor']:>9.2f}"
            f"{one['seconds'] / one['floor']:>10.1f}{one['composed'] / one['floor']:>11.1f}{one['select']:>10.3f}"
            f"{one['seconds'] / one['select']:>11.0f}{one['grown_mb']:>10.1f}"
        )
    first, last = told[0], told[-1]
    times, growth = last["seconds"] / last["floor"], last["grown_mb"] - first["grown_mb"]
    goals = {
        f"{times:.1f} times the floor (goal: {_MOST_TIMES:g})": times <= _MOST_TIMES,
        f"{growth:+.1f} MB for {last['size'] // first['size']} times the payables (goal: {_MOST_GROWTH_MB:g})": growth
        <= _MOST_GROWTH_MB,
        "each artisan was paid once": all(one["paid"] == one["artisans"] for one in told),
    }
    for words, met in goals.items():
        print(f"  {'ok    ' if met else 'MISSED'} {words}")
    return all(goals.values())


def _in_a_process(size: int) -> dict[str, Any]:
    with scratch_database(os.environ["DATABASE_URL"], "bench_payouts") as url:
        done = subprocess.run(
            [sys.executable, "-m", "dev.bench.payout_run", "--one", str(size)],
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


def _one(size: int) -> None:
    """Fills the shop, pays everybody, and prints what came of it as JSON."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from payouts.services import compose, send
    from payouts.services import run as runs

    call_command("migrate", verbosity=0)
    artisans = size // _LINES_PER_ARTISAN
    _fill(artisans)
    floor, select = _floor()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    processor, composed = InstantTransfers(), [0.0]
    send.processor_named = lambda _: processor  # type: ignore[attr-defined,assignment]
    real = compose.compose_chunk

    def timed(**given: Any) -> Any:
        started = time.perf_counter()
        try:
            return real(**given)
        finally:
            composed[0] += time.perf_counter() - started

    runs.compose_chunk = timed  # type: ignore[attr-defined]
    before_mb, started, cpu = _peak_mb(), time.perf_counter(), time.process_time()
    while _pay():
        pass
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({
        "size": size, "artisans": artisans, "seconds": seconds, "cpu": cpu, "composed": composed[0], "floor": floor,
        "select": select, "grown_mb": _peak_mb() - before_mb,
        "paid": sum(count == 1 for count in processor.accounts.values()),
    }))  # fmt: skip


def _pay() -> bool:
    """As the schedule does, a minute at most; whether anything is left."""
    from common.clock import now
    from payouts import services
    from payouts.models import PayoutRun

    services.run_scheduled(now=now())
    return PayoutRun.objects.filter(status="running").exists()


def _fill(artisans: int) -> None:
    """Artisans who can be paid, each with released payables that the books know."""
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

    owed = Money(_LINE_MINOR * _LINES_PER_ARTISAN, "EUR")
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
        cursor.execute(
            "INSERT INTO payouts_payable (public_id, order_reference, seller_order_reference, origin_reference,"
            " artisan_id, amount_minor, debited_minor, currency, processor, source_charge_id, status, hold_until,"
            " next_transfer_at, refusals, failure_code, created_at, updated_at, released_at)"
            " SELECT 'pbl_' || a.id || '_' || n, 'ord_' || n || '_' || a.id, 'sel_' || a.id || '_' || n, '', a.id, %s,"
            " 0, 'EUR', 'stripe', 'ch_' || n, 'released', now(), now() - interval '1 hour', 0, '', now(), now(), now()"
            " FROM generate_series(1, %s) n, catalog_artisan a ORDER BY n, a.id",
            [_LINE_MINOR, _LINES_PER_ARTISAN],
        )
        cursor.execute("VACUUM ANALYZE")


def _floor() -> tuple[float, float]:
    """Seconds of the one statement with its foreign keys checked, and of the SELECT alone; nothing of it is kept."""
    from django.db import connection, transaction

    from common.clock import now
    from payouts.models import PayoutRun

    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(_SELECT)
        cursor.fetchall()
        select = time.perf_counter() - started
        with transaction.atomic():
            made = PayoutRun.objects.create(
                public_id="run_floor", kind="on_demand", for_date=now().date(), started_by="bench", created_at=now(),
                updated_at=now(),
            )  # fmt: skip
            started = time.perf_counter()
            cursor.execute(_FLOOR, [made.pk])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            floor = time.perf_counter() - started
            transaction.set_rollback(True)
    return floor, select


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=list(_SIZES))
    parser.add_argument("--one", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.one:
        _one(chosen.one)
    else:
        sys.exit(0 if run(tuple(chosen.sizes)) else 1)
