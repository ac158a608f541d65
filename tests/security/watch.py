"""Sees whether anything in the database changed, and whether a text was written to any log."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


def contents(*, without: frozenset[str] = frozenset()) -> dict[str, tuple[int, str]]:
    """Number of rows and a digest of their contents, for every table."""
    names = [name for name in connection.introspection.table_names() if name not in without]
    with connection.cursor() as cursor:
        found = {}
        for name in sorted(names):
            cursor.execute(
                f"SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{name}\" t"
            )
            found[name] = tuple(cursor.fetchone())
    return found


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    """The tables that differ."""
    return {name for name in before if before[name] != after[name]}


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All that any logger writes in this process, formatted as in production, from DEBUG on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    configured = settings.LOGGING["formatters"]["json"]
    handler.setFormatter(configured["()"](**{name: value for name, value in configured.items() if name != "()"}))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
