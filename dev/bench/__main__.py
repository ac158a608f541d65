"""`make bench`: the benchmarks in one run, each beside its floor on the same PostgreSQL.

The server is a PostgreSQL of our own with fsync on, or the one of DATABASE_URL. Names as arguments choose benchmarks:
`make bench ARGS=ledger`. The exit status is 1 when a goal was missed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dev.checks import SETTINGS_FOR_STATIC_CHECKS
from dev.provision.console import fail, say
from dev.provision.paths import LOCAL, ROOT
from dev.stack.launcher import Plan, Stack
from dev.stack.processes import PartFailed
from dev.stack.state import AlreadyRunning, sole_launcher

BENCHMARKS = ("ledger", "webhooks", "checkout", "reconcile", "payout_run", "memory", "life")
HOME = LOCAL / "bench"
# As a small production server would be set; durability stays on, because it is what a commit costs.
SETTINGS = {"max_wal_size": "4GB", "checkpoint_timeout": "30min", "shared_buffers": "256MB"}


def main(names: Sequence[str]) -> int:
    """Runs the named benchmarks, all without a name."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        return fail(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    missed = []
    try:
        with sole_launcher(HOME), _servers() as env:
            for name in names or BENCHMARKS:
                say(f"\n=== {name}")
                started = time.monotonic()
                done = subprocess.run([sys.executable, "-m", f"dev.bench.{name}"], cwd=ROOT, env=env, check=False)
                say(f"({time.monotonic() - started:.0f} s, load average {os.getloadavg()[0]:.1f})")
                if done.returncode:
                    missed.append(name)
    except AlreadyRunning:
        return fail("A benchmark of this checkout runs already; two at once would measure each other.")
    except PartFailed as error:
        return fail(str(error))
    say(f"\nMISSED: {', '.join(missed)}" if missed else "\nevery goal was met")
    return 1 if missed else 0


@contextmanager
def _servers() -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey for the benchmarks, and the environment that names them."""
    stack = Stack(Plan(home=HOME, database="bench", postgres_settings=SETTINGS))
    stack.stop_leftovers()
    stack.choose_ports()
    try:
        for part in ("postgres", "valkey"):
            if part in stack.wanted():
                stack.start_part(part)
        servers = {name: stack.env[name] for name in ("DATABASE_URL", "REDIS_URL")}
        servers["DJANGO_SETTINGS_MODULE"] = "artisans_hub.settings"
        own = {"LOG_LEVEL": "ERROR"}
        for name in ("STATIC_ROOT", "MEDIA_ROOT"):
            own[name] = str(HOME / name.lower())
            (HOME / name.lower()).mkdir(exist_ok=True)
        yield {**os.environ, **SETTINGS_FOR_STATIC_CHECKS, **servers, **own}
    finally:
        stack.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
