"""What PostgreSQL refuses to anybody, by raw SQL: each rule of the books by itself."""

import pytest
from django.db import DatabaseError, transaction

from ledger import selectors
from ledger.enums import AccountType
from tests.ledger.books import account, count, post, sql

pytestmark = pytest.mark.django_db

CASH = account("cash")
DEBT = account("debt", account_type=AccountType.LIABILITY, bounded=True)
HOT = account("clearing", is_hot=True)

# One statement that inserts an entry with its postings, as the service does; tests change one thing in it.
INSERT = """
WITH e AS (
  INSERT INTO ledger_journalentry (kind, source_reference, description, trace_id, effective_at, posted_at, line_count,
                                   reverses_id)
  VALUES ('raw', 'raw:1', '', '', now(), clock_timestamp(), {lines}, {reverses}) RETURNING id, posted_at)
INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                            balance_sign, posted_at)
SELECT e.id, v.line, a.id, v.amount, v.currency, v.slot, v.sequence, v.balance, v.sign, e.posted_at + v.later
  FROM e, (VALUES {rows}) v (line, code, amount, currency, slot, sequence, balance, sign, later)
  JOIN ledger_account a ON a.code = v.code
"""
CASH_ROW = {
    "line": 1, "code": "cash:EUR", "amount": 50, "currency": "EUR", "slot": 0, "sequence": 2, "balance": 150, "sign": 0,
    "later": "0 s",
}  # fmt: skip
DEBT_ROW = {
    "line": 2, "code": "debt:EUR", "amount": -50, "currency": "EUR", "slot": 0, "sequence": 2, "balance": -150,
    "sign": -1, "later": "0 s",
}  # fmt: skip


def insert(
    *rows: dict[str, object], line_count: int | None = None, reverses: str = "NULL::bigint", source: str = "raw:1"
) -> None:
    values = ", ".join(
        f"({r['line']}::smallint, '{r['code']}', {r['amount']}::bigint, '{r['currency']}', {r['slot']}::smallint,"
        f" {r['sequence']}::bigint, {r['balance']}::bigint, {r['sign']}::smallint, '{r['later']}'::interval)"
        for r in rows
    )
    statement = INSERT.replace("raw:1", source)
    with transaction.atomic():
        sql(statement.format(rows=values, lines=len(rows) if line_count is None else line_count, reverses=reverses))


@pytest.fixture(autouse=True)
def _books() -> None:
    post((CASH, 100), (DEBT, -100), source="first")


def test_a_right_entry_by_raw_sql_is_taken() -> None:
    """The others fail for the one thing they change, not for the statement."""
    insert(CASH_ROW, DEBT_ROW)
    assert selectors.balance("cash:EUR").amount_minor == 150
    assert selectors.verify() == []


@pytest.mark.parametrize(
    ("rows", "line_count", "rule"),
    [
        ([CASH_ROW, {**DEBT_ROW, "amount": -49, "balance": -149}], None, "does not sum to zero"),
        ([CASH_ROW], None, "entry_is_named"),
        ([CASH_ROW, DEBT_ROW], 3, "entry_has_its_last_posting"),
        ([CASH_ROW, {**DEBT_ROW, "line": 3}], 3, "not inserted with it"),
        ([CASH_ROW, {**DEBT_ROW, "line": 3}], None, "entry_has_its_last_posting"),
        ([CASH_ROW, {**DEBT_ROW, "line": 1}], None, "ledger_posting_pkey"),
        ([CASH_ROW, {**DEBT_ROW, "currency": "USD"}], None, "does not sum to zero"),
        ([{**CASH_ROW, "currency": "USD"}, {**DEBT_ROW, "currency": "USD"}], None, "does not fit"),
        ([CASH_ROW, {**DEBT_ROW, "balance": -151}], None, "does not fit"),
        ([CASH_ROW, {**DEBT_ROW, "sequence": 3}], None, "does not fit"),
        ([CASH_ROW, {**DEBT_ROW, "sequence": 1}], None, "posting_chain"),
        ([CASH_ROW, {**DEBT_ROW, "sign": 0}], None, "does not fit"),
        ([CASH_ROW, {**DEBT_ROW, "slot": 1, "sequence": 1, "balance": -50}], None, "does not fit"),
        ([CASH_ROW, {**DEBT_ROW, "later": "-1 s"}], None, "does not fit"),
        ([{**CASH_ROW, "amount": 0, "balance": 100}, DEBT_ROW], None, "posting_not_zero"),
        (
            [{**CASH_ROW, "amount": -200, "balance": -100}, {**DEBT_ROW, "amount": 200, "balance": 100}],
            None,
            "posting_keeps_account_bound",
        ),
    ],
)
def test_a_wrong_entry_is_refused(rows: list[dict[str, object]], line_count: int | None, rule: str) -> None:
    with pytest.raises(DatabaseError, match=rule):
        insert(*rows, line_count=line_count)
    assert count("ledger_journalentry") == 1


def test_the_first_posting_of_an_account_is_checked_as_any_other() -> None:
    post((HOT, 7), (CASH, -7))
    new = {**CASH_ROW, "code": "new:EUR", "sequence": 1, "balance": 50}
    sql(
        "INSERT INTO ledger_account (code, type, name, currency, owner_reference, is_hot, balance_sign, opened_at)"
        " VALUES ('new:EUR', 'asset', 'x', 'EUR', '', false, 0, now())"
    )
    with pytest.raises(DatabaseError, match="does not fit"):
        insert({**new, "balance": 51}, DEBT_ROW)
    with pytest.raises(DatabaseError, match="does not fit"):
        insert({**new, "sequence": 2}, DEBT_ROW)
    insert(new, DEBT_ROW)


def test_an_entry_without_postings_is_refused() -> None:
    with pytest.raises(DatabaseError, match="entry_has_its_last_posting"), transaction.atomic():
        sql(
            "INSERT INTO ledger_journalentry (kind, source_reference, description, trace_id, effective_at, posted_at,"
            " line_count) VALUES ('raw', 'raw:1', '', '', now(), now(), 2)"
        )


TWO = """
WITH e AS (
  INSERT INTO ledger_journalentry (kind, source_reference, description, trace_id, effective_at, posted_at, line_count)
  SELECT 'raw', 'raw:' || n, '', '', now(), now(), 2 FROM generate_series(1, 2) n RETURNING id, source_reference)
INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                            balance_sign, posted_at)
SELECT e.id, v.line, a.id, v.amount, 'EUR', 0, v.sequence, v.balance, a.balance_sign, clock_timestamp()
  FROM (VALUES ('raw:1', 1, 'cash:EUR', 50, 2, 150), ('raw:1', 2, 'debt:EUR', -50, 2, -150),
               ('raw:2', 1, 'cash:EUR', 30, 3, {cash}), ('raw:2', {line}, 'debt:EUR', {minor}, 3, {debt}))
       v (source, line, code, amount, sequence, balance)
  JOIN e ON e.source_reference = v.source JOIN ledger_account a ON a.code = v.code
"""


def test_each_of_several_entries_in_one_statement_is_checked() -> None:
    right = {"cash": 180, "line": 2, "minor": -30, "debt": -180}
    wrong = [
        ({"cash": 181}, "does not fit"),
        ({"line": 3}, "entry_has_its_last_posting"),
        ({"minor": -29, "debt": -179}, "does not sum to zero"),
        ({"minor": 200, "debt": 50}, "posting_keeps_account_bound"),
    ]
    for change, rule in wrong:
        with pytest.raises(DatabaseError, match=rule), transaction.atomic():
            sql(TWO.format(**{**right, **change}))
    assert count("ledger_journalentry") == 1
    sql(TWO.format(**right))
    assert selectors.balance("cash:EUR").amount_minor == 180
    assert selectors.verify() == []


def test_postings_cannot_be_added_to_an_entry_later() -> None:
    add = """
        INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                                    balance_sign, posted_at)
        SELECT p.entry_id, p.line + {shift}, p.account_id, p.amount_minor, p.currency, p.slot, p.sequence + 1,
               p.balance_minor * 2, p.balance_sign, p.posted_at FROM ledger_posting p
    """
    with pytest.raises(DatabaseError, match="not inserted with it"), transaction.atomic():
        sql(add.format(shift=2))
    with pytest.raises(DatabaseError, match="ledger_posting_pkey"), transaction.atomic():
        sql(add.format(shift=0))
    assert count("ledger_posting") == 2


def test_postings_of_no_entry_are_refused() -> None:
    with pytest.raises(DatabaseError, match="not inserted with it"), transaction.atomic():
        sql(
            "INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence,"
            " balance_minor, balance_sign, posted_at)"
            " SELECT 999999, line, account_id, amount_minor, currency, slot, sequence + 1, balance_minor * 2,"
            " balance_sign, clock_timestamp() FROM ledger_posting"
        )


def test_an_entry_that_calls_itself_a_reversal_must_be_the_opposite() -> None:
    [(first,)] = sql("SELECT id FROM ledger_journalentry")
    with pytest.raises(DatabaseError, match="is not the opposite"):
        insert(CASH_ROW, DEBT_ROW, reverses=str(first))
    with pytest.raises(DatabaseError, match="is not the opposite"):
        insert(CASH_ROW, DEBT_ROW, reverses="999999")
    undo = ({**CASH_ROW, "amount": -100, "balance": 0}, {**DEBT_ROW, "amount": 100, "balance": 0})
    insert(*undo, reverses=str(first))
    assert selectors.verify() == []


def test_a_source_reference_is_used_once() -> None:
    with pytest.raises(DatabaseError, match="entry_source_once"):
        insert(CASH_ROW, DEBT_ROW, source="first")


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
