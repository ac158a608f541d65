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
_BALANCE = f"SELECT sum(p.balance_minor)::bigint FROM ledger_account a {_NEWEST} WHERE a.code = %s"  # noqa: S608 - constants only
_BALANCE_AT = "SELECT ledger_balance_as_of(a.id, a.is_hot, %s) FROM ledger_account a WHERE a.code = %s"
_BALANCES_AT_TIMES = """
    SELECT a.code, a.currency,
           array_agg(coalesce(ledger_balance_as_of(a.id, a.is_hot, t.at), 0)::bigint ORDER BY t.place)
      FROM ledger_account a CROSS JOIN unnest(%s::timestamptz[]) WITH ORDINALITY AS t(at, place)
     WHERE a.code = ANY (%s)
     GROUP BY a.id
"""
# Accounts without postings count too, as zero.
_BALANCES = """
    SELECT a.code, a.currency, a.type, a.owner_reference, a.name, {balance}
      FROM ledger_account a
     WHERE {condition}
     ORDER BY a.code
"""
_NOW = f"coalesce((SELECT sum(p.balance_minor) FROM (SELECT 1) one {_NEWEST}), 0)::bigint"  # noqa: S608
_AT = "ledger_balance_as_of(a.id, a.is_hot, %s)"


def balance(account_code: str) -> Money:
    """The balance now, debit positive. An account that was never posted to, or never opened, has a balance of zero."""
    return _one(_BALANCE, [account_code], account_code)


def balance_as_of(account_code: str, at: dt.datetime) -> Money:
    """The balance after everything posted at or before `at`, debit positive."""
    return _one(_BALANCE_AT, [at, account_code], account_code)


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


def balances_at_times(*, codes: Sequence[str], times: Sequence[dt.datetime]) -> dict[str, list[Money]]:
    """The balances of each account after everything posted at or before each of the times, in their order.

    One statement of one look-up for each account and time, however many postings there are. Codes that aren't in the
    books are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES_AT_TIMES, [list(times), list(codes)])
        rows = cursor.fetchall()
    return {code: [Money(minor, currency) for minor in minors] for code, currency, minors in rows}


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
        row = cursor.fetchone()
    return Money((row[0] if row else None) or 0, account_code[-3:])


def _accounts(condition: str, parameters: Sequence[Any], at: dt.datetime | None) -> list[AccountBalance]:
    statement = _BALANCES.format(balance=_NOW if at is None else _AT, condition=condition)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*([] if at is None else [at]), *parameters])
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
