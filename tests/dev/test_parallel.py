"""Tests in several processes: each has servers' numbers of its own, and what belongs together stays together."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dev import checks
from dev.stack.processes import PartFailed
from dev.stack.shared import REDIS_NUMBERS, SharedServers
from tests.support import parallel


def test_no_two_processes_have_the_same_redis_number(tmp_path: Path) -> None:
    taken = [SharedServers(tmp_path)._take_redis_number() for _ in REDIS_NUMBERS]
    assert [number for number, _ in taken] == list(REDIS_NUMBERS)
    with pytest.raises(PartFailed, match="More than 30 processes"):
        SharedServers(tmp_path)._take_redis_number()
    taken[4][1].close()
    assert SharedServers(tmp_path)._take_redis_number()[0] == REDIS_NUMBERS[4]


def test_a_module_that_shares_what_is_dear_to_make_stays_together() -> None:
    shared: Any = SimpleNamespace(scope="module")
    each: Any = SimpleNamespace(scope="function")
    name = "tests/reconciliation/test_ledger_check.py::test_x[a::b]"

    def item(*scopes: Any) -> Any:
        info = SimpleNamespace(name2fixturedefs={str(number): [scope] for number, scope in enumerate(scopes)})
        return SimpleNamespace(nodeid=name, fixturenames=[], _fixtureinfo=info)

    assert parallel.group_of(item(each, shared)) == "tests/reconciliation/test_ledger_check.py"
    assert parallel.group_of(item(each)) is None


def test_a_worker_tells_the_groups_and_the_controller_keeps_them_whole(tmp_path: Path) -> None:
    config: Any = SimpleNamespace(workerinput={"groups": str(tmp_path / "groups.json")})
    items = [
        SimpleNamespace(nodeid="tests/a.py::test_one", fixturenames=["live_stack", "_live_stack"]),
        SimpleNamespace(nodeid="tests/b.py::test_two", fixturenames=["_live_stack"]),
        SimpleNamespace(nodeid="tests/b.py::test_alone", fixturenames=["db"]),
    ]
    parallel.Worker(config).pytest_collection_finish(SimpleNamespace(items=items))  # type: ignore[arg-type]
    assert len(json.loads((tmp_path / "groups.json").read_text())) == 2

    scheduling = parallel.Scheduling.__new__(parallel.Scheduling)
    scheduling._file, scheduling._group_of = tmp_path / "groups.json", None
    assert [scheduling._split_scope(item.nodeid) for item in items] == [
        parallel.LIVE,
        parallel.LIVE,
        "tests/b.py::test_alone",
    ]


@pytest.mark.parametrize(("processors", "processes"), [(None, "3"), (1, "3"), (2, "3"), (4, "5"), (64, "5")])
def test_the_whole_suite_runs_in_a_few_processes(
    monkeypatch: pytest.MonkeyPatch, processors: int | None, processes: str
) -> None:
    monkeypatch.setattr("dev.checks.os.cpu_count", lambda: processors)
    assert checks._in_parallel()[:2] == ["-n", processes]
