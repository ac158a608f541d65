"""What crosses the ledger's border: accounts by their code, lines, entries asked for, entries posted, statements."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from common.money import Money
from ledger.enums import AccountType


@dataclass(frozen=True)
class AccountSpec:
    """Everything needed to open an account, so that a posting can open it on the way.

    `code` ends in ":" and the currency; `owner_reference` is opaque to the ledger (a public id such as art_...).
    `is_hot` accounts are posted to by many at once: their balance is kept in 16 independent slots, so it can't be
    bounded. `may_go_negative` False means that PostgreSQL refuses a posting that takes the account to the wrong side of
    zero (a liability into debit, an asset into credit).
    """

    code: str
    type: AccountType
    currency: str
    name: str
    owner_reference: str = ""
    is_hot: bool = False
    may_go_negative: bool = True

    @property
    def balance_sign(self) -> int:
        """The sign the stored balance must not leave, 0 for any."""
        return 0 if self.may_go_negative else self.type.normal_sign

    @cached_property
    def as_json(self) -> str:
        """The form in which the posting function takes it."""
        return json.dumps(
            {
                "code": self.code,
                "type": self.type.value,
                "currency": self.currency,
                "name": self.name,
                "owner_reference": self.owner_reference,
                "is_hot": self.is_hot,
                "balance_sign": self.balance_sign,
            }
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: `amount` is debit positive, credit negative, never zero.

    With an `AccountSpec` the account is opened when it doesn't exist yet; a bare code must be known.
    """

    account: AccountSpec | str
    amount: Money

    @property
    def code(self) -> str:
        return self.account if isinstance(self.account, str) else self.account.code


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """An entry that is to be posted. `source_reference` names the business fact and makes the posting idempotent."""

    kind: str
    source_reference: str
    effective_at: dt.datetime
    lines: Sequence[Line]
    description: str = ""


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry in the books; `replayed` when this call found it there already, with the same lines."""

    id: int
    source_reference: str
    posted_at: dt.datetime
    replayed: bool


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """`balance` is debit positive; `normal_balance` is positive when the account is on its usual side."""

    code: str
    type: AccountType
    owner_reference: str
    name: str
    balance: Money

    @property
    def normal_balance(self) -> Money:
        return self.balance * self.type.normal_sign


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts of one currency. `debits` and `credits` are both positive and equal while the books balance."""

    currency: str
    accounts: tuple[AccountBalance, ...]
    debits: Money
    credits: Money

    @property
    def is_balanced(self) -> bool:
        return self.debits == self.credits


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting on an account with the balance after it, debit positive."""

    entry_id: int
    line: int
    kind: str
    source_reference: str
    description: str
    effective_at: dt.datetime
    posted_at: dt.datetime
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Postings from oldest to newest. `next_cursor` is empty on the last page."""

    code: str
    opening: Money
    lines: tuple[StatementLine, ...]
    closing: Money
    next_cursor: str


@dataclass(frozen=True, slots=True)
class EntryPosting:
    """One posting of an entry that is read."""

    line: int
    account_code: str
    account_name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the books; `reverses` and `reversed_by` are source references, empty for none."""

    id: int
    kind: str
    source_reference: str
    description: str
    trace_id: str
    effective_at: dt.datetime
    posted_at: dt.datetime
    reverses: str
    reversed_by: str
    postings: tuple[EntryPosting, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule found in the raw rows: `rule` is stable and for programs, `detail` names the rows."""

    rule: str
    detail: str
