"""A small rush on the whole stack, events twice and turned round: the benchmark `life`, shortened."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from artisans_hub.celery import app as celery_app
from common.clock import now as clock_now
from dev.bench.life import town_in
from dev.bench.life_account import Processors, drain, problems
from dev.bench.life_people import MIX, Buyer, Messenger, Staff
from payments.processors import paypal_client, processor_named
from tests.support.live import LiveStack

pytestmark = [pytest.mark.faults, pytest.mark.slow]
_RUSH_SECONDS = 6.0


@pytest.fixture
def busy_stack(live_stack: LiveStack, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveStack]:
    """What staff do in this process reaches the stack's workers, and its questions the stack's processors."""
    settings.STRIPE_API_BASE = settings.PAYPAL_API_BASE = live_stack.sandbox.url
    processor_named.cache_clear()
    paypal_client.cache_clear()
    monkeypatch.setenv("REDIS_URL", live_stack.stack.valkey.url)
    with Celery(broker=live_stack.stack.valkey.url, set_as_current=False) as workers:
        monkeypatch.setattr(celery_app, "send_task", workers.send_task)
        yield live_stack
    processor_named.cache_clear()
    paypal_client.cache_clear()


def test_a_rush_loses_nothing_and_doubles_nothing(busy_stack: LiveStack) -> None:
    """A dozen purchases and what comes after them. What other tests have left behind is not judged."""
    town, processors = town_in(busy_stack.stack), Processors(busy_stack.sandbox.url)
    before, began = problems([], processors.events(), processors), clock_now()
    staff = Staff(town)
    people = [Messenger(town), *(Buyer(town, number) for number in range(3))]
    for person in (staff, *people):
        person.start()
    time.sleep(_RUSH_SECONDS)
    while len(town.bought) < len(MIX) and any(person.is_alive() for person in people[1:]):
        time.sleep(0.2)
    town.over.set()
    for person in people:
        person.join()
    left = drain(processors, staff_is_done=staff.idle.is_set, within_seconds=240, since=began)
    staff.going_home.set()
    staff.join()
    assert (left, town.refused) == ({}, [])
    wrong = problems(town.bought, processors.events(), processors)
    assert [text for text in wrong if text not in before] == []
    disputed = sum(one.after == "dispute" for one in town.bought)
    refunds = sum({"refund": 1, "refund_some": 2}.get(one.after, 0) for one in town.bought)
    assert town.done["disputed"] == town.done["decided"] == disputed
    assert town.done["refunds"] == refunds
