"""The frame of the artisan's dashboard; what stands in it is made in the browser, from the API of their own money."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from common.clock import now
from orders.selectors.selling import artisan_of
from payouts.services.guidance import deadline_notice
from payouts.services.onboarding import account_of


@never_cache
@login_required
@ensure_csrf_cookie
@require_GET
def money(request: HttpRequest, public_id: str = "") -> HttpResponse:
    """The same frame for each of its addresses: the script in it shows what the address names.

    Whether there is such a payout, and whose it is, says the API.
    """
    artisan = artisan_of(request.user)
    if artisan is None:
        raise Http404
    notice = deadline_notice(account_of(artisan), now=now())
    return render(request, "orders/selling/money.html", {"artisan": artisan, "notice": notice})
