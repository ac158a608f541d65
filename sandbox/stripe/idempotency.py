"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandbox.store import Store
from sandbox.stripe import forms
from sandbox.stripe.errors import ApiError

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class StoredAnswer:
    status: int
    body: str
    request_id: str


def fingerprint(method: str, path: str, raw: dict[str, Any]) -> str:
    """Equal for requests with the same parameters, in whatever order they came."""
    text = json.dumps([method, path, sorted(forms.flatten(raw).items())])
    return hashlib.sha256(text.encode()).hexdigest()


def stored(store: Store, *, account: str, key: str, fingerprint: str, now: float) -> StoredAnswer | None:
    """The answer that was given under this key before. Raises ApiError when it was to another request."""
    row = store.sql.execute("SELECT * FROM idempotency WHERE account = ? AND key = ?", (account, key)).fetchone()
    if row is None or row["created"] < now - KEPT_SECONDS:
        return None
    if row["fingerprint"] != fingerprint:
        raise ApiError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            f"using a key other than '{key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    return StoredAnswer(row["status"], row["body"], row["request_id"])


def store(
    store: Store, *, account: str, key: str, fingerprint: str, now: float, status: int, body: str, request_id: str
) -> None:
    store.sql.execute(
        "INSERT OR REPLACE INTO idempotency (account, key, fingerprint, created, status, body, request_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, key, fingerprint, now, status, body, request_id),
    )


def in_use(key: str) -> ApiError:
    return ApiError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        code="idempotency_key_in_use",
    )
