"""Celery: the broker may lose everything, since outbox and inbox are tables; a killed worker's task returns."""

from typing import Any

from artisans_hub.settings.env import address

REDIS_URL = address("REDIS_URL", default="", schemes=("redis", "rediss"), why="it is the task broker and the cache")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 150,
    # kombu's defaults look for lost tasks about every 100 s
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # a web request must not hang on a dead broker: the outbox sweeper sends the message later
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "retry_on_timeout": False,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"

# name of the task -> seconds between runs
_every: dict[str, float] = {
    "common.tasks.send_outbox": 5,
    "common.tasks.seal_audit": 10,
    "common.tasks.forget_idempotency_keys": 3600,
    "common.tasks.forget_done_messages": 3600,
    "identity.tasks.forget_unsent_mails": 3600,
    "webhooks.tasks.sweep_inbox": 5,
    "webhooks.tasks.empty_old_payloads": 3600,
    "orders.tasks.forget_guest_carts": 3600,
    "orders.tasks.settle_open_payments": 15,
    "orders.tasks.expire_orders": 15,
    "orders.tasks.resolve_requests": 30,
    "orders.tasks.look_after_disputes": 60,
    "orders.tasks.look_after_recalls": 60,
    "orders.tasks.decide_overdue": 60,
    "payments.tasks.expire_methods": 3600,
    "payments.tasks.look_after_setups": 15,
    "payments.tasks.resolve_saved_requests": 30,
    "payouts.tasks.release_payables": 30,
    "payouts.tasks.release_reserves": 60,
    "payouts.tasks.recover_debts": 60,
    "payouts.tasks.remind_of_debts": 3600,
    "payouts.tasks.run_payouts": 30,
    "payouts.tasks.resolve_reversals": 30,
    "payouts.tasks.look_after_accounts": 30,
    "payouts.tasks.remind_of_deadlines": 600,
    "reconciliation.tasks.reconcile_daily": 3600,
    "payouts.tasks.look_after_bank_payouts": 60,
    "payouts.tasks.look_for_refused_bank_payouts": 1800,
    "payouts.tasks.announce_uncovered_run": 6 * 3600,
}
CELERY_BEAT_SCHEDULE = {name: {"task": name, "schedule": seconds} for name, seconds in _every.items()}
