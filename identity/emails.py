"""Letters about accounts: written down with what causes them, sent by a worker after commit.

A mail server that is slow or down neither breaks nor slows a sign-up, and how long an answer takes does not tell
whether an address is known. The outbox holds ids only; whom and what about is in `AccountMail` until it is sent; links
that let somebody in are in the database at no time.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, get_emailconfirmation_model
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from common import outbox
from identity.models import AccountMail, User

_CONFIRMATIONS = ("account/email/email_confirmation", "account/email/email_confirmation_signup")
_RESET = "account/email/password_reset_key"
# What a letter may keep of the library's context: nothing that opens anything.
_FACTS = ("timestamp", "ip", "user_agent", "from_email", "to_email", "deleted_email")
# Longer than the outbox tries; a dead message may be revived by staff until then.
_UNSENT_KEPT = dt.timedelta(days=7)


def post(*, template: str, email: str, context: Mapping[str, Any], now: dt.datetime) -> None:
    """Writes a letter down in the caller's transaction, or in one of its own; a worker sends it after commit."""
    user = context.get("user")
    with transaction.atomic():
        letter = AccountMail.objects.create(
            template=template,
            email=email,
            user=user if isinstance(user, User) else None,
            facts={name: _storable(context[name]) for name in _FACTS if context.get(name)},
            created_at=now,
        )
        outbox.enqueue(task="identity.tasks.send_account_mail", kwargs={"mail_id": letter.id})


def send(*, mail_id: int) -> None:
    """Sends the letter and forgets it; not in a transaction. One that is gone, or void by now, is not sent.

    Raises OSError or SMTPException when the mail server does not take it; the outbox comes again.
    """
    letter = AccountMail.objects.select_related("user").filter(id=mail_id).first()
    if letter is None:
        return
    links = _links(letter)
    if links is not None:
        host = urlsplit(settings.SITE_URL).netloc
        context = {
            **_read(letter.facts),
            **links,
            "user": letter.user,
            "email": letter.email,
            "site_url": settings.SITE_URL,
            "current_site": {"name": "Artisan's Hub", "domain": host},
        }
        get_adapter().render_mail(letter.template, letter.email, context).send()
    letter.delete()


def forget_unsent(*, now: dt.datetime) -> int:
    """Deletes letters that nobody could send for a week, whose outbox messages are dead; returns how many."""
    return AccountMail.objects.filter(created_at__lt=now - _UNSENT_KEPT).delete()[0]


def _links(letter: AccountMail) -> dict[str, str] | None:
    """The links of a letter, made now; None when it has become void: its address was confirmed or removed meanwhile."""
    links = {"signup_url": _url("account_signup"), "password_reset_url": _url("account_reset_password")}
    if letter.template in _CONFIRMATIONS:
        address = EmailAddress.objects.filter(user=letter.user, email=letter.email, verified=False).first()
        if address is None:
            return None
        key = get_emailconfirmation_model().create(address).key
        return {**links, "activate_url": _url("account_confirm_email", key)}
    if letter.template == _RESET:
        if letter.user is None:
            return None
        token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(letter.user)
        reset = _url("account_reset_password_from_key", user_pk_to_url_str(letter.user), token)
        return {**links, "password_reset_url": reset}
    return links


def _url(name: str, *parts: str) -> str:
    """On the shop's configured address, never on whatever host a request named."""
    return settings.SITE_URL + reverse(name, args=parts)


def _storable(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _read(facts: Mapping[str, str]) -> dict[str, object]:
    at = facts.get("timestamp")
    return {**facts, "timestamp": dt.datetime.fromisoformat(at)} if at else dict(facts)
