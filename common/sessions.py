"""Sessions in the database, asked for only by keys that can be there."""

import re

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

_KEY = re.compile(r"[0-9a-z]{32}\Z")


class SessionStore(DatabaseSessions):
    """Django looks any cookie up that has eight characters, and PostgreSQL fails on one that holds the character 0."""

    def _validate_session_key(self, key: str | None) -> bool:
        """As Django makes them; whoever brings another has no session yet."""
        return key is not None and _KEY.match(key) is not None
