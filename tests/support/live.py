"""A whole stack of its own for one test run: PostgreSQL, Valkey, sandbox, web, worker, beat, on free ports.

The ORM of the test process can be pointed at its database, so that a test sees what the processes have done.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import requests
from celery import Celery
from django.db import connections

from dev.stack.launcher import Plan, Stack
from dev.stack.ports import HOST
from dev.stack.postgres import USER
from dev.stack.shared import FAST_AND_LOOSE, HOME
from tests.support.sandbox import SandboxControl

DATABASE = "artisans_hub"
LIVE_ENV = {
    "ARTISANS_HUB_ENV": "test",
    "DEBUG": "false",
    "LOG_LEVEL": "INFO",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "CHECKOUT_RATE": "10000/min",
}


class LiveStack:
    """What a browser or fault test works with."""

    def __init__(self) -> None:
        self.home = HOME / "live" / str(os.getpid())
        extra = dict(LIVE_ENV)
        if os.environ.get("SANDBOX_TRACE"):
            extra["SANDBOX_TRACE"] = os.environ["SANDBOX_TRACE"]
        self.stack = Stack(
            Plan(
                home=self.home,
                database=DATABASE,
                extra_env=extra,
                postgres_settings={**FAST_AND_LOOSE, "max_connections": "80"},
                web_port=None,
                static_files=False,
                inherit_env=False,
            )
        )

    # ---- life

    def start(self) -> None:
        """Starts everything on a migrated database with the demo shop in it."""
        remove_homes_of_ended_runs(self.home.parent)
        shutil.rmtree(self.home, ignore_errors=True)
        self.stack.start(prepare=_migrate_and_load)
        self.sandbox = SandboxControl(self.stack.sandbox_url)

    def stop(self) -> None:
        """Stops everything and removes its folder, unless KEEP_TEST_STACK asks to keep it for a look."""
        self.stack.stop()
        if not os.environ.get("KEEP_TEST_STACK"):
            shutil.rmtree(self.home, ignore_errors=True)

    @property
    def url(self) -> str:
        """The shop's address."""
        return self.stack.site

    def log(self, part: str) -> Path:
        """The log file of web, worker, beat, sandbox, postgres or valkey."""
        return self.stack.log(part)

    # ---- hurting and healing; a part is web, worker, beat, sandbox, postgres or valkey

    def kill(self, part: str) -> None:
        """SIGKILL to a part and all its children."""
        self.stack.kill_part(part)

    def stop_part(self, part: str) -> None:
        """Stops one part in order."""
        self.stack.stop_part(part)

    def start_part(self, part: str) -> None:
        """Starts one part at its old address and waits until it is ready."""
        self.stack.start_part(part)

    def restart(self, part: str) -> None:
        """Stops and starts one part."""
        self.stack.restart_part(part)

    def is_running(self, part: str) -> bool:
        """Whether that part's main process lives."""
        identity = self.stack.running_parts().get(part)
        return identity is not None and identity.is_alive()

    def empty_broker(self) -> None:
        """Forgets every queued task."""
        self.stack.valkey.empty()

    def heal(self) -> None:
        """Starts what is down and ends all faults, so that the next test finds a sound stack."""
        for part in self.stack.wanted():
            if not self.is_running(part):
                self.stack.stop_part(part)
                self.stack.start_part(part)
        self.sandbox.clear_faults()
        self.sandbox.webhook_mode("deliver")

    # ---- asking for something

    def run_task(self, name: str) -> None:
        """Gives a scheduled task to the stack's workers now, beside the schedule."""
        with Celery(broker=self.stack.valkey.url, set_as_current=False) as app:
            app.send_task(name, ignore_result=True)

    # ---- looking in

    def manage(self, *arguments: str) -> str:
        """Runs manage.py on the live database; gives its output, raises PartFailed when it fails."""
        return self.stack.manage(*arguments)

    def mails(self) -> str:
        """The text of the page on which the mail sink lists what was sent."""
        answer = requests.get(f"{self.stack.sandbox_url}/mail/", timeout=10)
        answer.raise_for_status()
        return answer.text

    @contextlib.contextmanager
    def orm(self) -> Iterator[None]:
        """Within it the ORM of this process works on the live database, in every thread."""
        connections.close_all()
        settings = connections.settings["default"]
        before = {name: settings[name] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")}
        postgres = self.stack.postgres
        live = {"HOST": HOST, "PORT": postgres.port, "NAME": DATABASE, "USER": USER, "PASSWORD": postgres.password}
        settings.update(live)
        try:
            yield
        finally:
            connections.close_all()
            settings.update(before)


def _migrate_and_load(stack: Stack) -> None:
    stack.manage("migrate", "--noinput", "--verbosity", "0")
    stack.manage("load_demo_shop")


def remove_homes_of_ended_runs(folder: Path) -> None:
    """Stops and removes what a killed test run left behind."""
    from dev.stack.processes import Identity

    for home in folder.glob("*") if folder.exists() else ():
        if home.name.isdigit() and Identity.of(int(home.name)) is None:
            Stack(Plan(home=home, inherit_env=False)).stop_leftovers()
            shutil.rmtree(home, ignore_errors=True)
