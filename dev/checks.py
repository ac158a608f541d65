"""`make test`: every check; a failure does not hide what comes after it.

The static checks run two at a time, and what each has said is shown when it has ended. Then come the Python tests,
which take most of the time: in several processes, see tests/support/parallel.py.
"""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from dev.provision import chromium
from dev.provision.console import say
from dev.provision.node_env import which
from dev.provision.paths import FRONTEND, LOCAL, ROOT, VENV, VENV_PYTHON

# Static checks load Django's settings, which must name servers that nobody asks anything.
SETTINGS_FOR_STATIC_CHECKS = {
    "ARTISANS_HUB_ENV": "test",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "STRIPE_SECRET_KEY": "sk_test_static_checks",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_static_checks",
    "STRIPE_WEBHOOK_SECRETS": "whsec_static_checks",
}
OPENAPI_CHECK = ("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)
# migrations stay as Django writes them
FORMATTED = ("--exclude", "**/migrations/**", ".")
BROWSER_REPORT = LOCAL / "test" / "browser-tests.txt"
TRACE = LOCAL / "test" / "sandbox-trace.jsonl"
# The processors' published contracts lie beside the checkout, where they are at hand; they are not ours to ship.
CHECK_TRACE = ROOT.parent / "shared" / "contracts" / "check_trace.py"

# A payment token is made from a setup token with `payment_source.token.type` SETUP_TOKEN (PayPal's SDK 2.4.0 and its
# documentation), where its OpenAPI file lists BILLING_AGREEMENT alone; and a search that finds too much is refused with
# the name RESULTSET_TOO_LARGE (its documentation), where the file lists INVALID_REQUEST alone.
NOT_IN_PAYPALS_FILE = (
    ("/v3/vault/payment-tokens", "SETUP_TOKEN"),
    ("/v1/reporting/transactions", "RESULTSET_TOO_LARGE"),
)


@dataclass(frozen=True)
class Context:
    """What the steps need: npm's environment and what the person wants to hand to pytest."""

    node_env: Mapping[str, str]
    pytest_arguments: Sequence[str]


@dataclass(frozen=True)
class Command:
    """What a step runs, with variables on top of the person's own."""

    words: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT

    def run(self) -> bool:
        """Its output goes straight to the terminal. Whether it succeeded."""
        return subprocess.run(self.words, cwd=self.folder, env=self._env(), check=False).returncode == 0

    def run_quietly(self) -> tuple[bool, str]:
        """Whether it succeeded, and what it said."""
        done = subprocess.run(
            self.words,
            cwd=self.folder,
            env=self._env(),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode == 0, done.stdout.decode("utf-8", "replace").rstrip()

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.env}


@dataclass(frozen=True)
class Result:
    """How one step went; `note` is added to its line in the summary."""

    name: str
    passed: bool
    seconds: float
    note: str = ""


def _tool(name: str) -> str:
    return str(VENV / "bin" / name)


def _npm(context: Context, script: str) -> Command:
    words = [which("npm", dict(context.node_env)), "run", "--silent", script]
    return Command(words, context.node_env, FRONTEND)


def _with_database(*words: str) -> Command:
    return Command([str(VENV_PYTHON), "-m", "dev.with_database", *words])


def _pytest(context: Context) -> Command:
    """All Python tests. The environment of the person never reaches them; see tests/support/servers.py."""
    env = dict(chromium.environment(context.node_env))
    BROWSER_REPORT.unlink(missing_ok=True)
    env["BROWSER_REPORT"] = str(BROWSER_REPORT)
    TRACE.parent.mkdir(parents=True, exist_ok=True)
    TRACE.unlink(missing_ok=True)
    env["SANDBOX_TRACE"] = str(TRACE)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    return Command([str(VENV_PYTHON), "-m", "pytest", *(context.pytest_arguments or _in_parallel())], env)


def _in_parallel() -> list[str]:
    """The whole suite in several processes; a choice of tests runs in one, which starts faster (or says -n itself).

    One more process than there are processors: the one with the whole stack waits most of the time. Three at least
    and five at most: each works on a PostgreSQL that all share, and takes about 300 MB with what it starts.
    """
    processors = os.cpu_count() or 1
    return ["-n", str(min(max(processors + 1, 3), 5)), "--max-worker-restart", "0"]


STEPS: dict[str, Callable[[Context], Command]] = {
    "format": lambda _: Command([_tool("ruff"), "format", "--check", "--quiet", *FORMATTED]),
    "lint": lambda _: Command([_tool("ruff"), "check", "."]),
    "types": lambda _: Command([_tool("mypy"), "."], SETTINGS_FOR_STATIC_CHECKS),
    "layers": lambda _: Command([_tool("lint-imports"), "--no-cache"], {"PYTHONPATH": str(ROOT)}),
    "front end types": lambda context: _npm(context, "typecheck"),
    "front end lint": lambda context: _npm(context, "lint"),
    "front end tests": lambda context: _npm(context, "test"),
    "schema": lambda _: _with_database("schema_sql", "--check"),
    "openapi": lambda _: _with_database("--no-migrate", *OPENAPI_CHECK),
    "tests": _pytest,
}
ALL = tuple(STEPS)
NEEDS_FRONT_END = {"front end types", "front end lint", "front end tests", "tests"}


def run(names: Sequence[str], *, pytest_arguments: Sequence[str], node_env: Mapping[str, str]) -> int:
    """Runs the named steps and prints one line for each at the end; 1 when any failed."""
    context = Context(node_env=node_env, pytest_arguments=pytest_arguments)
    results = _static_results([name for name in names if name != "tests"], context)
    if "tests" in names:
        say("\n=== tests")
        started = time.monotonic()
        passed = STEPS["tests"](context).run()
        results.append(Result(name="tests", passed=passed, seconds=time.monotonic() - started))
        results.append(_contract_result())
        results.append(_browser_result(required=os.environ.get("REQUIRE_BROWSER") == "1"))
    _summarize(results)
    return 0 if all(result.passed for result in results) else 1


def _static_results(names: Sequence[str], context: Context) -> list[Result]:
    """Runs the checks two at a time: most of them use one processor. The results are in the order of `names`."""

    def run_one(name: str) -> tuple[Result, str]:
        started = time.monotonic()
        passed, said = STEPS[name](context).run_quietly()
        return Result(name=name, passed=passed, seconds=time.monotonic() - started), said

    results = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in as_completed([pool.submit(run_one, name) for name in names]):
            result, said = done.result()
            results[result.name] = result
            say(f"\n=== {result.name}: {'ok' if result.passed else 'FAILED'}")
            if said:
                say(said)
    return [results[name] for name in names]


def _contract_result() -> Result:
    """Every exchange of the test run with the sandbox, held against the processors' own contracts."""
    if not CHECK_TRACE.exists():
        return Result(
            name="contract", passed=True, seconds=0, note="skipped: no published contracts beside this checkout"
        )
    if not TRACE.exists():
        return Result(name="contract", passed=True, seconds=0, note="skipped: these tests did not talk to the sandbox")
    started = time.monotonic()
    held_against, left_out = _without_allowed_rows(TRACE)
    passed = Command([str(VENV_PYTHON), str(CHECK_TRACE), str(held_against)]).run()
    unknown = " and ".join(word for _, word in NOT_IN_PAYPALS_FILE)
    note = f"{left_out} rows left out: PayPal's file does not know {unknown}" if left_out else ""
    return Result(name="contract", passed=passed, seconds=time.monotonic() - started, note=note)


def _without_allowed_rows(trace: Path) -> tuple[Path, int]:
    """The trace without what a published file does not know though the vendor documents it, and how many rows."""
    lines = trace.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not any(path in line and word in line for path, word in NOT_IN_PAYPALS_FILE)]
    if len(kept) == len(lines):
        return trace, 0
    held_against = trace.with_suffix(".kept.jsonl")
    held_against.write_text("".join(kept))
    return held_against, len(lines) - len(kept)


def _browser_result(*, required: bool) -> Result:
    """The tests leave the number of browser tests that ran in a file; no file or zero must never pass for success."""
    try:
        count = int(BROWSER_REPORT.read_text())
    except (OSError, ValueError):
        count = 0
    if count:
        return Result(name="browser tests", passed=True, seconds=0, note=f"{count} ran")
    note = "NOT RUN" if chromium.find() else "NOT RUN: no Chromium was found, and none could be had from npm"
    return Result(name="browser tests", passed=not required, seconds=0, note=note)


def _summarize(results: Sequence[Result]) -> None:
    say("\n=== summary")
    for result in results:
        took = f"{result.seconds:6.1f} s" if result.seconds else " " * 8
        say(f"{'ok    ' if result.passed else 'FAILED'} {result.name:<16} {took}  {result.note}".rstrip())
    if any(result.note.startswith("NOT RUN") for result in results):
        say("\n" + "!" * 78 + "\n!!! THE BROWSER TESTS DID NOT RUN: what they prove is not proven here.\n" + "!" * 78)
    failed = [result.name for result in results if not result.passed]
    say(f"\nFAILED: {', '.join(failed)}" if failed else "\nall checks passed")
