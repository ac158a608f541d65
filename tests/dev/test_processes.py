"""Our processes are told apart from strangers, and end when they are told to."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from dev.stack.processes import Identity, PartFailed, start

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
WITH_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)",
]


def started(command: list[str], folder: Path, *, says: bool = False) -> Identity:
    log = folder / "log"
    identity = start(command, log=log, env={}, cwd=folder)
    deadline = time.monotonic() + 10
    while says and len(log.read_text().splitlines()) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    return identity


def test_a_reused_pid_is_not_ours(tmp_path: Path) -> None:
    identity = started(SLEEP, tmp_path)
    other = Identity(pid=identity.pid, started_at=identity.started_at - 60)
    assert identity.is_alive()
    assert not other.is_alive()
    other.send(signal.SIGKILL)
    other.kill_with_children()
    assert identity.is_alive(), "a stranger with our pid was signalled"
    assert identity.stop(signal.SIGTERM, patience_seconds=5)
    assert not identity.is_alive()


def test_identity_survives_the_state_file(tmp_path: Path) -> None:
    identity = started(SLEEP, tmp_path)
    assert Identity.from_json(identity.as_json()) == identity
    assert Identity.from_json({"pid": "x"}) is None
    assert Identity.from_json(None) is None
    identity.kill_with_children()


def test_a_process_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    identity = started(STUBBORN, tmp_path, says=True)
    assert identity.stop(signal.SIGTERM, patience_seconds=0.3) is False
    assert not identity.is_alive()


def test_killing_takes_the_children_along(tmp_path: Path) -> None:
    identity = started(WITH_CHILD, tmp_path, says=True)
    child = int((tmp_path / "log").read_text().splitlines()[1])
    assert psutil.pid_exists(child)
    identity.kill_with_children()
    for _ in range(100):
        if Identity.of(child) is None:
            break
        time.sleep(0.02)
    assert Identity.of(child) is None


def test_ended_but_not_reaped_counts_as_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    for _ in range(500):
        if Identity.of(process.pid) is None:
            break
        time.sleep(0.02)
    assert Identity.of(process.pid) is None
    process.wait()


def test_a_program_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PartFailed, match="no-such-program could not be started"):
        start(["no-such-program"], log=tmp_path / "log", env={}, cwd=tmp_path)


def test_a_stopped_child_leaves_no_zombie(tmp_path: Path) -> None:
    identity = started(SLEEP, tmp_path)
    assert identity.stop(signal.SIGTERM, patience_seconds=5)
    assert not psutil.pid_exists(identity.pid)
