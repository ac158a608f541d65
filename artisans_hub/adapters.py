"""Hooks of the auth library, here because they reach from log-in up to the cart."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from common import clock
from common.guests import known_guest_scope
from identity.models import User
from orders.services.cart import merge_carts


class AccountAdapter(DefaultAccountAdapter):
    """A log-in takes the guest's cart along."""

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Runs once after every log-in, by password, by a confirmed address and after a reset alike."""
        scope = known_guest_scope(request.session)
        if scope and merge_carts(user_pk=user.pk, guest_scope=scope, now=clock.now()):
            messages.info(request, "Your earlier cart was in another currency, so we kept the one you filled just now.")
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response
