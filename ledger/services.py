"""Writes to the books. Every call is one round trip and works in the caller's transaction or as one of its own.

Locks: advisory ones, always in the same order, until the transaction ends: of accounts that are not hot, then a slot
for those that are. A caller that posts several entries in one transaction posts them with `post_entries`, which takes
all locks first.
A refusal of PostgreSQL's leaves the transaction it happened in unusable; who wants to go on after one puts
`transaction.atomic()` around the call.
"""

import datetime as dt
import re
import threading
from asyncio import _get_running_loop
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

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

# By ids and locks that are remembered, which is what nearly every entry is; and by the codes of accounts.
_POST = PreparedCall(
    "INSERT INTO ledger_new_entry (effective_at, kind, source_reference, currency, codes, amounts, description,"
    " trace_id, account_ids, locks) VALUES ({}::timestamptz, {}::text, {}::text, {}::text, {}::text[], {}::bigint[],"
    " {}::text, {}::text, {}::bigint[], {}::integer[]) RETURNING concat_ws(' ', id, posted_at, is_replay)",
    begins_with_time=True,
)
_POST_BY_CODE = PreparedCall(
    "INSERT INTO ledger_new_entry (effective_at, kind, source_reference, currency, codes, amounts, description,"
    " trace_id, accounts) VALUES ({}::timestamptz, {}::text, {}::text, {}::text, {}::text[], {}::bigint[], {}::text,"
    " {}::text, nullif({}::text, '')) RETURNING concat_ws(' ', id, posted_at, is_replay), told::text",
    begins_with_time=True,
)
_POST_BATCH = PreparedCall(
    "INSERT INTO ledger_new_entries (kinds, source_references, effective_at, descriptions, trace_id, line_counts,"
    " entries, lines, codes, amounts, account_ids, locks, accounts) VALUES ({}::text[], {}::text[], {}::timestamptz[],"
    " {}::text[], {}::text, {}::smallint[], {}::integer[], {}::smallint[], {}::text[], {}::bigint[],"
    " nullif({}::text, '')::bigint[], nullif({}::text, '')::integer[], nullif({}::text, ''))"
    " RETURNING ids::text, told::text, posted_at::text, are_replays::text"
)
_REVERSE = PreparedCall(
    "SELECT concat_ws(' ', id, posted_at, is_replay)"
    " FROM ledger_reverse_entry(p_effective_at => {}::timestamptz, p_original => {}::text, p_kind => {}::text,"
    " p_source => {}::text, p_description => {}::text, p_trace_id => {}::text)",
    begins_with_time=True,
)
# Accounts that a connection remembers; then it begins anew. A few megabytes.
_MAX_REMEMBERED = 20_000
# An account is remembered as one number, its id times this and the number of its lock: less memory than a pair.
_LOCKS = 2048


class _Here(threading.local):
    """Django's connection of this thread, which it keeps for the thread's life: looking it up there raises and catches
    an exception and was a sixth of the Python of an entry."""

    database: Any = None


_here = _Here()


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


# SQLSTATE (ours begin with LG, see migrations 0004 and 0005) or name of the constraint -> refusal
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
    known = _remembered(database)
    encoded = _encode(known, source_reference, effective_at, lines)
    codes, amounts = _plain_array(encoded.codes), _array(encoded.amounts)
    facts = (kind, source_reference, encoded.currency, codes, amounts, description, context.trace_id())
    if len(encoded.ids) == len(lines):
        remembered = (_array(encoded.ids), _array(sorted(encoded.locks)))
        answer = _post_as_known(_POST, database, known, (*facts, *remembered), effective_at)
    else:
        answer = _call(_POST_BY_CODE, database, (*facts, _specs(encoded)), effective_at)
        _remember(known, encoded.codes, answer[1])
    return _posted(source_reference, answer[0])


def post_entries(*, entries: Sequence[EntryRequest]) -> list[PostedEntry]:
    """Books many facts, all or none, in one round trip and in the given order. Raises as `post_entry`.

    All locks are taken before the first entry. At most MAX_ENTRIES_PER_CALL.
    """
    if len(entries) > MAX_ENTRIES_PER_CALL:
        raise InvalidEntry(f"{len(entries)} entries in one call; at most {MAX_ENTRIES_PER_CALL}")
    if not entries:
        return []
    database = _database()
    known = _remembered(database)
    each = [_encode(known, entry.source_reference, entry.effective_at, entry.lines) for entry in entries]
    together = _together(each)
    counts = [len(entry.lines) for entry in entries]
    facts = (
        *(_text_array([entry.kind for entry in entries]), _text_array([entry.source_reference for entry in entries])),
        *(_plain_array([entry.effective_at.isoformat() for entry in entries]),),
        *(_text_array([entry.description for entry in entries]), context.trace_id(), _array(counts)),
        _array([number for number, count in enumerate(counts, start=1) for _ in range(count)]),
        _array([line for count in counts for line in range(1, count + 1)]),
        *(_plain_array(together.codes), _array(together.amounts)),
    )
    answer: Sequence[Any] = [None]
    if len(together.ids) == len(together.codes):
        remembered = (_array(together.ids), _array(sorted(together.locks)), "")
        answer = _post_as_known(_POST_BATCH, database, known, (*facts, *remembered))
    if answer[0] is None:
        answer = _call(_POST_BATCH, database, (*facts, "", "", _specs(together)))
        _remember(known, together.codes, answer[1])
    ids, _, posted_at, are_replays = answer
    times = [dt.datetime.fromisoformat(time.strip('"')) for time in _items(posted_at)]
    replays = _items(are_replays) if are_replays else ["f"] * len(entries)
    return [
        PostedEntry(int(number), entry.source_reference, at, is_replay == "t")
        for number, entry, at, is_replay in zip(
            _items(ids), entries, times * (len(entries) // len(times)), replays, strict=True
        )
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
    parameters = (original, kind, source_reference, description, context.trace_id())
    (answer,) = _call(_REVERSE, _database(), parameters, effective_at)
    return _posted(source_reference, answer)


class _Encoded(NamedTuple):
    """The lines of an entry, or of several: what becomes arrays for the views."""

    currency: str  # empty: several
    codes: list[str]
    amounts: list[int]
    ids: list[int]  # of those accounts that are remembered
    locks: set[int]  # of the same
    specs: list[AccountSpec]


def _encode(known: dict[str, int], source_reference: str, effective_at: dt.datetime, lines: Sequence[Line]) -> _Encoded:
    """Refuses what needs no database to refuse."""
    if not source_reference or effective_at.tzinfo is None:
        _refuse_reference(source_reference)
    if not 2 <= len(lines) <= MAX_LINES_PER_ENTRY:
        raise InvalidEntry(f"{source_reference} has {len(lines)} lines", reference=source_reference)
    codes: list[str] = []
    amounts: list[int] = []
    ids: list[int] = []
    locks: set[int] = set()
    specs: list[AccountSpec] = []
    common = lines[0].amount.currency
    total = 0
    for line in lines:
        account, money = line.account, line.amount
        if isinstance(account, str):
            code = account
        else:
            code = account.code
            specs.append(account)
        minor, currency = money.amount_minor, money.currency
        remembered = known.get(code)
        if remembered is not None:
            ids.append(remembered // _LOCKS)
            locks.add(remembered % _LOCKS)
        elif not _CODE.fullmatch(code):
            raise InvalidEntry(f"{code!r} is no account code", reference=code)
        # The CHECK on accounts makes the end of the code the account's currency.
        if not code.endswith(currency):
            raise CurrencyMismatch(f"{currency} on {code}", reference=code)
        if not minor or not -_MAX_BIGINT <= minor <= _MAX_BIGINT:
            raise InvalidEntry(f"{minor} can't be posted on {code}", reference=code)
        if currency != common:
            common = ""
        codes.append(code)
        amounts.append(minor)
        total += minor
    if len(set(codes)) != len(codes):
        raise InvalidEntry(f"{source_reference} names an account twice", reference=source_reference)
    if total or not common:
        _check_sums(source_reference, lines)
    return _Encoded(common, codes, amounts, ids, locks, specs)


def _check_sums(source_reference: str, lines: Sequence[Line]) -> None:
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.amount.currency] = totals.get(line.amount.currency, 0) + line.amount.amount_minor
    if any(totals.values()):
        raise UnbalancedEntry(f"{source_reference} does not sum to zero: {totals}", reference=source_reference)


def _together(each: Sequence[_Encoded]) -> _Encoded:
    return _Encoded(
        "",
        [code for one in each for code in one.codes],
        [amount for one in each for amount in one.amounts],
        [number for one in each for number in one.ids],
        {lock for one in each for lock in one.locks},
        [spec for one in each for spec in one.specs],
    )


def _post_as_known(
    call: PreparedCall,
    database: Any,
    known: dict[str, int],
    parameters: Sequence[str],
    at: dt.datetime | None = None,
) -> Sequence[Any]:
    try:
        return _call(call, database, parameters, at)
    except IntegrityError:
        known.clear()  # an id may be no account's, or another's: nothing was posted, nor will be by it
        raise


def _remember(known: dict[str, int], codes: Sequence[str], told: str | None) -> None:
    """What was told: neither after a replay nor of accounts that this transaction opened."""
    if told is None:
        return
    if len(known) > _MAX_REMEMBERED:
        known.clear()
    numbers = [int(number) for number in _items(told)]
    for code, account_id, lock in zip(codes, numbers[: len(codes)], numbers[len(codes) :], strict=True):
        known[code] = account_id * _LOCKS + lock


def _posted(source_reference: str, answer: str) -> PostedEntry:
    number, rest = answer.split(" ", 1)
    posted_at, is_replay = rest.rsplit(" ", 1)
    return PostedEntry(int(number), source_reference, dt.datetime.fromisoformat(posted_at), is_replay == "t")


def _check_reference(source_reference: str, effective_at: dt.datetime) -> None:
    if not source_reference or effective_at.tzinfo is None:
        _refuse_reference(source_reference)


def _refuse_reference(source_reference: str) -> NoReturn:
    if not source_reference:
        raise InvalidEntry("an entry needs a source reference")
    raise InvalidEntry("effective_at must have a time zone", reference=source_reference)


def _json_array(items: Sequence[str]) -> str:
    return "[" + ",".join(items) + "]"


def _specs(encoded: _Encoded) -> str:
    """Empty for none."""
    specs = {spec.code: spec.as_json for spec in encoded.specs}
    return _json_array(list(specs.values())) if specs else ""


def _plain_array(items: Iterable[str]) -> str:
    """Of what needs no quotes in an array."""
    return "{" + ",".join(items) + "}"


def _array(numbers: list[int]) -> str:
    """As Python writes a list but for the brackets: one call, where joining takes one for each number."""
    return "{" + str(numbers)[1:-1] + "}"


def _items(array: str) -> list[str]:
    """Of an array of what needs no unquoting."""
    return array[1:-1].split(",")


def _text_array(items: Iterable[str]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return '{"' + '","'.join(quoted) + '"}'


def _database() -> Any:
    """Connected. Does what Django does before it hands out a cursor."""
    # In an event loop Django has a connection for each task.
    database: Any = _here.database if _get_running_loop() is None else connections[DEFAULT_DB_ALIAS]
    if database is None:
        database = _here.database = connections[DEFAULT_DB_ALIAS]
    if not database.health_check_done:
        database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    if database.needs_rollback:
        database.validate_no_broken_transaction()
    return database


def _remembered(database: Any) -> dict[str, int]:
    """Accounts by code: hints for the posting functions. Kept on the driver's connection, with which they end."""
    accounts: dict[str, int] | None = getattr(database.connection, "ledger_accounts", None)
    if accounts is None:
        accounts = database.connection.ledger_accounts = {}
    return accounts


def _call(call: PreparedCall, database: Any, parameters: Sequence[str], at: dt.datetime | None = None) -> Sequence[Any]:
    try:
        return call(database, parameters, at)
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
