"""Databases that the benchmarks work in."""

import redis
from django.conf import settings

from dev.bench.databases import other_redis_database


def test_the_benchmarks_find_a_redis_database_that_exists_and_is_not_the_shops() -> None:
    """Redis has 16 unless told otherwise; the embedded one has 4, and said "DB index is out of range"."""
    other = other_redis_database(settings.REDIS_URL)
    assert other != settings.REDIS_URL
    with redis.Redis.from_url(other) as server:
        assert server.ping()
