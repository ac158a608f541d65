"""What PostgreSQL refuses to anybody, by raw SQL: each rule of the books by itself."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from ledger import selectors
from ledger.enums import AccountType
from tests.ledger.books import account, count, post, sql

pytestmark = pytest.mark.django_db

CASH = account("cash")
DEBT = account("debt", account_type=AccountType.LIABILITY, bounded=True)
DOLLARS = account("cash", currency="USD")

# One entry as the service books it, but without locks; tests change one thing in it.
ENTRY: dict[str, Any] = {
    "kind": "raw", "source_reference": "raw:1", "description": "", "trace_id": "", "reverses_id": None,
    "currency": "EUR", "codes": ["cash:EUR", "debt:EUR"], "locks": [], "amounts": [50, -50],
}  # fmt: skip
# Two of them.
BATCH: dict[str, Any] = {
    "kinds": ["raw", "raw"], "source_references": ["raw:1", "raw:2"], "descriptions": ["", ""], "trace_id": "",
    "line_counts": [2, 2], "entries": [1, 1, 2, 2], "lines": [1, 2, 1, 2],
    "codes": ["cash:EUR", "debt:EUR", "debt:EUR", "cash:EUR"], "locks": [], "amounts": [50, -50, 30, -30],
}  # fmt: skip


def ids(codes: list[str]) -> list[int]:
    known = dict(sql("SELECT code, id FROM ledger_account"))
    return [known[code] for code in codes]


def insert(**changes: Any) -> None:
    entry = {**ENTRY, **changes}
    entry.setdefault("account_ids", ids(entry["codes"]))
    with transaction.atomic():
        sql(
            "INSERT INTO ledger_new_entry (kind, source_reference, description, trace_id, reverses_id, currency, codes,"
            " account_ids, locks, amounts, effective_at) VALUES (%s, %s, %s, %s, %s, %s, %s::text[], %s::bigint[],"
            " %s::integer[], %s::bigint[], now())",
            [
                *(entry[name] for name in ("kind", "source_reference", "description", "trace_id", "reverses_id")),
                *(entry[name] for name in ("currency", "codes", "account_ids", "locks", "amounts")),
            ],
        )


def insert_batch(**changes: Any) -> list[tuple[Any, ...]]:
    batch = {**BATCH, **changes}
    with transaction.atomic():
        return sql(
            "INSERT INTO ledger_new_entries (kinds, source_references, descriptions, trace_id, line_counts, entries,"
            " lines, codes, account_ids, locks, amounts, effective_at) VALUES (%s::text[], %s::text[], %s::text[], %s,"
            " %s::smallint[], %s::integer[], %s::smallint[], %s::text[], %s::bigint[], %s::integer[], %s::bigint[],"
            " ARRAY[now(), now()]) RETURNING ids",
            [
                *(batch[name] for name in ("kinds", "source_references", "descriptions", "trace_id", "line_counts")),
                *(batch[name] for name in ("entries", "lines", "codes")),
                *(ids(batch["codes"]), batch["locks"], batch["amounts"]),
            ],
        )


@pytest.fixture(autouse=True)
def _books() -> None:
    post((CASH, 100), (DEBT, -100), source="first")
    post((DOLLARS, 7), (account("fees", currency="USD"), -7), source="dollars")


def test_a_right_entry_by_raw_sql_is_taken() -> None:
    """The others fail for the one thing they change, not for the statement."""
    insert()
    insert_batch(source_references=["raw:2", "raw:3"])
    insert(source_reference="raw:4", currency="")
    assert selectors.balance("cash:EUR").amount_minor == 220
    assert selectors.verify() == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"amounts": [50, -49]}, "does not sum to zero"),
        ({"amounts": [50, None]}, "does not sum to zero"),
        ({"codes": ["cash:EUR"], "amounts": [50]}, "is not complete"),
        ({"codes": [], "amounts": []}, "is not complete"),
        ({"amounts": [50, -50, 0]}, "is not complete"),
        ({"amounts": None}, "must not be null"),
        ({"locks": None}, "must not be null"),
        ({"account_ids": [1]}, "is not complete"),
        ({"account_ids": [999999, 999998]}, "violates not-null"),
        ({"kind": ""}, "is not complete"),
        ({"source_reference": ""}, "is not complete"),
        ({"currency": "USD"}, "violates not-null"),
        ({"currency": None}, "does not sum to zero"),
        ({"codes": ["cash:EUR", "cash:USD"]}, "violates not-null"),
        ({"codes": ["cash:EUR", "cash:USD"], "currency": ""}, "does not sum to zero"),
        ({"codes": ["cash:EUR", "cash:EUR"]}, "posting_chain"),
        ({"amounts": [0, 0]}, "posting_not_zero"),
        ({"amounts": [-200, 200]}, "would leave its side of zero"),
        ({"source_reference": "first"}, "was posted with another kind or other lines"),
        ({"reverses_id": 999999}, "is not the opposite"),
    ],
)
def test_a_wrong_entry_is_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(DatabaseError, match=rule):
        insert(**changes)
    assert count("ledger_journalentry") == 2
    assert count("ledger_posting") == 4


def test_an_account_that_is_not_of_the_code_is_refused() -> None:
    with pytest.raises(DatabaseError, match="violates not-null"):
        insert(account_ids=ids(["debt:EUR", "cash:EUR"]))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"amounts": [50, -51, 31, -30]}, "does not sum to zero"),
        ({"amounts": [50, -50, 30, None]}, "does not sum to zero"),
        ({"line_counts": [2, 3]}, "is not complete"),
        ({"line_counts": [2, None]}, "is not complete"),
        ({"lines": [1, 2, 1, 3]}, "is not complete"),
        ({"lines": [1, 2, 1, 1]}, "is not complete"),
        ({"lines": [1, 2, 0, 2]}, "is not complete"),
        ({"entries": [1, 1, 1, 1], "lines": [1, 2, 3, 4]}, "is not complete"),
        ({"entries": [1, 1, 3, 3]}, "is not complete"),
        ({"entries": [1, 2, 2, 2]}, "is not complete"),
        ({"kinds": ["raw", ""]}, "is not complete"),
        ({"source_references": ["", "raw:2"]}, "is not complete"),
        ({"codes": ["cash:EUR", "cash:USD", "debt:EUR", "cash:EUR"]}, "does not sum to zero"),
    ],
)
def test_a_wrong_entry_in_a_batch_is_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(DatabaseError, match=rule):
        insert_batch(**changes)
    assert count("ledger_journalentry") == 2


@pytest.mark.parametrize(
    "changes", [{"amounts": [50, -50, 300, -300]}, {"source_references": ["raw:1", "first"]}, {"kinds": ["raw", None]}]
)
def test_a_batch_that_does_not_fit_the_books_leaves_nothing(changes: dict[str, Any]) -> None:
    """The answer without ids sends the service to the way entry by entry, which says what is wrong."""
    assert insert_batch(**changes) == [(None,)]
    assert count("ledger_journalentry") == 2


def test_entries_and_postings_are_inserted_by_nobody_else() -> None:
    for statement in (
        "INSERT INTO ledger_journalentry (kind, source_reference, description, trace_id, effective_at, posted_at,"
        " line_count) VALUES ('raw', 'raw:1', '', '', now(), now(), 2)",
        "INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,"
        " balance_sign, posted_at) SELECT entry_id, line + 2, account_id, amount_minor, currency, slot, sequence + 1,"
        " balance_minor * 2, balance_sign, clock_timestamp() FROM ledger_posting",
        "INSERT INTO ledger_posting SELECT * FROM ledger_posting WHERE false",
    ):
        with pytest.raises(DatabaseError, match="are made by INSERT INTO ledger_new_entry"), transaction.atomic():
            sql(statement)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None),
        ({"line": "1"}, "ledger_posting_pkey"),
        ({"sequence": "sequence"}, "posting_chain"),
        ({"amount_minor": "0"}, "posting_not_zero"),
        ({"balance_minor": "1"}, "posting_keeps_account_bound"),
    ],
)
def test_keys_and_checks_hold_with_all_triggers_off(changes: dict[str, str], rule: str | None) -> None:
    """So that postings of somebody who takes no lock can't continue the same one."""
    row = {
        "entry_id": "entry_id", "line": "line + 1", "account_id": "account_id", "amount_minor": "amount_minor",
        "currency": "currency", "slot": "slot", "sequence": "sequence + 1", "balance_minor": "balance_minor",
        "balance_sign": "balance_sign", "posted_at": "posted_at",
    }  # fmt: skip
    statement = (
        f"INSERT INTO ledger_posting ({', '.join(row)}) SELECT {', '.join({**row, **changes}.values())}"
        " FROM ledger_posting WHERE balance_sign = -1"
    )
    with transaction.atomic():
        sql("SET LOCAL session_replication_role = 'replica'")
        if rule is None:
            sql(statement)
        else:
            with pytest.raises(DatabaseError, match=rule), transaction.atomic():
                sql(statement)
        transaction.set_rollback(True)


def test_an_entry_that_calls_itself_a_reversal_must_be_the_opposite() -> None:
    [(first,)] = sql("SELECT id FROM ledger_journalentry WHERE source_reference = 'first'")
    for wrong in (
        {"amounts": [100, -100]},
        {"amounts": [-99, 99]},
        {"codes": ["debt:EUR", "cash:EUR"], "amounts": [-100, 100]},
    ):
        with pytest.raises(DatabaseError, match="is not the opposite"):
            insert(reverses_id=first, **wrong)
    insert(reverses_id=first, amounts=[-100, 100])
    [(undone,)] = sql("SELECT id FROM ledger_journalentry WHERE reverses_id IS NOT NULL")
    with pytest.raises(DatabaseError, match="is not the opposite"):
        insert(reverses_id=undone, amounts=[100, -100], source_reference="raw:2")
    with pytest.raises(DatabaseError, match="entry_reversed_once"):
        insert(reverses_id=first, amounts=[-100, 100], source_reference="raw:2")
    assert selectors.verify() == []


def test_a_source_reference_is_used_once() -> None:
    insert()
    insert()
    assert count("ledger_journalentry") == 3
    with pytest.raises(DatabaseError, match="was posted with another kind or other lines"):
        insert(amounts=[51, -51])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET amount_minor = amount_minor + 1",
        "UPDATE ledger_posting SET balance_minor = balance_minor",
        "DELETE FROM ledger_posting",
        "TRUNCATE ledger_posting CASCADE",
        "UPDATE ledger_journalentry SET description = 'x'",
        "DELETE FROM ledger_journalentry",
        "TRUNCATE ledger_journalentry CASCADE",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "UPDATE ledger_account SET code = 'x:EUR'",
        "UPDATE ledger_account SET currency = 'USD', code = 'x:USD'",
        "UPDATE ledger_account SET type = 'expense'",
        "UPDATE ledger_account SET is_hot = NOT is_hot, balance_sign = 0",
        "UPDATE ledger_account SET owner_reference = 'art_other'",
    ],
)
def test_history_cannot_be_changed(statement: str) -> None:
    before = sql("SELECT * FROM ledger_posting ORDER BY entry_id, line")
    with pytest.raises(DatabaseError, match="pgtrigger: Cannot"), transaction.atomic():
        sql(statement)
    assert sql("SELECT * FROM ledger_posting ORDER BY entry_id, line") == before


def test_an_account_may_get_another_name_and_bound() -> None:
    sql("UPDATE ledger_account SET name = 'other', balance_sign = 0 WHERE code = 'debt:EUR'")
    post((DEBT.code, 500), (CASH, -500))
    assert selectors.balance("debt:EUR").amount_minor == 400
    assert selectors.verify() == []
