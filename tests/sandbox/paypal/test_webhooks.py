"""PayPal's events: signed so that a stranger can tell, delivered, repeated, held and turned round on request."""

import base64
import datetime as dt
import json
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.sandbox.paypal.shop import PayPal
from tests.sandbox.process import Box, until

WEBHOOK_ID = "1JE4291016473214C"


@dataclass
class Received:
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """The shop's end. `answers` are the statuses of the next answers; then 200."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def types(self) -> list[str]:
        return [item.event["event_type"] for item in self.received]


@pytest.fixture
def listener() -> Iterator[Receiver]:
    it = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            it.received.append(Received(dict(self.headers), body))
            self.send_response(it.answers.pop(0) if it.answers else 200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}/webhooks/paypal/"
    yield it
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(tmp_path: Path, listener: Receiver) -> Iterator[PayPal]:
    """A sandbox that delivers PayPal's events to `listener`."""
    arguments = ("--paypal-webhook-url", listener.url, "--paypal-webhook-id", WEBHOOK_ID)
    box = Box(tmp_path, arguments=(*arguments, "--paypal-ca-file", str(tmp_path / "paypal" / "ca.pem")))
    box.start()
    yield PayPal(box)
    box.kill()


def leaf_and_issuer(received: Received) -> list[x509.Certificate]:
    text = requests.get(received.headers["PAYPAL-CERT-URL"], timeout=5)
    text.raise_for_status()
    return x509.load_pem_x509_certificates(text.content)


def verify(received: Received, certificate: x509.Certificate, *, body: bytes | None = None) -> None:
    """As the documentation of PayPal's self verification has it. Raises InvalidSignature."""
    headers = received.headers
    crc = zlib.crc32(received.body if body is None else body)
    signed = f"{headers['PAYPAL-TRANSMISSION-ID']}|{headers['PAYPAL-TRANSMISSION-TIME']}|{WEBHOOK_ID}|{crc}"
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    value = base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
    key.verify(value, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


def one(told: PayPal, listener: Receiver) -> Received:
    """The first delivery of a small payment."""
    told.approve(told.order())
    told.box.settled()
    return listener.received[0]


def test_a_delivery_is_signed_by_a_certificate_of_the_sandboxs_own_root(told: PayPal, listener: Receiver) -> None:
    received = one(told, listener)
    leaf, issuer = leaf_and_issuer(received)
    verify(received, leaf)
    leaf.verify_directly_issued_by(issuer)
    root = requests.get(f"{told.box.url}/_sandbox/paypal/root-ca.pem", timeout=5).content
    assert x509.load_pem_x509_certificate(root) == issuer
    assert (told.box.state.parent / "paypal" / "ca.pem").read_bytes() == root
    name = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert name == "messageverificationcerts.sandbox.paypal.com"
    assert received.headers["PAYPAL-AUTH-ALGO"] == "SHA256withRSA"
    assert received.headers["PAYPAL-CERT-URL"].startswith(f"{told.box.url}/paypal/certs/CERT-")


def test_an_altered_body_does_not_verify(told: PayPal, listener: Receiver) -> None:
    received = one(told, listener)
    leaf, issuer = leaf_and_issuer(received)
    with pytest.raises(InvalidSignature):
        verify(received, leaf, body=received.body.replace(b"100.00", b"900.00"))
    with pytest.raises(InvalidSignature):
        verify(received, issuer)


def test_the_root_outlives_a_reset_and_a_restart(told: PayPal) -> None:
    address = f"{told.box.url}/_sandbox/paypal/root-ca.pem"
    before = requests.get(address, timeout=5).text
    told.box.post("reset")
    assert requests.get(address, timeout=5).text == before
    told.box.kill()
    told.box.start()
    assert requests.get(f"{told.box.url}/_sandbox/paypal/root-ca.pem", timeout=5).text == before


def test_the_transmission_time_is_the_real_one_even_when_the_clock_was_moved(told: PayPal, listener: Receiver) -> None:
    told.box.post("clock", advance_seconds=30 * 24 * 3600)
    received = one(told, listener)
    stamped = dt.datetime.fromisoformat(received.headers["PAYPAL-TRANSMISSION-TIME"])
    assert abs((dt.datetime.now(tz=dt.UTC) - stamped).total_seconds()) < 30
    assert received.event["create_time"] > received.headers["PAYPAL-TRANSMISSION-TIME"]


def test_what_is_not_taken_is_tried_again_as_the_same_event(told: PayPal, listener: Receiver) -> None:
    listener.answers = [500]
    one(told, listener)
    until(lambda: len(listener.received) == 2)
    first, second = listener.received
    assert first.event["id"] == second.event["id"]
    assert first.headers["PAYPAL-TRANSMISSION-ID"] != second.headers["PAYPAL-TRANSMISSION-ID"]
    verify(second, leaf_and_issuer(second)[0])


def test_a_purchase_and_a_refund_tell_their_story_in_order(told: PayPal, listener: Receiver) -> None:
    capture = told.captured(custom_id="order-7")
    told.refund(capture["id"], "5.00")
    told.box.settled()
    assert listener.types() == [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.COMPLETED",
        "CHECKOUT.ORDER.COMPLETED",
        "PAYMENT.CAPTURE.REFUNDED",
    ]
    completed = listener.received[1].event
    assert completed["resource_type"] == "capture"
    assert completed["resource"]["custom_id"] == "order-7"
    assert completed["resource"]["supplementary_data"]["related_ids"]["order_id"]
    assert completed["resource"]["seller_receivable_breakdown"]["net_amount"]["value"] == "96.66"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ({"duplicate": 1}, 2), ({"mode": "drop"}, 0), ({"mode": "hold"}, 0),
        ({"mode": "drop", "types": ["CHECKOUT.ORDER.*"], "processor": "paypal"}, 0),
        ({"mode": "drop", "types": ["PAYMENT.*"]}, 1), ({"mode": "drop", "processor": "stripe"}, 1),
    ],
    ids=["twice", "dropped", "held", "its kind dropped", "another kind dropped", "Stripe's dropped"],
)  # fmt: skip
def test_deliveries_obey_the_mode(told: PayPal, listener: Receiver, mode: dict[str, Any], expected: int) -> None:
    told.box.post("webhooks/mode", **mode)
    told.approve(told.order())
    told.box.settled()
    assert len(listener.received) == expected
    assert len({item.event["id"] for item in listener.received}) <= 1


def test_held_events_are_released_in_the_order_asked_for(told: PayPal, listener: Receiver) -> None:
    told.box.post("webhooks/mode", mode="hold")
    told.captured()
    assert told.box.post("webhooks/release", order="reverse") == {"released": 3}
    told.box.settled()
    assert listener.types() == ["CHECKOUT.ORDER.COMPLETED", "PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.APPROVED"]


def test_an_event_is_sent_once_more_by_the_control_api_and_by_paypals_own(told: PayPal, listener: Receiver) -> None:
    event = one(told, listener).event["id"]
    told.box.post(f"webhooks/{event}/send")
    told.box.settled()
    assert told.post(f"/v1/notifications/webhooks-events/{event}/resend", {}).status_code == 202
    told.box.settled()
    assert [item.event["id"] for item in listener.received] == [event] * 3


# ---------------------------------------------------------------------- the postback check
def ask(told: PayPal, received: Received, event_text: str, **changed: str) -> str:
    headers = received.headers
    asked = {
        "auth_algo": headers["PAYPAL-AUTH-ALGO"],
        "cert_url": headers["PAYPAL-CERT-URL"],
        "transmission_id": headers["PAYPAL-TRANSMISSION-ID"],
        "transmission_sig": headers["PAYPAL-TRANSMISSION-SIG"],
        "transmission_time": headers["PAYPAL-TRANSMISSION-TIME"],
        "webhook_id": WEBHOOK_ID,
    } | changed
    text = f'{json.dumps(asked)[:-1]}, "webhook_event": {event_text}}}'
    answer = told.call("POST", "/v1/notifications/verify-webhook-signature", data=text.encode())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["verification_status"])


def test_the_postback_check_knows_what_was_delivered_and_nothing_else(told: PayPal, listener: Receiver) -> None:
    received = one(told, listener)
    text = received.body.decode()
    assert ask(told, received, text) == "SUCCESS"
    assert ask(told, received, text.replace("100.00", "900.00")) == "FAILURE"
    assert ask(told, received, text, transmission_time="2020-01-01T00:00:00Z") == "FAILURE"
    assert ask(told, received, text, webhook_id="8PT597110X687430LKGECATA") == "FAILURE"
    assert ask(told, received, text, cert_url="https://api.paypal.com/v1/notifications/certs/CERT-1") == "FAILURE"


def test_the_postback_check_fails_for_an_event_that_was_written_anew(told: PayPal, listener: Receiver) -> None:
    received = one(told, listener)
    assert ask(told, received, json.dumps(received.event, indent=1)) == "FAILURE"
