"""`make stop`: ends the demo of this checkout, and what a killed launcher has left behind."""

import signal
import sys

from dev.provision.console import fail, say
from dev.provision.paths import LOCAL
from dev.stack.launcher import Plan, Stack
from dev.stack.processes import PartFailed
from dev.stack.state import AlreadyRunning, StackState, sole_launcher

PATIENCE_SECONDS = 90


def main() -> int:
    """Asks the launcher to stop; without a launcher stops the parts itself."""
    launcher = StackState.load(LOCAL / "stack.json").launcher
    if launcher and launcher.is_alive():
        say(f"stopping the demo (process {launcher.pid}) ...")
        launcher.send(signal.SIGTERM)
        if not launcher.wait_gone(timeout_seconds=PATIENCE_SECONDS):
            return fail(f"It still runs after {PATIENCE_SECONDS} s.")
    try:
        with sole_launcher(LOCAL):
            Stack(Plan(report=say)).stop_leftovers()
    except AlreadyRunning:
        return fail("A demo is starting right now; try again in a moment.")
    except PartFailed as error:
        return fail(str(error))
    say("nothing of this checkout runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
