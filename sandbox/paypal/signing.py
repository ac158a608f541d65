"""The sandbox's own certificates, and the signatures of its PayPal webhooks.

https://developer.paypal.com/api/rest/webhooks/rest/ - "Self verification method"
"""

import base64
import datetime as dt
import uuid
import zlib
from dataclasses import dataclass
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.store import Store

ALGORITHM = "SHA256withRSA"
COMMON_NAME = "messageverificationcerts.sandbox.paypal.com"
_ROOT_NAME = "Processor sandbox root CA"
_ROOT_DAYS, _LEAF_DAYS = 3650, 397


@dataclass(frozen=True)
class Signature:
    transmission_id: str
    transmission_time: str
    value: str


def message(*, transmission_id: str, transmission_time: str, webhook_id: str, body: bytes) -> bytes:
    """What is signed; the CRC-32 of the body is written in decimal."""
    return f"{transmission_id}|{transmission_time}|{webhook_id}|{zlib.crc32(body)}".encode()


class Certificates:
    """Made once per state file: a new root would be a stranger to everyone who trusts the old one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _stored(self) -> dict[str, str]:
        kept = {row["name"]: row["value"] for row in self._store.sql.execute("SELECT name, value FROM paypal_keys")}
        if "root" not in kept:
            made = _made()
            with self._store.transaction():
                self._store.sql.executemany("INSERT INTO paypal_keys VALUES (?, ?)", list(made.items()))
            kept |= made
        return kept

    @property
    def root_pem(self) -> str:
        return self._stored["root"]

    @property
    def chain_pem(self) -> str:
        """The leaf, then the root that has issued it."""
        return self._stored["leaf"] + self._stored["root"]

    @property
    def path(self) -> str:
        return f"/paypal/certs/{self._stored['name']}.pem"

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        key = serialization.load_pem_private_key(self._stored["key"].encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the stored key is no RSA key")
        return key

    def sign(self, *, body: bytes, webhook_id: str, at: dt.datetime) -> Signature:
        """A transmission of its own: PayPal gives each attempt an id and a time."""
        transmission_id = str(uuid.uuid4())
        time = f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        signed = message(transmission_id=transmission_id, transmission_time=time, webhook_id=webhook_id, body=body)
        value = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return Signature(transmission_id, time, base64.b64encode(value).decode())

    def verifies(self, signature: Signature, *, body: bytes, webhook_id: str) -> bool:
        signed = message(
            transmission_id=signature.transmission_id,
            transmission_time=signature.transmission_time,
            webhook_id=webhook_id,
            body=body,
        )
        try:
            value = base64.b64decode(signature.value, validate=True)
            self._key.public_key().verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, InvalidSignature):
            return False
        return True


def _made() -> dict[str, str]:
    root_key, leaf_key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _ROOT_NAME)])
    root = (
        _builder(root_name, root_name, root_key.public_key(), days=_ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    leaf = (
        _builder(leaf_name, root_name, leaf_key.public_key(), days=_LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(COMMON_NAME)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    private = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "root": _pem(root),
        "leaf": _pem(leaf),
        "key": private.decode(),
        "name": f"CERT-{leaf.fingerprint(hashes.SHA256()).hex()[:16]}",
    }


def _builder(subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, *, days: int) -> x509.CertificateBuilder:
    now = dt.datetime.now(tz=dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # An hour of the past, for clocks that go slow.
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
