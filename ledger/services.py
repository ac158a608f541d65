"""Writes to the books. Every call is one round trip and works in the caller's transaction or as one of its own.

Locks: advisory ones, always in the same order, until the transaction ends: of accounts that are not hot, then a slot
for those that are. A caller that posts several entries in one transaction posts them with `post_entries`, which takes
all locks first.
A refusal of PostgreSQL's leaves the transaction it happened in unusable; who wants to go on after one puts
`transaction.atomic()` around the call.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from django.db import DEFAULT_DB_ALIAS, DatabaseError, IntegrityError, connections

from common import context
from common.errors import DomainError, ErrorKind
from ledger.contracts import AccountSpec, EntryRequest, Line, PostedEntry
from ledger.prepared import PreparedCall

MAX_ENTRIES_PER_CALL = 1000
MAX_LINES_PER_ENTRY = 1000
_MAX_BIGINT = 2**63 - 1
# The same rule as the CHECK on accounts. Nothing in it needs quoting in a PostgreSQL array.
_CODE = re.compile(r"[a-z][a-z0-9_]*(?::[A-Za-z0-9_.-]+)*:[A-Z]{3}")

_POST = PreparedCall(
    "ledger_post_entry",
    *("text", "text", "timestamptz", "text[]", "bigint[]", "integer[]", "bigint[]"),
    *("text", "text", "text", "bigint"),
)
_POST_BATCH = PreparedCall(
    "ledger_post_entries",
    *("text[]", "text[]", "timestamptz[]", "text[]", "smallint[]", "integer[]", "smallint[]", "text[]", "bigint[]"),
    *("integer[]", "bigint[]", "text", "text"),
)
_REVERSE = PreparedCall("ledger_reverse_entry", "text", "text", "text", "timestamptz", "text", "text")
# Accounts that a connection remembers; then it begins anew. A few megabytes.
_MAX_REMEMBERED = 20_000
# The id, as text, and the number of the lock of an account.
_Account = tuple[str, int]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


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


# SQLSTATE (ours begin with LG, see migration 0004) or name of the constraint -> refusal
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
    if not specs:
        return 0
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT ledger_open_accounts(%s::text)", [_json_array(specs)])
            return int(cursor.fetchone()[0])
    except DatabaseError as error:
        _refuse(error)


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
    database = _database()
    encoded = _Lines(_remembered(database))
    encoded.add(source_reference, effective_at, lines)
    answer = _post(
        _POST,
        database,
        encoded,
        before=[kind, source_reference, effective_at.isoformat()],
        after=[description, context.current().trace_id, None],
    )
    return _posted(answer, 0, source_reference)


def post_entries(*, entries: Sequence[EntryRequest]) -> list[PostedEntry]:
    """Books many facts, all or none, in one round trip and in the given order. Raises as `post_entry`.

    All locks are taken before the first entry. At most MAX_ENTRIES_PER_CALL.
    """
    if len(entries) > MAX_ENTRIES_PER_CALL:
        raise InvalidEntry(f"{len(entries)} entries in one call; at most {MAX_ENTRIES_PER_CALL}")
    if not entries:
        return []
    database = _database()
    encoded = _Lines(_remembered(database))
    for entry in entries:
        encoded.add(entry.source_reference, entry.effective_at, entry.lines)
    counts = [len(entry.lines) for entry in entries]
    answer = _post(
        _POST_BATCH,
        database,
        encoded,
        before=[
            _text_array([entry.kind for entry in entries]),
            _text_array([entry.source_reference for entry in entries]),
            _array(entry.effective_at.isoformat() for entry in entries),
            _text_array([entry.description for entry in entries]),
            _array(map(str, counts)),
            _array(str(number) for number, count in enumerate(counts, start=1) for _ in range(count)),
            _array(str(line) for count in counts for line in range(1, count + 1)),
        ],
        after=[context.current().trace_id],
    )
    return [_posted(answer, index, entry.source_reference) for index, entry in enumerate(entries)]


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
    parameters = [original, kind, source_reference, effective_at.isoformat(), description, context.current().trace_id]
    answer = _call(_REVERSE, _database(), parameters)
    if answer is None:
        raise UnknownAccount(f"an account of {original} is gone", reference=original)
    return _posted(answer, 0, source_reference)


class _Lines:
    """The lines of one or more entries as the posting functions take them; `known` are accounts by code."""

    def __init__(self, known: dict[str, _Account]) -> None:
        self.known = known
        self.entries = 0
        self.codes: list[str] = []
        self.ids: list[str] = []
        self.locks: set[int] = set()
        self.amounts: list[str] = []
        self.specs: dict[str, AccountSpec] = {}

    def add(self, source_reference: str, effective_at: dt.datetime, lines: Sequence[Line]) -> None:
        """Adds an entry's. Refuses what needs no database to refuse."""
        _check_reference(source_reference, effective_at)
        if not 2 <= len(lines) <= MAX_LINES_PER_ENTRY:
            raise InvalidEntry(f"{source_reference} has {len(lines)} lines", reference=source_reference)
        self.entries += 1
        codes: set[str] = set()
        totals: dict[str, int] = {}
        for line in lines:
            account, money = line.account, line.amount
            if isinstance(account, str):
                code = account
            else:
                code = account.code
                self.specs[code] = account
            minor, currency = money.amount_minor, money.currency
            known = self.known.get(code)
            if known is not None:
                self.ids.append(known[0])
                self.locks.add(known[1])
            elif not _CODE.fullmatch(code):
                raise InvalidEntry(f"{code!r} is no account code", reference=code)
            # The CHECK on accounts makes the end of the code the account's currency.
            if code[-3:] != currency:
                raise CurrencyMismatch(f"{currency} on {code}", reference=code)
            if minor == 0 or not -_MAX_BIGINT <= minor <= _MAX_BIGINT:
                raise InvalidEntry(f"{minor} can't be posted on {code}", reference=code)
            codes.add(code)
            self.codes.append(code)
            self.amounts.append(str(minor))
            totals[currency] = totals.get(currency, 0) + minor
        if len(codes) != len(lines):
            raise InvalidEntry(f"{source_reference} names an account twice", reference=source_reference)
        if any(totals.values()):
            raise UnbalancedEntry(f"{source_reference} does not sum to zero: {totals}", reference=source_reference)


def _post(
    call: PreparedCall, database: Any, lines: _Lines, *, before: list[str | None], after: list[str | None]
) -> list[str]:
    """With what is remembered of the accounts if all are known; otherwise, or if it doesn't hold, by code."""
    codes, amounts = _array(lines.codes), _array(lines.amounts)
    if len(lines.ids) == len(lines.codes):
        locks = _array(map(str, sorted(lines.locks)))
        try:
            answer = _call(call, database, [*before, codes, _array(lines.ids), locks, amounts, None, *after])
        except IntegrityError:
            lines.known.clear()  # an id may be no account's, or another's: nothing was posted, nor will be by it
            raise
        if answer is not None:
            return answer
    specs = _json_array([spec.as_json for spec in lines.specs.values()])
    answer = _call(call, database, [*before, codes, None, None, amounts, specs, *after])
    if answer is None:
        raise UnknownAccount(f"an account is gone: {codes}")
    told = answer[3 * lines.entries :]
    if told:  # a replay doesn't tell them
        if len(lines.known) > _MAX_REMEMBERED:
            lines.known.clear()
        ids, locks_by_line = told[: len(lines.codes)], map(int, told[len(lines.codes) :])
        lines.known.update(zip(lines.codes, zip(ids, locks_by_line, strict=True), strict=True))
    return answer


def _posted(answer: Sequence[str], index: int, source_reference: str) -> PostedEntry:
    entry_id, microseconds, replayed = answer[3 * index : 3 * index + 3]
    posted_at = _EPOCH + dt.timedelta(microseconds=int(microseconds))
    return PostedEntry(int(entry_id), source_reference, posted_at, replayed == "1")


def _check_reference(source_reference: str, effective_at: dt.datetime) -> None:
    if not source_reference:
        raise InvalidEntry("an entry needs a source reference")
    if effective_at.tzinfo is None:
        raise InvalidEntry("effective_at must have a time zone", reference=source_reference)


def _json_array(items: Sequence[str]) -> str | None:
    return "[" + ",".join(items) + "]" if items else None


def _array(items: Iterable[str]) -> str:
    """Of what needs no quotes in an array."""
    return "{" + ",".join(items) + "}"


def _text_array(items: Iterable[str]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return '{"' + '","'.join(quoted) + '"}'


def _database() -> Any:
    """Connected. Does what Django does before it hands out a cursor."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    database.validate_no_broken_transaction()
    return database


def _remembered(database: Any) -> dict[str, _Account]:
    """Accounts by code: hints for the posting functions. Kept on the driver's connection, with which they end."""
    accounts: dict[str, _Account] | None = getattr(database.connection, "ledger_accounts", None)
    if accounts is None:
        accounts = database.connection.ledger_accounts = {}
    return accounts


def _call(call: PreparedCall, database: Any, parameters: Sequence[str | None]) -> list[str] | None:
    try:
        return call(database, parameters)
    except DatabaseError as error:
        _refuse(error)


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
