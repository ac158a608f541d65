"""Every rule of `verify` finds what breaks it, when the guards have been off."""

import pytest
from django.db import transaction

from ledger import selectors
from ledger.enums import AccountType
from tests.ledger.books import account, post, sql

pytestmark = pytest.mark.django_db

CASH = account("cash")
DEBT = account("debt", account_type=AccountType.LIABILITY, bounded=True)


@pytest.fixture(autouse=True)
def _books() -> None:
    post((CASH, 100), (DEBT, -100), source="first")
    post((CASH, 50), (DEBT, -50), source="second")
    post((DEBT, 30), (CASH, -30), source="third")


def found_after(*statements: str) -> set[str]:
    """The rules found broken after statements that run while no trigger and no constraint is watching."""
    with transaction.atomic():
        sql("SET LOCAL session_replication_role = 'replica'")
        for statement in statements:
            sql(statement)
        findings = selectors.verify()
        transaction.set_rollback(True)
    assert all(finding.detail for finding in findings)
    return {finding.rule for finding in findings}


def test_whole_books_have_no_finding() -> None:
    assert selectors.verify() == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (
            "UPDATE ledger_posting SET amount_minor = 101 WHERE entry_id = {first} AND line = 1",
            "an entry sums to zero in each currency",
        ),
        ("DELETE FROM ledger_posting WHERE entry_id = {first} AND line = 2", "an entry has all its postings"),
        ("DELETE FROM ledger_posting WHERE entry_id = {first}", "an entry has all its postings"),
        ("DELETE FROM ledger_journalentry WHERE id = {first}", "a posting has an entry, of no later time"),
        ("DELETE FROM ledger_account WHERE code = 'cash:EUR'", "a posting has an account of its currency"),
        (
            "UPDATE ledger_posting SET currency = 'USD' WHERE entry_id = {first}",
            "a posting has an account of its currency",
        ),
        (
            "UPDATE ledger_posting SET balance_minor = 151 WHERE entry_id = {second} AND line = 1",
            "a running balance is the one before plus the amount",
        ),
        (
            "UPDATE ledger_posting SET sequence = 9 WHERE entry_id = {third} AND line = 1",
            "the postings of an account have no gap and go forward in time",
        ),
        (
            "UPDATE ledger_posting SET posted_at = posted_at - interval '1 hour' WHERE entry_id = {third}",
            "the postings of an account have no gap and go forward in time",
        ),
        (
            "UPDATE ledger_posting SET balance_minor = 0 WHERE entry_id = {third} AND line = 2",
            "a stored balance is the sum of all postings",
        ),
        (
            "UPDATE ledger_posting SET amount_minor = 900 WHERE entry_id = {third} AND line = 1",
            "a bounded account is on its side of zero",
        ),
        ("UPDATE ledger_posting SET amount_minor = 101 WHERE amount_minor = 100", "a currency sums to zero"),
        (
            "UPDATE ledger_journalentry SET reverses_id = {first} WHERE id = {second}",
            "a reversal is the opposite of its original",
        ),
        ("ALTER TABLE ledger_posting DISABLE TRIGGER ledger_refuse_insert", "the guards of the tables are in force"),
        ("DROP TRIGGER ledger_refuse_insert ON ledger_posting", "the guards of the tables are in force"),
    ],
)
def test_each_rule_is_found_broken(statement: str, rule: str) -> None:
    ids = dict(sql("SELECT source_reference, id FROM ledger_journalentry"))
    assert rule in found_after(statement.format(**ids))
    assert selectors.verify() == []
