"""Processes that post through the public service, for the ledger benchmark; started once, told what to do by pipes."""

import datetime as dt
import multiprocessing
import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ledger.contracts import Line

SELLERS = 10_000
BATCH_ENTRIES = 100
_PREPARED = 2_000
_HEAD_START_SECONDS = 0.3

Task = Literal["spread", "hot", "batch"]


@dataclass(frozen=True)
class Order:
    """What to post, from when on (the machine's clock), for how long."""

    task: Task
    begin: float
    seconds: float


class Crew:
    """Worker processes with a connection each."""

    def __init__(self, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for _ in range(size):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)
        for pipe in self.pipes:
            pipe.recv()

    def rate(self, task: Task, *, workers: int, seconds: float) -> float:
        """Entries per second of so many workers together."""
        order = Order(task, time.time() + _HEAD_START_SECONDS, seconds)
        for pipe in self.pipes[:workers]:
            pipe.send(order)
        return sum(float(pipe.recv()) for pipe in self.pipes[:workers])

    def dismiss(self) -> None:
        for pipe, process in zip(self.pipes, self.processes, strict=True):
            pipe.send(None)
            process.join(timeout=10)


def seller_code(number: int) -> str:
    """Of a seller's account, as long as real ones."""
    return f"seller_payable:art_{number:022d}:EUR"


def _serve(pipe: Connection) -> None:
    import django

    django.setup()
    from ledger import services
    from ledger.contracts import EntryRequest

    prepared = {hot: _entries(hot=hot) for hot in (False, True)}
    at = dt.datetime.now(dt.UTC)
    number = 0
    prefix = f"bench:{secrets.token_hex(6)}"

    def post_one(*, hot: bool) -> int:
        lines = prepared[hot][number % _PREPARED]
        services.post_entry(kind="bench", source_reference=f"{prefix}:{number}", effective_at=at, lines=lines)
        return 1

    def post_batch() -> int:
        services.post_entries(
            entries=[
                EntryRequest("bench", f"{prefix}:{number}:{index}", at, prepared[False][(number + index) % _PREPARED])
                for index in range(BATCH_ENTRIES)
            ]
        )
        return BATCH_ENTRIES

    # What a process that has been at work for a while has behind it: its accounts are known to it, its statements are
    # prepared.
    for hot in (False, True):
        for first in range(0, _PREPARED, BATCH_ENTRIES):
            services.post_entries(
                entries=[
                    EntryRequest("bench", f"{prefix}:known:{hot}:{index}", at, prepared[hot][index])
                    for index in range(first, first + BATCH_ENTRIES)
                ]
            )
        for _ in range(20):
            post_one(hot=hot)
            number += 1
    pipe.send("ready")
    while (order := pipe.recv()) is not None:
        time.sleep(max(0.0, order.begin - time.time()))
        begin = time.perf_counter()
        done = 0
        while time.perf_counter() - begin < order.seconds:
            done += post_batch() if order.task == "batch" else post_one(hot=order.task == "hot")
            number += 1
        pipe.send(done / (time.perf_counter() - begin))


def _entries(*, hot: bool) -> list[Sequence["Line"]]:
    """Four lines each on random accounts; with `hot` one of them on the platform's clearing account."""
    from common.money import Money
    from ledger import chart
    from ledger.contracts import Line

    chance = random.Random(secrets.randbits(64))
    clearing = chart.clearing("bench", "EUR")
    made: list[Sequence[Line]] = []
    for _ in range(_PREPARED):
        first, second, third, fourth = (seller_code(number) for number in chance.sample(range(SELLERS), 4))
        made.append(
            (
                Line(clearing if hot else first, Money(10_000, "EUR")),
                Line(second, Money(-5_000, "EUR")),
                Line(third, Money(-3_000, "EUR")),
                Line(fourth, Money(-2_000, "EUR")),
            )
        )
    return made
