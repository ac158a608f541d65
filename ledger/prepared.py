"""Statements that post, with the least work in Python: half of what a cursor costs.

What a cursor does besides (quoting by type, rows of Python objects, a result kept for later) isn't needed for
statements that take text and answer with text. The driver prepares a statement after a few uses, and forgets all it
prepared after a rollback; only while a call's statement is prepared does it go the short way.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DataError
from psycopg import generators, pq


class PreparedCall:
    """A statement that answers with one row of texts or NULLs; `{}` in it stands for the parameters, by their types."""

    def __init__(self, statement: str, *types: str) -> None:
        self.by_cursor = statement.format(", ".join(f"%s::{kind}" for kind in types))
        numbered = ", ".join(f"${number}::{kind}" for number, kind in enumerate(types, start=1))
        # The driver's key of a prepared statement: its text, and the types of the parameters, which are all unknown.
        self.key = (statement.format(numbered).encode(), (0,) * len(types))

    def __call__(self, database: Any, parameters: Sequence[str | None]) -> Sequence[Any]:
        """The row. `database` is Django's, connected. Raises Django's database errors."""
        name = None if database.execute_wrappers or database.queries_logged else self.prepared_name(database.connection)
        if name is None:
            with database.cursor() as cursor:
                cursor.execute(self.by_cursor, parameters)
                row: Sequence[Any] = cursor.fetchone()
                return row
        try:
            return _execute(database.connection, name, parameters)
        except psycopg.Error:
            with database.wrap_database_errors:
                raise

    def prepared_name(self, connection: "psycopg.Connection[Any]") -> bytes | None:
        """Of the statement, where it is prepared and needs no BEGIN before it; the driver has no public way to ask."""
        if not connection.autocommit and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            return None
        return connection._prepared._names.get(self.key)


def _execute(connection: "psycopg.Connection[Any]", name: bytes, parameters: Sequence[str | None]) -> Sequence[Any]:
    values = [None if value is None else value.encode() for value in parameters]
    if b"\0" in b"".join([value for value in values if value]):
        raise DataError("PostgreSQL's text can't hold the character 0")
    connection.pgconn.send_query_prepared(name, values)
    # Waits as the driver does: a signal ends the wait and cancels the statement.
    (result,) = connection.wait(generators.execute(connection.pgconn))
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(result, encoding=connection.info.encoding)
    cells = (result.get_value(0, number) for number in range(result.nfields))
    return [None if cell is None else cell.decode() for cell in cells]
