"""A card number anywhere in any request: refused, alerted without the number, nothing stored, nothing logged."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.models import AuditRecord
from tests.security.watch import changed, contents, everything_logged

pytestmark = pytest.mark.django_db

VISA = "4242424242424242"
SPACED = "4242 4242 4242 4242"
CHECKOUTS = "/api/v1/checkouts"
Send = Callable[[Client], Any]


def _json(body: object, path: str = CHECKOUTS, **headers: str) -> Send:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return lambda client: client.post(path, text, content_type="application/json", headers=headers)


def _get(path: str, **headers: str) -> Send:
    return lambda client: client.get(path, headers=headers)


def _raw(body: str | bytes, kind: str, path: str = "/cart/add/") -> Send:
    return lambda client: client.generic("POST", path, body, content_type=kind)


REQUESTS: dict[str, Send] = {
    "path": _get(f"/orders/{VISA}/"),
    "path of a POST": _json({}, f"/api/v1/checkouts/{VISA}/confirm"),
    "path under the webhooks": _get(f"/webhooks/{VISA}/"),
    "path behind a webhook": _json({}, f"/webhooks/stripe/{VISA}"),
    "path with escapes": _get("/orders/4242%204242%204242%204242/"),
    "path nobody serves": _get(f"/nowhere/{VISA}"),
    "query": _get(f"/?q={VISA}"),
    "query with gaps": _get("/?q=4242+4242+4242+4242"),
    "query, first of two": _get(f"/?q={VISA}&q=vase"),
    "query, name": _get(f"/?{VISA}=1"),
    "query of a POST": _json({}, f"{CHECKOUTS}?note={VISA}"),
    "idempotency key": _json({}, **{"Idempotency-Key": VISA}),
    "user agent": _get("/", **{"User-Agent": f"Browser {VISA}"}),
    "referer": _get("/", Referer=f"https://shop.example/?card={VISA}"),
    "JSON value": _json({"email": VISA}),
    "JSON value with gaps": _json({"email": SPACED}),
    "JSON value among words": _json({"shipping_address": {"line2": f"card {VISA}, 12/30"}}),
    "JSON number": _json({"phone": int(VISA)}),
    "JSON number with exponent": _json('{"phone": 4.242424242424242e15}'),
    "JSON key": _json({VISA: "x"}),
    "JSON, first of two of one name": _json(f'{{"email": "{VISA}", "email": "ada@example.org"}}'),
    "JSON escapes": _json('{"email": "\\u0034242424242424242"}'),
    "JSON nested": _json({"a": [{"b": [[VISA]]}]}),
    "JSON nested deeply": _json('{"a":' * 300 + f'"{VISA}"' + "}" * 300),
    "JSON nested too deeply to parse": _json("[" * 100_000 + VISA + "]" * 100_000),
    "JSON beside a number too long to be read": _json(f'{{"n": {"1" * 5000}, "email": "{VISA}"}}'),
    "JSON in a charset that has no gaps": _raw(json.dumps({"email": VISA}), "application/json; charset=idna"),
    "JSON in a charset that reads nothing": _raw(json.dumps({"email": VISA}), "application/json; charset=undefined"),
    "JSON string alone": _json(f'"{VISA}"'),
    "security code": _json({"card": {"cvc": "123"}}),
    "expiry": _json({"expiry": "12/30"}),
    "malformed JSON": _json(f'{{"email": "{VISA}", '),
    "UTF-16 JSON": lambda client: client.generic(
        "POST", CHECKOUTS, json.dumps({"email": VISA}).encode("utf-16"), content_type="application/json; charset=utf-16"
    ),
    "JSON called text": _raw(json.dumps({"email": VISA}), "text/plain", CHECKOUTS),
    "no content type": _raw(f"email={VISA}", "", CHECKOUTS),
    "PUT": lambda client: client.put(
        "/api/v1/cart/items/prd_x", {"quantity": int(VISA)}, content_type="application/json"
    ),
    "PATCH": lambda client: client.patch("/api/v1/cart", {"quantity": VISA}, content_type="application/json"),
    "DELETE": lambda client: client.delete("/api/v1/cart/items/prd_x", f'"{VISA}"', content_type="application/json"),
    "form": _raw(f"product={VISA}", "application/x-www-form-urlencoded"),
    "form, escaped": _raw("product=4242%204242%204242%204242", "application/x-www-form-urlencoded"),
    "form, first of two": _raw(f"product={VISA}&product=prd_x", "application/x-www-form-urlencoded"),
    "form, log-in": _raw(f"login={VISA}&password=x", "application/x-www-form-urlencoded", "/accounts/login/"),
    "form, admin": _raw(f"username={VISA}&password=x", "application/x-www-form-urlencoded", "/admin/login/"),
    "multipart": lambda client: client.post("/cart/add/", {"product": VISA}),
    "multipart, name": lambda client: client.post("/cart/add/", {VISA: "x"}),
    "multipart, name of a file": lambda client: client.post(
        "/cart/add/", {"file": SimpleUploadedFile(f"{VISA}.pdf", b"x")}
    ),
    "multipart, name of a file with gaps": lambda client: client.post(
        "/cart/add/", {"product": "prd_x", "file": [SimpleUploadedFile(f"scan {SPACED}.pdf", b"x")]}
    ),
    "multipart, field of a file": lambda client: client.post("/cart/add/", {VISA: SimpleUploadedFile("a.pdf", b"x")}),
    "multipart, security code": lambda client: client.post("/cart/add/", {"cvc": "123"}),
}


@pytest.mark.parametrize("send", REQUESTS.values(), ids=REQUESTS.keys())
def test_refused_with_an_alert_and_no_trace_of_the_number(send: Send) -> None:
    client = Client()
    before = contents(without=frozenset({"common_auditrecord"}))
    with everything_logged() as log:
        answer = send(client)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert (problem["status"], problem["code"]) == (400, "card_data_refused")
    assert problem["title"] and problem["detail"] and problem["type"] == "/problems/card_data_refused"

    [alert] = AuditRecord.objects.all()
    assert (alert.event_type, alert.outcome, alert.environment) == ("pci.alert", "refused", "test")
    assert alert.ip == "127.0.0.1"
    assert alert.trace_id == answer.headers["X-Request-ID"]
    assert changed(before, contents(without=frozenset({"common_auditrecord"}))) == set()

    assert "pci_alert" in log.getvalue()
    told = (
        log.getvalue()
        + answer.content.decode()
        + str(answer.headers)
        + str({f: getattr(alert, f) for f in vars(alert)})
    )
    for secret in (VISA, SPACED, "4242%204242", "424242424242"):
        assert secret not in told


def test_a_trace_id_that_is_a_card_number_is_replaced() -> None:
    with everything_logged() as log:
        answer = Client().get("/healthz", headers={"X-Request-ID": VISA})
    assert answer.status_code == 200
    assert VISA not in answer.headers["X-Request-ID"] + log.getvalue()


@pytest.mark.parametrize(
    "send",
    [
        _get("/healthz?phone=%2B4242424242424242"),
        _raw("", "application/json", "/healthz"),
        _raw("phone=%2B4242424242424242", "application/x-www-form-urlencoded", "/healthz"),
        _raw(
            json.dumps({"quantity": 2, "phone": "+49 30 901820", "expires_at": "2026"}), "application/json", "/healthz"
        ),
        _raw("{", "application/json", "/healthz"),
        _raw(b"\xff\xfe\x00", "application/octet-stream", "/healthz"),
    ],
)
def test_innocent_requests_pass_the_guard(send: Send) -> None:
    assert send(Client()).status_code in (200, 403)
    assert not AuditRecord.objects.filter(event_type="pci.alert").exists()


def test_a_body_that_is_too_large_to_be_looked_at_is_refused() -> None:
    answer = Client().post(CHECKOUTS, "x" * 1_000_001, content_type="application/json")
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_file_that_nobody_needs_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest._load_post_and_files", lambda _: read.append(1))
    answer = Client().post("/cart/add/", {"file": SimpleUploadedFile("a.pdf", b"x" * 6_000_001)})
    assert (answer.status_code, read) == (413, [])
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_malformed_multipart_body_is_a_clear_refusal() -> None:
    answer = _raw("--x\r\nbroken", "multipart/form-data")(Client())
    assert answer.status_code == 400
