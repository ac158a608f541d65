"""Real threads with connections of their own on real PostgreSQL."""

import random
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from common.money import Money
from ledger import selectors, services
from ledger.contracts import EntryRequest
from ledger.enums import AccountType
from ledger.models import Account, JournalEntry, Posting
from tests.ledger.books import NOW, account, lines, post, sql
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CASH = account("cash")
DEBT = account("debt", account_type=AccountType.LIABILITY, bounded=True)
HOT = account("clearing", is_hot=True)


def failures(results: Sequence[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, Exception)]


@pytest.mark.parametrize("sides", [((CASH, 5), (DEBT, -5)), ((HOT, 5), (account("fees", is_hot=True), -5))])
def test_one_fact_posted_twenty_times_at_once_is_one_entry(sides: Any) -> None:
    """With accounts that don't exist yet, too; only hot ones leave the unique reference alone to decide."""
    results = at_once([lambda: post(*sides, source="sale:1")] * 20)
    assert failures(results) == []
    assert len({result.id for result in results}) == 1
    assert sorted(result.replayed for result in results) == [False] + [True] * 19
    assert JournalEntry.objects.count() == 1
    assert selectors.verify() == []


def test_different_lines_under_one_reference_at_once_book_one_of_them() -> None:
    results = at_once([partial(post, (CASH, n), (DEBT, -n), source="sale:1") for n in range(1, 11)])
    refused = failures(results)
    assert len(refused) == 9
    assert {type(error) for error in refused} == {services.SourceReferenceConflict}
    assert JournalEntry.objects.count() == 1


def test_a_hot_account_takes_postings_of_eight_threads_and_loses_none() -> None:
    def many(thread: int) -> None:
        for number in range(25):
            post((HOT, 3), (account(f"seller_{thread}"), -3), source=f"{thread}:{number}")

    assert failures(at_once([partial(many, n) for n in range(8)])) == []
    assert selectors.balance("clearing:EUR") == Money(600, "EUR")
    assert Posting.objects.filter(account__code="clearing:EUR").values("slot").distinct().count() > 1
    assert selectors.verify() == []


def test_a_hot_account_does_not_make_transactions_wait_for_each_other() -> None:
    """Eight transactions that all hold a posting to it are open at the same time."""
    inside = threading.Barrier(8)

    def hold(thread: int) -> None:
        with transaction.atomic():
            post((HOT, 1), (account(f"seller_{thread}"), -1))
            inside.wait(timeout=20)

    services.ensure_accounts(accounts=[HOT, *(account(f"seller_{n}") for n in range(8))])
    assert failures(at_once([partial(hold, n) for n in range(8)])) == []


def test_more_transactions_than_slots_wait_and_lose_nothing() -> None:
    results = at_once([partial(post, (HOT, 1), (account(f"seller_{n}"), -1)) for n in range(20)])
    assert failures(results) == []
    assert selectors.balance("clearing:EUR") == Money(20, "EUR")


def test_a_sellers_account_takes_postings_of_eight_threads_and_loses_none() -> None:
    services.ensure_accounts(accounts=[CASH, DEBT])
    results = at_once([lambda: [post((CASH, 2), (DEBT, -2)) for _ in range(15)]] * 8)
    assert failures(results) == []
    assert selectors.balance("debt:EUR") == Money(-240, "EUR")
    assert (
        sql("SELECT max(sequence), count(*) FROM ledger_posting WHERE slot = 0 GROUP BY account_id") == [(120, 120)] * 2
    )


def test_a_bounded_account_is_emptied_once() -> None:
    """Twenty want all of it at once."""
    post((CASH, 100), (DEBT, -100))
    results = at_once([lambda: post((DEBT, 100), (CASH, -100))] * 20)
    refused = failures(results)
    assert len(refused) == 19
    assert {type(error) for error in refused} == {services.AccountWouldGoNegative}
    assert selectors.balance("debt:EUR") == Money(0, "EUR")


def test_an_entry_is_reversed_once_by_twenty_who_try() -> None:
    post((CASH, 100), (DEBT, -100), source="sale:1")
    results = at_once(
        [
            partial(services.reverse_entry, original="sale:1", source_reference=f"undo:{n}", effective_at=NOW)
            for n in range(20)
        ]
    )
    refused = failures(results)
    assert len(refused) == 19
    assert {type(error) for error in refused} == {services.AlreadyReversed}
    assert selectors.verify() == []


def test_opposite_orders_of_accounts_never_deadlock() -> None:
    sellers = [account(f"seller_{number}") for number in range(6)]
    services.ensure_accounts(accounts=sellers)
    up = lines(*zip(sellers, (1, 2, 3, -3, -2, -1), strict=True))
    down = tuple(reversed(up))

    def one_by_one(order: Any, name: str) -> None:
        for number in range(20):
            services.post_entry(kind="test", source_reference=f"{name}:{number}", effective_at=NOW, lines=order)

    def in_batches(order: Any, name: str) -> None:
        for number in range(5):
            pairs = [order[0:1] + order[5:6], order[1:2] + order[4:5], order[2:3] + order[3:4]]
            services.post_entries(
                entries=[
                    EntryRequest("test", f"{name}:{number}:{index}", NOW, pair) for index, pair in enumerate(pairs)
                ]
            )

    jobs = [partial(one_by_one, up if n % 2 else down, f"single:{n}") for n in range(4)]
    jobs += [partial(in_batches, up if n % 2 else down, f"batch:{n}") for n in range(4)]
    assert failures(at_once(jobs)) == []
    assert selectors.verify() == []


def test_a_new_account_wanted_by_all_is_opened_once() -> None:
    results = at_once([partial(post, (CASH, n), (DEBT, -n)) for n in range(1, 13)])
    assert failures(results) == []
    assert selectors.balance("cash:EUR") == Money(78, "EUR")


def test_entries_at_random_over_the_same_accounts_lose_nothing_and_never_deadlock() -> None:
    """Singly and in batches, with amounts that some accounts can't bear: what was taken is what the balances are."""
    sellers = [account(f"debt_{number}", account_type=AccountType.LIABILITY, bounded=True) for number in range(5)]
    everybody = [*sellers, CASH, HOT]
    for seller in sellers:
        post((CASH, 60), (seller, -60))

    def many(thread: int) -> list[dict[str, int]]:
        chance = random.Random(thread)
        taken: list[dict[str, int]] = []
        for number in range(20):
            entries = [_random_entry(chance, everybody) for _ in range(chance.choice((1, 1, 3)))]
            names = [f"{thread}:{number}:{index}" for index in range(len(entries))]
            try:
                if len(entries) == 1:
                    post(*entries[0], source=names[0])
                else:
                    services.post_entries(
                        entries=[
                            EntryRequest("test", name, NOW, lines(*entry))
                            for name, entry in zip(names, entries, strict=True)
                        ]
                    )
            except services.AccountWouldGoNegative:
                continue
            taken += [{spec.code: minor for spec, minor in entry} for entry in entries]
        return taken

    results = at_once([partial(many, thread) for thread in range(8)])
    assert failures(results) == []
    expected = {seller.code: -60 for seller in sellers} | {"cash:EUR": 300, "clearing:EUR": 0}
    taken = [entry for entries in results for entry in entries]
    assert 40 < len(taken) < 8 * 20 * 3
    for entry in taken:
        for code, minor in entry.items():
            expected[code] += minor
    read = selectors.balances(codes=list(expected))
    assert {code: money.amount_minor for code, money in read.items()} == expected
    assert JournalEntry.objects.count() == 5 + len(taken)
    assert selectors.verify() == []


def _random_entry(chance: random.Random, accounts: Sequence[Any]) -> list[tuple[Any, int]]:
    chosen = chance.sample(accounts, 3)
    first, second = chance.randint(1, 40), chance.randint(1, 40)
    sign = chance.choice((1, -1))
    return list(zip(chosen, (sign * first, sign * second, -sign * (first + second)), strict=True))


@pytest.mark.parametrize("remembered", [False, True])
@pytest.mark.parametrize(("held", "has"), [("lowest", 0), ("highest", 1), ("slots", 2)])
def test_locks_are_taken_in_one_order_whatever_the_order_of_lines(held: str, has: int, remembered: bool) -> None:
    """Somebody holds one of the locks of an entry; who posts it waits with as many of the others as come before."""
    sellers = [account("one"), account("two")]
    services.ensure_accounts(accounts=[*sellers, HOT])
    numbers = {pk & 1023: code for pk, code in Account.objects.filter(is_hot=False).values_list("pk", "code")}
    low, high = sorted(numbers)
    sides: list[tuple[Any, int]] = [(HOT, -2), (numbers[high], 1), (numbers[low], 1)]
    is_ready, may_go = threading.Event(), threading.Event()

    def wait_and_post() -> None:
        if remembered:
            post(*sides)
        is_ready.set()
        may_go.wait(timeout=20)
        post(*sides)

    waiting = threading.Thread(target=at_once, args=([wait_and_post],))
    waiting.start()
    assert is_ready.wait(timeout=20)
    with transaction.atomic():
        if held == "slots":
            sql("SELECT pg_advisory_xact_lock(7894, slot) FROM generate_series(0, 15) slot")
        else:
            sql("SELECT pg_advisory_xact_lock(7895, %s)", [low if held == "lowest" else high])
        may_go.set()
        assert _locks_of_who_waits() == has
    waiting.join(timeout=20)
    assert JournalEntry.objects.count() == 1 + remembered


def _locks_of_who_waits() -> int:
    """How many advisory locks the connection holds that waits for another."""
    for _ in range(400):
        held = sql(
            "SELECT count(*) FILTER (WHERE granted) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " GROUP BY pid HAVING bool_or(NOT granted)"
        )
        if held:
            return int(held[0][0])
        time.sleep(0.05)
    raise AssertionError("nobody waits")
