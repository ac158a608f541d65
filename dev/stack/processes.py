"""Processes that we start: told apart from strangers by pid and start time, so that a reused pid is never signalled."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from dev.provision.console import tail


class PartFailed(Exception):
    """A part of the stack did not start, ended early or would not stop; the message holds the end of its log."""


@dataclass(frozen=True)
class Identity:
    """A process beyond doubt: its pid and the moment it was started (seconds since the epoch, as the system tells)."""

    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The running process with that pid; None when there is none or it has only to be reaped."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid=pid, started_at=process.create_time())
        except psutil.Error:
            return None

    @classmethod
    def from_json(cls, data: Any) -> "Identity | None":
        """What `as_json` wrote; None for anything else."""
        try:
            return cls(pid=int(data["pid"]), started_at=float(data["started_at"]))
        except (KeyError, TypeError, ValueError):
            return None

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return {"pid": self.pid, "started_at": self.started_at}

    def is_alive(self) -> bool:
        """Whether exactly this process still runs, not another one that got its pid."""
        now = Identity.of(self.pid)
        # the clock that create_time is computed from may be adjusted by a little
        return now is not None and abs(now.started_at - self.started_at) < 2

    def command(self) -> list[str]:
        """Its command line; empty when it has gone."""
        try:
            return psutil.Process(self.pid).cmdline()
        except psutil.Error:
            return []

    def send(self, signal_number: signal.Signals) -> None:
        """Signals the main process alone; silently nothing when it has gone."""
        if self.is_alive():
            try:
                os.kill(self.pid, signal_number)
            except ProcessLookupError:
                return

    def wait_gone(self, *, timeout_seconds: float) -> bool:
        """Waits for its end; False when it still runs after that time."""
        deadline = time.monotonic() + timeout_seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        _reap(self.pid)
        return True

    def stop(self, *signals: signal.Signals, patience_seconds: float) -> bool:
        """Sends each signal in turn, waiting that long after each, then kills. True when killing was not needed."""
        for signal_number in signals:
            self.send(signal_number)
            if self.wait_gone(timeout_seconds=patience_seconds):
                return True
        self.kill_with_children()
        return False

    def kill_with_children(self) -> None:
        """SIGKILL for the process and all its descendants at once: what a crash of the machine does to it."""
        if not self.is_alive():
            return
        try:
            process = psutil.Process(self.pid)
            family = [process, *process.children(recursive=True)]
        except psutil.Error:
            return
        for member in family:
            try:
                member.kill()
            except psutil.Error:
                continue
        self.wait_gone(timeout_seconds=5)


def _reap(pid: int) -> None:
    """Takes the exit status if it was our own child, so that it does not stay as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


@dataclass(frozen=True)
class RunAs:
    """The user a child runs as; only root may choose another than itself."""

    uid: int
    gid: int


def start(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    run_as: RunAs | None = None,
) -> Identity:
    """Starts a part in a session of its own, so that Ctrl-C at the terminal reaches only the launcher.

    Its output is appended to `log`. Raises PartFailed when the program cannot be started at all.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} starting\n".encode())
        output.flush()
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
                user=run_as.uid if run_as else None,
                group=run_as.gid if run_as else None,
                extra_groups=[] if run_as else None,
            )
        except OSError as error:
            raise PartFailed(f"{command[0]} could not be started: {error}") from error
    identity = Identity.of(process.pid)
    process.returncode = 0  # we wait by pid; keeps Popen from warning that the child still runs
    if identity is None:
        raise PartFailed(f"{Path(command[0]).name} ended at once. The end of {log}:\n{tail(log)}")
    return identity
