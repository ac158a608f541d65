"""What is written down about the database and the API is what they are."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from common.schema_dump import SCHEMA_FILE, dump_schema
from dev import state_graphs

OPENAPI_FILE = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


@pytest.mark.django_db
def test_schema_sql_is_the_migrated_database() -> None:
    assert (Path(settings.BASE_DIR) / SCHEMA_FILE).read_text() == dump_schema(), "run `make schema`"


@pytest.mark.django_db
def test_every_table_has_a_comment() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND obj_description(oid, 'pg_class') IS NULL"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_the_inbox_says_of_both_processors_that_their_events_are_in_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = 'webhooks_webhookevent'::regclass AND attname = 'source'"
        )
        assert cursor.fetchall() == [("Processor: stripe or paypal",)]


def test_openapi_document_is_what_the_code_gives() -> None:
    given = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=given)
    assert given.getvalue() == OPENAPI_FILE.read_text(), "run `make schema`"


def test_the_state_graphs_are_drawn_from_their_tables() -> None:
    page = state_graphs.PAGE.read_text()
    assert page == state_graphs.with_graphs(page, state_graphs.drawn()), "run `make graphs`"


@pytest.mark.django_db
def test_models_have_no_change_without_a_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())
