"""`make manage`: manage.py in the environment of the demo that runs in this checkout."""

import os
import sys

from dev.provision.console import fail
from dev.provision.paths import ROOT
from dev.stack.launcher import Plan, Stack


def main(arguments: list[str]) -> int:
    """Becomes manage.py; refuses when the demo's own servers are needed and do not run."""
    stack = Stack(Plan())
    stack.take_addresses()
    if stack.wanted() and not (stack.state.launcher and stack.state.launcher.is_alive()):
        return fail("The demo does not run here. Start it with `make demo`, or set DATABASE_URL and REDIS_URL.")
    os.chdir(ROOT)
    return os.execve(sys.executable, [sys.executable, "manage.py", *arguments], stack.env)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
