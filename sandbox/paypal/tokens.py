"""Access tokens: https://developer.paypal.com/api/rest/authentication/

A token carries its own end and a seal, so that none is lost when the sandbox forgets everything between two tests.
Its end is counted in real time: the clock of whoever holds it is not moved along with the sandbox's.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs

from sandbox.paypal.ids import customer_id
from sandbox.store import Store

LIFETIME_SECONDS = 32_400
_PREFIX = "A21AA"
_SCOPES = (
    "https://uri.paypal.com/services/payments/payment/authcapture",
    "https://uri.paypal.com/services/payments/refund",
    "https://uri.paypal.com/services/vault/payment-tokens/readwrite",
    "https://uri.paypal.com/services/disputes/read-seller",
    "https://uri.paypal.com/services/disputes/update-seller",
    "https://uri.paypal.com/services/reporting/search/read",
    "https://uri.paypal.com/services/applications/webhooks",
    "openid",
)


class Refused(Exception):
    """Tokens are asked for in OAuth's words, not in those of PayPal's other errors."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.document = status, {"error": error, "error_description": description}


class Tokens:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._secret = b""

    def issue(self, *, authorization: str, body: str) -> dict[str, Any]:
        """The answer to POST /v1/oauth2/token. Raises Refused."""
        client = _client(authorization)
        given = {name: values[-1] for name, values in parse_qs(body).items()}
        if given.get("grant_type") != "client_credentials":
            raise Refused(
                400,
                "unsupported_grant_type",
                "Grant Type is NULL" if not given.get("grant_type") else "unsupported grant_type",
            )
        nonce = secrets.token_hex(12)
        answer: dict[str, Any] = {
            "scope": " ".join(_SCOPES),
            "access_token": self._sealed({"end": int(time.time()) + LIFETIME_SECONDS, "epoch": self._epoch()}),
            "token_type": "Bearer",
            "app_id": "APP-SANDBOX",
            "expires_in": LIFETIME_SECONDS,
            "nonce": nonce,
        }
        if given.get("response_type") == "id_token":
            answer["id_token"] = self._id_token(client, given.get("target_customer_id"))
        return answer

    def accepts(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.startswith(_PREFIX):
            return False
        text, _, seal = token[len(_PREFIX) :].partition("-seal-")
        if not hmac.compare_digest(seal.encode(), self._seal(text).encode()):
            return False
        held = json.loads(_unpacked(text))
        return bool(held["end"] > time.time() and held["epoch"] == self._epoch())

    def expire_all(self) -> None:
        """As if the nine hours were over."""
        self._store.set_setting("paypal_token_epoch", self._epoch() + 1)

    def _epoch(self) -> float:
        return self._store.setting("paypal_token_epoch", 0)

    def _sealed(self, held: dict[str, Any]) -> str:
        text = _packed(json.dumps(held | {"nonce": secrets.token_hex(6)}).encode())
        return f"{_PREFIX}{text}-seal-{self._seal(text)}"

    def _seal(self, text: str) -> str:
        if not self._secret:
            row = self._store.sql.execute("SELECT value FROM paypal_keys WHERE name = 'token'").fetchone()
            value = row["value"] if row is not None else secrets.token_hex(32)
            if row is None:
                self._store.sql.execute("INSERT INTO paypal_keys VALUES ('token', ?)", (value,))
            self._secret = value.encode()
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _id_token(self, client: str, customer: str | None) -> str:
        """For PayPal's script, which shows a known buyer what is saved; a JWT that is sealed like the rest."""
        head = _packed(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        claims = {
            "iss": "https://api.paypal.sandbox.example",
            "aud": client,
            "sub": customer or customer_id(),
            "options": {"vault": bool(customer)},
            "exp": int(time.time()) + 900,
        }
        payload = _packed(json.dumps(claims).encode())
        return f"{head}.{payload}.{self._seal(f'{head}.{payload}')}"


def _client(authorization: str) -> str:
    """Client id and secret come by HTTP Basic; any that start with `sandbox` are good. Raises Refused."""
    scheme, _, text = authorization.partition(" ")
    refused = Refused(401, "invalid_client", "Client Authentication failed")
    if scheme.lower() != "basic":
        raise refused
    try:
        client, _, secret = base64.b64decode(text.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise refused from error
    if not (client.startswith("sandbox") and secret.startswith("sandbox")):
        raise refused
    return client


def _packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
