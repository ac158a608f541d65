"""Reading balances, now and as of a past time, on accounts with few and with very many postings."""

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial

_LINES_PER_ENTRY = 1000
_ROUNDS = 400
_WARM_UP_ROUNDS = 60
_TABLES = ("ledger_journalentry", "ledger_posting")
# Many entries at once, as the posting functions would have left them: alternately one unit on a seller's account and
# back from a hot one, whose postings go round its 16 slots. What refuses to insert otherwise is off meanwhile.
_FILL = """
WITH e AS (
  INSERT INTO ledger_journalentry (kind, source_reference, description, trace_id, effective_at, posted_at, line_count)
  SELECT 'bench', 'filled:' || %(seller)s || ':' || n, '', '', now(), %(start)s::timestamptz + n * interval '1 second',
         %(lines)s
    FROM generate_series(0, %(entries)s - 1) n RETURNING id, posted_at),
numbered AS (SELECT id, posted_at, row_number() OVER (ORDER BY id) - 1 AS n FROM e),
postings AS (
  SELECT id, posted_at, l AS line, l %% 2 AS is_seller, (n * %(lines)s + l - 1) / 2 AS k
    FROM numbered, generate_series(1, %(lines)s) l)
INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                            balance_sign, posted_at)
SELECT id, line, CASE is_seller WHEN 1 THEN %(seller)s ELSE %(hot)s END, CASE is_seller WHEN 1 THEN 1 ELSE -1 END,
       'EUR',
       CASE is_seller WHEN 1 THEN 0 ELSE k %% 16 END, CASE is_seller WHEN 1 THEN k + 1 ELSE k / 16 + 1 END,
       CASE is_seller WHEN 1 THEN k + 1 ELSE -(k / 16 + 1) END, 0, posted_at
  FROM postings ORDER BY id, line
"""


def fill(*, seller_code: str, hot_code: str, postings: int) -> None:
    """Gives two accounts, which are open and empty, so many postings each."""
    from django.db import connection, transaction

    from ledger.models import Account

    ids = dict(Account.objects.filter(code__in=[seller_code, hot_code]).values_list("code", "id"))
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ledger_refuse_insert")
        cursor.execute(
            _FILL,
            {
                "seller": ids[seller_code],
                "hot": ids[hot_code],
                "start": start,
                "lines": _LINES_PER_ENTRY,
                "entries": postings * 2 // _LINES_PER_ENTRY,
            },
        )
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ledger_refuse_insert")


def medians_ms(sizes: Mapping[str, int]) -> dict[str, float]:
    """Median times: "orm", and "balance <code>" and "as of <code>" for each code; all in alternating rounds.

    `sizes` tells how many postings each account has; the past times lie anywhere in its own history.
    """
    from ledger import selectors
    from ledger.models import Account

    chance = random.Random(7)
    begin_of_time = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    keys = list(Account.objects.values_list("pk", flat=True)[:500])

    def as_of(code: str, size: int) -> object:
        seconds = chance.random() * size * 2 / _LINES_PER_ENTRY
        return selectors.balance_as_of(code, begin_of_time + dt.timedelta(seconds=seconds))

    reads: dict[str, Callable[[], object]] = {"orm": lambda: Account.objects.get(pk=chance.choice(keys))}
    for code, size in sizes.items():
        reads[f"balance {code}"] = partial(selectors.balance, code)
        reads[f"as of {code}"] = partial(as_of, code, size)
    times: dict[str, list[float]] = {name: [] for name in reads}
    for number in range(_WARM_UP_ROUNDS + _ROUNDS):
        for name, read in reads.items():
            begin = time.perf_counter()
            read()
            if number >= _WARM_UP_ROUNDS:
                times[name].append((time.perf_counter() - begin) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}
