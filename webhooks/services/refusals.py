"""Refused deliveries: always logged, audited within bounds.

Anybody can send nonsense to a public address as fast as the network allows, and the audit trail is append-only. So
each process writes at most `MAX_PER_MINUTE` records a minute. The bound is kept in memory and not in the cache: a
refusal must cost an attacker's request nothing outside this process, and must not wait for a cache that is down.
"""

import threading

import structlog
from django.db import DatabaseError

from common import audit

log = structlog.get_logger(__name__)

MAX_PER_MINUTE = 10


class RefusalBudget:
    """How many audit records may still be written in the current minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = -1
        self._spent = 0

    def take(self, *, minute: int) -> bool:
        """Whether one more may be written in this minute (minutes since the epoch)."""
        with self._lock:
            if minute != self._minute:
                self._minute, self._spent = minute, 0
            self._spent += 1
            return self._spent <= MAX_PER_MINUTE


_budget = RefusalBudget()


def note_refusal(*, source: str, code: str, size_bytes: int, unix_time: float) -> None:
    """Logs a refused delivery, and audits it while the minute's budget lasts. Nothing of the body is kept."""
    audited = _budget.take(minute=int(unix_time // 60))
    log.warning("webhook_refused", source=source, code=code, size_bytes=size_bytes, audited=audited)
    if not audited:
        return
    try:
        audit.record(
            event_type="webhook.refused",
            outcome="refused",
            command=f"POST /webhooks/{source}/",
            processor=source,
            failure_code=code,
        )
    except DatabaseError as error:
        # The answer to the sender is the same without PostgreSQL; the log line above has been written.
        log.error("audit_unavailable", error=type(error).__name__)
