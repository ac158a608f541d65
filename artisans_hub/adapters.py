"""Hooks of the auth library, here because they reach from log-in up to the cart."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

from common import clock
from common.guests import known_guest_scope
from identity.adapters import MailByOutbox
from orders.services.cart import merge_carts
from orders.services.claim import claim_orders


class AccountAdapter(MailByOutbox):
    """A log-in takes the guest's cart and orders along; letters go by the outbox."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This address and this password do not belong together.",
        "too_many_login_attempts": "Too many tries. Please wait a few minutes, or set a new password.",
    }

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Runs once after every log-in, by password, by a confirmed address and after a reset alike."""
        scope = known_guest_scope(request.session)
        if scope and merge_carts(user_pk=user.pk, guest_scope=scope, now=clock.now()):
            messages.info(request, "Your earlier cart was in another currency, so we kept the one you filled just now.")
        claim_orders(user_id=user.pk, guest_scope=scope, now=clock.now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response
