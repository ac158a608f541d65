"""PayPal-Request-Id: https://developer.paypal.com/api/rest/reference/idempotency/

The same id gives the object that the first request made or changed, as it is now. PayPal documents no comparison of
bodies for orders and payments; the vault has an error for an id that was used for another request.
"""

import hashlib
import json
from dataclasses import dataclass

from sandbox.paypal.errors import ApiError, refused
from sandbox.paypal.work import ACCOUNT
from sandbox.store import Store


@dataclass(frozen=True)
class Made:
    """What the first request under an id has made."""

    object_id: str
    status: int


def key_of(method: str, path: str, request_id: str) -> str:
    return f"{method} {path} {request_id}"


def before(store: Store, *, key: str, body: str, kept_seconds: float, now: float, compares: bool) -> Made | None:
    """Raises ApiError where the body is compared and another one."""
    row = store.sql.execute("SELECT * FROM idempotency WHERE account = ? AND key = ?", (ACCOUNT, key)).fetchone()
    if row is None or row["created"] < now - kept_seconds:
        return None
    if compares and row["fingerprint"] != _print(body):
        raise refused("PAYPAL_REQUEST_ID_PREVIOUSLY_USED")
    return Made(row["body"], row["status"])


def keep(store: Store, *, key: str, body: str, now: float, made: Made) -> None:
    store.sql.execute(
        "INSERT OR REPLACE INTO idempotency (account, key, fingerprint, created, status, body, request_id) "
        "VALUES (?, ?, ?, ?, ?, ?, '')",
        (ACCOUNT, key, _print(body), now, made.status, made.object_id),
    )


def in_progress() -> ApiError:
    return ApiError("RESOURCE_CONFLICT", {"issue": "PREVIOUS_REQUEST_IN_PROGRESS"})


def _print(body: str) -> str:
    try:
        text = json.dumps(json.loads(body or "{}"), sort_keys=True)
    except ValueError:
        text = body
    return hashlib.sha256(text.encode()).hexdigest()
