"""PostgreSQL and Valkey under the launcher: crashes, stale pid files, leftovers."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dev.stack import ports
from dev.stack.postgres import Postgres
from dev.stack.processes import Identity
from dev.stack.valkey import Valkey


def server(folder: Path) -> Postgres:
    return Postgres(data=folder / "pgdata", log=folder / "postgres.log", password_file=folder / "secrets" / "postgres")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    made = server(tmp_path)
    made.start(ports.any_free())
    yield made
    made.kill()


def test_committed_data_survives_a_kill(postgres: Postgres) -> None:
    postgres.ensure_database("shop")
    postgres.ensure_database("shop")
    with postgres.connect("shop") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    postgres.kill()
    assert (postgres.data / "postmaster.pid").exists()
    postgres.start(postgres.port)
    with postgres.connect("shop") as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_pid_file_that_names_a_stranger_is_stale(postgres: Postgres) -> None:
    postgres.kill()
    pid_file = postgres.data / "postmaster.pid"
    rest = pid_file.read_text().split("\n", 1)[1]
    pid_file.write_text(f"{os.getpid()}\n{rest}")
    assert postgres.running() is None
    postgres.start(postgres.port)
    assert postgres.running() == postgres.identity


def test_a_server_whose_launcher_died_is_stopped_and_started_anew(postgres: Postgres, tmp_path: Path) -> None:
    left_over = postgres.identity
    assert left_over
    later = server(tmp_path)
    later.start(ports.any_free())
    assert not left_over.is_alive()
    assert later.identity != left_over
    later.stop()


def test_a_running_server_is_adopted_only_on_its_own_port(postgres: Postgres, tmp_path: Path) -> None:
    later = server(tmp_path)
    assert not later.adopt(ports.any_free())
    assert later.adopt(postgres.port)
    assert later.identity == postgres.identity


def test_the_password_is_needed_and_kept_from_others(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=ports.HOST, port=postgres.port, user="artisans_hub", password="wrong", dbname="postgres")
    assert stat.S_IMODE(postgres.password_file.stat().st_mode) == 0o600


def test_a_start_killed_in_initdb_leaves_nothing_that_looks_like_data(tmp_path: Path) -> None:
    half = tmp_path / "pgdata.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    made = server(tmp_path)
    made.start(ports.any_free())
    assert made.identity
    made.stop()
    assert not half.exists()


def test_queued_tasks_survive_a_kill_of_valkey(tmp_path: Path) -> None:
    import redis

    valkey = Valkey(folder=tmp_path / "valkey", log=tmp_path / "log", password_file=tmp_path / "secret")
    valkey.start(ports.any_free())
    assert stat.S_IMODE((tmp_path / "valkey" / "valkey.conf").stat().st_mode) == 0o600
    redis.Redis.from_url(valkey.url).rpush("queue", "task")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port).ping()
    identity = valkey.identity
    assert identity
    assert Valkey(valkey.folder, valkey.log, valkey.password_file).adopt(valkey.port, identity)
    assert not Valkey(valkey.folder, valkey.log, valkey.password_file).adopt(
        valkey.port, Identity(identity.pid, identity.started_at - 60)
    )
    identity.send(signal.SIGKILL)
    assert identity.wait_gone(timeout_seconds=5)
    valkey.start(valkey.port)
    assert redis.Redis.from_url(valkey.url).lrange("queue", 0, -1) == [b"task"]
    valkey.stop()
