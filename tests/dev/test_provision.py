"""Node's versions, folders that may be entered, and what is said when something is missing."""

import os
from pathlib import Path

import pytest

from dev.provision import console
from dev.provision.node_env import is_supported
from dev.provision.paths import REQUIREMENTS
from dev.stack.privileges import can_enter


@pytest.mark.parametrize(
    ("version", "supported"),
    [
        *(("v18.20.4", False), ("v20.18.3", False), ("v20.19.0", True), ("v21.7.3", False), ("v22.11.0", False)),
        *(("v22.12.0", True), ("v23.11.0", False), ("v24.0.0", True), ("v26.1.0", True), ("", False), ("node", False)),
    ],
)
def test_supported_nodes(version: str, supported: bool) -> None:
    assert is_supported(version) is supported


def test_who_can_enter_a_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    stranger = {"uid": 65534, "gid": 65534}
    assert can_enter(Path("/usr/bin"), **stranger)
    assert not can_enter(closed / "inner", **stranger)
    assert not can_enter(closed / "not yet there", **stranger)
    assert can_enter(closed / "inner", uid=os.geteuid(), gid=os.getegid())


def test_a_failed_step_shows_the_end_of_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "LOGS", tmp_path)
    with pytest.raises(console.StepFailed, match=r"(?s)trying failed \(exit status 3\).*the reason"):
        console.long_step("trying", ["sh", "-c", "echo the reason; exit 3"], about="at once")


def test_dev_lock_holds_all_of_base_lock_in_the_same_versions() -> None:
    def pinned(name: str) -> set[str]:
        lines = (REQUIREMENTS / f"{name}.lock").read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith(("#", " "))}

    assert pinned("base")
    assert pinned("base") <= pinned("dev")


@pytest.mark.parametrize("name", ["base", "dev", "node"])
def test_locks_name_no_host_and_hash_every_package(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.lock").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert text.count("==") > 0
    for block in text.replace("\\\n", " ").splitlines():
        if "==" in block and not block.lstrip().startswith("#"):
            assert "--hash=sha256:" in block, block
