"""Empty the bodies of events that are over for a long time: they name buyers, and are most of the inbox's size.

The row stays, and with it the event's id: Stripe sends an event again for three days by itself and lists it for thirty
(https://docs.stripe.com/webhooks/process-undelivered-events), and it must never be taken for a new one. What is parked,
failed or dead keeps its body, for a person or a later attempt needs it.
"""

import datetime as dt

import structlog
from django.conf import settings
from django.db import connection

from common.batches import in_batches

log = structlog.get_logger(__name__)

_SIZE = 500
_AT_MOST = 40
# Chosen once: as a subquery of IN the plan may run it again and again, each time passing over what it has taken
# before, so that more rows go than LIMIT says. The words of the partial index, whose condition PostgreSQL recognises in
# literals only.
_EMPTY = """
WITH due AS MATERIALIZED (
    SELECT id FROM webhooks_webhookevent
     WHERE status IN ('processed', 'ignored') AND NOT payload = '{}'::jsonb AND finished_at < %s
     ORDER BY finished_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE webhooks_webhookevent e SET payload = '{}'::jsonb FROM due WHERE e.id = due.id
"""


def empty_old_payloads(*, now: dt.datetime) -> int:
    """Empties the bodies of events that ended longer ago than WEBHOOK_PAYLOAD_DAYS; returns how many.

    Called by the schedule, not in a transaction: each batch is one autocommitted statement. Rows that somebody holds
    are left to the next run.
    """
    before = now - settings.WEBHOOK_PAYLOADS_KEPT

    def empty(size: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_EMPTY, [before, size])
            return int(cursor.rowcount)

    emptied = in_batches(empty, size=_SIZE, at_most=_AT_MOST)
    if emptied:
        log.info("webhook_payloads_emptied", events=emptied)
    return emptied
