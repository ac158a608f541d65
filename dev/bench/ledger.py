"""The ledger against its floors: posting through the public service, batches, balances; on the same PostgreSQL.

Run by `python -m dev.bench`, or alone with `python -m dev.bench.ledger`; needs the environment of the shop. Makes a
database of its own and drops it. Rounds alternate between floor and ours, so that both see the same machine.
"""

import datetime as dt
import os
import statistics
import subprocess
import sys
import time

from dev.bench.databases import scratch_database
from dev.bench.ledger_floor import BARE, SAME_ROWS, TABLES, Floor
from dev.bench.ledger_load import BATCH_ENTRIES, SELLERS, Crew, seller_code
from dev.bench.ledger_reads import fill, medians_ms

_CLIENTS = (1, 4, 8)
_ROUNDS = 9  # short and many, so that what else the machine does falls on all alike
_SECONDS = 1
_SIZES = {"10,000": 10_000, "1,000,000": 1_000_000}
# The goals of the design.
_LEAST_SHARE_OF_FLOOR = 0.5
_LEAST_SHARE_WHEN_HOT = 0.9
_LEAST_BATCH_SHARE = 0.8
_MOST_TIMES_ORM = 1.5
_MOST_AS_OF_MS = 1.0
_FLAT = 1.5  # noise of a median of one-row reads


def run() -> bool:
    """Prints the tables; whether every goal was met."""
    with scratch_database(os.environ["DATABASE_URL"], "bench_ledger") as url:
        os.environ["DATABASE_URL"] = url
        subprocess.run([sys.executable, "manage.py", "migrate", "ledger", "--verbosity", "0"], check=True)
        import django

        django.setup()
        from django.db import connections

        try:
            _prepare()
            goals = _posting(url) | _reading() | _whole()
        finally:
            connections.close_all()
    for words, met in goals.items():
        print(f"  {'ok    ' if met else 'MISSED'} {words}")
    return all(goals.values())


def _prepare() -> None:
    """Opens the sellers' accounts, and posts to each once: the first posting of an account is a little dearer."""
    from django.db import connection

    from common.money import Money
    from ledger import chart, services
    from ledger.contracts import AccountSpec, EntryRequest, Line
    from ledger.enums import AccountType

    codes = [seller_code(number) for number in range(SELLERS)]
    specs = [AccountSpec(code, AccountType.LIABILITY, "EUR", "bench") for code in codes]
    services.ensure_accounts(accounts=[*specs, chart.clearing("bench", "EUR")])
    at = dt.datetime.now(dt.UTC)
    services.post_entries(
        entries=[
            EntryRequest(
                "bench",
                f"first:{first}",
                at,
                [
                    Line(code, Money(-1 if index % 2 else 1, "EUR"))
                    for index, code in enumerate(codes[first : first + 10])
                ],
            )
            for first in range(0, SELLERS, 10)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute("VACUUM ANALYZE")


def _posting(url: str) -> dict[str, bool]:
    same, bare = Floor(url, SELLERS, SAME_ROWS), Floor(url, SELLERS, BARE)
    crew = Crew(max(_CLIENTS))
    print(f"entries of 4 lines per second, each its own transaction; {SELLERS:,} accounts; medians of {_ROUNDS} rounds")
    print(f"floor: one statement that inserts the same rows, unchecked, by {same.driver};")
    print("bare: the same with half the columns and fewer indexes")
    print(
        "".join(f"{words:>10}" for words in ("clients", "bare", "floor", "random", "of floor", "of bare", "one hot")),
        end="",
    )
    print(f"{'of random':>10}")
    goals: dict[str, bool] = {}
    batches: list[float] = []
    for clients in _CLIENTS:
        floors, least, spread, hot = [], [], [], []
        for _ in range(_ROUNDS):
            spread.append(crew.rate("spread", workers=clients, seconds=_SECONDS))
            floors.append(same.rate(clients=clients, seconds=_SECONDS))
            hot.append(crew.rate("hot", workers=clients, seconds=_SECONDS))
            least.append(bare.rate(clients=clients, seconds=_SECONDS))
            if clients == max(_CLIENTS):
                batches.append(crew.rate("batch", workers=1, seconds=_SECONDS))
        share = _middle_ratio(spread, floors)
        share_hot = _middle_ratio(hot, spread)
        print(
            f"{clients:>10}{statistics.median(least):>10,.0f}{statistics.median(floors):>10,.0f}"
            f"{statistics.median(spread):>10,.0f}{share:>10.2f}{_middle_ratio(spread, least):>10.2f}"
            f"{statistics.median(hot):>10,.0f}{share_hot:>10.2f}"
        )
        if clients == 4:
            goals[f"{share:.2f} of the floor with 4 processes (goal: {_LEAST_SHARE_OF_FLOOR})"] = (
                share >= _LEAST_SHARE_OF_FLOOR
            )
        if clients > 1:
            goals[f"one hot account {share_hot:.2f} of random with {clients} (goal: {_LEAST_SHARE_WHEN_HOT})"] = (
                share_hot >= _LEAST_SHARE_WHEN_HOT
            )
    crew.dismiss()
    share = _middle_ratio(batches, floors)
    print(
        f"one worker, {BATCH_ENTRIES} entries in one commit: {statistics.median(batches):,.0f} entries/s,"
        f" {share:.2f} of the floor and {_middle_ratio(batches, least):.2f} of the bare one with {_CLIENTS[-1]} clients"
    )
    goals[f"batch of one worker {share:.2f} of the {_CLIENTS[-1]}-client floor (goal: {_LEAST_BATCH_SHARE})"] = (
        share >= _LEAST_BATCH_SHARE
    )
    return goals


def _middle_ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(our / their for our, their in zip(ours, theirs, strict=True))


def _reading() -> dict[str, bool]:
    from django.db import connection

    from ledger import services
    from ledger.contracts import AccountSpec
    from ledger.enums import AccountType

    accounts = {}
    for name, size in _SIZES.items():
        accounts[f"seller, {name}"] = (f"read_{size}:EUR", size)
        accounts[f"hot, {name}"] = (f"read_hot_{size}:EUR", size)
        services.ensure_accounts(
            accounts=[
                AccountSpec(f"read_{size}:EUR", AccountType.ASSET, "EUR", "bench"),
                AccountSpec(f"read_hot_{size}:EUR", AccountType.ASSET, "EUR", "bench", is_hot=True),
            ]
        )
        fill(seller_code=f"read_{size}:EUR", hot_code=f"read_hot_{size}:EUR", postings=size)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    times = medians_ms(dict(accounts.values()))
    orm = times["orm"]
    print(f"reading, medians in ms; bare ORM read of one row: {orm:.3f}")
    print(f"{'account, postings':>20}{'balance':>10}{'of ORM':>10}{'as of':>10}")
    goals: dict[str, bool] = {}
    for words, (code, _) in accounts.items():
        now, past = times[f"balance {code}"], times[f"as of {code}"]
        print(f"{words:>20}{now:>10.3f}{now / orm:>10.2f}{past:>10.3f}")
        goals[f"balance of {words} {now / orm:.2f} of an ORM read (goal: at most {_MOST_TIMES_ORM})"] = (
            now <= orm * _MOST_TIMES_ORM
        )
        goals[f"as of, {words}: {past:.2f} ms (goal: at most {_MOST_AS_OF_MS})"] = past <= _MOST_AS_OF_MS
    few, many = _SIZES.values()
    for kind in ("read_", "read_hot_"):
        growth = times[f"as of {kind}{many}:EUR"] / times[f"as of {kind}{few}:EUR"]
        goals[f"as of with 100 times the postings: {growth:.2f} times (goal: flat)"] = growth <= _FLAT
    return goals


def _whole() -> dict[str, bool]:
    from ledger import selectors

    begin = time.perf_counter()
    findings = selectors.verify()
    print(f"every invariant recomputed from raw rows in {time.perf_counter() - begin:.1f} s")
    return {f"the books are whole: {len(findings)} findings": not findings}


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
