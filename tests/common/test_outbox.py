"""The outbox: sent after commit and not otherwise, sent again while it waits, retried, given up, revived."""

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery import current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError

from artisans_hub.celery import app as celery_app
from common import context, outbox
from common.clock import now
from common.models import OutboxMessage

TASK = "tests.outbox.note"
NOTED: list[dict[str, Any]] = []
FAILS: list[BaseException] = []
FOLLOWED: list[dict[str, int]] = []  # what the task enqueues
_ANNOUNCE, _ANNOUNCER = outbox._announce, outbox._announcer


@shared_task(name=TASK)
def _note(**kwargs: Any) -> None:
    if FAILS:
        raise FAILS[0]
    NOTED.append({**kwargs, "trace_id": context.current().trace_id})
    with transaction.atomic():
        while FOLLOWED:
            outbox.enqueue(task=TASK, kwargs=FOLLOWED.pop(0))


class Broker:
    """What was handed to the broker, and an error to raise instead."""

    def __init__(self) -> None:
        self.tasks: list[list[int]] = []
        self.is_busy = False
        self.down: BaseException | None = None

    @property
    def message_ids(self) -> list[int]:
        return [message_id for task in self.tasks for message_id in task]

    def send_task(self, name: str, kwargs: dict[str, list[int]]) -> None:
        if self.down:
            raise self.down
        assert name == "common.tasks.run_outbox_messages"
        self.tasks.append(kwargs["message_ids"])


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    double = Broker()
    monkeypatch.setattr(celery_app, "send_task", double.send_task)
    monkeypatch.setattr("common.broker.is_busy", lambda: double.is_busy)
    # At once and in this thread, so that a test sees what was sent; tests/webhooks/test_announcer.py has the thread.
    monkeypatch.setattr(outbox, "_announce", lambda message_id: outbox._publish([message_id]))
    NOTED.clear()
    FAILS.clear()
    FOLLOWED.clear()
    yield double


def _enqueue(**given: Any) -> None:
    outbox.enqueue(**{"task": TASK, "kwargs": {"order_id": 7}, **given})


def _only() -> OutboxMessage:
    return OutboxMessage.objects.get()


@pytest.mark.django_db(transaction=True)
def test_sent_after_the_commit_and_not_before(broker: Broker) -> None:
    with transaction.atomic():
        _enqueue()
        assert broker.message_ids == []
    assert broker.message_ids == [_only().id]


def test_every_thread_talks_to_our_broker() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: current_app.main).result() == "artisans_hub"


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_neither_kept_nor_sent(broker: Broker) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _enqueue()
        raise RuntimeError
    assert broker.message_ids == []
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [BrokerError("gone"), RedisConnectionError("gone"), ConnectionRefusedError()])
def test_a_broker_that_is_down_fails_nobody_and_the_sweeper_sends_later(broker: Broker, error: BaseException) -> None:
    broker.down = error
    with transaction.atomic():
        _enqueue()
    message = _only()
    assert message.status == "waiting"
    broker.down = None
    assert outbox.sweep(now=now()) == 0, "at first the message counts as sent"
    assert outbox.sweep(now=now() + dt.timedelta(seconds=31)) == 1
    assert broker.message_ids == [message.id]


@pytest.mark.django_db(transaction=True)
def test_an_emptied_broker_loses_nothing(broker: Broker) -> None:
    for order_id in range(20):
        _enqueue(kwargs={"order_id": order_id})
    broker.tasks.clear()
    later = now() + dt.timedelta(seconds=31)
    assert outbox.sweep(now=later) == 20
    assert outbox.sweep(now=later) == 0, "what was just sent is not sent again at once"
    for message_id in broker.message_ids:
        outbox.run_message(message_id)
    assert sorted(noted["order_id"] for noted in NOTED) == list(range(20))
    assert outbox.sweep(now=later + dt.timedelta(days=1)) == 0


@pytest.mark.django_db
def test_a_key_known_already_changes_nothing() -> None:
    _enqueue(key="receipt:ord_x")
    _enqueue(key="receipt:ord_x", kwargs={"order_id": 8})
    assert _only().kwargs == {"order_id": 7}
    _enqueue()
    _enqueue()
    assert OutboxMessage.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_many_messages_are_written_at_once_and_one_known_already_is_left_as_it_is(broker: Broker) -> None:
    _enqueue(key="receipt:7")
    with transaction.atomic():
        outbox.enqueue_all(
            task=TASK,
            messages={"receipt:7": {"order_id": 9}, "receipt:8": {"order_id": 8}, "receipt:9": {"order_id": 9}},
        )
        assert len(broker.message_ids) == 1
        outbox.enqueue_all(task=TASK, messages={})
    rows = OutboxMessage.objects.order_by("id")
    assert [(row.task, row.key, row.kwargs["order_id"], row.status) for row in rows] == [
        (TASK, "receipt:7", 7, "waiting"), (TASK, "receipt:8", 8, "waiting"), (TASK, "receipt:9", 9, "waiting"),
    ]  # fmt: skip
    assert broker.message_ids == [row.id for row in rows]
    outbox.run_messages(broker.message_ids)
    assert [(noted["order_id"]) for noted in NOTED] == [7, 8, 9]


@pytest.mark.django_db(transaction=True)
def test_a_message_for_later_is_not_sent_now(broker: Broker) -> None:
    due = now() + dt.timedelta(hours=1)
    _enqueue(available_at=due)
    assert broker.message_ids == []
    assert outbox.sweep(now=due - dt.timedelta(seconds=1)) == 0
    assert outbox.sweep(now=due) == 1


@pytest.mark.django_db
def test_run_once_and_under_the_trace_of_the_request_that_wrote_it() -> None:
    context.bind(trace_id="trace-of-the-request")
    _enqueue()
    context.bind(trace_id="trace-of-the-worker")
    message_id = _only().id
    outbox.run_message(message_id)
    outbox.run_message(message_id)
    assert NOTED == [{"order_id": 7, "trace_id": "trace-of-the-request"}]
    assert (_only().status, _only().attempts) == ("done", 0)
    assert _only().done_at is not None


@pytest.mark.django_db
def test_a_failure_is_kept_on_the_row_and_tried_again_with_growing_pauses() -> None:
    FAILS.append(ValueError("no paper"))
    _enqueue()
    message_id = _only().id
    pauses = []
    for attempt in range(1, 6):
        with pytest.raises(ValueError, match="no paper"):
            outbox.run_message(message_id)
        row = _only()
        assert (row.status, row.attempts, row.last_error) == ("waiting", attempt, "ValueError: no paper")
        pauses.append((row.available_at - now()).total_seconds())
        assert 5 * 2**attempt * 0.5 - 1 <= pauses[-1] <= 5 * 2**attempt
    FAILS.clear()
    outbox.run_message(message_id)
    assert (_only().status, len(NOTED)) == ("done", 1)


@pytest.mark.django_db
def test_after_the_last_attempt_it_is_dead_until_staff_revive_it() -> None:
    FAILS.append(RuntimeError("x" * 500))
    _enqueue()
    message_id = _only().id
    for _ in range(outbox.MAX_ATTEMPTS):
        assert _only().status == "waiting"
        with pytest.raises(RuntimeError):
            outbox.run_message(message_id)
    row = _only()
    assert (row.status, row.attempts, len(row.last_error)) == ("dead", outbox.MAX_ATTEMPTS, 300)
    FAILS.clear()
    outbox.run_message(message_id)
    assert not NOTED, "a dead message is not run"
    assert outbox.sweep(now=now() + dt.timedelta(days=9)) == 0
    at = now()
    assert outbox.revive(message_ids=[message_id], now=at) == 1
    assert outbox.revive(message_ids=[message_id], now=at) == 0
    assert outbox.sweep(now=at) == 1
    outbox.run_message(message_id)
    assert (_only().status, len(NOTED)) == ("done", 1)


@pytest.mark.django_db
def test_a_task_nobody_knows_does_not_stay_a_secret() -> None:
    _enqueue(task="tests.outbox.does_not_exist")
    with pytest.raises(KeyError):
        outbox.run_message(_only().id)
    assert _only().attempts == 1
    assert "does_not_exist" in _only().last_error


@pytest.mark.django_db(transaction=True)
def test_many_go_in_few_tasks(broker: Broker) -> None:
    for order_id in range(25):
        _enqueue(kwargs={"order_id": order_id})
    broker.tasks.clear()
    assert outbox.sweep(now=now() + dt.timedelta(seconds=31)) == 25
    assert [len(task) for task in broker.tasks] == [10, 10, 5]
    for task in broker.tasks:
        outbox.run_messages(task)
    assert sorted(noted["order_id"] for noted in NOTED) == list(range(25))


@pytest.mark.django_db
def test_one_that_fails_does_not_keep_the_others_of_its_task_from_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    context.bind(trace_id="trace-of-the-first")
    _enqueue(task="tests.outbox.does_not_exist")
    context.bind(trace_id="trace-of-the-second")
    _enqueue(kwargs={"order_id": 2})
    context.bind(trace_id="")
    _enqueue(kwargs={"order_id": 3})
    context.bind(trace_id="trace-of-the-worker")
    message_ids = list(OutboxMessage.objects.order_by("id").values_list("id", flat=True))
    with pytest.raises(KeyError):
        outbox.run_messages(message_ids)
    assert NOTED == [
        {"order_id": 2, "trace_id": "trace-of-the-second"},
        {"order_id": 3, "trace_id": "trace-of-the-worker"},
    ]
    assert list(OutboxMessage.objects.order_by("id").values_list("status", "attempts")) == [
        ("waiting", 1), ("done", 0), ("done", 0),
    ]  # fmt: skip
    assert context.current().trace_id == "trace-of-the-worker"


@pytest.mark.django_db
def test_what_a_task_has_no_time_for_is_given_back(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    for order_id in range(3):
        _enqueue(kwargs={"order_id": order_id})
    message_ids = list(OutboxMessage.objects.order_by("id").values_list("id", flat=True))
    monkeypatch.setattr(outbox, "_LONGEST_TURN_SECONDS", 0)
    broker.tasks.clear()
    outbox.run_messages(message_ids)
    assert [noted["order_id"] for noted in NOTED] == [0], "each task gets on by one at least"
    assert broker.tasks == [message_ids[1:]]


@pytest.mark.django_db(transaction=True)
def test_what_a_message_leaves_behind_is_done_next_by_the_same_worker(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_announce", _ANNOUNCE)
    FOLLOWED.extend([{"order_id": 2}, {"order_id": 3}])
    context.bind(trace_id="trace-of-the-request")
    with transaction.atomic():
        outbox.enqueue(task=TASK, kwargs={"order_id": 1})
    _ANNOUNCER.flush()
    [first] = broker.message_ids
    broker.tasks.clear()
    context.bind(trace_id="trace-of-the-worker")
    outbox.run_messages([first])
    assert [noted["order_id"] for noted in NOTED] == [1, 2, 3]
    assert {noted["trace_id"] for noted in NOTED} == {"trace-of-the-request"}
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"done"}
    _ANNOUNCER.flush()
    assert broker.tasks == [], "nothing goes by the broker"

    FOLLOWED.append({"order_id": 5})
    monkeypatch.setattr(outbox, "_LONGEST_TURN_SECONDS", 0)
    outbox.enqueue(task=TASK, kwargs={"order_id": 4})
    _ANNOUNCER.flush()
    broker_before = list(broker.tasks)
    outbox.run_messages(broker.message_ids)
    last = OutboxMessage.objects.get(kwargs={"order_id": 5})
    assert (last.status, broker.tasks) == ("waiting", [*broker_before, [last.id]]), "no time left: another worker's"


@pytest.mark.django_db(transaction=True)
def test_while_the_workers_are_far_behind_only_the_longest_due_are_sent_again(broker: Broker) -> None:
    for order_id in range(60):
        _enqueue(kwargs={"order_id": order_id})
    message_ids = broker.message_ids
    broker.tasks.clear()
    broker.is_busy = True
    later = now() + dt.timedelta(seconds=31)
    assert outbox.sweep(now=later) == 20
    assert broker.message_ids == message_ids[:20]
    assert outbox.sweep(now=later) == 20
    assert broker.message_ids == message_ids[:40], "what was lost has its turn"
    broker.is_busy = False
    assert outbox.sweep(now=later) == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["_take_advisory_lock", "_waiting", "_drop_advisory_lock"])
def test_the_end_of_a_tasks_time_leaves_no_lock_behind(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    _enqueue()
    message_id = _only().id

    def strike(*arguments: Any, **_: Any) -> None:
        original(*arguments)
        raise SoftTimeLimitExceeded

    def strike_before(*_: Any) -> None:
        raise SoftTimeLimitExceeded

    original = getattr(outbox, moment)
    with monkeypatch.context() as struck:
        struck.setattr(outbox, moment, strike_before if moment == "_drop_advisory_lock" else strike)
        with pytest.raises(SoftTimeLimitExceeded):
            outbox.run_message(message_id)

    def is_free_for_others() -> bool:
        try:
            taken = outbox._take_advisory_lock(message_id)
            if taken:
                outbox._drop_advisory_lock(message_id)
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(is_free_for_others).result()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_one_message_do_it_once() -> None:
    _enqueue()
    message_id = _only().id
    start = threading.Barrier(8)

    def work(_: int) -> None:
        try:
            start.wait(timeout=20)
            outbox.run_message(message_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(NOTED) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_never_send_the_same_message(broker: Broker) -> None:
    for order_id in range(60):
        _enqueue(kwargs={"order_id": order_id})
    broker.tasks.clear()
    start = threading.Barrier(4)
    later = now() + dt.timedelta(seconds=31)

    def work(_: int) -> int:
        try:
            start.wait(timeout=20)
            return outbox.sweep(now=later, limit=30)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        swept = sum(pool.map(work, range(4))) + outbox.sweep(now=later)
    assert swept == 60
    assert len(broker.message_ids) == len(set(broker.message_ids)) == 60


@pytest.mark.django_db
def test_messages_that_were_carried_out_are_forgotten_in_time_and_all_others_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = now()
    kept = settings.DONE_MESSAGES_KEPT
    assert kept == dt.timedelta(days=90)
    rows = {}
    for name, status, done_at in (
        ("dead", "dead", None),
        ("old", "done", at - kept - dt.timedelta(seconds=1)),
        ("waiting", "waiting", None),
        ("just in time", "done", at - kept),
        ("older", "done", at - 2 * kept),
        ("long in the queue", "done", at),
    ):
        _enqueue(key=name)
        rows[name] = OutboxMessage.objects.get(key=name)
        OutboxMessage.objects.filter(key=name).update(status=status, done_at=done_at, created_at=at - 3 * kept)
    _enqueue(key="new")
    assert outbox.forget_done(now=at) == 2
    left = set(OutboxMessage.objects.values_list("key", flat=True))
    assert left == {"dead", "waiting", "just in time", "long in the queue", "new"}
    assert outbox.forget_done(now=at) == 0


@pytest.mark.django_db
def test_old_messages_behind_many_that_stay_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_FORGET_AT_ONCE", 2)
    at = now()
    long_ago = at - 2 * settings.DONE_MESSAGES_KEPT
    for number in range(9):
        _enqueue(key=f"message-{number}")
    OutboxMessage.objects.update(status="dead", created_at=long_ago)
    OutboxMessage.objects.filter(key__in=["message-5", "message-8"]).update(status="done", done_at=long_ago)
    for number in range(9, 15):
        _enqueue(key=f"message-{number}")
    assert outbox.forget_done(now=at) == 2
    assert OutboxMessage.objects.filter(status="dead").count() == 7
    monkeypatch.setattr(outbox, "_FORGET_STEPS", 1)
    OutboxMessage.objects.filter(key="message-14").update(status="done", done_at=long_ago, created_at=long_ago)
    assert outbox.forget_done(now=at) == 0, "a run ends after so many steps"
