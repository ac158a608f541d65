"""A statement of our bank that staff give to the desk, and a reconciliation that they ask for."""

import datetime as dt
from pathlib import Path

from django.db import DataError, transaction

from common import audit, outbox
from payments.contracts import MovementUnreadable
from reconciliation.contracts import StatementUnusable
from reconciliation.enums import Source
from reconciliation.services.bank_statement import read_bank_statement
from reconciliation.services.store import StatementContradiction, Stored, store_lines


def add_bank_statement(*, path: Path, name: str, now: dt.datetime) -> Stored:
    """Keeps what is new in the file, all of it or nothing, and has the books compared with it right after commit.

    `path` is where it lies for the moment, `name` what its giver calls it. The caller has checked the permission
    `reconciliation.run_reconciliation`. Raises StatementUnusable: no statement, no entry in it, or other figures than
    an earlier statement gave.
    """
    with (
        audit.refusals(event_type="reconciliation.statement_refused", command="add_bank_statement"),
        transaction.atomic(),
    ):
        try:
            stored = store_lines(source=Source.BANK, movements=read_bank_statement(path), origin=name, now=now)
        except (MovementUnreadable, StatementContradiction) as error:
            raise StatementUnusable(str(error).replace(str(path), name).replace(path.name, name)) from error
        except DataError as error:
            raise StatementUnusable(f"{name} holds an amount or a date that no bank books.") from error
        if not stored.read:
            raise StatementUnusable(f"{name} holds no entry.")
        audit.record(
            event_type="reconciliation.statement_added", outcome="succeeded", subject=name[:60],
            command=f"entries read: {stored.read}, new: {stored.added}",
        )  # fmt: skip
        ask_to_reconcile(now=now)
    return stored


def ask_to_reconcile(*, now: dt.datetime) -> None:
    """A worker reconciles right after commit; asked for several times in a minute, once. Permission as above."""
    outbox.enqueue(task="reconciliation.tasks.reconcile_asked", kwargs={}, key=f"reconcile_asked:{now:%Y-%m-%dT%H:%M}")
