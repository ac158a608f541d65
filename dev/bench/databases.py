"""Databases for one benchmark, beside the shop's on the same servers."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

_copies = itertools.count(1)


@contextmanager
def scratch_database(shop_url: str, name: str = "bench", *, template: str = "template1") -> Iterator[str]:
    """Gives the address of an empty database, or of a copy of `template`; needs the right to create one."""
    database = f"{name}_{os.getpid()}"
    with psycopg.connect(shop_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template))
        )
        try:
            yield urlunsplit(urlsplit(shop_url)._replace(path=f"/{database}"))
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


@contextmanager
def copied_database(shop_url: str, original_url: str) -> Iterator[str]:
    """Gives the address of a copy of a database to which nobody is connected."""
    original = urlsplit(original_url).path.removeprefix("/")
    with scratch_database(shop_url, f"copy{next(_copies)}", template=original) as url:
        yield url


def other_redis_database(url: str) -> str:
    """The address of the last database of the server, which has 16 unless it was told otherwise: nobody works off there
    what a benchmark announces."""
    with redis.Redis.from_url(url) as server:
        last = int(server.config_get("databases")["databases"]) - 1
    other = urlunsplit(urlsplit(url)._replace(path=f"/{last}"))
    if other == url:
        raise RuntimeError("The Redis server has no database besides the one of REDIS_URL.")
    return other
