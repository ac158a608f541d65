"""The inbox in a whole stack: real web, worker, beat and broker, and what happens when the broker is gone."""

import time
from collections.abc import Callable
from functools import partial

import kombu.pools
import pytest
import requests

from tests.support.live import LiveStack
from tests.webhooks.deliveries import body_of, event, sign
from webhooks.models import WebhookEvent

pytestmark = [pytest.mark.faults]
SECRET = "whsec_sandbox"


def post(live_stack: LiveStack, event_type: str = "balance.available") -> tuple[str, float]:
    """Delivers an event; gives its id and how many seconds the answer took."""
    document = event(event_type)
    body = body_of(document)
    started = time.monotonic()
    answer = requests.post(
        f"{live_stack.url}/webhooks/stripe/",
        data=body,
        headers={"Stripe-Signature": sign(body, secret=SECRET), "Content-Type": "application/json"},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    return str(document["id"]), time.monotonic() - started


def wait_until(reached: Callable[[], bool], seconds: float) -> float:
    started = time.monotonic()
    while not reached():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - started


def status_of(external_id: str) -> str:
    return WebhookEvent.objects.get(external_id=external_id).status


def _all_ignored(ids: list[str]) -> bool:
    return all(status_of(external_id) == "ignored" for external_id in ids)


def test_an_event_is_worked_on_at_once(live_stack: LiveStack) -> None:
    for _ in range(5):  # on a busy machine the sweeper may be there first, but not every time
        ids = [post(live_stack, kind)[0] for kind in ("balance.available", "payment_intent.succeeded")]
        wait_until(partial(_all_ignored, ids), 60)
        events = list(WebhookEvent.objects.filter(external_id__in=ids))
        if all(event.sent_at is None for event in events):
            break
    assert [event.sent_at for event in events] == [None, None], "the sweeper was not needed"
    trace_id = WebhookEvent.objects.get(external_id=ids[1]).trace_id
    assert trace_id in live_stack.log("worker").read_text(), "one trace id from the delivery to the work"


def test_without_a_broker_the_answer_comes_as_fast_and_the_sweeper_does_the_rest(live_stack: LiveStack) -> None:
    post(live_stack)
    live_stack.kill("valkey")
    delivered = [post(live_stack) for _ in range(5)]
    assert min(seconds for _, seconds in delivered) < 1.5, "none of them waited for the broker"
    live_stack.start_part("valkey")
    # A Celery worker that had a message in hand ends when its broker dies (kombu 5.7); its supervisor starts it again.
    kombu.pools.reset()  # this process too has connections to the broker that died
    live_stack.restart("worker")
    wait_until(lambda: all(status_of(external_id) == "ignored" for external_id, _ in delivered), 60)
