"""As whom PostgreSQL runs: every way, really started, where the tests may be root; the choice alone elsewhere."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.stack import ports, privileges
from dev.stack.postgres import Postgres, installed_programs
from dev.stack.processes import PartFailed

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


def start_and_stop(data: Path) -> None:
    made = Postgres(data=data, log=data.parent / "log", password_file=data.parent / "secret")
    made.start(ports.any_free())
    assert made.identity
    made.kill()
    made.start(made.port)
    assert made.running() == made.identity
    made.stop()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that everybody can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed_folder(open_folder: Path) -> Path:
    folder = open_folder / "closed"
    folder.mkdir(mode=0o700)
    return folder


@needs_root
def test_root_drops_to_nobody_where_nobody_can_reach_everything(open_folder: Path) -> None:
    data = open_folder / "pgdata"
    arrangement = privileges.choose(programs=installed_programs(), data=data)
    if arrangement.run_as is None:
        pytest.skip("this checkout is in a folder that nobody else may enter")
    start_and_stop(data)
    assert data.stat().st_uid == arrangement.run_as.uid


@needs_root
def test_root_under_a_closed_folder_uses_a_namespace(closed_folder: Path) -> None:
    if not privileges.namespaces_work():
        pytest.skip("user namespaces are not allowed here")
    data = closed_folder / "pgdata"
    assert privileges.choose(programs=installed_programs(), data=data).prefix == privileges.NAMESPACE
    start_and_stop(data)
    assert data.stat().st_uid == 0
    # existing data stays with its owner, whatever would be chosen for new data
    closed_folder.chmod(0o755)
    assert privileges.choose(programs=installed_programs(), data=data).prefix == privileges.NAMESPACE


@needs_root
def test_root_without_namespaces_moves_to_a_shared_folder(closed_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privileges, "namespaces_work", lambda: False)
    data = closed_folder / "pgdata"
    start_and_stop(data)
    home = data.resolve().parent
    try:
        assert data.is_symlink()
        assert home.parent in map(Path, privileges.SHARED_FOLDERS)
        start_and_stop(data)
    finally:
        shutil.rmtree(home)


def test_an_ordinary_user_runs_it_directly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid or 1000)
    arrangement = privileges.choose(programs=installed_programs(), data=tmp_path / "pgdata")
    assert arrangement.prefix == ()
    assert arrangement.run_as is None


def test_data_of_another_user_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "pgdata"
    data.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: data.stat().st_uid + 4711)
    with pytest.raises(PartFailed, match="belongs to another user"):
        privileges.choose(programs=installed_programs(), data=data)
