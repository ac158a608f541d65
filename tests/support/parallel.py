"""One test run in several processes (pytest-xdist): what must stay together, and what belongs to the controller alone.

`make test` starts a controller and its workers. Each worker reads tests/conftest.py anew, so each has a database, a
Redis number, a sandbox and ports of its own. The controller runs no test; it hears of every result.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# All that happens on the whole stack happens in one worker: a second stack would cost ten more processes.
LIVE = "the whole stack"


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs a part of the tests for a controller."""
    return hasattr(config, "workerinput")


class Controller:
    """Gives out the tests one by one, but those of a group all to the same worker."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="test-groups-")
        # Workers inherit this process's environment; with Django's settings named in it, they would be loaded before
        # tests/conftest.py has found a database for that worker.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        node.workerinput["groups"] = str(self._groups)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> "Scheduling":
        return Scheduling(config, log, self._groups)

    def pytest_unconfigure(self) -> None:
        self._folder.cleanup()

    @property
    def _groups(self) -> Path:
        return Path(self._folder.name) / "groups.json"


class Worker:
    """Tells the controller, which does not collect, what belongs together."""

    def __init__(self, config: pytest.Config) -> None:
        self._groups = Path(config.workerinput["groups"])  # type: ignore[attr-defined]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Runs before pytest-xdist reports the tests. Every worker finds the same groups; the rename is atomic."""
        found = {item.nodeid: group for item in session.items if (group := group_of(item))}
        draft = self._groups.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(found))
        draft.replace(self._groups)


class Scheduling(LoadScopeScheduling):
    """The largest group first, which is that of the whole stack: its tests wait more than they work, and the other
    workers fill that time. Tests without a group keep the order in which pytest-django has put them, with those that
    empty the database last.

    pytest-xdist's own loadgroup writes the group into the test's name, which newer releases of pytest do not let it do.
    """

    def __init__(self, config: pytest.Config, log: Any, groups: Path) -> None:
        super().__init__(config, log)
        self._file = groups
        self._group_of: dict[str, str] | None = None

    def _split_scope(self, nodeid: str) -> str:
        if self._group_of is None:
            self._group_of = json.loads(self._file.read_text())
        return self._group_of.get(nodeid, nodeid)


def group_of(item: pytest.Item) -> str | None:
    """The group of a test: the whole stack, or its module when that shares what is dear to make; None when alone."""
    if "_live_stack" in getattr(item, "fixturenames", ()):
        return LIVE
    info = getattr(item, "_fixtureinfo", None)
    definitions = info.name2fixturedefs.values() if info else ()
    if any(definition[-1].scope == "module" for definition in definitions):
        return item.nodeid.split("::", 1)[0]
    return None
