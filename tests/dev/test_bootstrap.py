"""Started with a Python that is too old, the set-up finds a newer one or says what is missing."""

import os
import subprocess
import sys
from pathlib import Path

from dev.provision.paths import ROOT

# What an old interpreter does with the file: the same code with another version behind it.
PRETEND = (
    "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = sys.argv[1:];"
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


def run_as_old_python(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PRETEND, str(ROOT / "dev" / "bootstrap.py"), "no-such-command"]
    return subprocess.run(command, env={"PATH": str(path)}, check=False, capture_output=True, text=True)


def test_without_a_newer_python_it_says_what_is_needed(tmp_path: Path) -> None:
    done = run_as_old_python(tmp_path)
    assert done.returncode == 1
    assert "Artisan's Hub needs Python 3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_newer_python_on_the_path_takes_over(tmp_path: Path) -> None:
    broken = tmp_path / "python3.13"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    (tmp_path / "python3.12").symlink_to(os.path.realpath(sys.executable))
    done = run_as_old_python(tmp_path)
    assert done.returncode == 1
    assert "unknown command 'no-such-command'" in done.stderr


def test_an_unknown_command_lists_the_known_ones() -> None:
    command = [sys.executable, str(ROOT / "dev" / "bootstrap.py"), "no-such-command"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "demo, stop, test" in done.stderr
