"""Entry point of every make target: finds a Python that is new enough, then hands over to dev.commands.

Runs on the bare system Python, so this file keeps to syntax that any Python 3 can parse and imports nothing of ours
before the version is known.
"""

import os
import shutil
import sys

LEAST = (3, 11)
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")


def is_new_enough(executable: str) -> bool:
    """Whether that interpreter is new enough, and runs: a version manager's stand-in may exist and not run."""
    import subprocess

    check = "import sys; sys.exit(sys.version_info < (%d, %d))" % LEAST  # noqa: UP031
    try:
        done = subprocess.run(  # noqa: PLW1510
            [executable, "-c", check], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return False
    return done.returncode == 0


def continue_with_newer_python() -> None:
    """Replaces this process by a Python >= 3.11 from the PATH, or ends with a message that says what is missing."""
    for name in CANDIDATES:
        found = shutil.which(name)
        if found and is_new_enough(found):
            os.execv(found, [found, *sys.argv])
    sys.stderr.write(
        "Artisan's Hub needs Python %d.%d or newer; this is %s (%s), and no newer one was found on the PATH.\n"  # noqa: UP031
        "Install one, or name it: make PYTHON=/path/to/python3.11 ...\n"
        % (LEAST[0], LEAST[1], sys.version.split()[0], sys.executable)
    )
    sys.exit(1)


if __name__ == "__main__":
    if sys.version_info < LEAST:
        continue_with_newer_python()
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    from dev.commands import main

    sys.exit(main(sys.argv[1:]))
