"""PayPal's front door: only what PayPal itself has signed, a moment ago, is let in."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.models import AuditRecord
from payments.processors import paypal_certificates, paypal_client
from payments.processors.paypal import certificates
from tests.webhooks import paypal_deliveries as paypal
from tests.webhooks.conftest import Announced
from tests.webhooks.paypal_deliveries import CERTIFICATE, CERTIFICATES, body_of, deliver, event, headers_for, signer
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _configured(settings: Any, tmp_path: Path) -> Iterator[None]:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(signer().root)
    settings.PAYPAL_ENABLED = True
    settings.PAYPAL_WEBHOOK_ID = paypal.WEBHOOK_ID
    settings.PAYPAL_CERTIFICATE_URL = CERTIFICATES
    settings.PAYPAL_CERTIFICATE_NAME = paypal.NAME
    settings.PAYPAL_CERTIFICATE_ROOTS = str(roots)
    settings.PAYPAL_WEBHOOK_VERIFICATION = "offline"
    settings.PAYPAL_WEBHOOK_TOLERANCE = dt.timedelta(minutes=5)
    paypal_certificates.cache_clear()
    paypal_client.cache_clear()
    yield
    paypal_certificates.cache_clear()
    paypal_client.cache_clear()


@pytest.fixture
def world() -> Iterator[responses.RequestsMock]:
    """What can be reached from the intake: nothing but what a test puts there."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def host(world: responses.RequestsMock) -> responses.RequestsMock:
    """PayPal's host, with the certificate of its signer."""
    world.get(CERTIFICATE, body=signer().chain)
    return world


def assert_refused(answer: Any, code: str, status: int = 400) -> None:
    """Refused in words, and nothing was stored but the alert."""
    assert answer.status_code == status, answer.content
    problem = json.loads(answer.content)
    assert problem["code"] == code
    assert WebhookEvent.objects.count() == 0
    alerts = list(AuditRecord.objects.filter(event_type="webhook.refused").values_list("processor", "failure_code"))
    assert alerts == ([("paypal", code)] if status == 400 else [])
    assert AuditRecord.objects.exclude(event_type="webhook.refused").count() == 0


def test_an_event_is_stored_as_it_came(client: Client, host: responses.RequestsMock, announced: Announced) -> None:
    document = event(payer={"name": "Zoë ☕"})
    answer = deliver(client, body_of(document))
    assert (answer.status_code, answer.content) == (200, b'{"received":true}')
    row = WebhookEvent.objects.get()
    assert row.payload == document
    assert (row.source, row.external_id) == ("paypal", document["id"])
    assert (row.concern, row.subject_id, row.processor_payment_id) == ("payment", "ORDER1", "ORDER1")
    assert (row.reference, row.order_reference) == ("pay_abc", "ord_def")
    assert (row.object_type, row.object_id) == ("capture", document["resource"]["id"])
    assert row.occurred_at == dt.datetime(2026, 3, 1, 10, 0, 0, 123000, tzinfo=dt.UTC)
    assert (row.api_version, row.livemode, row.user_agent) == ("2.0", False, "PayPal/AUHD-214.0")
    assert row.trace_id == answer["X-Request-ID"] != ""
    assert announced.event_ids == [row.id]


def test_intake_is_one_statement_and_the_certificate_is_fetched_once(
    client: Client, host: responses.RequestsMock
) -> None:
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert deliver(client, body_of(event())).status_code == 200
        assert len(queries) == 1
    assert len(host.calls) == 1


def test_a_replay_of_a_fresh_delivery_stores_nothing_twice(
    client: Client, host: responses.RequestsMock, announced: Announced
) -> None:
    body = body_of(event())
    headers = headers_for(body)
    assert [deliver(client, body, headers).status_code for _ in range(2)] == [200, 200]
    assert WebhookEvent.objects.count() == 1
    assert len(announced.event_ids) == 1


def test_the_same_event_id_of_both_processors_is_two_events(client: Client, host: responses.RequestsMock) -> None:
    document = event()
    WebhookEvent.objects.create(
        source="stripe", external_id=document["id"], event_type="x", livemode=False, payload={"a": 1},
        occurred_at=dt.datetime.now(dt.UTC), received_at=dt.datetime.now(dt.UTC), status="processed", attempts=0,
        failures=0,
    )  # fmt: skip
    assert deliver(client, body_of(document)).status_code == 200
    assert WebhookEvent.objects.filter(external_id=document["id"]).count() == 2


# ---- forged


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://api-sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypaI.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.pаypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com@evil.example/v1/notifications/certs/CERT-1",
        "https://evil.example#api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "https://evil.example\\@api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com:8443/v1/notifications/certs/CERT-1",
        "http://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "HTTPS://API.SANDBOX.PAYPAL.COM/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com/v1/notifications/certs/../../oauth2/token",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1/../../x",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1?next=https://evil.example",
        "https://api.sandbox.paypal.com/v1/notifications/certs/%2e%2e",
        "https://api.sandbox.paypal.com/v1/notifications/certs/",
        "https://api.sandbox.paypal.com/v1/notifications/",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-" + "1" * 500,
        "file:///etc/ssl/cert.pem",
        "//api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "",
    ],
)
def test_no_certificate_is_fetched_from_anywhere_else(
    client: Client, world: responses.RequestsMock, address: str
) -> None:
    body = body_of(event())
    assert_refused(deliver(client, body, headers_for(body, cert_url=address)), "certificate_refused")
    assert len(world.calls) == 0


def test_no_redirect_is_followed(client: Client, world: responses.RequestsMock) -> None:
    world.get(CERTIFICATE, status=302, headers={"Location": "https://evil.example/cert"})
    world.get("https://evil.example/cert", body=signer().chain)
    body = body_of(event())
    assert_refused(deliver(client, body), "certificate_refused")
    assert [call.request.url for call in world.calls] == [CERTIFICATE]


@pytest.mark.parametrize(
    ("who", "made"),
    [
        ("expired", {"starts_in_days": -60, "lasts_days": 30}),
        ("not valid yet", {"starts_in_days": 2}),
        ("of another name", {"name": "messageverificationcerts.evil.example"}),
        ("of the live signer", {"name": "messageverificationcerts.paypal.com"}),
        ("of a foreign root", {"root": 2}),
        ("self-signed in PayPal's name", {"self_signed": True}),
        ("with another kind of key", {"curve": True}),
    ],
)
def test_a_certificate_that_is_not_paypals_signs_nothing(
    client: Client, world: responses.RequestsMock, who: str, made: dict[str, Any]
) -> None:
    stranger = signer(**made)
    world.get(CERTIFICATE, body=stranger.chain)
    body = body_of(event())
    assert_refused(deliver(client, body, headers_for(body, by=stranger)), "certificate_refused")


def test_a_certificate_is_not_good_for_longer_than_it_says(
    client: Client, host: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of(event())
    assert deliver(client, body).status_code == 200
    WebhookEvent.objects.all().delete()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)
    monkeypatch.setattr("webhooks.views.clock.now", lambda: later)
    assert_refused(deliver(client, body, headers_for(body, at=later)), "certificate_refused")


@pytest.mark.parametrize("content", [b"", b"no certificate", b"<html>sorry</html>", b"A" * 100_000])
def test_what_is_no_certificate_is_refused(client: Client, world: responses.RequestsMock, content: bytes) -> None:
    world.get(CERTIFICATE, body=content)
    assert_refused(deliver(client, body_of(event())), "certificate_refused")


def test_a_certificate_that_does_not_exist_is_refused(client: Client, world: responses.RequestsMock) -> None:
    world.get(CERTIFICATE, status=404)
    assert_refused(deliver(client, body_of(event())), "certificate_refused")


def test_an_altered_body_is_refused(client: Client, host: responses.RequestsMock) -> None:
    body = body_of(event())
    headers = headers_for(body)
    for altered in (body.replace(b"COMPLETED", b"DECLINED!"), body + b" ", body[:-1], b"{}"):
        assert deliver(client, altered, headers).status_code == 400
    assert WebhookEvent.objects.count() == 0
    assert set(AuditRecord.objects.values_list("failure_code", flat=True)) == {"signature_invalid"}


def test_a_delivery_for_another_webhook_is_refused(client: Client, host: responses.RequestsMock) -> None:
    body = body_of(event())
    assert_refused(deliver(client, body, headers_for(body, webhook_id="WH0OTHER00000001")), "signature_invalid")


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24, -60 * 24 * 400])
def test_a_recording_played_back_is_refused(client: Client, host: responses.RequestsMock, minutes: int) -> None:
    body = body_of(event())
    at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
    assert_refused(deliver(client, body, headers_for(body, at=at)), "signature_stale")
    assert len(host.calls) == 0


def test_a_recording_with_a_new_time_is_refused(client: Client, host: responses.RequestsMock) -> None:
    body = body_of(event())
    old = headers_for(body, at=dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
    fresh = headers_for(body)["PAYPAL-TRANSMISSION-TIME"]
    assert_refused(deliver(client, body, old | {"PAYPAL-TRANSMISSION-TIME": fresh}), "signature_invalid")


@pytest.mark.parametrize(
    "changed",
    [
        {"auth_algo": "SHA1withRSA"},
        {"auth_algo": "none"},
        {"auth_algo": ""},
        {"transmission_sig": ""},
        {"transmission_sig": "not base64!"},
        {"transmission_sig": "QUJD"},
        {"transmission_sig": "A" * 5000},
        {"transmission_id": ""},
        {"transmission_id": "a|b"},
        {"transmission_id": "a" * 100},
        {"transmission_time": ""},
        {"transmission_time": "yesterday"},
        {"transmission_time": "2026-13-45T99:99:99Z"},
        {"transmission_time": "2026-03-01T10:00:00"},
    ],
)
def test_headers_that_paypal_would_not_send_are_refused(
    client: Client, host: responses.RequestsMock, changed: dict[str, Any]
) -> None:
    body = body_of(event())
    assert_refused(deliver(client, body, headers_for(body, **changed)), "signature_invalid")


@pytest.mark.parametrize(
    "document",
    [
        [], "text", {}, {"id": "evt_1"}, event() | {"id": "WH-" + "x" * 300}, event() | {"id": 7},
        event() | {"event_type": "lower.case"}, event() | {"resource": []}, event() | {"create_time": None},
        event() | {"create_time": "2026-99-01T10:00:00Z"},
    ],
)  # fmt: skip
def test_what_is_rightly_signed_but_no_event_is_refused(
    client: Client, host: responses.RequestsMock, document: Any
) -> None:
    assert_refused(deliver(client, body_of(document)), "event_malformed")


def test_a_body_that_is_no_json_is_refused(client: Client, host: responses.RequestsMock) -> None:
    assert_refused(deliver(client, b'{"id": NaN}'), "event_malformed")


def test_a_body_beyond_the_limit_is_not_read(client: Client, host: responses.RequestsMock, settings: Any) -> None:
    settings.WEBHOOK_MAX_BYTES = 100
    answer = deliver(client, body_of(event()))
    assert answer.status_code == 413
    assert len(host.calls) == 0


# ---- not now


@pytest.mark.parametrize(
    "failure",
    [{"status": 503}, {"status": 429}, {"body": requests.ConnectionError()}, {"body": requests.ReadTimeout()}],
)
def test_without_paypals_host_the_event_is_asked_for_again(
    client: Client, world: responses.RequestsMock, failure: dict[str, Any]
) -> None:
    world.get(CERTIFICATE, **failure)
    body = body_of(event())
    assert_refused(deliver(client, body), "certificate_unavailable", status=503)
    world.replace(responses.GET, CERTIFICATE, body=signer().chain)
    assert deliver(client, body).status_code == 200


def test_a_stranger_can_t_make_us_ask_paypal_without_end(client: Client, world: responses.RequestsMock) -> None:
    for number in range(30):
        world.get(f"{CERTIFICATES}CERT-{number}", status=404)
    body = body_of(event())
    answers = [deliver(client, body, headers_for(body, cert_url=f"{CERTIFICATES}CERT-{n}")) for n in range(30)]
    assert {answer.status_code for answer in answers} == {400, 503}
    assert len(world.calls) <= 2 * certificates._FETCHES_PER_MINUTE


def test_a_host_that_drips_is_left(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Drips(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while not done.wait(0.05):
                    self.wfile.write(b"A" * 4096)
                    self.wfile.flush()
            except OSError:
                pass

        def log_message(self, *arguments: Any) -> None: ...

    done = threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Drips)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(certificates, "_WHOLE_SECONDS", 0.3)
    settings.PAYPAL_CERTIFICATE_URL = f"http://127.0.0.1:{server.server_port}/certs/"
    body = body_of(event())
    try:
        answer = deliver(client, body, headers_for(body, cert_url=f"{settings.PAYPAL_CERTIFICATE_URL}CERT-1"))
    finally:
        done.set()
        server.shutdown()
    assert_refused(answer, "certificate_unavailable", status=503)


def test_without_our_own_roots_nothing_is_taken_for_true(
    client: Client, host: responses.RequestsMock, settings: Any
) -> None:
    roots = Path(settings.PAYPAL_CERTIFICATE_ROOTS)
    roots.write_bytes(b"nothing")
    assert_refused(deliver(client, body_of(event())), "certificate_unavailable", status=503)
    roots.unlink()
    assert_refused(deliver(client, body_of(event())), "certificate_unavailable", status=503)


def test_one_bad_root_does_not_take_the_others_away(
    client: Client, host: responses.RequestsMock, settings: Any
) -> None:
    bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    Path(settings.PAYPAL_CERTIFICATE_ROOTS).write_bytes(bad + signer(root=2).root + signer().root)
    assert deliver(client, body_of(event())).status_code == 200


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of an old root among those of browsers
def test_the_roots_of_browsers_are_trusted_where_none_are_given(
    client: Client, host: responses.RequestsMock, settings: Any
) -> None:
    settings.PAYPAL_CERTIFICATE_ROOTS = ""
    assert_refused(deliver(client, body_of(event())), "certificate_refused")


def test_a_shop_without_paypal_has_no_such_door(client: Client, settings: Any) -> None:
    settings.PAYPAL_ENABLED = False
    assert deliver(client, body_of(event())).status_code == 404


# ---- asking PayPal instead


@pytest.fixture
def postback(world: responses.RequestsMock, settings: Any) -> responses.RequestsMock:
    settings.PAYPAL_WEBHOOK_VERIFICATION = "postback"
    settings.PAYPAL_API_BASE = "http://127.0.0.1:9"
    world.post("http://127.0.0.1:9/v1/oauth2/token", json={"access_token": "token-1", "expires_in": 3600})
    return world


_VERIFY = "http://127.0.0.1:9/v1/notifications/verify-webhook-signature"


def test_paypal_is_asked_about_the_very_bytes_that_came(client: Client, postback: responses.RequestsMock) -> None:
    postback.post(_VERIFY, json={"verification_status": "SUCCESS"})
    body = b'{"b": 1.10, "a": "\\u00e9",  ' + body_of(event())[1:]
    headers = headers_for(body)
    assert deliver(client, body, headers).status_code == 200
    asked = postback.calls[-1].request.body
    assert isinstance(asked, bytes) and asked.endswith(b', "webhook_event": ' + body + b"}")
    assert json.loads(asked) == {
        "auth_algo": "SHA256withRSA",
        "cert_url": CERTIFICATE,
        "transmission_id": headers["PAYPAL-TRANSMISSION-ID"],
        "transmission_sig": headers["PAYPAL-TRANSMISSION-SIG"],
        "transmission_time": headers["PAYPAL-TRANSMISSION-TIME"],
        "webhook_id": paypal.WEBHOOK_ID,
        "webhook_event": json.loads(body),
    }
    assert WebhookEvent.objects.count() == 1


def test_what_paypal_does_not_know_is_refused(client: Client, postback: responses.RequestsMock) -> None:
    postback.post(_VERIFY, json={"verification_status": "FAILURE"})
    assert_refused(deliver(client, body_of(event())), "signature_invalid")


def test_a_body_can_t_break_out_of_the_question(client: Client, postback: responses.RequestsMock) -> None:
    body = body_of(event()) + b', "webhook_id": "WH0THEIRS"'
    assert_refused(deliver(client, body), "event_malformed")
    assert len(postback.calls) == 0


def test_while_paypal_does_not_answer_the_event_is_asked_for_again(
    client: Client, postback: responses.RequestsMock
) -> None:
    postback.post(_VERIFY, status=503)
    answer = deliver(client, body_of(event()))
    assert answer.status_code == 503
    assert WebhookEvent.objects.count() == 0


def test_a_foreign_certificate_or_an_old_time_is_not_even_asked_about(
    client: Client, postback: responses.RequestsMock
) -> None:
    body = body_of(event())
    foreign = headers_for(body, cert_url="https://evil.example/certs/CERT-1")
    old = headers_for(body, at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    assert [deliver(client, body, headers).status_code for headers in (foreign, old)] == [400, 400]
    assert len(postback.calls) == 0
