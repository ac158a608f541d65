"""Queued and scheduled work of payments. Tasks take ids; each makes one call."""

from celery import shared_task

from common.clock import now
from payments import emails
from payments.services import saved


@shared_task(name="payments.tasks.detach_method")
def detach_method(method_id: int) -> None:
    saved.detach_method(method_id=method_id, now=now())


@shared_task(name="payments.tasks.keep_guest_method")
def keep_guest_method(payment_id: int, user_id: int) -> None:
    saved.keep_guest_method(payment_id=payment_id, user_id=user_id, now=now())


@shared_task(name="payments.tasks.forget_unclaimed_method")
def forget_unclaimed_method(payment_id: int, processor_method_id: str) -> None:
    saved.forget_unclaimed_method(payment_id=payment_id, processor_method_id=processor_method_id, now=now())


@shared_task(name="payments.tasks.expire_methods")
def expire_methods() -> int:
    return saved.expire_methods(now=now())


@shared_task(name="payments.tasks.look_after_setups")
def look_after_setups() -> int:
    return saved.look_after_setups(now=now())


@shared_task(name="payments.tasks.resolve_saved_requests")
def resolve_saved_requests() -> int:
    return saved.resolve_saved_requests(now=now())


@shared_task(name="payments.tasks.send_method_expired")
def send_method_expired(method_id: int) -> None:
    emails.send_method_expired(method_id=method_id)
