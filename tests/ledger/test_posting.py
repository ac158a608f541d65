"""Posting, replaying, refusing and reversing through the services."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common import context
from common.money import Money
from ledger import selectors, services
from ledger.contracts import AccountSpec, EntryRequest, Line
from ledger.enums import AccountType
from ledger.models import Account, JournalEntry, Posting
from tests.ledger.books import NOW, account, count, lines, post, sql

pytestmark = pytest.mark.django_db

CASH = account("cash")
DEBT = account("debt", account_type=AccountType.LIABILITY, bounded=True)
HOT = account("clearing", is_hot=True)


def request(source: str, *sides: tuple[AccountSpec, int]) -> EntryRequest:
    return EntryRequest("test", source, NOW, lines(*sides))


def test_an_entry_is_one_statement_even_when_it_opens_its_accounts() -> None:
    with CaptureQueriesContext(connection) as queries:
        posted = post((CASH, 500), (DEBT, -300), (HOT, -200))
    assert len(queries) == 1
    assert not posted.replayed
    assert selectors.balance("cash:EUR") == Money(500, "EUR")
    assert selectors.balance("debt:EUR") == Money(-300, "EUR")
    assert selectors.balance("clearing:EUR") == Money(-200, "EUR")


def test_the_entry_keeps_what_it_was_given() -> None:
    context.bind(trace_id="trace-1")
    posted = services.post_entry(
        kind="test",
        source_reference="sale:1",
        effective_at=NOW - dt.timedelta(days=3),
        lines=lines((CASH, 500), (DEBT, -500)),
        description="words",
    )
    context.bind(trace_id="")
    entry = selectors.entry_by_source("sale:1")
    assert entry is not None
    assert (entry.id, entry.kind, entry.description, entry.trace_id) == (posted.id, "test", "words", "trace-1")
    assert entry.effective_at == NOW - dt.timedelta(days=3)
    assert entry.posted_at == posted.posted_at
    assert [(p.line, p.account_code, p.amount.amount_minor) for p in entry.postings] == [
        (1, "cash:EUR", 500),
        (2, "debt:EUR", -500),
    ]
    assert selectors.entry_by_source("sale:2") is None


def test_the_same_fact_again_is_a_replay() -> None:
    first = post((CASH, 500), (DEBT, -500), source="sale:1")
    again = post((DEBT, -500), (CASH, 500), source="sale:1")  # the order of lines is no difference
    assert again.replayed
    assert (again.id, again.posted_at) == (first.id, first.posted_at)
    assert count("ledger_journalentry") == 1
    assert selectors.balance("cash:EUR") == Money(500, "EUR")


def test_a_replay_is_no_refusal_when_the_account_could_not_bear_the_fact_twice() -> None:
    post((CASH, 500), (DEBT, -500))
    post((DEBT, 400), (CASH, -400), source="release:1")
    assert post((DEBT, 400), (CASH, -400), source="release:1").replayed


@pytest.mark.parametrize(
    ("kind", "sides"),
    [
        ("test", ((CASH, 501), (DEBT, -501))),
        ("test", ((CASH, 500), (HOT, -500))),
        ("test", ((CASH, 500), (DEBT, -300), (HOT, -200))),
        ("test", ((CASH, 500), (DEBT, -500), (HOT, 7), (account("more"), -7))),
        ("other", ((CASH, 500), (DEBT, -500))),
    ],
)
def test_another_fact_under_the_same_reference_is_a_conflict(kind: str, sides: Any) -> None:
    post((CASH, 500), (DEBT, -500), source="sale:1")
    with pytest.raises(services.SourceReferenceConflict) as refusal, transaction.atomic():
        post(*sides, source="sale:1", kind=kind)
    assert refusal.value.reference == "sale:1"
    assert count("ledger_journalentry") == 1


@pytest.mark.parametrize(
    ("sides", "refusal"),
    [
        (((CASH, 500), (DEBT, -499)), services.UnbalancedEntry),
        (((CASH, 500), (account("cash", currency="USD"), -500)), services.UnbalancedEntry),
        (((CASH, 500),), services.InvalidEntry),
        ((), services.InvalidEntry),
        (((CASH, 500), (DEBT, -500), (HOT, 0)), services.InvalidEntry),
        (((CASH, 500), (CASH, -500)), services.InvalidEntry),
        (((CASH, 2**63), (DEBT, -(2**63))), services.InvalidEntry),
        (((CASH, 500), ("Debt:EUR", -500)), services.InvalidEntry),
        (((CASH, 500), ('de",bt:EUR', -500)), services.InvalidEntry),
        (((CASH, 500), ("nobody:EUR", -500)), services.UnknownAccount),
        (((CASH, 500), (HOT, -200), ("nobody:EUR", -300)), services.UnknownAccount),
        (((CASH, -500), (DEBT, 500)), services.AccountWouldGoNegative),
    ],
)
def test_refusals_change_nothing(sides: Any, refusal: type[services.LedgerRefusal]) -> None:
    services.ensure_accounts(accounts=[CASH, DEBT, HOT])
    with pytest.raises(refusal), transaction.atomic():
        post(*sides)
    assert count("ledger_journalentry") == count("ledger_posting") == 0


def test_a_line_in_another_currency_than_its_account_is_refused() -> None:
    with pytest.raises(services.CurrencyMismatch):
        services.post_entry(
            kind="test",
            source_reference="sale:1",
            effective_at=NOW,
            lines=[Line(CASH, Money(5, "EUR")), Line(DEBT, Money(-5, "USD"))],
        )


def test_a_time_without_a_zone_and_an_empty_reference_are_refused() -> None:
    two = lines((CASH, 5), (DEBT, -5))
    with pytest.raises(services.InvalidEntry):
        services.post_entry(kind="t", source_reference="", effective_at=NOW, lines=two)
    with pytest.raises(services.InvalidEntry):
        services.post_entry(kind="t", source_reference="x", effective_at=NOW.replace(tzinfo=None), lines=two)


def test_a_bounded_account_is_named_when_it_refuses() -> None:
    post((CASH, 500), (DEBT, -500))
    with pytest.raises(services.AccountWouldGoNegative) as refusal, transaction.atomic():
        post((DEBT, 501), (CASH, -501))
    assert refusal.value.reference == "debt:EUR"
    post((DEBT, 500), (CASH, -500))
    assert selectors.balance("debt:EUR") == Money(0, "EUR")


def test_a_balance_beyond_64_bits_is_refused() -> None:
    post((CASH, 2**63 - 1), (HOT, -(2**63 - 1)))
    with pytest.raises(services.InvalidEntry), transaction.atomic():
        post((CASH, 1), (HOT, -1))


def test_several_currencies_balance_each_by_itself() -> None:
    dollars = account("cash", currency="USD")
    post((CASH, 90), (DEBT, -90), (dollars, -100), (account("fees", currency="USD"), 100))
    assert selectors.balances(code_prefix="cash:") == {"cash:EUR": Money(90, "EUR"), "cash:USD": Money(-100, "USD")}
    post((CASH, 10), (DEBT, -10), (dollars, -1), ("fees:USD", 1))
    assert selectors.verify() == []


def test_an_account_that_is_open_already_and_different_is_refused() -> None:
    services.open_account(account=CASH)
    services.open_account(account=CASH)
    with pytest.raises(services.AccountDiffers) as refusal, transaction.atomic():
        services.open_account(account=account("cash", is_hot=True))
    assert refusal.value.reference == "cash:EUR"


def test_accounts_are_opened_in_bulk_and_once() -> None:
    assert services.ensure_accounts(accounts=[CASH, DEBT, CASH]) == 2
    assert services.ensure_accounts(accounts=[CASH, DEBT, HOT]) == 1
    assert services.ensure_accounts(accounts=[]) == 0
    assert Account.objects.count() == 3


@pytest.mark.parametrize(
    "bad",
    [
        account("hot", is_hot=True, bounded=True),
        account("Upper"),
        account("spa ce"),
        account("curly{"),
    ],
)
def test_a_malformed_account_is_refused(bad: AccountSpec) -> None:
    with pytest.raises(services.InvalidEntry), transaction.atomic():
        services.open_account(account=bad)


def test_a_batch_is_one_statement_in_the_given_order() -> None:
    with CaptureQueriesContext(connection) as queries:
        posted = services.post_entries(
            entries=[
                request("a", (CASH, 5), (DEBT, -5)),
                request("b", (DEBT, 4), (CASH, -4)),
                request("c", (CASH, 1), (HOT, -1)),
            ]
        )
    assert len(queries) == 1
    assert [entry.source_reference for entry in posted] == ["a", "b", "c"]
    assert posted[0].id < posted[1].id < posted[2].id
    assert selectors.balance("cash:EUR") == Money(2, "EUR")
    again = services.post_entries(entries=[request("b", (DEBT, 4), (CASH, -4)), request("d", (CASH, 1), (DEBT, -1))])
    assert [entry.replayed for entry in again] == [True, False]
    assert services.post_entries(entries=[]) == []


def test_a_batch_is_all_or_nothing() -> None:
    services.ensure_accounts(accounts=[CASH, DEBT])
    with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
        services.post_entries(entries=[request("a", (CASH, 5), (DEBT, -5)), request("b", (DEBT, 6), (CASH, -6))])
    assert count("ledger_journalentry") == 0
    with pytest.raises(services.InvalidEntry):
        services.post_entries(entries=[request("a", (CASH, 5), (DEBT, -5))] * 1001)


def test_a_reversal_undoes_an_entry_once() -> None:
    original = post((CASH, 500), (DEBT, -300), (HOT, -200), source="transfer:1")
    with CaptureQueriesContext(connection) as queries:
        undone = services.reverse_entry(original="transfer:1", source_reference="transfer:1:failed", effective_at=NOW)
    assert len(queries) == 1
    assert set(selectors.balances(codes=["cash:EUR", "debt:EUR", "clearing:EUR"]).values()) == {Money(0, "EUR")}
    entry = JournalEntry.objects.get(pk=undone.id)
    assert entry.reverses_id == original.id
    again = services.reverse_entry(original="transfer:1", source_reference="transfer:1:failed", effective_at=NOW)
    assert (again.id, again.replayed) == (undone.id, True)
    read = selectors.entry_by_source("transfer:1")
    assert read is not None
    assert read.reversed_by == "transfer:1:failed"
    with pytest.raises(services.AlreadyReversed), transaction.atomic():
        services.reverse_entry(original="transfer:1", source_reference="another", effective_at=NOW)
    with pytest.raises(services.ReversalOfReversal), transaction.atomic():
        services.reverse_entry(original="transfer:1:failed", source_reference="another", effective_at=NOW)
    with pytest.raises(services.UnknownEntry), transaction.atomic():
        services.reverse_entry(original="transfer:2", source_reference="another", effective_at=NOW)


def test_a_reversal_can_be_refused_by_a_bound() -> None:
    post((CASH, 500), (DEBT, -500), source="sale:1")
    post((DEBT, 500), (CASH, -500))
    with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
        services.reverse_entry(original="sale:1", source_reference="undo", effective_at=NOW)


def test_posting_belongs_to_the_callers_transaction() -> None:
    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        post((CASH, 5), (DEBT, -5))
        raise Stop
    assert count("ledger_journalentry") == 0
    assert count("ledger_account") == 0


def locks() -> list[tuple[int, int]]:
    """Space and number of the advisory locks that this transaction holds."""
    return sql(
        "SELECT classid::integer, objid::integer FROM pg_locks"
        " WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted ORDER BY 1, 2"
    )


def test_an_entry_holds_a_lock_for_each_seller_and_one_for_all_hot_accounts() -> None:
    other_hot = account("fees", is_hot=True)
    post((CASH, 500), (DEBT, -300), (HOT, -150), (other_hot, -50))
    sellers = sql("SELECT id & 1023 FROM ledger_account WHERE NOT is_hot ORDER BY 1")
    [(slot,)] = sql(
        "SELECT DISTINCT slot FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE is_hot"
    )
    assert locks() == [(7894, slot), *((7895, number) for (number,) in sellers)]
    assert [lock[0] for lock in locks()] == [7894, 7895, 7895]


def test_a_batch_over_more_accounts_than_there_are_locks_holds_each_lock_once() -> None:
    """PostgreSQL's table of locks has room for some thousands, of all connections together."""
    many = [account(f"seller_{number}") for number in range(1100)]
    for round_ in "ab":  # by code, then with what is remembered
        services.post_entries(
            entries=[
                request(f"{round_}:{number}", (many[number], 5), (many[number + 1], -5)) for number in range(0, 1100, 2)
            ]
        )
        assert locks() == [(7895, number) for number in range(1024)]
    assert selectors.balance("seller_1099:EUR") == Money(-10, "EUR")
    assert selectors.verify() == []


def test_a_hot_account_is_posted_in_a_slot_of_its_own() -> None:
    post((HOT, 500), (CASH, -500))
    slots = dict(Posting.objects.values_list("account__code", "slot"))
    [(own,)] = sql("SELECT pg_backend_pid() & 15")
    assert slots == {"clearing:EUR": own, "cash:EUR": 0}
