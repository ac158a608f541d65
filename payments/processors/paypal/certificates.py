"""The certificate behind a webhook's signature: from PayPal's own address, and down from a root that we trust.

PayPal names the address in a header, so whoever sends the request chooses it. Nothing is fetched that does not begin
with the one address of the settings, no redirect is followed, and what comes is bounded in size and time.
"""

import datetime as dt
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from common.errors import DomainError, ErrorKind
from payments.processors.events import EventRefused
from payments.processors.paypal.client import QuietSession

log = structlog.get_logger(__name__)

_MAX_URL_LENGTH = 500  # what PayPal's own contract allows
_MAX_BYTES = 64 * 1024
_CONNECT_SECONDS, _READ_SECONDS, _WHOLE_SECONDS = 3, 5, 8
# A verified certificate is looked at again after this, and never used beyond its own end.
_KEPT_FOR = dt.timedelta(hours=12)
_MAX_KEPT = 20
# PayPal has a few certificates at a time. More fetches than this are somebody else's doing.
_FETCHES_PER_MINUTE = 12
_LEAST_KEY_BITS = 2048
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,200}(\.pem)?\Z", re.ASCII)


class CertificateRefused(EventRefused):
    """It is not from PayPal's address, or not PayPal's, or not valid now. Whatever it has signed is refused."""

    code = "certificate_refused"
    title = "The certificate is not PayPal's"


class CertificateUnavailable(DomainError):
    """PayPal's host did not give it at this moment. PayPal sends the event again."""

    code = "certificate_unavailable"
    kind = ErrorKind.UNAVAILABLE
    title = "The certificate can't be had now; send the event again"


@dataclass(frozen=True, slots=True)
class _Kept:
    key: rsa.RSAPublicKey
    from_: dt.datetime
    until: dt.datetime


class Certificates:
    """Fetches, verifies and keeps them. `roots` is a PEM file; empty: those that browsers trust."""

    def __init__(self, *, address: str, name: str, roots: str) -> None:
        self._address, self._name, self._roots = address, name, roots
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self._minute, self._fetches = -1, 0
        self._session = QuietSession()

    def key_of(self, url: str, *, now: dt.datetime) -> rsa.RSAPublicKey:
        """The public key of the certificate at `url`. Raises CertificateRefused or CertificateUnavailable."""
        check_address(url, begins_with=self._address)
        with self._lock:
            kept = self._kept.get(url)
        if kept is not None and kept.from_ <= now < kept.until:
            return kept.key
        self._count_fetch()
        kept = self._verified(self._fetched(url), now)
        with self._lock:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[url] = kept
        return kept.key

    def _count_fetch(self) -> None:
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._fetches = minute, 0
            self._fetches += 1
            if self._fetches > _FETCHES_PER_MINUTE:
                raise CertificateUnavailable("too many different certificates were named")

    def _fetched(self, url: str) -> bytes:
        started = time.monotonic()
        content = b""
        try:
            with self._session.get(url, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)) as answer:
                if answer.status_code >= 500 or answer.status_code == 429:
                    raise CertificateUnavailable(f"PayPal's host answers {answer.status_code}")
                if answer.status_code != 200:
                    raise CertificateRefused(f"its address answers {answer.status_code}")
                for part in answer.iter_content(4096):
                    content += part
                    if len(content) > _MAX_BYTES:
                        raise CertificateRefused("it is larger than any certificate")
                    if time.monotonic() - started > _WHOLE_SECONDS:
                        raise CertificateUnavailable("PayPal's host is too slow")
        except requests.RequestException as error:
            log.warning("certificate_unavailable", processor="paypal", error=type(error).__name__)
            raise CertificateUnavailable() from error
        return content

    def _verified(self, pem: bytes, now: dt.datetime) -> _Kept:
        try:
            leaf, *others = x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise CertificateRefused("it is no certificate") from error
        verifier = (
            PolicyBuilder()
            .store(Store(self._trusted()))
            .time(now.astimezone(dt.UTC).replace(tzinfo=None))
            .build_server_verifier(x509.DNSName(self._name))
        )
        try:
            chain = verifier.verify(leaf, others)
        except VerificationError as error:
            # The reason is for us: expired, of another name, or from a root that we don't trust.
            log.warning("certificate_refused", processor="paypal", reason=str(error)[:200])
            raise CertificateRefused("it does not go back to a root that we trust") from error
        key = leaf.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_KEY_BITS:
            raise CertificateRefused("its key is not an RSA key of this day")
        ends = min(certificate.not_valid_after_utc for certificate in chain)
        begins = max(certificate.not_valid_before_utc for certificate in chain)
        return _Kept(key, begins, min(ends, now + _KEPT_FOR))

    def _trusted(self) -> list[x509.Certificate]:
        """Read afresh for each new certificate: that is rare, and roots are replaced while we run."""
        path = Path(self._roots or requests.utils.DEFAULT_CA_BUNDLE_PATH)
        try:
            trusted = _readable(path.read_bytes())
        except OSError as error:
            log.error("roots_unreadable", processor="paypal", error=type(error).__name__)
            raise CertificateUnavailable("our own list of trusted roots can't be read") from error
        if not trusted:
            log.error("roots_unreadable", processor="paypal", error="empty")
            raise CertificateUnavailable("our own list of trusted roots can't be read")
        return trusted


def _readable(pem: bytes) -> list[x509.Certificate]:
    """All that can be read: among the roots of browsers are old ones that break the rules of today."""
    end = b"-----END CERTIFICATE-----"
    found = []
    for block in pem.split(end)[:-1]:
        try:
            found.append(x509.load_pem_x509_certificate(block + end))
        except ValueError:
            log.warning("root_unreadable", processor="paypal")
    return found


def check_address(url: str, *, begins_with: str) -> None:
    """Raises CertificateRefused unless `url` is one file under `begins_with`: same scheme, host and port, letter by
    letter, and nothing that a parser could read otherwise."""
    if len(url) > _MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or "\\" in url:
        raise CertificateRefused("its address is no address")
    if not url.startswith(begins_with) or not _FILE.match(url[len(begins_with) :]):
        raise CertificateRefused("it is not at PayPal's address")
    given, wanted = urlsplit(url), urlsplit(begins_with)
    if (given.scheme, given.netloc) != (wanted.scheme, wanted.netloc):
        raise CertificateRefused("it is not at PayPal's address")
