"""Real threads on real PostgreSQL: the same delivery at once, the same event in many hands, a lost connection."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import responses
from django.db import Error, connection, connections, transaction
from django.test import Client

from common import clock
from payments.processors import paypal_certificates, paypal_client
from tests.webhooks import paypal_deliveries as paypal
from tests.webhooks.conftest import Announced, UseCase
from tests.webhooks.deliveries import body_of, deliver, event
from webhooks.contracts import Claim
from webhooks.models import WebhookEvent, WebhookEventChange
from webhooks.services import process_event
from webhooks.services.claim import claim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
THREADS = 12


def at_once(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Runs `work` in that many threads which all start together, each with a connection of its own."""
    barrier = threading.Barrier(threads)

    def run(number: int) -> Any:
        try:
            barrier.wait(10)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def _deliver(body: bytes, _: int) -> int:
    return int(deliver(Client(), body).status_code)


def _claim(event_id: int, _: int) -> Claim | None:
    return claim(event_id=event_id, now=clock.now())


def test_the_same_delivery_many_times_at_once_is_one_row(announced: Announced) -> None:
    bodies = [body_of(event()) for _ in range(5)]
    for body in bodies:
        answers = at_once(partial(_deliver, body))
        assert answers == [200] * THREADS
    assert WebhookEvent.objects.count() == len(bodies)
    assert sorted(announced.event_ids) == sorted(WebhookEvent.objects.values_list("id", flat=True))


def test_the_same_delivery_of_paypal_s_many_times_at_once_is_one_row(
    announced: Announced, settings: Any, tmp_path: Path
) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(paypal.signer().root)
    settings.PAYPAL_ENABLED, settings.PAYPAL_WEBHOOK_ID = True, paypal.WEBHOOK_ID
    settings.PAYPAL_CERTIFICATE_URL, settings.PAYPAL_CERTIFICATE_NAME = paypal.CERTIFICATES, paypal.NAME
    settings.PAYPAL_CERTIFICATE_ROOTS, settings.PAYPAL_WEBHOOK_VERIFICATION = str(roots), "offline"
    for kept in (paypal_certificates, paypal_client):
        kept.cache_clear()
    with responses.RequestsMock() as world:
        world.get(paypal.CERTIFICATE, body=paypal.signer().chain)
        for _ in range(5):
            body = paypal.body_of(paypal.event())
            headers = [paypal.headers_for(body) for _ in range(THREADS)]
            answers = at_once(lambda n, b=body, h=headers: int(paypal.deliver(Client(), b, h[n]).status_code))  # type: ignore[misc]
            assert answers == [200] * THREADS
    for kept in (paypal_certificates, paypal_client):
        kept.cache_clear()
    assert WebhookEvent.objects.count() == 5
    assert sorted(announced.event_ids) == sorted(WebhookEvent.objects.values_list("id", flat=True))


def test_one_event_is_claimed_by_one_worker(client: Client) -> None:
    for _ in range(5):
        deliver(client, body_of(event()))
    for event_id in WebhookEvent.objects.values_list("id", flat=True):
        claims = at_once(partial(_claim, event_id))
        assert sum(found is not None for found in claims) == 1
    assert WebhookEventChange.objects.filter(edge="claimed").count() == 5


def test_many_workers_on_the_events_of_one_payment(client: Client, settle_payment: UseCase) -> None:
    """Whoever gets which: every event ends up done, and none is worked on twice."""
    for _ in range(THREADS):
        deliver(client, body_of(event("charge.updated", payment_intent="pi_R1")))
    ids = list(WebhookEvent.objects.values_list("id", flat=True))
    at_once(lambda number: process_event(event_id=ids[number], now=clock.now()))
    # A claim that met rows in other hands skipped them; their holders finish them.
    assert set(WebhookEvent.objects.values_list("status", flat=True)) == {"processed"}
    assert WebhookEventChange.objects.filter(edge="settled").count() == THREADS
    assert 1 <= len(settle_payment.calls) <= THREADS


def test_a_locked_row_is_skipped_and_not_waited_for(client: Client) -> None:
    deliver(client, body_of(event()))
    row = WebhookEvent.objects.get()
    locked, release = threading.Event(), threading.Event()

    def hold(_: int) -> None:
        with transaction.atomic():
            WebhookEvent.objects.select_for_update().get(id=row.id)
            locked.set()
            release.wait(10)

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(at_once, hold, 1)
        assert locked.wait(10)
        assert claim(event_id=row.id, now=clock.now()) is None
        release.set()
        holder.result(10)
    assert claim(event_id=row.id, now=clock.now()) is not None


def test_a_connection_that_postgresql_cut_is_replaced(client: Client) -> None:
    deliver(client, body_of(event()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]

    def cut(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])

    at_once(cut, 1)
    assert deliver(client, body_of(event())).status_code == 200
    assert WebhookEvent.objects.count() == 2


def test_what_was_received_is_not_changed_by_anybody(client: Client) -> None:
    deliver(client, body_of(event()))
    claim(event_id=WebhookEvent.objects.get().id, now=clock.now())
    for model, change in (
        (WebhookEvent, {"payload": {}}),
        (WebhookEvent, {"external_id": "evt_other"}),
        (WebhookEventChange, {"note": "x"}),
    ):
        with pytest.raises(Error, match="Cannot update"):
            model.objects.update(**change)
    with pytest.raises(Error, match="Cannot"):
        WebhookEventChange.objects.all().delete()
