"""What waits at the broker, for sweepers: while much does, they hold back what they send a second time."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_QUEUE = "celery"  # Celery's own default, and the only one
# So many tasks are seconds of work: what was sent and is not done by then may be lost.
_BUSY_FROM = 100


def is_busy() -> bool:
    """Whether the workers are far behind, so that what was sent is likely still in the queue.

    False when the broker can't be asked: who sends to it then finds out.
    """
    try:
        return _count_queued() >= _BUSY_FROM
    except (BrokerError, RedisError, OSError) as error:
        log.warning("broker_unreachable", error=type(error).__name__)
        return False


def _count_queued() -> int:
    with current_app.connection_or_acquire() as connection:
        return int(connection.default_channel.queue_declare(_QUEUE).message_count)
