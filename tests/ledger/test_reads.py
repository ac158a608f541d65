"""Balances now and as of a past time, statements, the trial balance, and how many rows reading touches."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common.money import Money
from ledger import selectors
from ledger.contracts import StatementLine
from ledger.enums import AccountType
from ledger.models import Posting
from ledger.selectors.statements import InvalidCursor
from tests.ledger.books import account, post, sql

CASH = account("cash", owner="art_1")
DEBT = account("debt", account_type=AccountType.LIABILITY, owner="art_1")
HOT = account("clearing", is_hot=True)
TICK = dt.timedelta(microseconds=1)

PostSpread = Callable[..., list[dt.datetime]]


@pytest.fixture
def post_spread() -> Iterator[PostSpread]:
    """Posts amounts to the hot account, each in another slot, by another connection that holds all slots but one."""
    holder = connection.copy()

    def spread(*amounts: int) -> list[dt.datetime]:
        times = []
        for number, minor in enumerate(amounts):
            with holder.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_all()")
                cursor.execute(
                    "SELECT pg_advisory_lock(7894, s) FROM generate_series(0, 15) s WHERE s <> %s", [number % 16]
                )
            times.append(post((HOT, minor), (CASH, -minor)).posted_at)
        return times

    yield spread
    holder.close()


@pytest.mark.django_db
def test_an_account_that_is_not_there_has_nothing() -> None:
    assert selectors.balance("cash:EUR") == Money(0, "EUR")
    assert selectors.balance_as_of("cash:JPY", dt.datetime.now(dt.UTC)) == Money(0, "JPY")
    assert selectors.balances(codes=["cash:EUR"]) == {}
    assert selectors.trial_balance("EUR").accounts == ()


@pytest.mark.django_db
def test_balances_of_the_past_stay() -> None:
    times = [post((CASH, minor), (DEBT, -minor)).posted_at for minor in (100, -30, 7)]
    assert [selectors.balance_as_of("cash:EUR", at).amount_minor for at in times] == [100, 70, 77]
    assert [selectors.balance_as_of("cash:EUR", at - TICK).amount_minor for at in times] == [0, 100, 70]
    assert selectors.balances(owner_reference="art_1", at=times[1]) == {
        "cash:EUR": Money(70, "EUR"),
        "debt:EUR": Money(-70, "EUR"),
    }
    assert selectors.balances(owner_reference="art_1", code_prefix="d") == {"debt:EUR": Money(-77, "EUR")}
    assert selectors.balances(owner_reference="art_2") == {}
    with pytest.raises(ValueError, match="needs"):
        selectors.balances()


@pytest.mark.django_db(transaction=True)
def test_a_hot_accounts_balance_is_that_of_all_its_slots(post_spread: PostSpread) -> None:
    amounts = [*range(1, 21), *([1] * 300)]
    times = post_spread(*amounts)
    assert Posting.objects.filter(account__code="clearing:EUR").values("slot").distinct().count() == 16
    assert selectors.balance("clearing:EUR") == Money(510, "EUR")
    for code, sign in (("clearing:EUR", 1), ("cash:EUR", -1)):
        past = [selectors.balance_as_of(code, at).amount_minor for at in times]
        assert past == [sign * total for total in accumulate(amounts)]
    assert selectors.verify() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["clearing:EUR", "cash:EUR"])
def test_a_statement_is_the_same_in_pages_of_any_size(post_spread: PostSpread, code: str) -> None:
    post_spread(*range(1, 71))
    whole = selectors.statement(code)
    assert len(whole.lines) == 70
    running = 0
    for line in whole.lines:
        running += line.amount.amount_minor
        assert line.balance.amount_minor == running
    assert whole.closing == selectors.balance(code)
    for size in (1, 3, 20, 70):
        lines: list[StatementLine] = []
        cursor, opening = "", Money(0, "EUR")
        while True:
            page = selectors.statement(code, cursor=cursor, page_size=size)
            assert page.opening == opening
            lines += page.lines
            opening, cursor = page.closing, page.next_cursor
            if not cursor:
                break
        assert tuple(lines) == whole.lines


@pytest.mark.django_db
def test_a_statement_of_a_period() -> None:
    times = [post((CASH, minor), (DEBT, -minor)).posted_at for minor in (100, -30, 7, 5)]
    page = selectors.statement("cash:EUR", start=times[1], end=times[3])
    assert (page.opening.amount_minor, page.closing.amount_minor) == (100, 77)
    assert [line.amount.amount_minor for line in page.lines] == [-30, 7]
    for bad in ("x", "2026-01-01T00:00:00~1", "2026-01-01T00:00:00+00:00~"):
        with pytest.raises(InvalidCursor):
            selectors.statement("cash:EUR", cursor=bad)


@pytest.mark.django_db
def test_the_trial_balance_has_two_equal_sides(capsys: pytest.CaptureFixture[str]) -> None:
    at = post((CASH, 100), (DEBT, -60), (HOT, -40)).posted_at
    post((CASH, 1), (DEBT, -1))
    trial = selectors.trial_balance("EUR")
    assert trial.is_balanced
    assert (trial.debits, trial.credits) == (Money(101, "EUR"), Money(101, "EUR"))
    assert {row.code: row.normal_balance.amount_minor for row in trial.accounts} == {
        "cash:EUR": 101,
        "clearing:EUR": -40,
        "debt:EUR": 61,
    }
    call_command("trial_balance")
    printed = capsys.readouterr().out
    assert "cash:EUR" in printed
    assert "€1.01" in printed
    call_command("trial_balance", "--json", "--at", at.isoformat(), "--currency", "EUR")
    [read] = json.loads(capsys.readouterr().out)
    assert (read["debits_minor"], read["balanced"]) == (100, True)
    for bad in ("yesterday", "2026-01-01T00:00:00"):
        with pytest.raises(CommandError):
            call_command("trial_balance", "--at", bad)


def touched() -> tuple[int, int]:
    """Rows of postings fetched by index, and by reading the table, in this transaction so far."""
    [(by_index, by_scan)] = sql(
        "SELECT pg_stat_get_xact_tuples_fetched(c.oid), pg_stat_get_xact_tuples_returned(c.oid)"
        " FROM pg_class c WHERE c.relname = 'ledger_posting'"
    )
    return by_index, by_scan


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["cash", "clearing"])
def test_reading_a_balance_touches_few_rows_however_many_there_are(name: str) -> None:
    times = [post((CASH, 1), (HOT, -1)).posted_at for _ in range(400)]
    for at in times[::37]:
        reads: list[tuple[Callable[[], object], int]] = [
            (partial(selectors.balance, f"{name}:EUR"), 1),
            (partial(selectors.balance_as_of, f"{name}:EUR", at), 17),
        ]
        for read, most in reads:
            before = touched()
            read()
            after = touched()
            # the newest posting; or a mark in time and the postings up to the next. The other slots are empty here.
            assert after[0] - before[0] <= most
            assert after[1] == before[1]
