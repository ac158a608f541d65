"""Ports on 127.0.0.1: the one asked for, else the one used last time, else any free one."""

import os
import socket
from collections.abc import Mapping

HOST = "127.0.0.1"


class PortTaken(Exception):
    """A port that was asked for by name is in use by something else."""


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as servers do: a port in TIME_WAIT counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def accepts(port: int, *, timeout_seconds: float = 0.5) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((HOST, port), timeout=timeout_seconds):
            return True
    except OSError:
        return False


def choose(variable: str, *, last_used: int | None, usual: int | None, env: Mapping[str, str] = os.environ) -> int:
    """The port for one part: from the environment variable, as last time, the usual one, or any free one.

    Raises PortTaken naming the variable when the port that was asked for cannot be had; the others are only wishes.
    """
    asked = env.get(variable, "").strip()
    if asked:
        if not asked.isdigit() or not 0 < int(asked) < 65536:
            raise PortTaken(f"{variable} is {asked!r}; it must be a port number between 1 and 65535.")
        if not is_free(int(asked)):
            raise PortTaken(f"Port {asked} ({variable}) is in use by another program. Choose another: {variable}=...")
        return int(asked)
    for wish in (last_used, usual):
        if wish and is_free(wish):
            return wish
    return any_free()
