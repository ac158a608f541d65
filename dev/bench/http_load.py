"""A small, cheap HTTP client that keeps a fixed number of requests in flight, each on a connection of its own.

One thread and raw sockets: on two cores a heavier client would be measured in place of the server.
"""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What one run saw. Times are in milliseconds."""

    requests: int
    failures: int
    seconds: float
    latencies_ms: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def run_load(*, port: int, requests: Sequence[bytes], in_flight: int, expect: bytes = b" 200 ") -> Load:
    """Sends every request once, `in_flight` at a time; an answer whose status line lacks `expect` is a failure."""
    selector = selectors.DefaultSelector()
    waiting = iter(requests)
    latencies: list[float] = []
    failures = open_now = 0

    def begin() -> int:
        request = next(waiting, None)
        if request is None:
            return 0
        peer = socket.create_connection(("127.0.0.1", port), timeout=10)
        selector.register(peer, selectors.EVENT_READ, [time.perf_counter(), b""])
        peer.sendall(request)
        return 1

    started = time.perf_counter()
    for _ in range(in_flight):
        open_now += begin()
    while open_now:
        for key, _ in selector.select(timeout=10):
            peer = key.fileobj
            assert isinstance(peer, socket.socket)
            chunk = peer.recv(65536)
            if chunk:
                key.data[1] += chunk
                continue
            latencies.append((time.perf_counter() - key.data[0]) * 1000)
            failures += expect not in key.data[1][:20]
            selector.unregister(peer)
            peer.close()
            open_now += begin() - 1
    return Load(len(latencies), failures, time.perf_counter() - started, tuple(latencies))
