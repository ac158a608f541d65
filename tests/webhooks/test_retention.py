"""How long the inbox keeps what: bodies of events that are over go in time, the events themselves never."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client

from common import clock
from common.ids import new_public_id
from payments.contracts import ProcessorUnavailable, UnknownPayment
from tests.webhooks import deliveries
from tests.webhooks.conftest import UseCase
from tests.webhooks.test_desk import LIST, staff
from webhooks.models import WebhookEvent
from webhooks.services import compare, empty_old_payloads, process_event, replay, retention
from webhooks.services.claim import MAX_FAILURES

pytestmark = pytest.mark.django_db
Received = Callable[..., WebhookEvent]
SECOND = dt.timedelta(seconds=1)
KEPT: dt.timedelta = settings.WEBHOOK_PAYLOADS_KEPT


def finished(received: Received, **item: str) -> WebhookEvent:
    """An event that was settled and is over."""
    event = received("payment_intent.succeeded", metadata={"payment": new_public_id("pay")}, **item)
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert event.status == "processed"
    return event


def ended_at(event: WebhookEvent) -> dt.datetime:
    assert event.finished_at is not None
    return event.finished_at


def test_a_body_goes_when_its_time_is_over_and_all_else_stays(received: Received, settle_payment: UseCase) -> None:
    event = finished(received)
    before = WebhookEvent.objects.filter(id=event.id).values().get()
    assert empty_old_payloads(now=ended_at(event) + KEPT) == 0
    assert empty_old_payloads(now=ended_at(event) + KEPT + SECOND) == 1
    after = WebhookEvent.objects.filter(id=event.id).values().get()
    assert after == {**before, "payload": {}}
    assert before["payload"]["id"] == event.external_id
    assert event.changes.count() == 2, "the history stays"
    assert empty_old_payloads(now=ended_at(event) + 2 * KEPT) == 0


def test_ninety_days_are_kept_unless_the_environment_says_otherwise() -> None:
    assert dt.timedelta(days=90) == KEPT


def test_an_event_that_comes_again_after_that_is_still_known(
    client: Client, received: Received, settle_payment: UseCase
) -> None:
    document = deliveries.event("payment_intent.succeeded", metadata={"payment": new_public_id("pay")})
    event = received(document=document)
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert empty_old_payloads(now=ended_at(event) + KEPT + SECOND) == 1
    assert deliveries.deliver(client, deliveries.body_of(document)).status_code == 200
    assert WebhookEvent.objects.get().status == "processed"
    assert len(settle_payment.calls) == 1


def test_what_is_not_over_or_needs_a_person_keeps_its_body(received: Received, settle_payment: UseCase) -> None:
    reference = new_public_id("pay")
    events = {}
    refusals: dict[str, list[BaseException]] = {
        "received": [],
        "parked": [UnknownPayment()],
        "failed": [ProcessorUnavailable("busy")],
        "dead": [ProcessorUnavailable("busy")] * MAX_FAILURES,
    }
    for status, errors in refusals.items():
        event = events[status] = received("payment_intent.succeeded", metadata={"payment": reference})
        settle_payment.raises = list(errors)
        while settle_payment.raises:
            process_event(event_id=event.id, now=event.due_at or clock.now())
            event.refresh_from_db()
    assert {status: event.status for status, event in events.items()} == {status: status for status in events}
    assert empty_old_payloads(now=clock.now() + 10 * KEPT) == 0
    assert not WebhookEvent.objects.filter(payload={}).exists()


def test_it_goes_in_small_batches_and_leaves_the_rest_to_the_next_run(
    received: Received, settle_payment: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_SIZE", 2)
    monkeypatch.setattr(retention, "_AT_MOST", 2)
    for _ in range(5):
        finished(received)
    late = clock.now() + KEPT + SECOND
    assert [empty_old_payloads(now=late) for _ in range(3)] == [4, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_passed_over(received: Received, settle_payment: UseCase) -> None:
    held, free = finished(received), finished(received)

    def sweep() -> int:
        try:
            return empty_old_payloads(now=clock.now() + KEPT + SECOND)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        WebhookEvent.objects.select_for_update().get(id=held.id)
        assert pool.submit(sweep).result(timeout=20) == 1
    assert list(WebhookEvent.objects.filter(payload={}).values_list("id", flat=True)) == [free.id]


def test_the_sweep_reads_an_index_and_not_the_whole_inbox() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + retention._EMPTY, [clock.now(), 500])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "webhook_event_with_payload" in plan


@pytest.mark.parametrize(
    "change",
    [
        'payload = \'{"id": "evt_forged"}\'',
        "payload = '[]'",
        "payload = '{}', status = 'dead'",
        "payload = '{}', finished_at = now()",
        "body_sha256 = ''",
    ],
)
def test_postgresql_refuses_any_other_change_of_what_was_received(
    received: Received, settle_payment: UseCase, change: str
) -> None:
    event = finished(received)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE webhooks_webhookevent SET {change} WHERE id = %s", [event.id])


def test_postgresql_refuses_to_empty_a_body_that_is_still_needed_or_to_fill_one_again(
    received: Received, settle_payment: UseCase
) -> None:
    waiting, over = received(), finished(received)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        WebhookEvent.objects.filter(id=waiting.id).update(payload={})
    body = over.payload
    WebhookEvent.objects.filter(id=over.id).update(payload={})
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        WebhookEvent.objects.filter(id=over.id).update(payload=body)


def test_the_desk_shows_compares_and_replays_an_event_without_its_body(
    received: Received, settle_payment: UseCase
) -> None:
    event = finished(received)
    subject, reference = event.subject_id, event.reference
    empty_old_payloads(now=ended_at(event) + KEPT + SECOND)
    event.refresh_from_db()
    page = staff("view_webhookevent", "view_webhookeventchange").get(f"{LIST}{event.id}/change/").content.decode()
    assert "Emptied: the event has been over for a long time." in page
    rows = {row.name: row.event_said for row in compare(event=event).rows}
    assert (rows["status"], rows["our reference"], rows["id at the processor"]) == ("", reference, subject)

    assert replay(event_ids=[event.id], now=clock.now()) == 1
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert (event.status, event.subject_id, event.reference) == ("processed", subject, reference)
    assert len(settle_payment.calls) == 2
