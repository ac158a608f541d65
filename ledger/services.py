"""Writes to the books. Every call is one round trip and works in the caller's transaction or as one of its own.

Locks: rows of accounts that are not hot, always in the order of their ids, until the transaction ends. A caller that
posts several entries in one transaction posts them with `post_entries`, which takes all locks first.
A refusal of PostgreSQL's leaves the transaction it happened in unusable; who wants to go on after one puts
`transaction.atomic()` around the call.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from common import context
from common.errors import DomainError, ErrorKind
from ledger.contracts import AccountSpec, EntryRequest, Line, PostedEntry

MAX_ENTRIES_PER_CALL = 1000
MAX_LINES_PER_ENTRY = 1000
_MAX_BIGINT = 2**63 - 1
# The same rule as the CHECK on accounts. Nothing in it needs quoting in a PostgreSQL array.
_CODE = re.compile(r"[a-z][a-z0-9_]*(?::[A-Za-z0-9_.-]+)*:[A-Z]{3}")

_POST = (
    "SELECT entry_id, posted_at, replayed FROM ledger_post_entry("
    "%s::text, %s::text, %s::timestamptz, %s::text[], %s::bigint[], %s::text, %s::text, %s::text, NULL)"
)
_POST_BATCH = (
    "SELECT entry_id, posted_at, replayed FROM ledger_post_entries("
    "%s::text[], %s::text[], %s::timestamptz[], %s::integer[], %s::text[], %s::bigint[], %s::text, %s::text[],"
    " %s::text)"
)
_REVERSE = (
    "SELECT entry_id, posted_at, replayed FROM ledger_reverse_entry("
    "%s::text, %s::text, %s::text, %s::timestamptz, %s::text, %s::text)"
)


class LedgerRefusal(DomainError):
    """The books refuse this; nothing was written. `reference` is the account code or source reference concerned."""

    code = "ledger_refused"
    kind = ErrorKind.CONFLICT
    title = "The books refuse this entry"

    def __init__(self, detail: str = "", *, reference: str = "") -> None:
        super().__init__(detail)
        self.reference = reference


class InvalidEntry(LedgerRefusal):
    """Fewer than two lines, a zero amount, one account twice, a malformed code, an amount beyond 64 bits."""

    code = "ledger_invalid_entry"


class UnbalancedEntry(LedgerRefusal):
    """The lines don't sum to zero in each currency."""

    code = "ledger_unbalanced"


class CurrencyMismatch(LedgerRefusal):
    """A line's currency is not its account's."""

    code = "ledger_currency_mismatch"


class UnknownAccount(LedgerRefusal):
    """A line names an account by a code that is not in the books."""

    code = "ledger_unknown_account"


class AccountDiffers(LedgerRefusal):
    """The account is open already with another type, currency, owner or heat."""

    code = "ledger_account_differs"


class AccountWouldGoNegative(LedgerRefusal):
    """The entry would take a bounded account to the wrong side of zero; `reference` is its code."""

    code = "ledger_account_negative"


class SourceReferenceConflict(LedgerRefusal):
    """The source reference was posted before with another kind or other lines."""

    code = "ledger_source_conflict"


class UnknownEntry(LedgerRefusal):
    """No entry has this source reference."""

    code = "ledger_unknown_entry"


class AlreadyReversed(LedgerRefusal):
    """The entry was reversed before, by another source reference."""

    code = "ledger_already_reversed"


class ReversalOfReversal(LedgerRefusal):
    """A reversal is not reversed; post the fact afresh."""

    code = "ledger_reversal_of_reversal"


# SQLSTATE (ours begin with LG, see migration 0002) or name of the constraint -> refusal
_REFUSALS: dict[str, type[LedgerRefusal]] = {
    "LG001": UnknownAccount,
    "LG002": SourceReferenceConflict,
    "LG003": AccountWouldGoNegative,
    "LG004": AlreadyReversed,
    "LG005": AccountDiffers,
    "LG006": UnknownEntry,
    "LG007": ReversalOfReversal,
    "LG012": UnbalancedEntry,
    "22003": InvalidEntry,
    "posting_keeps_account_bound": AccountWouldGoNegative,
    "entry_reversed_once": AlreadyReversed,
    "account_code_form": InvalidEntry,
    "account_code_ends_in_currency": InvalidEntry,
    "account_bound_on_normal_side": InvalidEntry,
}


def open_account(*, account: AccountSpec) -> None:
    """Opens an account; nothing happens if it is open already. Raises AccountDiffers if it is open and different."""
    ensure_accounts(accounts=[account])


def ensure_accounts(*, accounts: Iterable[AccountSpec]) -> int:
    """Opens those accounts that are not open yet, in one round trip; returns how many. Raises as `open_account`."""
    specs = list({account.code: account.as_json for account in accounts}.values())
    return int(_rows("SELECT ledger_open_accounts(%s::text)", [_json_array(specs)])[0][0]) if specs else 0


def post_entry(
    *,
    kind: str,
    source_reference: str,
    effective_at: dt.datetime,
    lines: Sequence[Line],
    description: str = "",
) -> PostedEntry:
    """Books one fact. The same reference again with the same kind and lines gives the entry that is there, `replayed`.

    `effective_at` is when it happened in the world; it is not compared on a replay. Accounts given as specs are opened
    on the way. Raises the refusals above.
    """
    codes, amounts, accounts = _encode(source_reference, effective_at, lines)
    row = _rows(
        _POST,
        [
            kind,
            source_reference,
            effective_at,
            "{" + ",".join(codes) + "}",
            "{" + ",".join(amounts) + "}",
            _json_array(accounts),
            description,
            context.current().trace_id,
        ],
    )[0]
    return PostedEntry(row[0], source_reference, row[1], row[2])


def post_entries(*, entries: Sequence[EntryRequest]) -> list[PostedEntry]:
    """Books many facts, all or none, in one round trip and in the given order. Raises as `post_entry`.

    All locks are taken before the first entry. At most MAX_ENTRIES_PER_CALL.
    """
    if len(entries) > MAX_ENTRIES_PER_CALL:
        raise InvalidEntry(f"{len(entries)} entries in one call; at most {MAX_ENTRIES_PER_CALL}")
    if not entries:
        return []
    codes: list[str] = []
    amounts: list[str] = []
    accounts: dict[str, None] = {}
    for entry in entries:
        its_codes, its_amounts, its_accounts = _encode(entry.source_reference, entry.effective_at, entry.lines)
        codes += its_codes
        amounts += its_amounts
        accounts.update(dict.fromkeys(its_accounts))
    rows = _rows(
        _POST_BATCH,
        [
            [entry.kind for entry in entries],
            [entry.source_reference for entry in entries],
            [entry.effective_at for entry in entries],
            "{" + ",".join(str(len(entry.lines)) for entry in entries) + "}",
            "{" + ",".join(codes) + "}",
            "{" + ",".join(amounts) + "}",
            _json_array(list(accounts)),
            [entry.description for entry in entries],
            context.current().trace_id,
        ],
    )
    return [
        PostedEntry(row[0], entry.source_reference, row[1], row[2]) for entry, row in zip(entries, rows, strict=True)
    ]


def reverse_entry(
    *,
    original: str,
    source_reference: str,
    effective_at: dt.datetime,
    kind: str = "reversal",
    description: str = "",
) -> PostedEntry:
    """Undoes the entry whose source reference is `original` by one with the opposite postings.

    At most once: the same `source_reference` again is a replay, another one raises AlreadyReversed. Raises
    UnknownEntry, ReversalOfReversal, and as `post_entry`.
    """
    _check_reference(source_reference, effective_at)
    row = _rows(_REVERSE, [original, kind, source_reference, effective_at, description, context.current().trace_id])[0]
    return PostedEntry(row[0], source_reference, row[1], row[2])


def _encode(
    source_reference: str, effective_at: dt.datetime, lines: Sequence[Line]
) -> tuple[list[str], list[str], list[str]]:
    """Codes, amounts and account specs as the posting functions take them. Refuses what needs no database to refuse."""
    _check_reference(source_reference, effective_at)
    if not 2 <= len(lines) <= MAX_LINES_PER_ENTRY:
        raise InvalidEntry(f"{source_reference} has {len(lines)} lines", reference=source_reference)
    codes: list[str] = []
    amounts: list[str] = []
    accounts: list[str] = []
    totals: dict[str, int] = {}
    for line in lines:
        account, money = line.account, line.amount
        if isinstance(account, str):
            code = account
        else:
            code = account.code
            accounts.append(account.as_json)
        minor, currency = money.amount_minor, money.currency
        if not _CODE.fullmatch(code):
            raise InvalidEntry(f"{code!r} is no account code", reference=code)
        # The CHECK on accounts makes the end of the code the account's currency.
        if code[-3:] != currency:
            raise CurrencyMismatch(f"{currency} on {code}", reference=code)
        if minor == 0 or not -_MAX_BIGINT <= minor <= _MAX_BIGINT:
            raise InvalidEntry(f"{minor} can't be posted on {code}", reference=code)
        codes.append(code)
        amounts.append(str(minor))
        totals[currency] = totals.get(currency, 0) + minor
    if len(set(codes)) != len(codes):
        raise InvalidEntry(f"{source_reference} names an account twice", reference=source_reference)
    if any(totals.values()):
        raise UnbalancedEntry(f"{source_reference} does not sum to zero: {totals}", reference=source_reference)
    return codes, amounts, accounts


def _check_reference(source_reference: str, effective_at: dt.datetime) -> None:
    if not source_reference:
        raise InvalidEntry("an entry needs a source reference")
    if effective_at.tzinfo is None:
        raise InvalidEntry("effective_at must have a time zone", reference=source_reference)


def _json_array(items: Sequence[str]) -> str | None:
    return "[" + ",".join(items) + "]" if items else None


def _rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    database: Any = connections[DEFAULT_DB_ALIAS]
    try:
        if database.execute_wrappers or database.queries_logged:
            with database.cursor() as observed:
                observed.execute(statement, parameters)
                rows: list[tuple[Any, ...]] = observed.fetchall()
        else:
            with database.wrap_database_errors:
                kept = _kept_cursor(database)
                kept.execute(statement, parameters)
                rows = kept.fetchall()
    except DatabaseError as error:
        _refuse(error)
    return rows


def _kept_cursor(database: Any) -> Any:
    """One cursor for the life of the connection: making and wrapping one at each call is a sixth of a posting's cost.

    Does what Django does before it hands out a cursor, and lives on the driver's connection, with which it ends.
    """
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_thread_sharing()
    database.validate_no_broken_transaction()
    cursor = getattr(database.connection, "ledger_cursor", None)
    if cursor is None:
        cursor = database.connection.ledger_cursor = database.create_cursor()
    return cursor


def _refuse(error: DatabaseError) -> NoReturn:
    """Raises our refusal for an error of PostgreSQL's that is one, and the error itself for any other."""
    cause = error.__cause__
    diagnostics = getattr(cause, "diag", None)
    if diagnostics is not None:
        for name in (diagnostics.constraint_name, diagnostics.sqlstate):
            refusal = _REFUSALS.get(name or "")
            if refusal is not None:
                raise refusal(str(diagnostics.message_primary), reference=diagnostics.message_detail or "") from error
    raise error
