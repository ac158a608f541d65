"""“Getting paid”: where an artisan stands with Stripe, the way there, and the way back."""

import math
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from catalog.models import Artisan
from common.clock import now
from common.errors import DomainError
from common.money import Money
from payments.contracts import ProcessorError
from payouts.enums import AccountState
from payouts.forms import CountryForm
from payouts.selectors import totals_of_artisan
from payouts.services.guidance import CAN_CONTINUE, asked_of, being_checked, sentence, state_of_artisan
from payouts.services.onboarding import account_of, come_back, known_country, start_onboarding

_BUTTONS = {
    AccountState.NOT_STARTED: "Set up your payouts at Stripe",
    AccountState.INCOMPLETE: "Go on at Stripe",
    AccountState.REQUIREMENTS_DUE: "Give it to Stripe",
    AccountState.PAST_DUE: "Give it to Stripe",
    AccountState.RESTRICTED: "Look at it at Stripe",
    AccountState.DEAUTHORIZED: "Connect an account at Stripe",
    AccountState.ENABLED: "Change your details at Stripe",
    AccountState.PENDING_VERIFICATION: "Look at it at Stripe",
}
_LOOKS = {
    AccountState.ENABLED: "success",
    AccountState.PENDING_VERIFICATION: "",
    AccountState.PAST_DUE: "error",
    AccountState.REJECTED: "error",
    AccountState.DEAUTHORIZED: "error",
}


class LinkThrottle(SimpleRateThrottle):
    """How often one person is led to Stripe: each time is a call there, and the first makes an account."""

    scope = "onboarding_links"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


# The button is a form whose answer leads to Stripe, and browsers hold redirects of forms against `form-action` too.
@csp_update({"form-action": [settings.STRIPE_CONNECT_ORIGIN]})
@never_cache
@login_required
@require_GET
def setup(request: HttpRequest) -> HttpResponse:
    artisan = _artisan_or_404(request)
    return _shown(request, artisan)


@never_cache
@login_required
@require_POST
def go_on(request: HttpRequest) -> HttpResponse:
    """To Stripe's page, by a link that is made at this moment and good for this visit."""
    artisan = _artisan_or_404(request)
    return _to_stripe(request, artisan, request.POST.get("country", "")[:2])


@never_cache
@login_required
@require_GET
def come_again(request: HttpRequest) -> HttpResponse:
    """Stripe sends the artisan here when a link was used before or is too old: a new one, and on."""
    artisan = _artisan_or_404(request)
    if account_of(artisan) is None:
        return redirect("selling:payments-setup")
    return _to_stripe(request, artisan, "")


@never_cache
@login_required
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Stripe sends the artisan here, done or not: what is true is asked of Stripe. GET, but safe to repeat."""
    artisan = _artisan_or_404(request)
    try:
        account = come_back(artisan_id=artisan.pk, now=now())
    except DomainError:
        messages.warning(request, "We could not ask Stripe just now. This page shows what we know, and we ask again.")
    else:
        if account is not None and account.state == AccountState.ENABLED:
            messages.success(request, "Thank you. Everything is there: you can be paid.")
        elif account is not None and account.state == AccountState.PENDING_VERIFICATION:
            messages.info(request, "Thank you. Stripe has what it needs and is checking it.")
        elif account is not None:
            messages.warning(request, "Not everything is there yet. You can go on whenever you like.")
    return redirect("selling:payments-setup")


def _to_stripe(request: HttpRequest, artisan: Artisan, country: str) -> HttpResponse:
    throttle, asked = LinkThrottle(), Request(request)
    asked.user = request.user
    if not throttle.allow_request(asked, APIView()):
        seconds = math.ceil(throttle.wait() or 1)
        messages.error(
            request, f"You have been led to Stripe many times in a minute. Please try again in {seconds} seconds."
        )
        return redirect("selling:payments-setup")
    try:
        link = start_onboarding(artisan_id=artisan.pk, country=country, now=now())
    except ProcessorError:
        messages.error(request, "Stripe does not answer at the moment. Please try again in a minute.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        return HttpResponseRedirect(link.url)
    return redirect("selling:payments-setup")


def _shown(request: HttpRequest, artisan: Artisan) -> HttpResponse:
    account = account_of(artisan)
    state = state_of_artisan(account)
    asks_country = state in (AccountState.NOT_STARTED, AccountState.DEAUTHORIZED) and not known_country(artisan)
    context = {
        "artisan": artisan,
        "account": account,
        "state": state,
        "sentence": sentence(account),
        "look": _LOOKS.get(state, "warning"),
        "asked": asked_of(account),
        "checked": being_checked(account),
        "button": _BUTTONS[state] if state in CAN_CONTINUE else "",
        "country_form": CountryForm() if asks_country else None,
        "waiting": _waiting(artisan),
        "is_paid": account is not None and account.transfers_enabled,
    }
    return render(request, "payouts/paid.html", context)


def _waiting(artisan: Artisan) -> list[Money]:
    """What was earned and has not been sent, in each currency."""
    totals = totals_of_artisan(artisan_id=artisan.pk).values()
    return [amount for one in totals if (amount := one.held + one.released)]


def _artisan_or_404(request: HttpRequest) -> Artisan:
    artisan = Artisan.objects.filter(owner_id=request.user.pk).first()
    if artisan is None:
        raise Http404
    return artisan
