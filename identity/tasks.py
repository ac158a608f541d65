"""Queued and scheduled work of accounts."""

from celery import shared_task

from common.clock import now
from identity import emails


@shared_task(name="identity.tasks.send_account_mail")
def send_account_mail(mail_id: int) -> None:
    emails.send(mail_id=mail_id)


@shared_task(name="identity.tasks.forget_unsent_mails")
def forget_unsent_mails() -> int:
    return emails.forget_unsent(now=now())
