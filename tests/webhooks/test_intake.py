"""The front door: what is let in, what is refused, and what either costs."""

import hashlib
import io
import json
import time
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.models import AuditRecord
from tests.webhooks.conftest import Announced
from tests.webhooks.deliveries import OLD_SECRET, URL, body_of, deliver, event, sign
from webhooks.models import WebhookEvent
from webhooks.services import receive, refusals

pytestmark = pytest.mark.django_db


def assert_refused(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert WebhookEvent.objects.count() == 0


def test_an_event_is_stored_as_it_came(client: Client, announced: Announced) -> None:
    document = event(
        "charge.succeeded",
        payment_intent="pi_T1",
        metadata={"payment": "pay_abc", "order": "ord_def"},
        billing_details={"name": "Zoë Ångström ☕"},
    )
    body = body_of(document)

    answer = deliver(client, body, **{"User-Agent": "Stripe/1.0"})

    assert (answer.status_code, answer.content) == (200, b'{"received":true}')
    row = WebhookEvent.objects.get()
    assert row.payload == document
    assert (row.source, row.external_id, row.event_type) == ("stripe", document["id"], "charge.succeeded")
    assert (row.object_type, row.object_id) == ("charge", document["data"]["object"]["id"])
    assert (row.concern, row.subject_id, row.processor_payment_id) == ("payment", "pi_T1", "pi_T1")
    assert (row.reference, row.order_reference) == ("pay_abc", "ord_def")
    assert row.occurred_at.timestamp() == document["created"]
    assert row.body_sha256 == hashlib.sha256(body).hexdigest()
    assert row.trace_id == answer["X-Request-ID"] != ""
    assert row.user_agent == "Stripe/1.0"
    assert (row.status, row.attempts, row.due_at) == ("received", 0, row.received_at)
    assert announced.event_ids == [row.id]


def test_intake_is_one_statement_and_a_replay_too(client: Client, announced: Announced) -> None:
    body = body_of(event())
    for expected_rows in (1, 1):
        with CaptureQueriesContext(connection) as queries:
            assert deliver(client, body).status_code == 200
        assert len(queries) == 1, [query["sql"] for query in queries]
        assert "ON CONFLICT (source, external_id) DO NOTHING" in queries[0]["sql"]
        assert WebhookEvent.objects.count() == expected_rows
    assert len(announced.event_ids) == 1, "a replay has nothing to announce"


def test_no_health_check_of_the_connection_comes_before_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's check is a statement of its own which query counting does not see."""

    def asked() -> bool:
        raise AssertionError("SELECT 1 before the INSERT")

    wrapper = connections["default"]
    monkeypatch.setattr(wrapper, "health_check_enabled", True)
    monkeypatch.setattr(wrapper, "health_check_done", False)
    monkeypatch.setattr(wrapper, "is_usable", asked)
    assert deliver(client, body_of(event())).status_code == 200


def test_the_client_secret_of_a_payment_is_not_kept(client: Client) -> None:
    document = event(client_secret="pi_T1_secret_very", description='says "client_secret": "nothing"')
    assert deliver(client, body_of(document)).status_code == 200
    stored = WebhookEvent.objects.get().payload["data"]["object"]
    assert stored["client_secret"] == "(not kept)"
    assert stored["description"] == 'says "client_secret": "nothing"'
    assert "secret_very" not in json.dumps(stored)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("half \ud83d pair", "half ? pair"),
        ("literal \\u0000 text", "literal \\u0000 text"),
        ("both \\\x00 \\\\u0000", "both \\\ufffd \\\\u0000"),
        ("whole \U0001f600 pair", "whole \U0001f600 pair"),
    ],
)
def test_text_that_postgresql_cannot_hold_loses_no_event(client: Client, text: str, kept: str) -> None:
    document = event(description=text, metadata={"payment": text})
    assert deliver(client, body_of(document)).status_code == 200
    row = WebhookEvent.objects.get()
    assert row.payload["data"]["object"]["description"] == kept
    assert row.payload["id"] == document["id"]


def test_every_secret_of_a_rotation_is_good(client: Client) -> None:
    body = body_of(event())
    assert deliver(client, body, signature=sign(body, secret=OLD_SECRET)).status_code == 200
    at = int(time.time())
    unknown, good = (sign(body, secret=s, at=at).split(",")[1] for s in ("whsec_unknown", OLD_SECRET))
    assert deliver(client, body, signature=f"t={at},{unknown},{good},v0=ffff").status_code == 200


def test_a_secret_that_was_retired_is_not(client: Client, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = settings.STRIPE_WEBHOOK_SECRETS[:1]
    body = body_of(event())
    assert_refused(deliver(client, body, signature=sign(body, secret=OLD_SECRET)), 400, "signature_invalid")


@pytest.mark.parametrize(
    "header",
    ["", "t=,v1=", "t=abc,v1=00", "v1=00", "t=1700000000", "nonsense", "t=1,v1=" + "0" * 4000, "t=1,v1=ß",
     "t=-5,v1=00", "t=9999999999999999,v1=00", "t=" + "1" * 5000],
)  # fmt: skip
def test_a_header_that_says_nothing_is_refused(client: Client, header: str) -> None:
    assert_refused(deliver(client, body_of(event()), signature=header), 400, "signature_invalid")


def test_a_forged_event_is_refused_logged_and_audited(client: Client) -> None:
    body = body_of(event())
    assert_refused(deliver(client, body, signature=sign(body, secret="whsec_forged")), 400, "signature_invalid")
    fact = AuditRecord.objects.get(event_type="webhook.refused")
    assert (fact.outcome, fact.processor, fact.failure_code) == ("refused", "stripe", "signature_invalid")
    assert fact.ip == "127.0.0.1"


def test_one_altered_byte_is_enough(client: Client) -> None:
    body = body_of(event())
    altered = body.replace(b"4200", b"4201")
    assert altered != body
    assert_refused(deliver(client, altered, signature=sign(body)), 400, "signature_invalid")
    # The same document in other bytes is another body: the signature is over what was sent.
    compact = json.dumps(json.loads(body), separators=(",", ":")).encode()
    assert_refused(deliver(client, compact, signature=sign(body)), 400, "signature_invalid")


@pytest.mark.parametrize("seconds", [-301, -86_400, 360, 86_400])
def test_a_signature_from_another_time_is_refused(client: Client, seconds: int) -> None:
    body = body_of(event())
    signature = sign(body, at=time.time() + seconds)
    assert_refused(deliver(client, body, signature=signature), 400, "signature_stale")


def test_a_signature_within_the_tolerance_is_good(client: Client) -> None:
    for seconds in (-295, 295):
        body = body_of(event())
        assert deliver(client, body, signature=sign(body, at=time.time() + seconds)).status_code == 200


def test_a_time_spelled_otherwise_is_not_what_was_signed(client: Client) -> None:
    body = body_of(event())
    assert_refused(deliver(client, body, signature=sign(body).replace("t=", "t=0")), 400, "signature_invalid")


def test_a_live_event_is_refused_outside_production(client: Client) -> None:
    assert_refused(deliver(client, body_of(event() | {"livemode": True})), 400, "livemode_mismatch")


def test_a_test_event_is_refused_in_production(client: Client, settings: Any) -> None:
    settings.ENVIRONMENT = "production"
    assert_refused(deliver(client, body_of(event())), 400, "livemode_mismatch")


@pytest.mark.parametrize(
    "body",
    [
        b" ", b"{", b"null", b"[]", b'"evt"', b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b"1" * 5000,
        *[body_of({key: value for key, value in event().items() if key != missing}) for missing in
          ("id", "type", "object", "created", "livemode", "data")],
        *[body_of(event() | {name: value}) for name, value in [
            ("id", "x"), ("id", "evt_" + "a" * 300), ("id", "evt_\x00"), ("id", ["evt_1"]), ("type", "A b"),
            ("created", "now"), ("created", -1), ("created", 10**18), ("created", True), ("created", 1.5),
            ("livemode", 0), ("data", {}), ("data", {"object": "pi_1"}), ("object", "v2.core.event"),
        ]],
    ],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(client: Client, body: bytes) -> None:
    assert_refused(deliver(client, body), 400, "event_malformed")


@pytest.mark.django_db(transaction=True)
def test_a_number_beyond_postgresql_is_refused(client: Client) -> None:
    assert_refused(deliver(client, body_of(event()).replace(b"4200", b"1e999999")), 400, "event_malformed")


def test_a_body_over_the_limit_is_refused_unread(client: Client, settings: Any) -> None:
    settings.WEBHOOK_MAX_BYTES = 2000
    body = body_of(event(description="x" * 2000))
    assert_refused(deliver(client, body), 413, "event_too_large")
    small = body_of(event())
    assert len(small) < 2000
    assert deliver(client, small).status_code == 200


@pytest.mark.parametrize("declared", [5, 10**9, 10**30])
def test_a_content_length_that_lies_changes_nothing(client: Client, declared: int) -> None:
    body = body_of(event())
    answer = client.generic(
        "POST", URL, body, content_type="application/json", headers={"Stripe-Signature": sign(body)},
        CONTENT_LENGTH=str(declared),
    )  # fmt: skip
    code = {5: (400, "signature_invalid")}.get(declared, (413, "event_too_large"))
    assert_refused(answer, *code)


def test_a_body_shorter_than_declared_is_refused(client: Client) -> None:
    body = body_of(event())
    said: dict[str, Any] = {"CONTENT_LENGTH": str(len(body) + 10), "wsgi.input": io.BytesIO(body)}
    answer = client.generic(
        "POST", URL, body, content_type="application/json", headers={"Stripe-Signature": sign(body)}, **said
    )
    assert_refused(answer, 400, "body_incomplete")


@pytest.mark.parametrize("declared", ["", "-1", "abc", "1_000", "²"])
def test_a_delivery_must_say_its_length(client: Client, declared: str) -> None:
    body = body_of(event())
    answer = client.generic(
        "POST", URL, body, content_type="application/json", headers={"Stripe-Signature": sign(body)},
        CONTENT_LENGTH=declared,
    )  # fmt: skip
    assert_refused(answer, 411, "length_required")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_post_delivers(client: Client, method: str) -> None:
    answer = client.generic(method, URL)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


def test_a_flood_of_forgeries_does_not_fill_the_audit_trail(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    minute = 60.0 * 30_000_000
    for _ in range(refusals.MAX_PER_MINUTE + 15):
        refusals.note_refusal(source="stripe", code="signature_invalid", size_bytes=1, unix_time=minute + 59)
    assert AuditRecord.objects.filter(event_type="webhook.refused").count() == refusals.MAX_PER_MINUTE
    refusals.note_refusal(source="stripe", code="signature_invalid", size_bytes=1, unix_time=minute + 60)
    assert AuditRecord.objects.filter(event_type="webhook.refused").count() == refusals.MAX_PER_MINUTE + 1


def test_a_refusal_is_answered_without_an_audit_trail(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(**_: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr("common.audit.record", unavailable)
    assert deliver(client, b"{}", signature="t=1,v1=0").status_code == 400


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_stale_connection_is_replaced_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    genuine, failures = receive._insert, [error("server closed the connection")]

    def insert(parameters: list[Any]) -> int | None:
        if failures:
            raise failures.pop()
        return genuine(parameters)

    monkeypatch.setattr(receive, "_insert", insert)
    monkeypatch.setattr("webhooks.services.receive.connection.close", lambda: None)
    assert deliver(client, body_of(event())).status_code == 200
    assert WebhookEvent.objects.count() == 1


def test_without_a_database_the_processor_is_asked_to_come_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def insert(parameters: list[Any]) -> int | None:
        raise OperationalError("refused")

    monkeypatch.setattr(receive, "_insert", insert)
    monkeypatch.setattr("webhooks.services.receive.connection.close", lambda: None)
    assert_refused(deliver(client, body_of(event())), 503, "inbox_unavailable")
