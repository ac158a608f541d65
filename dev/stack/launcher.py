"""Starts, watches and stops the parts together."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.provision.console import tail
from dev.provision.paths import LOCAL, ROOT
from dev.stack import ports
from dev.stack.configuration import (
    PAYPAL_ROOTS,
    SANDBOX_PAYPAL_WEBHOOK_ID,
    Addresses,
    Given,
    environment_of_parts,
    sandbox_files,
)
from dev.stack.manage import collect_static_files, run_manage
from dev.stack.ports import HOST
from dev.stack.postgres import Postgres
from dev.stack.processes import Identity, PartFailed, start
from dev.stack.readiness import http_answers, wait_until, worker_answers
from dev.stack.secrets_file import secret
from dev.stack.state import StackState
from dev.stack.valkey import Valkey

# The order of starting; stopping goes backwards, so that nothing loses what it still needs.
PARTS = ("postgres", "valkey", "sandbox", "web", "worker", "beat")
SHOP = ("web", "worker", "beat")
START_PATIENCE_SECONDS = 60
# port -> the variable that asks for a certain one
PORT_VARIABLES = {
    "postgres": "POSTGRES_PORT",
    "valkey": "REDIS_PORT",
    "sandbox": "SANDBOX_PORT",
    "smtp": "SMTP_PORT",
    "web": "PORT",
}
STOP_PATIENCE_SECONDS = {"web": 15, "worker": 30, "beat": 10, "sandbox": 10, "valkey": 10, "postgres": 15}


@dataclass
class Plan:
    """What to start, where its state is kept, and how it differs from `make demo`."""

    home: Path = LOCAL
    database: str = "artisans_hub"
    # variables on top of everything else (tests, benchmarks)
    extra_env: Mapping[str, str] = field(default_factory=dict)
    postgres_settings: Mapping[str, str] = field(default_factory=dict)
    web_port: int | None = 8000
    web_workers: int = 2
    worker_processes: int = 2
    static_files: bool = True
    # the tests bring their own environment and must not see the person's
    inherit_env: bool = True
    report: Callable[[str], None] = lambda text: None


class Stack:
    """One local stack. Use `start()` and `stop()`, or single parts by name; every part can be killed and restarted."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.home = plan.home
        self.state = StackState.load(self.home / "stack.json")
        self.given = Given.read(ROOT) if plan.inherit_env else Given({})
        secrets = self.home / "secrets"
        self.postgres = Postgres(
            data=self.home / "pgdata",
            log=self.log("postgres"),
            password_file=secrets / "postgres",
            settings=plan.postgres_settings,
        )
        self.valkey = Valkey(folder=self.home / "valkey", log=self.log("valkey"), password_file=secrets / "valkey")
        self.processes: dict[str, Identity] = {}
        self.ports: dict[str, int] = {}
        self._launched_at: dict[str, float] = {}

    # ---- what others need to know

    def log(self, part: str) -> Path:
        """The log file of a part."""
        return self.home / "logs" / f"{part}.log"

    @property
    def site(self) -> str:
        """The shop's address."""
        return f"http://{HOST}:{self.ports['web']}"

    @property
    def sandbox_url(self) -> str:
        """The processor sandbox's address; empty when real keys are used."""
        return f"http://{HOST}:{self.ports['sandbox']}" if "sandbox" in self.wanted() else ""

    def wanted(self) -> tuple[str, ...]:
        """The parts that are ours to start: what the environment already names is left alone."""
        unwanted = {
            "postgres": not self.given.needs_postgres,
            "valkey": not self.given.needs_valkey,
            "sandbox": not self.given.needs_sandbox,
        }
        return tuple(part for part in PARTS if not unwanted.get(part, False))

    @property
    def env(self) -> dict[str, str]:
        """The environment of the parts and of manage.py."""
        wanted = self.wanted()
        addresses = Addresses(
            site=self.site,
            database=self.postgres.url(self.plan.database) if "postgres" in wanted else "",
            redis=self.valkey.url if "valkey" in wanted else "",
            sandbox=self.sandbox_url,
            smtp_port=self.ports.get("smtp", 0),
        )
        base = self.given if self.plan.inherit_env else Given(_bare_environment())
        key = secret(self.home / "secrets" / "django", length_bytes=48)
        return environment_of_parts(base, addresses, state=self.home, secret_key=key, extra=self.plan.extra_env)

    def take_addresses(self) -> None:
        """The addresses of the stack that runs or last ran here, without starting anything."""
        self.ports = {name: self.state.ports.get(name, 0) for name in PORT_VARIABLES}
        self.postgres.port = self.ports["postgres"]
        self.valkey.port = self.ports["valkey"]

    # ---- everything

    def start(self, *, prepare: Callable[["Stack"], None] | None = None) -> None:
        """Starts all parts, each ready before the next; `prepare` runs (migrate, load) once the servers are there.

        Raises PartFailed or ports.PortTaken; what had been started by then is stopped again.
        """
        self.stop_leftovers()
        self.choose_ports()
        self.state.launcher = Identity.of(os.getpid())
        try:
            wanted = self.wanted()
            for part in (part for part in wanted if part not in SHOP):
                self.start_part(part)
            self._prepare(prepare)
            # Each of the shop's processes takes seconds to import Django, so they do that side by side.
            for part in SHOP:
                self._launch(part)
            for part in SHOP:
                self._await(part)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops everything it has started, last part first. Goes on when one part resists, then says so."""
        problems = []
        for part in SHOP:  # they finish their work side by side
            if part in self.processes:
                self.processes[part].send(signal.SIGTERM)
        for part in reversed(PARTS):
            try:
                self.stop_part(part)
            except PartFailed as error:
                problems.append(str(error))
        self.state.processes.clear()
        self.state.launcher = None
        self.state.save()
        if problems:
            raise PartFailed("\n".join(problems))

    def stop_leftovers(self) -> None:
        """Ends what a killed launcher left running: known by pid and start time, PostgreSQL by its data directory."""
        self.processes = {name: found for name, found in self.state.processes.items() if found.is_alive()}
        self.postgres.identity = self.postgres.running()
        self.valkey.identity = self.processes.pop("valkey", None)
        self.processes.pop("postgres", None)
        left = [*self.processes, *(["valkey"] if self.valkey.identity else [])]
        left += ["postgres"] if self.postgres.identity else []
        if left:
            self.plan.report(f"stopping what an earlier start left running: {', '.join(left)}")
            for part in reversed(PARTS):
                self.stop_part(part)

    def broken(self) -> str | None:
        """The name of a part that has ended by itself; None while all run."""
        for part, identity in self.running_parts().items():
            if not identity.is_alive():
                return part
        return None

    # ---- single parts

    def start_part(self, part: str) -> None:
        """Starts one part and waits until it answers."""
        self._launch(part)
        self._await(part)

    def stop_part(self, part: str) -> None:
        """Stops one part in order, by a signal to its main process alone: its children finish what they do."""
        if part == "postgres":
            self.postgres.stop()
        elif part == "valkey":
            self.valkey.stop()
        elif part in self.processes:
            self.processes.pop(part).stop(signal.SIGTERM, patience_seconds=STOP_PATIENCE_SECONDS[part])

    def kill_part(self, part: str) -> None:
        """SIGKILL to a part and all its children: no chance to finish anything."""
        if part == "postgres":
            self.postgres.kill()
        elif part == "valkey":
            self.valkey.kill()
        elif part in self.processes:
            self.processes.pop(part).kill_with_children()

    def restart_part(self, part: str) -> None:
        """Stops (when it runs) and starts one part at its old address."""
        self.stop_part(part)
        self.start_part(part)

    def manage(self, *arguments: str, timeout_seconds: float = 300) -> str:
        """Runs manage.py against this stack and gives what it printed; raises PartFailed with its output."""
        return run_manage(arguments, env=self.env, timeout_seconds=timeout_seconds)

    # ---- how each part is started

    def running_parts(self) -> dict[str, Identity]:
        """Every part that was started and not stopped, with its main process."""
        servers = {"postgres": self.postgres.identity, "valkey": self.valkey.identity}
        return {**{name: found for name, found in servers.items() if found}, **self.processes}

    def choose_ports(self) -> None:
        """Gives every part its address; raises ports.PortTaken when one that was asked for cannot be had."""
        env = os.environ if self.plan.inherit_env else {}
        for name, variable in PORT_VARIABLES.items():
            usual = self.plan.web_port if name == "web" else None
            port = ports.choose(variable, last_used=self.state.ports.get(name), usual=usual, env=env)
            while port in self.ports.values():
                port = ports.any_free()
            self.ports[name] = port
        self.state.ports = dict(self.ports)
        self.state.site = self.site

    def _prepare(self, prepare: Callable[["Stack"], None] | None) -> None:
        if prepare:
            prepare(self)
        if self.plan.static_files:
            collect_static_files(self.env, stamp=self.home / "stamps" / "static", report=self.plan.report)

    def _launch(self, part: str) -> None:
        """Starts a part; only PostgreSQL and Valkey are ready when this returns."""
        self._launched_at[part] = time.monotonic()
        if part == "postgres":
            self.postgres.start(self.ports["postgres"])
            self.postgres.ensure_database(self.plan.database)
        elif part == "valkey":
            self.valkey.start(self.ports["valkey"])
        else:
            {
                "sandbox": self._launch_sandbox,
                "web": self._launch_web,
                "worker": self._launch_worker,
                "beat": self._launch_beat,
            }[part]()
        self.state.processes = self.running_parts()
        self.state.save()

    def _await(self, part: str) -> None:
        """Waits until a launched part really does its work; raises PartFailed when it does not get there."""
        redis_url = self.env["REDIS_URL"]
        checks: dict[str, Callable[[], bool]] = {
            "sandbox": lambda: http_answers(f"{self.sandbox_url}/_sandbox/summary"),
            "web": lambda: http_answers(f"{self.site}/healthz"),
            "worker": lambda: worker_answers(redis_url, self._worker_node),
            "beat": lambda: any(self._beat_schedule.parent.glob("schedule*")),
        }
        if part in checks:
            wait_until(
                checks[part],
                part=part,
                identity=self.processes[part],
                log=self.log(part),
                timeout_seconds=START_PATIENCE_SECONDS,
            )
        self.plan.report(f"{part} is ready ({time.monotonic() - self._launched_at[part]:.1f} s)")

    def _launch_sandbox(self) -> None:
        files = sandbox_files(self.home)
        files.mkdir(parents=True, exist_ok=True)
        self._spawn(
            "sandbox",
            *("-m", "sandbox", "--host", HOST, "--port", str(self.ports["sandbox"])),
            *("--state", str(files / "state.sqlite3"), "--smtp-port", str(self.ports["smtp"])),
            # Artisans are paid from what is available: a demo doesn't wait for days.
            *("--available-after-seconds", "0"),
            *("--webhook-url", f"{self.site}/webhooks/stripe/"),
            *("--webhook-secret", self.env["STRIPE_WEBHOOK_SECRETS"].split(",")[0]),
            *("--paypal-webhook-url", f"{self.site}/webhooks/paypal/"),
            *("--paypal-webhook-id", SANDBOX_PAYPAL_WEBHOOK_ID, "--paypal-ca-file", str(files / PAYPAL_ROOTS)),
        )

    def _launch_web(self) -> None:
        self._spawn(
            "web",
            *("-m", "gunicorn", "artisans_hub.wsgi:application", "--bind", f"{HOST}:{self.ports['web']}"),
            *("--workers", str(self.plan.web_workers), "--worker-class", "sync", "--access-logfile", "-"),
            *("--graceful-timeout", "10", "--timeout", "60", "--no-control-socket"),
        )

    @property
    def _worker_node(self) -> str:
        """A name of its own for each stack: two checkouts may share somebody's Redis."""
        return f"worker-{self.ports['web']}@localhost"

    def _launch_worker(self) -> None:
        self._spawn(
            "worker",
            *("-m", "celery", "-A", "artisans_hub", "worker", "--hostname", self._worker_node, "--loglevel", "INFO"),
            *("--pool", "prefork", "--concurrency", str(self.plan.worker_processes)),
            *("--without-mingle", "--without-gossip"),
        )

    @property
    def _beat_schedule(self) -> Path:
        return self.home / "beat" / "schedule"

    def _launch_beat(self) -> None:
        self._beat_schedule.parent.mkdir(parents=True, exist_ok=True)
        for stale in self._beat_schedule.parent.glob("schedule*"):
            stale.unlink()  # damaged by a kill, perhaps; every period is short enough to begin anew
        self._spawn(
            "beat",
            *("-m", "celery", "-A", "artisans_hub", "beat", "--schedule", str(self._beat_schedule)),
            *("--loglevel", "INFO", "--pidfile", ""),
        )

    def _spawn(self, part: str, *arguments: str) -> None:
        self.processes[part] = start([sys.executable, *arguments], log=self.log(part), env=self.env, cwd=ROOT)

    def log_tail(self, part: str) -> str:
        """The end of a part's log, for an error message."""
        return tail(self.log(part))


def _bare_environment() -> dict[str, str]:
    """The person's environment without anything that configures the shop."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
