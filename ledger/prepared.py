"""Statements that post, with the least work in Python: less than half of what a cursor costs.

What a cursor does besides (quoting by type, rows of Python objects, a result kept for later, a wait that Python looks
after) isn't needed for statements that take text and answer with text. The driver prepares a statement after a few
uses, and forgets all it prepared after a rollback; only while a call's statement is prepared does it go the short way.

That way waits inside the driver's library, and Python handles a signal when the statement has ended. So Ctrl-C, or a
worker's soft time limit, takes effect after a wait for locks that another transaction holds; none of ours holds them
while it talks to a processor.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DataError
from psycopg import pq

_IDLE = pq.TransactionStatus.IDLE.value
_TUPLES_OK = pq.ExecStatus.TUPLES_OK.value
_TEXT, _BINARY = 0, 1
_TIME = psycopg.postgres.types["timestamptz"].oid
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_SEPARATOR = "\0"  # which PostgreSQL's text can't hold


class PreparedCall:
    """A statement that answers with one row of texts or NULLs; each `{}` in it stands for a parameter.

    The first of them may be a time, `at`, which needs a time zone. In the short way it goes as what PostgreSQL keeps,
    the microseconds since 2000, which neither side has to write out and read.
    """

    def __init__(self, statement: str, *, begins_with_time: bool = False) -> None:
        self.count = statement.count("{}")
        self.by_cursor = statement.replace("{}", "%s")
        numbered = statement.format(*(f"${number}" for number in range(1, self.count + 1)))
        # The driver's key of a prepared statement: its text, and the types of the parameters, unknown for texts.
        self.key = (numbered.encode(), (_TIME if begins_with_time else 0, *[0] * (self.count - 1)))
        self.formats = [_BINARY] + [_TEXT] * (self.count - 1)

    def __call__(self, database: Any, parameters: Sequence[str], at: dt.datetime | None = None) -> Sequence[Any]:
        """The row. `database` is Django's, connected. Raises Django's database errors."""
        connection = database.connection
        name = connection._prepared._names.get(self.key)  # the driver has no public way to ask
        if (
            name is None
            or database.execute_wrappers
            or database.queries_logged
            # needs a BEGIN before it
            or not (connection.autocommit or connection.pgconn.transaction_status != _IDLE)
        ):
            with database.cursor() as cursor:
                cursor.execute(self.by_cursor, parameters if at is None else [at, *parameters])
                row: Sequence[Any] = cursor.fetchone()
                return row
        values = _SEPARATOR.join(parameters).encode().split(b"\0")
        formats = None
        if at is not None:
            values.insert(0, ((at - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True))
            formats = self.formats
        if len(values) != self.count:
            raise DataError("PostgreSQL's text can't hold the character 0")
        try:
            result = connection.pgconn.exec_prepared(name, values, formats)
        except psycopg.Error:  # there is no connection any more: nothing was sent
            with database.wrap_database_errors:
                raise
        if result.status != _TUPLES_OK:
            with database.wrap_database_errors:
                if connection.closed:
                    raise psycopg.OperationalError(result.get_error_message())
                raise psycopg.errors.error_from_result(result, encoding=connection.info.encoding)
        return [_text(result.get_value(0, number)) for number in range(result.nfields)]

    def is_prepared(self, connection: "psycopg.Connection[Any]") -> bool:
        """Whether the next call goes the short way."""
        return self.key in connection._prepared._names


def _text(cell: bytes | None) -> str | None:
    return None if cell is None else cell.decode()
