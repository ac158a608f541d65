"""Workers and their connections to the database. That broken ones are replaced is shown where PostgreSQL is killed."""

import pytest
import redis
from django.db import connection

from tests.faults.live import until
from tests.support.live import LiveStack

pytestmark = [pytest.mark.faults, pytest.mark.slow]
_TASKS = 40


def test_workers_do_not_connect_anew_for_every_task(live_stack: LiveStack) -> None:
    with redis.Redis.from_url(live_stack.stack.valkey.url) as broker:
        before = _sessions()
        for _ in range(_TASKS):
            live_stack.run_task("common.tasks.forget_done_messages")
        until(lambda: not broker.llen("celery") and not broker.hlen("unacked"), what="the work")
    assert _sessions() - before < _TASKS / 2


def _sessions() -> int:
    """How many connections were ever made to the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
