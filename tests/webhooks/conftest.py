"""Two signing secrets, no broker, and the use cases replaced by ones that write down how they were called."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.webhooks import deliveries
from webhooks.models import WebhookEvent
from webhooks.services import announcer, refusals


class UseCase:
    """Stands for a use case: remembers its calls, and raises or waits as told."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.raises: list[BaseException | None] = []
        self.during: Callable[[], None] | None = None

    def __call__(self, **kwargs: Any) -> None:
        self.calls.append(kwargs)
        if self.during:
            self.during()
        error = self.raises.pop(0) if self.raises else None
        if error:
            raise error


@pytest.fixture(autouse=True)
def _two_secrets(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = [deliveries.SECRET, deliveries.OLD_SECRET]


@pytest.fixture(autouse=True)
def _fresh_refusal_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_budget", refusals.RefusalBudget())


class Announced:
    """What the web process told the workers, instead of a broker."""

    def __init__(self) -> None:
        self.event_ids: list[int] = []


@pytest.fixture(autouse=True)
def announced(monkeypatch: pytest.MonkeyPatch) -> Announced:
    told = Announced()

    def publish(event_ids: list[int]) -> bool:
        told.event_ids += event_ids
        return True

    monkeypatch.setattr("webhooks.services.sweep.publish", publish)
    monkeypatch.setattr("webhooks.services.desk.publish", publish)
    monkeypatch.setattr(announcer._announcer, "announce", told.event_ids.append)
    return told


@pytest.fixture
def settle_payment(monkeypatch: pytest.MonkeyPatch) -> UseCase:
    use_case = UseCase()
    monkeypatch.setattr("orders.services.settle_payment", use_case)
    return use_case


@pytest.fixture
def settle_refund(monkeypatch: pytest.MonkeyPatch) -> UseCase:
    use_case = UseCase()
    monkeypatch.setattr("orders.services.settle_refund", use_case)
    return use_case


@pytest.fixture
def settle_transfer(monkeypatch: pytest.MonkeyPatch) -> UseCase:
    use_case = UseCase()
    monkeypatch.setattr("payouts.services.settle_transfer", use_case)
    return use_case


@pytest.fixture
def received(client: Client) -> Iterator[Callable[..., WebhookEvent]]:
    """Delivers an event through the front door and returns its row."""

    def take(event_type: str = "payment_intent.succeeded", *, document: Any = None, **item: Any) -> WebhookEvent:
        made = document or deliveries.event(event_type, **item)
        answer = deliveries.deliver(client, deliveries.body_of(made))
        assert answer.status_code == 200, answer.content
        return WebhookEvent.objects.get(external_id=made["id"])

    yield take
