"""Emptying a database whose tables refuse to be emptied."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

_sql_flush = DatabaseOperations.sql_flush


def allow_flush_of_append_only_tables() -> None:
    """Lets Django empty the test database between transactional tests.

    Triggers of the books and the audit refuse TRUNCATE. In the role `replica` ordinary triggers rest; SET LOCAL ends
    with the transaction that Django's flush runs in, so the tests themselves never work without the triggers.
    """

    def sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        statements = _sql_flush(self, style, tables, **options)
        return ["SET LOCAL session_replication_role = 'replica'", *statements] if statements else statements

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]
