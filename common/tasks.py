"""Scheduled and queued work of the common tables."""

from celery import shared_task

from common import audit, idempotency, outbox
from common.clock import now


@shared_task(name="common.tasks.run_outbox_messages")
def run_outbox_messages(message_ids: list[int]) -> None:
    outbox.run_messages(message_ids)


@shared_task(name="common.tasks.send_outbox")
def send_outbox() -> int:
    return outbox.sweep(now=now())


@shared_task(name="common.tasks.seal_audit")
def seal_audit() -> int:
    return audit.seal()


@shared_task(name="common.tasks.forget_idempotency_keys")
def forget_idempotency_keys() -> int:
    return idempotency.forget_old(now=now())


@shared_task(name="common.tasks.forget_done_messages")
def forget_done_messages() -> int:
    return outbox.forget_done(now=now())
