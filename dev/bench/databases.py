"""A database for one benchmark, beside the shop's on the same server, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def scratch_database(shop_url: str, name: str = "bench") -> Iterator[str]:
    """Gives the address of an empty database; needs the right to create one."""
    database = f"{name}_{os.getpid()}"
    with psycopg.connect(shop_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        try:
            yield urlunsplit(urlsplit(shop_url)._replace(path=f"/{database}"))
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
