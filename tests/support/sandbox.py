"""The processor sandbox as a process, for tests that want real HTTP between us and the processor."""

import datetime as dt
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from dev.provision.paths import ROOT
from dev.stack.configuration import SANDBOX_WEBHOOK_SECRET
from dev.stack.ports import HOST
from dev.stack.processes import Identity, start
from dev.stack.readiness import http_answers, wait_until
from tests.support.servers import PAYPAL_ROOTS


class SandboxControl:
    """The control side of a running sandbox: faults, webhook delivery, clock, balances."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fault(self, *, method: str = "POST", path: str, kind: str, times: int = 1, **more: Any) -> None:
        """The next `times` matching requests go wrong in that way (see sandbox/faults.py for the kinds)."""
        self._post("faults", {"method": method, "path": path, "kind": kind, "times": times, **more})

    def clear_faults(self) -> None:
        """From now on everything works again."""
        requests.delete(f"{self.url}/_sandbox/faults", timeout=10).raise_for_status()

    def webhook_mode(self, mode: str, **more: Any) -> None:
        """deliver, hold or drop; `duplicate`, `reorder`, `delay_seconds` on top."""
        self._post("webhooks/mode", {"mode": mode, "duplicate": 0, "reorder": False, "delay_seconds": 0, **more})

    def release_webhooks(self, **more: Any) -> Any:
        """Delivers what is held."""
        return self._post("webhooks/release", more)

    def webhooks(self) -> Any:
        """Events and the attempts to deliver them."""
        return self._get("webhooks")

    def summary(self) -> Any:
        """Charges, refunds, transfers, and balances per account and currency."""
        return self._get("summary")

    def advance_clock(self, seconds: float) -> None:
        """Moves the sandbox's clock forward."""
        self._post("clock", {"advance_seconds": seconds})

    def pending_for(self, time: dt.timedelta) -> None:
        """So long the money of card payments is pending from now on; until then it is not at all."""
        self._post("settings", {"available_after_seconds": time.total_seconds()})

    def reset(self) -> None:
        """Forgets everything."""
        self._post("reset", {})

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/_sandbox/{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()


class SandboxProcess(SandboxControl):
    """A sandbox of one test run; `kill` and `start` again keep its state."""

    def __init__(self, *, port: int, folder: Path, webhook_url: str = "") -> None:
        super().__init__(f"http://{HOST}:{port}")
        self.port = port
        self.folder = folder
        self.webhook_url = webhook_url
        self.log = folder / "sandbox.log"
        self.identity: Identity | None = None

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "sandbox", "--host", HOST, "--port", str(self.port)]
        command += ["--state", str(self.folder / "state.sqlite3"), "--webhook-secret", SANDBOX_WEBHOOK_SECRET]
        # Artisans are paid from what is available: tests, like demos, don't wait for days.
        command += ["--available-after-seconds", "0"]
        command += ["--paypal-ca-file", str(PAYPAL_ROOTS)]
        if self.webhook_url:
            command += ["--webhook-url", self.webhook_url]
        self.identity = start(command, log=self.log, env=os.environ, cwd=ROOT)
        ready_url = f"{self.url}/_sandbox/summary"
        wait_until(
            lambda: http_answers(ready_url), part="sandbox", identity=self.identity, log=self.log, timeout_seconds=30
        )

    def stop(self) -> None:
        """Stops it in order."""
        if self.identity:
            self.identity.stop(signal.SIGTERM, patience_seconds=10)
            self.identity = None

    def kill(self) -> None:
        """SIGKILL; what it had committed is there after the next start."""
        if self.identity:
            self.identity.kill_with_children()
            self.identity = None
