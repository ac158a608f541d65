"""Telling the workers: off the request's path, in few messages, and never in the way."""

import os
import threading
import time
from typing import Any

import pytest
from kombu.exceptions import OperationalError as BrokerError

from common.announcer import Announcer
from webhooks.services.announcer import EVENTS_PER_MESSAGE, publish


class Broker:
    """Takes messages; can be slow, or down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[list[int]] = []
        self.tries = 0
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        monkeypatch.setattr("webhooks.services.announcer.current_app.send_task", self.send_task)

    def send_task(self, name: str, *, kwargs: dict[str, Any]) -> None:
        assert name == "webhooks.tasks.process_events"
        self.tries += 1
        self.gate.wait(60)
        if self.error:
            raise self.error
        self.messages.append(kwargs["event_ids"])

    def wait_for(self, count: int) -> list[int]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and sum(map(len, self.messages)) < count:
            time.sleep(0.005)
        return [event_id for message in self.messages for event_id in message]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    return Broker(monkeypatch)


def test_what_comes_within_a_moment_is_told_together(broker: Broker) -> None:
    told = Announcer("test-announcer", publish, gather_seconds=0.05)
    told.announce(0)
    assert broker.wait_for(1) == [0]
    for event_id in range(1, 40):
        told.announce(event_id)
    assert broker.wait_for(40) == list(range(40))
    assert len(broker.messages) <= 3, "a message for each would cost as much as storing it"


def test_the_first_waits_for_others_and_not_longer_than_said(broker: Broker) -> None:
    told = Announcer("test-announcer", publish, gather_seconds=2)
    started = time.monotonic()
    told.announce(1)
    time.sleep(0.1)
    told.announce(2)
    assert broker.wait_for(2) == [1, 2]
    assert time.monotonic() - started >= 2
    assert broker.messages == [[1, 2]]


def test_a_hanging_broker_does_not_hold_the_request(broker: Broker) -> None:
    broker.gate.clear()
    told = Announcer("test-announcer", publish, gather_seconds=0.05)
    for event_id in range(1000):
        told.announce(event_id)
    assert broker.messages == [], "all were announced while the broker hung"
    broker.gate.set()
    assert broker.wait_for(1000) == list(range(1000))


@pytest.mark.parametrize("error", [BrokerError("refused"), ConnectionResetError(), TimeoutError()])
def test_a_dead_broker_is_left_alone_for_a_while(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    pause_seconds, sleep = 77.0, time.sleep
    pausing, is_over = threading.Event(), threading.Event()

    def pause(seconds: float) -> None:
        if seconds != pause_seconds:
            sleep(seconds)
            return
        pausing.set()
        is_over.wait(60)

    monkeypatch.setattr("common.announcer._BROKEN_FOR_SECONDS", pause_seconds)
    monkeypatch.setattr("common.announcer.time.sleep", pause)
    broker.error = error
    told = Announcer("test-announcer", publish, gather_seconds=0.05)
    told.announce(0)
    assert pausing.wait(30)
    for event_id in range(1, 30):
        told.announce(event_id)
    assert broker.tries == 1
    broker.error = None
    is_over.set()
    while told._waiting:  # left to the sweeper
        sleep(0.005)
    told.announce(99)
    assert broker.wait_for(1) == [99], "the thread lives on"


def test_a_long_list_goes_in_several_messages(broker: Broker) -> None:
    event_ids = list(range(EVENTS_PER_MESSAGE * 2 + 1))
    assert publish(event_ids)
    assert [len(message) for message in broker.messages] == [EVENTS_PER_MESSAGE, EVENTS_PER_MESSAGE, 1]
    broker.error = BrokerError("refused")
    assert not publish(event_ids)


def test_a_forked_process_has_a_thread_of_its_own(broker: Broker) -> None:
    """gunicorn may load the application before it forks: a thread started then would be missing in the workers."""
    told = Announcer("test-announcer", publish, gather_seconds=0.05)
    told.announce(1)
    assert broker.wait_for(1) == [1]
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        broker.messages.clear()
        told.announce(2)
        os.write(write_end, b"told" if broker.wait_for(1) == [2] else b"lost")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read_end, 4) == b"told"
