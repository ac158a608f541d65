"""The sweeper: the table is the queue, so nothing that the broker loses is lost."""

import datetime as dt
from collections.abc import Callable

import pytest

from common import clock
from common.ids import new_public_id
from payments.contracts import ProcessorUnavailable, UnknownPayment
from payments.models import Payment
from tests.webhooks.conftest import Announced, UseCase
from webhooks.models import WebhookEvent
from webhooks.services import process_event, sweep_inbox
from webhooks.services.claim import LEASE, claim

pytestmark = pytest.mark.django_db
Received = Callable[..., WebhookEvent]
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def sent(announced: Announced) -> list[int]:
    """What the sweeper gives to the broker, without what the intake announced."""
    return announced.event_ids


def test_a_new_event_is_left_to_its_announcement_for_some_seconds(received: Received, sent: list[int]) -> None:
    event = received()
    sent.clear()
    assert sweep_inbox(now=event.received_at + SECOND) == 0
    assert sweep_inbox(now=event.received_at + 4 * SECOND) == 1
    assert sent == [event.id]


def test_what_was_sent_is_sent_again_only_after_a_while(received: Received, sent: list[int]) -> None:
    event = received()
    sent.clear()
    start = event.received_at + 4 * SECOND
    for seconds, expected in ((0, 1), (5, 1), (25, 1), (31, 2), (40, 2), (62, 3)):
        sweep_inbox(now=start + seconds * SECOND)
        assert len(sent) == expected, seconds


def test_while_the_workers_are_far_behind_only_the_longest_due_are_sent(
    received: Received, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.broker.is_busy", lambda: True)
    events = [received("balance.available") for _ in range(25)]
    sent.clear()
    later = clock.now() + 5 * SECOND
    assert sweep_inbox(now=later) == 20
    assert sent == [event.id for event in events[:20]]
    assert sweep_inbox(now=later) == 5, "what was lost has its turn"


def test_a_broker_that_is_down_is_asked_again_at_the_next_sweep(
    received: Received, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = received()
    sent.clear()
    with monkeypatch.context() as broken:
        broken.setattr("webhooks.services.sweep.publish", lambda event_ids: False)
        sweep_inbox(now=event.received_at + 4 * SECOND)
    sweep_inbox(now=event.received_at + 9 * SECOND)
    assert sent == [event.id]


def test_events_of_one_payment_are_sent_as_one(received: Received, sent: list[int]) -> None:
    events = [received("charge.updated", payment_intent="pi_S1") for _ in range(5)]
    apart = [received("balance.available"), received("balance.available")]
    sent.clear()
    assert sweep_inbox(now=clock.now() + 5 * SECOND) == 7
    assert sorted(sent) == sorted([events[0].id, *[event.id for event in apart]])


def test_retries_and_lost_leases_are_found(received: Received, sent: list[int], settle_payment: UseCase) -> None:
    failed, killed = received(), received()
    settle_payment.raises = [ProcessorUnavailable("busy")]
    now = clock.now()
    process_event(event_id=failed.id, now=now)
    claim(event_id=killed.id, now=now)
    sent.clear()
    assert sweep_inbox(now=now + SECOND) == 0
    sweep_inbox(now=now + 10 * SECOND)
    assert sent == [failed.id]
    sweep_inbox(now=now + LEASE)
    assert sent == [failed.id, killed.id]


def test_what_is_finished_is_never_sent(received: Received, sent: list[int], settle_payment: UseCase) -> None:
    process_event(event_id=received().id, now=clock.now())
    sent.clear()
    assert sweep_inbox(now=clock.now() + dt.timedelta(days=400)) == 0
    assert sent == []


def _payment(reference: str) -> Payment:
    now = clock.now()
    return Payment.objects.create(
        public_id=reference, order_reference=new_public_id("ord"), processor="stripe", amount_minor=4200,
        currency="EUR", quote_hash="0" * 64, created_at=now, updated_at=now,
    )  # fmt: skip


def test_a_parked_event_is_released_when_its_object_appears(
    received: Received, sent: list[int], settle_payment: UseCase
) -> None:
    reference = new_public_id("pay")
    early = received(metadata={"payment": reference})
    other = received(metadata={"payment": new_public_id("pay")})
    settle_payment.raises = [UnknownPayment(), UnknownPayment()]
    for event in (early, other):
        process_event(event_id=event.id, now=clock.now())
    WebhookEvent.objects.update(due_at=clock.now() + dt.timedelta(hours=1))
    sent.clear()
    assert sweep_inbox(now=clock.now()) == 0

    _payment(reference)
    now = clock.now()
    sweep_inbox(now=now)
    sweep_inbox(now=now + 4 * SECOND)
    assert sent == [early.id]
    process_event(event_id=early.id, now=now + 4 * SECOND)
    early.refresh_from_db()
    assert early.status == "processed"
    assert list(early.changes.order_by("id").values_list("edge", flat=True)) == [
        "claimed", "object_unknown", "object_appeared", "claimed", "settled",
    ]  # fmt: skip


def test_a_parked_event_is_released_once_only(received: Received, sent: list[int], settle_payment: UseCase) -> None:
    reference = new_public_id("pay")
    event = received(metadata={"payment": reference})
    _payment(reference)
    settle_payment.raises = [UnknownPayment()] * 5
    process_event(event_id=event.id, now=clock.now())
    now = clock.now()
    sweep_inbox(now=now)
    process_event(event_id=event.id, now=now + SECOND)
    event.refresh_from_db()
    assert event.status == "parked"
    sweep_inbox(now=now + SECOND)
    event.refresh_from_db()
    assert event.status == "parked", "its pauses apply; it is not tried every five seconds for a day"
