"""The stack that browser and fault tests hurt: each part dies, comes back at its address and does its work again."""

import pytest
import requests

from catalog.models import Product
from dev.stack.readiness import http_answers
from tests.support.live import LiveStack

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_this_process_sees_what_the_shop_shows(live_stack: LiveStack) -> None:
    product = Product.objects.filter(is_published=True).first()
    assert product
    page = requests.get(f"{live_stack.url}/products/{product.slug}/", timeout=10)
    assert page.status_code == 200
    assert product.title in page.text


@pytest.mark.parametrize("part", ["web", "worker", "beat", "sandbox", "valkey", "postgres"])
def test_a_killed_part_is_down_and_comes_back(live_stack: LiveStack, part: str) -> None:
    live_stack.kill(part)
    assert not live_stack.is_running(part)
    live_stack.start_part(part)
    assert live_stack.is_running(part)
    assert http_answers(f"{live_stack.url}/")


def test_heal_starts_what_is_down(live_stack: LiveStack) -> None:
    live_stack.kill("sandbox")
    live_stack.stop_part("worker")
    live_stack.heal()
    assert live_stack.is_running("sandbox")
    assert live_stack.is_running("worker")
    assert live_stack.stack.broken() is None


def test_emptying_the_broker_forgets_queued_tasks(live_stack: LiveStack) -> None:
    import redis

    client = redis.Redis.from_url(live_stack.stack.valkey.url)
    client.set("something", "queued")
    live_stack.empty_broker()
    assert client.get("something") is None
