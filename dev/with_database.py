"""Runs one manage.py command on a fresh, migrated database that is dropped afterwards: for schema.sql and its like."""

import os
import subprocess
import sys

from dev.checks import SETTINGS_FOR_STATIC_CHECKS
from dev.provision.paths import ROOT
from dev.stack.shared import SharedServers


def main(arguments: list[str]) -> int:
    """The exit status of the command; with --no-migrate in front the database stays empty."""
    migrate = arguments[:1] != ["--no-migrate"]
    servers = SharedServers()
    servers.join()
    try:
        servers.create_database()
        env = {**os.environ, **SETTINGS_FOR_STATIC_CHECKS, **servers.environment()}
        manage = [sys.executable, "manage.py"]
        if migrate:
            subprocess.run([*manage, "migrate", "--noinput", "--verbosity", "0"], cwd=ROOT, env=env, check=True)
        return subprocess.run([*manage, *arguments[not migrate :]], cwd=ROOT, env=env, check=False).returncode
    finally:
        servers.drop_database()
        servers.leave()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
