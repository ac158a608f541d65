"""What a launcher remembers, and that there is one at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev.provision.paths import ROOT
from dev.stack.launcher import Plan, Stack
from dev.stack.processes import Identity, start
from dev.stack.state import AlreadyRunning, StackState, sole_launcher


def test_addresses_and_processes_come_back(tmp_path: Path) -> None:
    state = StackState(
        tmp_path / "stack.json", ports={"web": 8000}, processes={"web": Identity(1, 2.0)}, site="http://x"
    )
    state.launcher = Identity(3, 4.0)
    state.save()
    assert StackState.load(tmp_path / "stack.json") == state


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ports": {"web": "x"}, "processes": {"web": {"pid": null}}}'])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stack.json"
    path.write_text(content)
    assert StackState.load(path) == StackState(path)


def test_a_second_launcher_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import sys, time, pathlib; from dev.stack.state import sole_launcher\n"
            "with sole_launcher(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)",
            str(tmp_path),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    with pytest.raises(AlreadyRunning), sole_launcher(tmp_path):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with sole_launcher(tmp_path):
        pass


def test_leftovers_of_a_killed_launcher_are_stopped_and_strangers_are_not(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    orphan = start(sleep, log=tmp_path / "log", env={}, cwd=tmp_path)
    stranger = start(sleep, log=tmp_path / "log", env={}, cwd=tmp_path)
    reused = Identity(stranger.pid, stranger.started_at - 3600)
    StackState(tmp_path / "stack.json", processes={"worker": orphan, "web": reused}).save()
    said: list[str] = []
    Stack(Plan(home=tmp_path, inherit_env=False, report=said.append)).stop_leftovers()
    assert not orphan.is_alive()
    assert stranger.is_alive()
    assert said == ["stopping what an earlier start left running: worker"]
    stranger.kill_with_children()
