"""As whom PostgreSQL runs. Its programs refuse to run as root, so root has to find somebody who may read the files.

Which way works depends on the machine: an ordinary user needs nothing; root drops to `nobody` where that user can reach
both the programs and the data; under a folder that only root may enter, a user namespace makes root look like somebody
else; and where namespaces are forbidden, programs and data move to a folder that everybody can reach.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.stack.processes import PartFailed, RunAs

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SHARED_FOLDERS = ("/var/tmp", "/tmp")


@dataclass(frozen=True)
class Arrangement:
    """How to run PostgreSQL's programs: where they and the data are, a command prefix, and the user to drop to."""

    programs: Path
    data: Path
    prefix: tuple[str, ...] = ()
    run_as: RunAs | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The full command line for one of PostgreSQL's programs."""
        return [*self.prefix, str(self.programs / "bin" / program), *arguments]

    def give(self, path: Path) -> None:
        """Makes that path belong to the user that PostgreSQL runs as."""
        if self.run_as:
            os.chown(path, self.run_as.uid, self.run_as.gid)


def can_enter(path: Path, *, uid: int, gid: int) -> bool:
    """Whether that user can pass through every folder above `path` (and into it, when it exists and is not theirs)."""
    for folder in [*reversed(path.absolute().resolve().parents), path]:
        if not folder.exists():
            break
        status = folder.stat()
        if status.st_uid == uid:
            needed = 0o100
        elif status.st_gid == gid:
            needed = 0o010
        else:
            needed = 0o001
        if not status.st_mode & needed:
            return False
    return True


def namespaces_work() -> bool:
    """Whether root can put on another user id in a namespace (often forbidden inside containers)."""
    if shutil.which(NAMESPACE[0]) is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode == 0


def choose(*, programs: Path, data: Path) -> Arrangement:
    """The way to run PostgreSQL here; existing data stays with its owner. Raises PartFailed when there is none."""
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise PartFailed(
                f"{data} belongs to another user (it was made by root, perhaps). Start as that user, or remove it "
                "with `make clean` as that user to begin anew."
            )
        return Arrangement(programs=programs, data=data)
    if data.is_symlink():  # put there by _elsewhere in an earlier run
        return _elsewhere(programs=programs, data=data)
    if data.exists():
        return _for_owner(data.stat().st_uid, programs=programs, data=data)
    nobody = _nobody()
    if nobody and _can_run(nobody, programs=programs, data=data):
        return Arrangement(programs=programs, data=data, run_as=nobody)
    if namespaces_work():
        return Arrangement(programs=programs, data=data, prefix=NAMESPACE)
    return _elsewhere(programs=programs, data=data)


def _for_owner(uid: int, *, programs: Path, data: Path) -> Arrangement:
    if uid == 0:
        if not namespaces_work():
            raise PartFailed(
                f"{data} belongs to root, PostgreSQL refuses to run as root, and user namespaces are not allowed here. "
                f"Give it to another user: chown -R nobody {data}"
            )
        return Arrangement(programs=programs, data=data, prefix=NAMESPACE)
    owner = RunAs(uid=uid, gid=data.stat().st_gid)
    if _can_run(owner, programs=programs, data=data):
        return Arrangement(programs=programs, data=data, run_as=owner)
    raise PartFailed(f"{data} belongs to user {uid}, who cannot reach it or PostgreSQL's programs in {programs}.")


def _nobody() -> RunAs | None:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return None
    return RunAs(uid=entry.pw_uid, gid=entry.pw_gid)


def _can_run(user: RunAs, *, programs: Path, data: Path) -> bool:
    """Asks the system by trying, after the cheap look at folder modes: mount options and ACLs count as well."""
    if not (can_enter(programs / "bin", uid=user.uid, gid=user.gid) and can_enter(data, uid=user.uid, gid=user.gid)):
        return False
    return _starts([str(programs / "bin" / "postgres"), "--version"], user)


def _starts(command: Sequence[str], user: RunAs) -> bool:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, user=user.uid, group=user.gid, extra_groups=[], cwd="/"
        )
    except OSError:
        return False
    return done.returncode == 0


def _elsewhere(*, programs: Path, data: Path) -> Arrangement:
    """Root, a folder only root may enter, no namespaces: programs and data in a shared folder, a link in `.local`."""
    nobody = _nobody()
    if nobody is None:
        raise PartFailed(
            "PostgreSQL refuses to run as root, and there is no user `nobody` to run it as. Use another user."
        )
    name = "artisans-hub-" + hashlib.sha256(str(data).encode()).hexdigest()[:12]
    for shared in SHARED_FOLDERS:
        home = Path(shared) / name
        home.mkdir(mode=0o755, exist_ok=True)
        if home.is_symlink() or home.stat().st_uid != 0:
            raise PartFailed(f"{home} was made by somebody else; not using it.")
        # the programs find their libraries relative to themselves, so the copy is nested as the original is
        copy = home / programs.parent.name / programs.name
        if not copy.exists():
            libraries = programs.parent.with_name(programs.parent.name + ".libs")
            if libraries.exists():
                shutil.copytree(libraries, home / libraries.name, symlinks=True, dirs_exist_ok=True)
            shutil.copytree(programs, copy, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        if _starts([str(copy / "bin" / "postgres"), "--version"], nobody):
            real = home / "pgdata"
            if not data.is_symlink():
                data.parent.mkdir(parents=True, exist_ok=True)
                data.symlink_to(real)
            return Arrangement(programs=copy, data=real, run_as=nobody)
    raise PartFailed(
        "PostgreSQL refuses to run as root, user namespaces are not allowed here, and no shared folder lets another "
        "user run it. Start as an ordinary user."
    )
