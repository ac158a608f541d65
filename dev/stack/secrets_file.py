"""Secrets of the local stack: generated once, readable by their owner alone, kept under `.local`."""

import os
import secrets
from pathlib import Path


def secret(path: Path, *, length_bytes: int = 24) -> str:
    """The secret kept in that file; made at first use. URL-safe characters only."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(length_bytes)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value
