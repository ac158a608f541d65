"""The Python environment `.venv`, filled from a lock in which every file has its hash."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.provision import stamps
from dev.provision.console import StepFailed, long_step, say
from dev.provision.paths import LOCAL, REQUIREMENTS, ROOT, VENV, VENV_PYTHON

# name of a lock -> locks whose packages include all of it
INCLUDED_IN = {"base": ("dev",), "dev": (), "node": ()}

NO_VENV_HELP = """\
This Python ({python}) cannot make an environment with pip in it: the module ensurepip is missing, and neither pip,
virtualenv nor uv was found to help out. Install one of them, for instance
    Debian, Ubuntu:   apt-get install python3-venv
    others:           your system's package for pip, virtualenv or uv
or name another Python: make PYTHON=/path/to/python3.11 ...
"""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two make targets started together must not fill the same environment twice."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    with (LOCAL / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this checkout to finish ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def provide_python(lock: str) -> None:
    """Makes sure that `.venv` exists and holds the packages of requirements/<lock>.lock.

    Raises StepFailed when no environment can be made or a package cannot be installed.
    """
    if not _is_usable(VENV):
        _make_venv()
    lock_file = REQUIREMENTS / f"{lock}.lock"
    if any(_is_installed(name) for name in (lock, *INCLUDED_IN[lock])):
        return
    about = {"base": "about 15 s", "dev": "about 25 s", "node": "about 10 s, 60 MB"}[lock]
    what = "Node" if lock == "node" else "Python packages"
    long_step(f"installing {what} from requirements/{lock}.lock", _install_command(lock_file), about=about)
    stamps.write(_stamp(lock), _digest(lock))


def _stamp(lock: str) -> Path:
    return VENV / f".installed-{lock}"


def _digest(lock: str) -> str:
    content = (REQUIREMENTS / f"{lock}.lock").read_bytes()
    return hashlib.sha256(content).hexdigest()


def _is_installed(lock: str) -> bool:
    return stamps.is_current(_stamp(lock), _digest(lock))


def _is_usable(venv: Path) -> bool:
    """False as well for an environment that was copied or moved here, or whose Python has gone since."""
    python = venv / "bin" / "python"
    marker = venv / ".made-for"
    if not python.exists():
        return False
    if marker.exists() and marker.read_text() != str(venv):
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    return subprocess.run([python, "-c", check], check=False, capture_output=True).returncode == 0


def _make_venv() -> None:
    if VENV.exists():
        say(f"{VENV} does not work here (moved, or its Python is gone): making it anew")
        shutil.rmtree(VENV)
    say(f"making the Python environment {VENV.name} with Python {sys.version.split()[0]} ...")
    if not _venv_with_pip() and not _venv_by_another_tool():
        raise StepFailed(NO_VENV_HELP.format(python=sys.executable))
    (VENV / ".made-for").write_text(str(VENV))


def _venv_with_pip() -> bool:
    done = subprocess.run([sys.executable, "-m", "venv", VENV], check=False, capture_output=True)
    if done.returncode == 0 and _runs([str(VENV_PYTHON), "-m", "pip", "--version"]):
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    return False


def _venv_by_another_tool() -> bool:
    """For Pythons without ensurepip (Debian's without python3-venv): uv, virtualenv, or the system's own pip."""
    uv = shutil.which("uv")
    attempts = [
        *([[uv, "venv", "-q", "--seed", "--python", sys.executable, str(VENV)]] if uv else []),
        [sys.executable, "-m", "virtualenv", "-q", str(VENV)],
        [sys.executable, "-m", "venv", "--without-pip", str(VENV)],
    ]
    for attempt in attempts:
        if _runs(attempt) and (_runs([str(VENV_PYTHON), "-m", "pip", "--version"]) or _system_pip()):
            return True
        shutil.rmtree(VENV, ignore_errors=True)
    return False


def _system_pip() -> bool:
    return VENV_PYTHON.exists() and _runs([sys.executable, "-m", "pip", "--python", str(VENV_PYTHON), "--version"])


def _install_command(lock_file: Path) -> list[str]:
    pip = [str(VENV_PYTHON), "-m", "pip"]
    if not _runs([*pip, "--version"]):
        pip = [sys.executable, "-m", "pip", "--python", str(VENV_PYTHON)]
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    return [*pip, "install", *quiet, "--require-hashes", "-r", str(lock_file.relative_to(ROOT))]


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, cwd=ROOT).returncode == 0
    except OSError:
        return False


def compile_locks() -> None:
    """Recompiles the locks after a change of an .in file: for every platform, with hashes, without host names."""
    uv = shutil.which("uv") or str(_uv_of_our_own())
    options = ["--quiet", "--generate-hashes", "--universal", "--python-version", "3.11", "--no-emit-index-url"]
    header = ["--custom-compile-command", "make lock"]
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") else []
    for name in ("base", "dev", "node"):
        source, target = f"requirements/{name}.in", f"requirements/{name}.lock"
        command = [uv, "pip", "compile", *options, *header, *upgrade, source, "-o", target]
        long_step(f"compiling {target}", command, about="about 5 s")


def _uv_of_our_own() -> Path:
    home = LOCAL / "uv"
    if not (home / "bin" / "uv").exists():
        long_step("installing uv", [sys.executable, "-m", "venv", str(home)], about="a few seconds")
        long_step("installing uv", [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "uv"], about="5 s")
    return home / "bin" / "uv"
