"""How far behind the workers are, asked of a real broker."""

from typing import Any

import pytest
from kombu.exceptions import OperationalError as BrokerError

from artisans_hub.celery import app as celery_app
from common import broker


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> str:
    """A queue of the test's own."""
    monkeypatch.setattr(broker, "_QUEUE", "tests-of-the-broker")
    return "tests-of-the-broker"


def test_workers_are_far_behind_when_a_hundred_tasks_wait(queue: str) -> None:
    with celery_app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_declare(queue)
        channel.queue_purge(queue)
        assert not broker.is_busy()
        with connection.Producer() as producer:
            for _ in range(99):
                producer.publish({}, routing_key=queue)
            assert not broker.is_busy()
            producer.publish({}, routing_key=queue)
        assert broker.is_busy()
        channel.queue_purge(queue)
        assert not broker.is_busy()


@pytest.mark.parametrize("error", [BrokerError("gone"), ConnectionRefusedError()])
def test_a_broker_that_cannot_be_asked_is_not_busy(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse() -> int:
        raise error

    monkeypatch.setattr(broker, "_count_queued", refuse)
    assert not broker.is_busy()
