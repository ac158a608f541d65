"""Remembers what a step was last done for, so that it is done again only when its inputs change."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_of(paths: Iterable[Path], *, extra: str = "") -> str:
    """A hash over names and contents; folders count with all files in them, missing paths count as missing."""
    result = hashlib.sha256(extra.encode())
    for path in sorted(set(_files(paths))):
        result.update(str(path).encode() + b"\0")
        result.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"missing")
    return result.hexdigest()


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from (file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def is_current(stamp: Path, digest: str) -> bool:
    """Whether the step behind that stamp was last done for exactly these inputs."""
    try:
        return stamp.read_text() == digest
    except OSError:
        return False


def write(stamp: Path, digest: str) -> None:
    """Records the inputs. Call it only after the step has succeeded."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
