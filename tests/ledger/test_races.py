"""Real threads with connections of their own on real PostgreSQL."""

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from common.money import Money
from ledger import selectors, services
from ledger.contracts import EntryRequest
from ledger.enums import AccountType
from ledger.models import JournalEntry, Posting
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
