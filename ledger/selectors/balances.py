"""Balances, now and as of a past time: the newest posting of an account holds its balance, a look-up or two away.

A hot account has up to 16 newest postings, one in each slot; its balance is their sum, exact at any moment.

"As of" goes by `posted_at`, the time a posting entered the books: what was reported for a past moment stays so, and
what is booked late does not change it. (`effective_at` tells when the fact happened; it stands in the statement.)
A transaction that was open at the asked moment may still commit postings of that moment; it holds none of them longer
than it runs.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from common.money import Money
from ledger.contracts import AccountBalance, TrialBalance
from ledger.enums import AccountType

_NEWEST = """
       CROSS JOIN LATERAL generate_series(0, CASE WHEN a.is_hot THEN 15 ELSE 0 END) AS s(slot)
       CROSS JOIN LATERAL (SELECT q.balance_minor FROM ledger_posting q
                            WHERE q.account_id = a.id AND q.slot = s.slot
                            ORDER BY q.sequence DESC LIMIT 1) AS p
"""
# From the last mark at or before the time it is at most fifteen postings to the one that is asked for.
_NEWEST_AT = """
       CROSS JOIN LATERAL generate_series(0, CASE WHEN a.is_hot THEN 15 ELSE 0 END) AS s(slot)
       CROSS JOIN LATERAL (SELECT coalesce((SELECT k.sequence FROM ledger_posting k
                                             WHERE k.account_id = a.id AND k.slot = s.slot AND k.sequence %% 16 = 0
                                               AND k.posted_at <= %s
                                             ORDER BY k.posted_at DESC, k.sequence DESC LIMIT 1), 0)) AS m(sequence)
       CROSS JOIN LATERAL (SELECT q.balance_minor FROM ledger_posting q
                            WHERE q.account_id = a.id AND q.slot = s.slot
                              AND q.sequence >= m.sequence AND q.sequence < m.sequence + 16 AND q.posted_at <= %s
                            ORDER BY q.sequence DESC LIMIT 1) AS p
"""
_BALANCE = f"SELECT sum(p.balance_minor)::bigint FROM ledger_account a {_NEWEST} WHERE a.code = %s"  # noqa: S608 - constants only
_BALANCE_AT = f"SELECT sum(p.balance_minor)::bigint FROM ledger_account a {_NEWEST_AT} WHERE a.code = %s"  # noqa: S608
# Accounts without postings count too, as zero.
_BALANCES = """
    SELECT a.code, a.currency, a.type, a.owner_reference, a.name, coalesce(t.balance_minor, 0)
      FROM ledger_account a
      LEFT JOIN LATERAL (SELECT sum(p.balance_minor)::bigint AS balance_minor FROM (SELECT 1) one {newest}) t ON true
     WHERE {condition}
     ORDER BY a.code
"""


def balance(account_code: str) -> Money:
    """The balance now, debit positive. An account that was never posted to, or never opened, has a balance of zero."""
    return _one(_BALANCE, [account_code], account_code)


def balance_as_of(account_code: str, at: dt.datetime) -> Money:
    """The balance after everything posted at or before `at`, debit positive."""
    return _one(_BALANCE_AT, [at, at, account_code], account_code)


def balances(
    *,
    codes: Sequence[str] | None = None,
    code_prefix: str | None = None,
    owner_reference: str | None = None,
    at: dt.datetime | None = None,
) -> dict[str, Money]:
    """Balances by account code, debit positive: of the given codes, of codes that begin so, and of an owner.

    Conditions given together must all hold; codes that aren't in the books are left out.
    """
    conditions: list[str] = []
    parameters: list[Any] = []
    if codes is not None:
        conditions.append("a.code = ANY (%s)")
        parameters.append(list(codes))
    if code_prefix is not None:
        conditions.append("starts_with(a.code, %s)")
        parameters.append(code_prefix)
    if owner_reference is not None:
        conditions.append("a.owner_reference = %s")
        parameters.append(owner_reference)
    if not conditions:
        raise ValueError("balances needs codes, a prefix or an owner")
    return {account.code: account.balance for account in _accounts(" AND ".join(conditions), parameters, at)}


def trial_balance(currency: str, *, at: dt.datetime | None = None) -> TrialBalance:
    """Every account of a currency with its balance. Grows with the number of accounts only."""
    accounts = tuple(_accounts("a.currency = %s", [currency], at))
    amounts = [account.balance.amount_minor for account in accounts]
    return TrialBalance(
        currency=currency,
        accounts=accounts,
        debits=Money(sum(amount for amount in amounts if amount > 0), currency),
        credits=Money(-sum(amount for amount in amounts if amount < 0), currency),
    )


def currencies() -> list[str]:
    """Those that have an account."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT currency FROM ledger_account ORDER BY currency")
        return [row[0] for row in cursor.fetchall()]


def _one(statement: str, parameters: list[Any], account_code: str) -> Money:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        minor = cursor.fetchone()[0]
    return Money(minor or 0, account_code[-3:])


def _accounts(condition: str, parameters: Sequence[Any], at: dt.datetime | None) -> list[AccountBalance]:
    statement = _BALANCES.format(newest=_NEWEST if at is None else _NEWEST_AT, condition=condition)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*([] if at is None else [at, at]), *parameters])
        rows = cursor.fetchall()
    return [
        AccountBalance(
            code=code,
            type=AccountType(account_type),
            owner_reference=owner,
            name=name,
            balance=Money(minor, currency),
        )
        for code, currency, account_type, owner, name, minor in rows
    ]
