"""Everything the sandbox knows, in one SQLite file: a JSON document per object, found by its fields.

One connection, used by one thread (the server's event loop), and one transaction per request or job: whatever a
request does is there as a whole or not at all. Write-ahead logging keeps all that was committed through `kill -9`.
Fields that Stripe does not show are kept in the document under the key `_`.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

# The fields that lists are filtered by; each has an index.
FILTERS: dict[str, tuple[str, ...]] = {
    "payment_intent": ("customer",),
    "setup_intent": ("customer", "payment_method"),
    "charge": ("payment_intent", "customer", "transfer_group"),
    "refund": ("charge", "payment_intent"),
    "transfer": ("destination", "transfer_group", "source_transaction"),
    "transfer_reversal": ("transfer",),
    "balance_transaction": ("source", "currency", "type"),
    "dispute": ("charge", "payment_intent"),
    "event": ("type",),
    "payment_method": ("customer", "type", "allow_redisplay"),
    "payout": ("status", "destination"),
    "bank_account": ("account",),
    "topup": ("status",),
    "price": ("product", "currency", "lookup_key"),
    "checkout.session": ("customer", "payment_intent"),
    "paypal_authorization": ("_.order", "invoice_id"),
    "paypal_capture": ("_.order", "invoice_id"),
    "paypal_refund": ("_.order", "_.capture", "invoice_id"),
    "paypal_payment_token": ("customer.id",),
    "paypal_dispute": ("_.capture",),
}

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL,
    account TEXT NOT NULL,      -- the account it belongs to; empty for the platform
    created INTEGER NOT NULL,   -- Unix seconds by the sandbox's clock
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_age ON objects (object, account, seq);
CREATE TABLE IF NOT EXISTS money (  -- one row per balance transaction, so that balances are sums of short rows
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    net INTEGER NOT NULL,           -- minor units
    available_on INTEGER NOT NULL,
    released INTEGER NOT NULL       -- 1 once `balance.available` has been sent for it
);
CREATE INDEX IF NOT EXISTS money_by_account ON money (account, currency, available_on, net);
CREATE INDEX IF NOT EXISTS money_to_release ON money (available_on) WHERE released = 0;
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created REAL NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request_id TEXT NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS jobs (   -- what happens by itself later: balance, disputes, slow refunds, payouts
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    due_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (due_at);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    lane TEXT NOT NULL,         -- deliveries of one lane go one after the other
    state TEXT NOT NULL,        -- waiting, held, delivered, failed, dropped
    due_at REAL NOT NULL,
    backwards INTEGER NOT NULL DEFAULT 0,
    attempts TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at REAL NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS paypal_money (   -- every movement on the PayPal account; a balance is their sum
    id TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    code TEXT NOT NULL,         -- PayPal's transaction event code
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,    -- minor units, signed
    fee INTEGER NOT NULL,       -- minor units, comes off the amount
    subject TEXT NOT NULL,      -- the object that it is about
    reference TEXT NOT NULL     -- the movement that it belongs to, where there is one
);
CREATE TABLE IF NOT EXISTS paypal_keys (name TEXT PRIMARY KEY, value TEXT NOT NULL);  -- made once per state file
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# Everything but the keys: who trusts the sandbox's certificates goes on doing so.
_FORGOTTEN = ("objects", "money", "paypal_money", "idempotency", "jobs", "deliveries", "faults", "mails", "settings")


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.sql = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.sql.row_factory = sqlite3.Row
        # NORMAL loses nothing when the process dies, only (at worst the last commits) when the machine does.
        self.sql.execute("PRAGMA journal_mode = WAL")
        self.sql.execute("PRAGMA synchronous = NORMAL")
        self.sql.executescript(_TABLES)
        for kind, names in FILTERS.items():
            for name in names:
                self.sql.execute(
                    f"CREATE INDEX IF NOT EXISTS {f'{kind}_by_{name}'.replace('.', '_')} "
                    f"ON objects (json_extract(document, '$.{name}'), seq) WHERE object = '{kind}'"
                )

    def close(self) -> None:
        self.sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One unit of work: committed as a whole, undone when an exception leaves it."""
        self.sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.sql.execute("ROLLBACK")
            raise
        self.sql.execute("COMMIT")

    # ------------------------------------------------------------------ objects
    def insert(self, document: Document, *, account: str = "") -> None:
        self.sql.execute(
            "INSERT INTO objects (id, object, account, created, document) VALUES (?, ?, ?, ?, ?)",
            (document["id"], document["object"], account, document.get("created", 0), _json(document)),
        )

    def save(self, document: Document) -> None:
        """Writes back an object that is there already."""
        self.sql.execute("UPDATE objects SET document = ? WHERE id = ?", (_json(document), document["id"]))

    def find(self, object_id: str) -> tuple[Document, str] | None:
        """The object and the account it belongs to."""
        row = self.sql.execute("SELECT document, account FROM objects WHERE id = ?", (object_id,)).fetchone()
        return (json.loads(row["document"]), row["account"]) if row is not None else None

    def position(self, object_id: str) -> int | None:
        row = self.sql.execute("SELECT seq FROM objects WHERE id = ?", (object_id,)).fetchone()
        return int(row["seq"]) if row is not None else None

    def select(
        self,
        kind: str,
        *,
        account: str | None = "",
        where: Sequence[tuple[str, Any]] = (),
        limit: int = -1,
        newest_first: bool = True,
    ) -> list[Document]:
        """Objects of one kind. `where` holds SQL conditions with one placeholder each; account None means any."""
        # The kind is written out so that SQLite sees that the index of this kind's field fits.
        sql = [f"SELECT document FROM objects WHERE object = '{kind}'"]  # noqa: S608 - a name from this code
        values: list[Any] = []
        if account is not None:
            sql.append("AND account = ?")
            values.append(account)
        for condition, value in where:
            sql.append(f"AND {condition}")
            values.append(value)
        sql.append(f"ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT {int(limit)}")
        return [json.loads(row["document"]) for row in self.sql.execute(" ".join(sql), values)]

    def related(self, kind: str, field: str, value: str) -> list[Document]:
        """All objects of one kind that refer to `value`, oldest first, of whichever account."""
        return self.select(kind, account=None, where=[(field_is(field), value)], newest_first=False)

    # ------------------------------------------------------------------ settings
    def setting(self, name: str, default: float) -> float:
        return float(self.document_setting(name, default))

    def set_setting(self, name: str, value: float) -> None:
        self.set_document_setting(name, value)

    def document_setting(self, name: str, default: Any) -> Any:
        row = self.sql.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row is not None else default

    def set_document_setting(self, name: str, value: Any) -> None:
        self.sql.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    # ------------------------------------------------------------------ jobs
    def schedule(self, kind: str, subject: str, *, account: str, due_at: float) -> None:
        self.sql.execute(
            "INSERT INTO jobs (kind, subject, account, due_at) VALUES (?, ?, ?, ?)", (kind, subject, account, due_at)
        )

    def empty(self) -> None:
        """Forgets everything."""
        with self.transaction():
            for table in _FORGOTTEN:
                self.sql.execute(f"DELETE FROM {table}")  # noqa: S608 - names from this file


def field_is(field: str) -> str:
    """The condition on a document's field, spelt as in the index so that SQLite uses it."""
    return f"json_extract(document, '$.{field}') = ?"


def _json(document: Document) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
