"""`manage.py schema_sql` writes schema.sql; `--check` compares it with the migrated database."""

import difflib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.schema_dump import SCHEMA_FILE, dump_schema


class Command(BaseCommand):
    help = "Writes schema.sql from the migrated database, or checks it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 where schema.sql differs from the database")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(settings.BASE_DIR) / SCHEMA_FILE
        wanted = dump_schema()
        if not options["check"]:
            file.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"{SCHEMA_FILE} written")
            return
        have = file.read_text(encoding="utf-8") if file.exists() else ""
        if have != wanted:
            lines = difflib.unified_diff(
                have.splitlines(), wanted.splitlines(), SCHEMA_FILE, "database", lineterm="", n=1
            )
            raise CommandError("schema.sql is out of date; run `make schema`.\n" + "\n".join(list(lines)[:60]))
        self.stdout.write("schema.sql says what the database has")
