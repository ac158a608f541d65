"""Hooks of the auth library that need no more than the accounts themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import make_password
from django.utils.crypto import get_random_string

from common import clock
from identity import emails


class MailByOutbox(DefaultAccountAdapter):
    """Letters are not sent in the request; see identity.emails."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every letter of the library goes through here."""
        emails.post(template=template_prefix, email=email, context=context, now=clock.now())

    def send_account_already_exists_mail(self, email: str) -> None:
        """Answers a sign-up for an address that has an account, in the time that a new account takes."""
        # Most of which is the hash of its password.
        make_password(get_random_string(32))
        super().send_account_already_exists_mail(email)
