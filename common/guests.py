"""A guest's identity: a random token in the session, which survives log-in. Rows keep only its hash."""

import hashlib
import secrets
from collections.abc import MutableMapping
from typing import Any

_SESSION_KEY = "guest_token"


def guest_scope(session: MutableMapping[str, Any]) -> str:
    """`guest:` and 40 hexadecimal digits; a session without a token gets one."""
    token = session.get(_SESSION_KEY)
    if not isinstance(token, str):
        token = secrets.token_urlsafe(24)
        session[_SESSION_KEY] = token
    return _scope(token)


def known_guest_scope(session: MutableMapping[str, Any]) -> str:
    """As `guest_scope`, but empty for a session without a token: reading must not create sessions."""
    token = session.get(_SESSION_KEY)
    return _scope(token) if isinstance(token, str) else ""


def _scope(token: str) -> str:
    return "guest:" + hashlib.sha256(token.encode()).hexdigest()[:40]
