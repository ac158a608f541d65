"""A part that does not get ready is named, with the end of its log."""

import sys
import time
from pathlib import Path

import pytest

from dev.stack import ports
from dev.stack.processes import PartFailed, start
from dev.stack.readiness import http_answers, wait_until, worker_answers


def python(code: str, folder: Path) -> tuple[Path, list[str]]:
    return folder / "part.log", [sys.executable, "-c", code]


def test_a_part_that_ends_while_starting_is_reported_at_once(tmp_path: Path) -> None:
    log, command = python("raise SystemExit('DATABASE_URL is not set')", tmp_path)
    identity = start(command, log=log, env={}, cwd=tmp_path)
    began = time.monotonic()
    with pytest.raises(PartFailed, match=r"(?s)The web ended while it was starting.*DATABASE_URL is not set"):
        wait_until(lambda: False, part="web", identity=identity, log=log, timeout_seconds=30)
    assert time.monotonic() - began < 10


def test_a_part_that_takes_too_long_is_reported(tmp_path: Path) -> None:
    log, command = python("import time; print('loading', flush=True); time.sleep(60)", tmp_path)
    identity = start(command, log=log, env={}, cwd=tmp_path)
    with pytest.raises(PartFailed, match=r"(?s)The worker was not ready after 1 s.*loading"):
        wait_until(lambda: False, part="worker", identity=identity, log=log, timeout_seconds=1)
    identity.kill_with_children()


def test_asking_a_worker_leaves_the_process_its_own_celery_app() -> None:
    from celery import current_app

    before = current_app.conf.broker_url
    worker_answers(f"redis://{ports.HOST}:{ports.any_free()}/0", "worker@localhost")
    assert current_app.conf.broker_url == before


def test_nobody_behind_the_address_is_not_ready() -> None:
    port = ports.any_free()
    assert not http_answers(f"http://{ports.HOST}:{port}/")
    assert not worker_answers(f"redis://{ports.HOST}:{port}/0", "worker@localhost")
