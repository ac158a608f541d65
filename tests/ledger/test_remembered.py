"""Posting with remembered ids of accounts, by a prepared statement: what a process does after its first few entries."""

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DataError, IntegrityError, OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from common.money import Money
from ledger import selectors, services
from ledger.contracts import EntryRequest
from ledger.enums import AccountType
from tests.ledger.books import NOW, account, count, lines, post, sql

pytestmark = pytest.mark.django_db(transaction=True)

CASH = account("cash")
DEBT = account("debt", account_type=AccountType.LIABILITY, bounded=True)
HOT = account("clearing", is_hot=True)


def remembered() -> dict[str, int]:
    return services._remembered(connection)


@pytest.fixture(autouse=True)
def _books() -> Iterator[None]:
    connection.ensure_connection()
    remembered().clear()
    services.ensure_accounts(accounts=[CASH, DEBT, HOT])
    post((CASH, 100), (DEBT, -60), (HOT, -40), source="first")
    yield
    remembered().clear()


def ids() -> dict[str, int]:
    """Times 2,048, and the locks as the functions have them: a slot for a hot account, one of 1,024 by the id for
    another."""
    accounts = sql("SELECT code, id, is_hot FROM ledger_account")
    return {code: number * 2048 + (1024 if is_hot else number % 1024) for code, number, is_hot in accounts}


def test_after_a_few_entries_a_posting_is_prepared_and_knows_its_accounts() -> None:
    """Would the driver name prepared statements otherwise, every posting would take the long way and still be right."""
    assert remembered() == ids()
    for _ in range(5):
        post((CASH, 1), (DEBT, -1))
    assert services._POST.is_prepared(connection.connection)
    assert not post((CASH, 1), (DEBT, -1), source="again").replayed
    assert post((CASH, 1), (DEBT, -1), source="again").replayed
    with pytest.raises(services.AccountWouldGoNegative) as refusal:
        post((DEBT, 500), (CASH, -500))
    assert refusal.value.reference == "debt:EUR"
    with transaction.atomic():  # whose first statement it is
        post((CASH, 1), (DEBT, -1))
    assert selectors.balance("cash:EUR") == Money(107, "EUR")
    assert selectors.verify() == []


def test_after_a_rollback_postings_go_on() -> None:
    """The driver forgets what it prepared then."""
    for _ in range(6):
        post((CASH, 1), (DEBT, -1))
    for _ in range(6):
        with transaction.atomic():
            post((CASH, 1), (DEBT, -1))
            transaction.set_rollback(True)
        with transaction.atomic():
            count("ledger_account")
            post((CASH, 1), (DEBT, -1))
            with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
                post((DEBT, 500), (CASH, -500))
            post((CASH, 1), (DEBT, -1))
    assert selectors.balance("cash:EUR") == Money(118, "EUR")


def test_an_account_whose_opening_was_rolled_back_is_opened_again() -> None:
    new = account("new")
    for _ in range(2):
        with transaction.atomic():
            post((new, 5), (CASH, -5))
            post((new, 5), (CASH, -5))
            transaction.set_rollback(True)
        assert "new:EUR" not in remembered()
    post((new, 5), (CASH, -5))
    assert selectors.balance("new:EUR") == Money(5, "EUR")


@pytest.mark.parametrize(
    "wrong",
    [
        {"cash:EUR": 999999, "debt:EUR": 999998, "clearing:EUR": 999997},
        {"cash:EUR": "debt:EUR", "debt:EUR": "clearing:EUR", "clearing:EUR": "cash:EUR"},
        {"clearing:EUR": 999999},
    ],
)
def test_a_wrong_remembered_id_never_reaches_another_account(wrong: dict[str, int | str]) -> None:
    """As after another database was put in this one's place."""
    right = ids()
    mistaken = {code: right[to] if isinstance(to, str) else to * 2048 + 7 for code, to in wrong.items()}
    batch = [
        EntryRequest("test", "a", NOW, lines((CASH, 5), (HOT, -5))),
        EntryRequest("test", "b", NOW, lines((CASH, 3), (DEBT, -3))),
    ]
    remembered().update(mistaken)
    services.post_entries(entries=batch)
    assert remembered() == right
    remembered().update(mistaken)
    try:
        post((CASH, 10), (DEBT, -4), (HOT, -6))
    except IntegrityError:  # ids of other accounts: refused, and forgotten
        post((CASH, 10), (DEBT, -4), (HOT, -6))
    assert {code: money.amount_minor for code, money in selectors.balances(codes=list(right)).items()} == {
        "cash:EUR": 118,
        "debt:EUR": -67,
        "clearing:EUR": -51,
    }
    assert selectors.verify() == []


def test_a_replay_in_a_batch_is_none_of_its_refusals() -> None:
    """Counted twice it would take the debt beyond zero."""
    release = EntryRequest("test", "release", NOW, lines((DEBT, 50), (CASH, -50)))
    new = EntryRequest("test", "new", NOW, lines((DEBT, 10), (CASH, -10)))
    assert [entry.replayed for entry in services.post_entries(entries=[release])] == [False]
    posted = services.post_entries(entries=[release, new, release])
    assert [entry.replayed for entry in posted] == [True, False, True]
    assert posted[0].id == posted[2].id
    assert selectors.balance("debt:EUR") == Money(0, "EUR")
    over = EntryRequest("test", "over", NOW, lines((DEBT, 1), (CASH, -1)))
    with pytest.raises(services.AccountWouldGoNegative) as refusal:
        services.post_entries(entries=[release, over])
    assert refusal.value.reference == "debt:EUR"
    assert count("ledger_journalentry") == 3


def test_a_batch_runs_through_an_account_in_the_given_order() -> None:
    """Its balance may pass zero only where no entry of the batch leaves it there."""
    batch = [
        EntryRequest("test", f"e{number}", NOW, lines((DEBT, minor), (CASH, -minor)), 'a "word" \\ {x},')
        for number, minor in enumerate([60, -5, 5, -7])
    ]
    with CaptureQueriesContext(connection) as queries:
        posted = services.post_entries(entries=batch)
    assert len(queries) == 1
    chain = sql(
        "SELECT sequence, balance_minor FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
        " WHERE code = 'debt:EUR' ORDER BY sequence"
    )
    assert chain == [(1, -60), (2, 0), (3, -5), (4, 0), (5, -7)]
    assert sql("SELECT id, description FROM ledger_journalentry WHERE id > %s ORDER BY id", [posted[0].id - 1]) == [
        (entry.id, 'a "word" \\ {x},') for entry in posted
    ]
    with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
        services.post_entries(
            entries=[
                EntryRequest("test", "up", NOW, lines((DEBT, 8), (CASH, -8))),
                EntryRequest("test", "down", NOW, lines((DEBT, -8), (CASH, 8))),
            ]
        )
    assert selectors.verify() == []


def test_a_character_postgresql_cannot_hold_is_refused() -> None:
    for _ in range(6):
        post((CASH, 1), (DEBT, -1))
    with pytest.raises(DataError):
        post((CASH, 1), (DEBT, -1), source="a\0b")
    assert selectors.entry_by_source("a") is None


def test_a_lost_connection_is_an_operational_error_and_the_next_one_posts() -> None:
    for _ in range(6):
        post((CASH, 1), (DEBT, -1))
    assert services._POST.is_prepared(connection.connection)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    # The driver tells of the second and the third, which are not sent any more, in another way than of the first.
    for _ in range(3):
        with pytest.raises(OperationalError):
            post((CASH, 1), (DEBT, -1), source="lost")
    connection.close()
    assert not post((CASH, 1), (DEBT, -1), source="lost").replayed
    assert selectors.verify() == []


def test_each_thread_posts_by_its_own_connection() -> None:
    """The connection is looked up once in each thread."""
    post((CASH, 1), (DEBT, -1))
    found: list[object] = []

    def elsewhere() -> None:
        try:
            with transaction.atomic():
                post((CASH, 1), (DEBT, -1), source="undone")
                transaction.set_rollback(True)
            found.append(services._database() is connections["default"])
        finally:
            connections["default"].close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [True]
    assert services._database() is connections["default"]
    assert selectors.entry_by_source("undone") is None


def test_inside_an_event_loop_the_connection_is_asked_of_django(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which has another one there, and refuses to use it. In a thread, because browser tests leave a loop in ours."""
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    refused: list[Exception] = []

    async def inside() -> None:
        try:
            post((CASH, 1), (DEBT, -1), source="inside")
        except SynchronousOnlyOperation as error:
            refused.append(error)

    def elsewhere() -> None:
        try:
            assert services._database() is connections["default"]
            asyncio.run(inside())
        finally:
            connections["default"].close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(refused) == 1


@pytest.mark.parametrize(
    "at",
    [
        dt.datetime(2026, 3, 29, 2, 59, 59, 999_999, dt.timezone(dt.timedelta(hours=-3, minutes=-30))),
        dt.datetime(1999, 12, 31, 23, 59, 59, 1, dt.UTC),
        dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_a_time_arrives_to_the_microsecond_by_cursor_and_prepared(at: dt.datetime) -> None:
    """It goes as text the one way and as a number the other."""
    sources = [f"at:{number}" for number in range(8)]
    for source in sources:
        services.post_entry(kind="test", source_reference=source, effective_at=at, lines=lines((CASH, 1), (DEBT, -1)))
    assert services._POST.is_prepared(connection.connection)
    stored = sql("SELECT effective_at FROM ledger_journalentry WHERE source_reference = ANY (%s)", [sources])
    assert stored == [(at,)] * 8
