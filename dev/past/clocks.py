"""The three clocks of a demo shop, turned back together: Python's, PostgreSQL's and the sandbox's.

The books date what is posted by PostgreSQL's clock, the processor its charges by its own, and everything else is told
the time by `common.clock`. While nobody else works in the shop, all three can be set to a day in the past and moved
forward from there; what is done meanwhile is done by the same use cases as ever. Nothing of the shop is changed for
it: Python's clock is replaced in this process, and PostgreSQL's for this connection, by a function of the same name
that is found first.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import requests
from django.db import connection
from django.utils import timezone

_PATIENCE_SECONDS = 30
_SCHEMA = "past"
# Before pg_catalog, so that ours is found first; the shop's tables and functions come last.
_SEARCH = f"SET search_path = {_SCHEMA}, pg_catalog, public"
_MAKE = f"""
CREATE SCHEMA IF NOT EXISTS {_SCHEMA};
CREATE OR REPLACE FUNCTION {_SCHEMA}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  $$ SELECT pg_catalog.clock_timestamp() + pg_catalog.current_setting('past.shift')::interval $$;
CREATE OR REPLACE FUNCTION {_SCHEMA}.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT pg_catalog.transaction_timestamp() + pg_catalog.current_setting('past.shift')::interval $$;
"""


class Clocks:
    """Moved forward by `set`; each goes on from there at its own pace."""

    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox
        self._session = requests.Session()
        self._session.trust_env = False
        self._real_now = timezone.now
        self._shift = dt.timedelta()

    def now(self) -> dt.datetime:
        return self._real_now() + self._shift

    def set(self, moment: dt.datetime) -> None:
        """All three, and what becomes due at the processor until then has happened when this returns."""
        self._shift = moment - self._real_now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('past.shift', %s, false)", [f"{self._shift.total_seconds()} seconds"])
        self.control("POST", "/clock", {"now": moment.isoformat()})
        self.settle()

    def settle(self) -> None:
        """Until the processor has nothing left to do at this moment."""
        self.control("GET", f"/idle?timeout={_PATIENCE_SECONDS}")

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The sandbox's side door."""
        answer = self._session.request(
            method, f"{self._sandbox}/_sandbox{path}", json=body, timeout=_PATIENCE_SECONDS + 5
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def turned_back(*, sandbox: str, to: dt.datetime) -> Iterator[Clocks]:
    """The clocks, set to that moment; at the end they are what they were. No other process may work in the shop.

    News of the processor are not sent meanwhile: nobody is there to take them, and who asks is told the same.
    """
    clocks = Clocks(sandbox)
    clocks.control("POST", "/webhooks/mode", {"mode": "drop"})
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        cursor.execute(_SEARCH)
    try:
        with mock.patch.object(timezone, "now", clocks.now):
            clocks.set(to)
            yield clocks
    finally:
        clocks.control("POST", "/clock", {"now": timezone.now().isoformat()})
        clocks.settle()
        clocks.control("POST", "/webhooks/mode", {"mode": "deliver"})
        # A connection of its own setting: it is not used for anything else.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {_SCHEMA} CASCADE")
        connection.close()
