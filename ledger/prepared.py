"""Calls of the posting functions with the least work in Python: half of what a cursor costs.

What a cursor does besides (quoting by type, rows of Python objects, a result kept for later) isn't needed for functions
of ours that take text and answer with one text. The driver prepares a statement after a few uses, and forgets all it
prepared after a rollback; only while a call's statement is prepared does it go the short way.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DataError
from psycopg import generators, pq


class PreparedCall:
    """A call of a function of PostgreSQL's that answers with an array of whole numbers or NULL."""

    def __init__(self, function: str, *types: str) -> None:
        self.by_cursor = f"SELECT {function}({', '.join(f'%s::{kind}' for kind in types)})::text"
        numbered = ", ".join(f"${number}::{kind}" for number, kind in enumerate(types, start=1))
        # The driver's key of a prepared statement: its text, and the types of the parameters, which are all unknown.
        self.key = (f"SELECT {function}({numbered})::text".encode(), (0,) * len(types))

    def __call__(self, database: Any, parameters: Sequence[str | None]) -> list[str] | None:
        """The numbers as text. `database` is Django's, connected. Raises Django's database errors."""
        name = None if database.execute_wrappers or database.queries_logged else self.prepared_name(database.connection)
        if name is None:
            with database.cursor() as cursor:
                cursor.execute(self.by_cursor, parameters)
                (answer,) = cursor.fetchone()
        else:
            with database.wrap_database_errors:
                answer = _execute(database.connection, name, parameters)
        return None if answer is None else answer[1:-1].split(",")

    def prepared_name(self, connection: "psycopg.Connection[Any]") -> bytes | None:
        """Of the statement, where it is prepared and needs no BEGIN before it; the driver has no public way to ask."""
        if not connection.autocommit and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            return None
        return connection._prepared._names.get(self.key)


def _execute(connection: "psycopg.Connection[Any]", name: bytes, parameters: Sequence[str | None]) -> str | None:
    values = [None if value is None else value.encode() for value in parameters]
    if any(value and b"\0" in value for value in values):
        raise DataError("PostgreSQL's text can't hold the character 0")
    connection.pgconn.send_query_prepared(name, values)
    # Waits as the driver does: a signal ends the wait and cancels the statement.
    (result,) = connection.wait(generators.execute(connection.pgconn))
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(result, encoding=connection.info.encoding)
    answer = result.get_value(0, 0)
    return None if answer is None else answer.decode()
