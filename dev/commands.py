"""What each make target does, on the system's Python: provide what is missing, then hand over to `.venv`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from dev import checks
from dev.provision.console import StepFailed, fail, say
from dev.provision.node_env import build_front_end, provide_packages, which
from dev.provision.paths import FRONTEND, LOCAL, ROOT, VENV, VENV_PYTHON
from dev.provision.python_env import compile_locks, one_at_a_time, provide_python


def main(arguments: Sequence[str]) -> int:
    """Runs one command; the exit status is that of what it ran."""
    name, *rest = arguments or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        return fail(f"unknown command {name!r}; there are: {', '.join(COMMANDS)}")
    try:
        return command(rest)
    except StepFailed as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("stopped")


def _provide(lock: str, *, front_end: bool) -> None:
    with one_at_a_time():
        provide_python(lock)
        if front_end:
            build_front_end()


def _become(*arguments: str) -> int:
    """Replaces this process, so that Ctrl-C and exit status belong to the program itself."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), *arguments])


def _install(_: Sequence[str]) -> int:
    _provide("dev", front_end=True)
    say("everything is installed")
    return 0


def _demo(rest: Sequence[str]) -> int:
    _provide("base", front_end=True)
    return _become("-m", "dev.demo", *rest)


def _stop(_: Sequence[str]) -> int:
    if not VENV_PYTHON.exists():
        say("nothing runs: nothing is installed here")
        return 0
    return _become("-m", "dev.stop")


def _in_dev(*module: str) -> Callable[[Sequence[str]], int]:
    def command(rest: Sequence[str]) -> int:
        _provide("dev", front_end=False)
        return _become(*module, *rest)

    return command


def _checks(*names: str) -> Callable[[Sequence[str]], int]:
    def command(rest: Sequence[str]) -> int:
        needs_front_end = any(checks.NEEDS_FRONT_END.intersection(names or checks.ALL))
        _provide("dev", front_end=needs_front_end)
        env = dict(os.environ)
        if needs_front_end:
            with one_at_a_time():
                env = provide_packages()
        return checks.run(names or checks.ALL, pytest_arguments=rest, node_env=env)

    return command


def _bench(rest: Sequence[str]) -> int:
    _provide("dev", front_end=True)
    return _become("-m", "dev.bench", *rest)


def _lock(_: Sequence[str]) -> int:
    with one_at_a_time():
        compile_locks()
        env = provide_packages()
        if os.environ.get("UPGRADE"):
            subprocess.run([which("npm", env), "update", "--package-lock-only"], cwd=FRONTEND, env=env, check=True)
    return 0


def _clean(_: Sequence[str]) -> int:
    """Stops the stack, then removes what was made here; the environment and packages stay (`make distclean`)."""
    if VENV_PYTHON.exists() and subprocess.run([VENV_PYTHON, "-m", "dev.stop"], cwd=ROOT, check=False).returncode:
        return fail("not cleaning: something still runs")
    elsewhere = (LOCAL / "pgdata").resolve() if (LOCAL / "pgdata").is_symlink() else None
    if elsewhere:
        shutil.rmtree(elsewhere.parent, ignore_errors=True)
    shutil.rmtree(LOCAL, ignore_errors=True)
    shutil.rmtree(FRONTEND / "dist", ignore_errors=True)
    say("removed .local and the front end's build")
    return 0


def _distclean(rest: Sequence[str]) -> int:
    status = _clean(rest)
    if status == 0:
        shutil.rmtree(VENV, ignore_errors=True)
        shutil.rmtree(FRONTEND / "node_modules", ignore_errors=True)
        say("removed .venv and frontend/node_modules")
    return status


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "install": _install,
    "demo": _demo,
    "stop": _stop,
    "test": _checks(),
    "lint": _checks("format", "lint", "front end lint"),
    "types": _checks("types", "front end types"),
    "layers": _checks("layers"),
    "drift": _checks("schema", "openapi"),
    "format": _in_dev("-m", "ruff", "format", *checks.FORMATTED),
    "schema": _in_dev("-m", "dev.with_database", "schema_sql"),
    "graphs": _in_dev("-m", "dev.state_graphs"),
    "manage": _in_dev("-m", "dev.manage"),
    "bench": _bench,
    "lock": _lock,
    "clean": _clean,
    "distclean": _distclean,
}
