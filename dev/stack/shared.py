"""PostgreSQL and Valkey for tests and checks, shared by all runs of this checkout that are under way.

The first run starts them, later ones join, the last one to end stops them. Each run has a database of its own, named
after its process, and a Redis database number of its own; so has each process of a run that works in parallel.
"""

import atexit
import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg
import psycopg.sql

from dev.provision.paths import LOCAL
from dev.stack import ports
from dev.stack.postgres import Postgres
from dev.stack.processes import Identity, PartFailed
from dev.stack.state import StackState
from dev.stack.valkey import Valkey

HOME = LOCAL / "test"
DATABASE_PREFIX = "hub"
# The last number is left to what a benchmark announces (dev/bench/databases.py).
REDIS_DATABASES = 32
REDIS_NUMBERS = range(1, REDIS_DATABASES - 1)
# Speed for data that nobody keeps; a killed server still has it, only a power cut would not.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class SharedServers:
    """The shared servers as one test run sees them."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home
        logs, secrets = home / "logs", home / "secrets"
        self.postgres = Postgres(
            data=home / "pgdata", log=logs / "postgres.log", password_file=secrets / "postgres", settings=FAST_AND_LOOSE
        )
        self.valkey = Valkey(
            folder=home / "valkey",
            log=logs / "valkey.log",
            password_file=secrets / "valkey",
            databases=REDIS_DATABASES,
        )
        self._in_use: IO[str] | None = None
        self._redis_number: tuple[int, IO[str]] | None = None

    @property
    def database(self) -> str:
        """This run's own; Django puts test_ before it."""
        return f"{DATABASE_PREFIX}_{os.getpid()}"

    def join(self) -> None:
        """Starts the servers, or takes part in those that another run of this checkout has started."""
        with self._turn():
            self._in_use = (self.home / "in-use.lock").open("w")
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            state = StackState.load(self.home / "stack.json")
            if not self.postgres.adopt(state.ports.get("postgres", 0)):
                self.postgres.start(ports.choose("", last_used=state.ports.get("postgres"), usual=None, env={}))
            if not self.valkey.adopt(state.ports.get("valkey", 0), state.processes.get("valkey")):
                self.valkey.stop()
                self.valkey.start(ports.choose("", last_used=state.ports.get("valkey"), usual=None, env={}))
            state.ports = {"postgres": self.postgres.port, "valkey": self.valkey.port}
            state.processes = {
                name: identity
                for name, identity in (("postgres", self.postgres.identity), ("valkey", self.valkey.identity))
                if identity
            }
            state.save()
            self._drop_databases_of_ended_runs()
            self._redis_number = self._take_redis_number()
        atexit.register(self.leave)

    def leave(self) -> None:
        """Stops the servers when no other run uses them."""
        if self._in_use is None:
            return
        with self._turn():
            if self._redis_number:
                self._redis_number[1].close()
                self._redis_number = None
            in_use, self._in_use = self._in_use, None
            try:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                in_use.close()
            self.valkey.stop()
            self.postgres.stop()

    def environment(self) -> dict[str, str]:
        """This run's addresses, as the settings read them; only between `join` and `leave`."""
        assert self._redis_number is not None
        redis_url = f"{self.valkey.url.removesuffix('/0')}/{self._redis_number[0]}"
        static = self.home / "static"
        static.mkdir(exist_ok=True)
        return {
            "DJANGO_SETTINGS_MODULE": "artisans_hub.settings",
            "ARTISANS_HUB_ENV": "test",
            "DATABASE_URL": self.postgres.url(self.database),
            "REDIS_URL": redis_url,
            "MEDIA_ROOT": str(self.home / "media" / str(os.getpid())),
            "STATIC_ROOT": str(static),
        }

    def create_database(self) -> None:
        """This run's database outside of Django's test runner."""
        self.postgres.ensure_database(self.database)

    def drop_database(self) -> None:
        """Removes it again."""
        with self.postgres.connect("postgres") as connection:
            self._drop(connection, self.database)

    def _take_redis_number(self) -> tuple[int, IO[str]]:
        """A number that no other process holds; its lock goes with the process, however that ends.

        Raises PartFailed when all are taken.
        """
        for number in REDIS_NUMBERS:
            lock = (self.home / f"redis-{number}.lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            return number, lock
        raise PartFailed(f"More than {len(REDIS_NUMBERS)} processes use the test servers in {self.home}.")

    def _drop_databases_of_ended_runs(self) -> None:
        with self.postgres.connect("postgres") as connection:
            names = [
                row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '(^|_)hub_[0-9]'")
            ]
            for name in names:
                digits = [part for part in name.split("_") if part.isdigit()]
                if digits and Identity.of(int(digits[0])) is None:
                    self._drop(connection, name)
                    shutil.rmtree(self.home / "media" / digits[0], ignore_errors=True)

    @staticmethod
    def _drop(connection: psycopg.Connection, name: str) -> None:
        statement = psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(psycopg.sql.Identifier(name)))

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One run at a time joins or leaves."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "turn.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
