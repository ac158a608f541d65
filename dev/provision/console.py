"""Says what is going on: one line per long step, a sign of life while it lasts, the log's end when it fails."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.provision.paths import LOGS, ROOT

SIGN_OF_LIFE_SECONDS = 15


class StepFailed(Exception):
    """A step of the set-up failed; the message is for the person at the terminal."""


def say(text: str = "") -> None:
    """One line to the person at the terminal, shown at once even when the output goes into a file."""
    print(text, flush=True)


def tail(path: Path, *, lines: int = 30, since: int = 0) -> str:
    """The last lines of a log, indented, from the byte `since` on; empty when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(since, log.tell() - 64 * 1024))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


def long_step(
    title: str, command: Sequence[str], *, about: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> None:
    """Runs a command whose own output nobody needs unless it fails; `about` tells how long it usually takes.

    Raises StepFailed with the end of the output.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log_path = LOGS / "setup.log"
    say(f"{title} ({about}) ...")
    started = time.monotonic()
    with log_path.open("ab") as log:
        log_began = log.tell()
        log.write(f"\n$ {' '.join(command)}\n".encode())
        log.flush()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            returncode = _wait_with_signs_of_life(process, started)
        except BaseException:
            process.terminate()
            raise
    if returncode:
        raise StepFailed(
            f"{title} failed (exit status {returncode}). The end of {log_path}:\n{tail(log_path, since=log_began)}"
        )
    say(f"  done in {time.monotonic() - started:.1f} s")


def _wait_with_signs_of_life(process: subprocess.Popen[bytes], started: float) -> int:
    while True:
        try:
            return process.wait(timeout=SIGN_OF_LIFE_SECONDS)
        except subprocess.TimeoutExpired:
            say(f"  still working ({time.monotonic() - started:.0f} s)")


def fail(message: str) -> int:
    """Prints what went wrong and gives the exit status of a failed command."""
    sys.stderr.write(f"\n{message}\n")
    sys.stderr.flush()
    return 1
