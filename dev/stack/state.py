"""What a launcher remembers between runs: the addresses it used and the processes it started (`stack.json`)."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.stack.processes import Identity


class AlreadyRunning(Exception):
    """Another launcher holds the stack of this checkout."""


@dataclass
class StackState:
    """The contents of stack.json; a missing or damaged file counts as empty."""

    path: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Identity] = field(default_factory=dict)
    launcher: Identity | None = None
    site: str = ""

    @classmethod
    def load(cls, path: Path) -> "StackState":
        """Reads what the last launcher wrote."""
        try:
            data: Any = json.loads(path.read_text())
        except (OSError, ValueError):
            data = {}
        if not isinstance(data, dict):
            data = {}
        ports = {str(name): port for name, port in data.get("ports", {}).items() if isinstance(port, int)}
        found = {name: Identity.from_json(value) for name, value in data.get("processes", {}).items()}
        return cls(
            path=path,
            ports=ports,
            processes={name: identity for name, identity in found.items() if identity},
            launcher=Identity.from_json(data.get("launcher")),
            site=str(data.get("site", "")),
        )

    def save(self) -> None:
        """Writes the file in one step, so that a reader or a killed launcher never leaves half of it."""
        data = {
            "ports": self.ports,
            "processes": {name: identity.as_json() for name, identity in self.processes.items()},
            "launcher": self.launcher.as_json() if self.launcher else None,
            "site": self.site,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}.new")
        draft.write_text(json.dumps(data, indent=2) + "\n")
        draft.replace(self.path)


@contextmanager
def sole_launcher(home: Path) -> Iterator[None]:
    """Holds the checkout's stack for one launcher; the system lets go of it even when the launcher is killed.

    Raises AlreadyRunning when another one has it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "stack.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(str(home)) from error
        yield
