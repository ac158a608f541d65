"""Builds PayPal's events and signs them as PayPal would, with a chain of certificates made for the tests."""

import base64
import datetime as dt
import itertools
import json
import time
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.test import Client

URL = "/webhooks/paypal/"
WEBHOOK_ID = "WH0TESTS00000001"
CERTIFICATES = "https://api.sandbox.paypal.com/v1/notifications/certs/"
CERTIFICATE = CERTIFICATES + "CERT-360caa42-fca2a594-8079afec"
NAME = "messageverificationcerts.sandbox.paypal.com"

_numbers = itertools.count(int(time.time() * 1000))
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """Somebody with a certificate: `chain` is what its address shows, `root` what stands behind it."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    chain: bytes
    root: bytes


@cache
def _rsa(number: int) -> rsa.RSAPrivateKey:
    """The same key for the same number: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def signer(
    *,
    name: str = NAME,
    root: int = 1,
    starts_in_days: int = -1,
    lasts_days: int = 30,
    curve: bool = False,
    self_signed: bool = False,
) -> Signer:
    """Two with the same number of `root` go back to the same root."""
    root_key, between_key = _rsa(root), _rsa(100 + root)
    key = ec.generate_private_key(ec.SECP256R1()) if curve else _rsa(200 + root)
    now = dt.datetime.now(dt.UTC)
    root_pem = _certificate(f"Root {root}", f"Root {root}", root_key.public_key(), root_key, now - _DAY, 3650, ca=True)
    between = _certificate(f"CA {root}", f"Root {root}", between_key.public_key(), root_key, now - _DAY, 365, ca=True)
    start = now + starts_in_days * _DAY
    issuer, issuer_key = (name, key) if self_signed else (f"CA {root}", between_key)
    leaf = _certificate(name, issuer, key.public_key(), issuer_key, start, lasts_days, ca=False)
    return Signer(key, leaf if self_signed else leaf + between, root_pem)


def _certificate(
    name: str, issuer: str, public_key: Any, issuer_key: Any, start: dt.datetime, days: int, *, ca: bool
) -> bytes:
    usage = x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + days * _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def unique(prefix: str) -> str:
    return f"{prefix}{next(_numbers)}"


def event(event_type: str = "PAYMENT.CAPTURE.COMPLETED", **resource: Any) -> dict[str, Any]:
    """An event document; `resource` are fields of its resource."""
    return {
        "id": unique("WH-T"),
        "event_version": "1.0",
        "create_time": "2026-03-01T10:00:00.123Z",
        "resource_type": "capture",
        "resource_version": "2.0",
        "event_type": event_type,
        "summary": "Something happened",
        "resource": {
            "id": unique("CAP"),
            "status": "COMPLETED",
            "custom_id": "pay_abc",
            "invoice_id": "ord:def-pay:abc",
            "supplementary_data": {"related_ids": {"order_id": "ORDER1"}},
            **resource,
        },
        "links": [],
    }


def body_of(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()


def headers_for(
    body: bytes,
    *,
    by: Signer | None = None,
    at: dt.datetime | None = None,
    webhook_id: str = WEBHOOK_ID,
    **changed: str,
) -> dict[str, str]:
    """The five headers of a delivery of `body`; `changed` replaces some after signing (`cert_url="..."`)."""
    key = (by or signer()).key
    transmission_id, sent_at = unique("b2384410-f8d2-11e4-8bf3-"), at or dt.datetime.now(dt.UTC)
    sent = f"{sent_at:%Y-%m-%dT%H:%M:%SZ}"
    signed = f"{transmission_id}|{sent}|{webhook_id}|{zlib.crc32(body)}".encode()
    if isinstance(key, rsa.RSAPrivateKey):
        value = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        value = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    headers = {
        "auth_algo": "SHA256withRSA",
        "cert_url": CERTIFICATE,
        "transmission_id": transmission_id,
        "transmission_time": sent,
        "transmission_sig": base64.b64encode(value).decode(),
        **changed,
    }
    return {f"PAYPAL-{name.replace('_', '-').upper()}": text for name, text in headers.items()}


def deliver(client: Client, body: bytes, headers: dict[str, str] | None = None) -> Any:
    return client.generic(
        "POST", URL, body, content_type="application/json",
        headers={"User-Agent": "PayPal/AUHD-214.0", **(headers_for(body) if headers is None else headers)},
    )  # fmt: skip
