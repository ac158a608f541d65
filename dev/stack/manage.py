"""Runs manage.py and gathers the static files, for the launcher and the tests."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dev.provision import stamps
from dev.provision.paths import FRONTEND, REQUIREMENTS, ROOT
from dev.stack.processes import PartFailed


def run_manage(arguments: Sequence[str], *, env: Mapping[str, str], timeout_seconds: float) -> str:
    """What the command printed to its standard output; raises PartFailed with everything it said when it fails."""
    command = [sys.executable, "manage.py", *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=dict(env), check=False, capture_output=True, text=True, timeout=timeout_seconds
        )
    except subprocess.TimeoutExpired as error:
        raise PartFailed(f"manage.py {' '.join(arguments)} took longer than {timeout_seconds:.0f} s") from error
    if done.returncode:
        raise PartFailed(f"manage.py {' '.join(arguments)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout


def collect_static_files(env: Mapping[str, str], *, stamp: Path, report: Callable[[str], None]) -> None:
    """Copies and compresses static files into STATIC_ROOT when one of them, or a package, has changed."""
    folders = [folder for folder in ROOT.glob("*/static") if folder.is_dir()] + [FRONTEND / "dist"]
    digest = stamps.digest_of([*folders, REQUIREMENTS / "base.lock"], extra=env["STATIC_ROOT"])
    if stamps.is_current(stamp, digest) and Path(env["STATIC_ROOT"], "staticfiles.json").exists():
        return
    report("gathering static files")
    run_manage(["collectstatic", "--noinput", "--clear", "--verbosity", "0"], env=env, timeout_seconds=120)
    stamps.write(stamp, digest)
