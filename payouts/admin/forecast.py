"""How much must be topped up at Stripe, per currency, and by when: a page of Django admin, and its table."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from common.clock import now
from payouts.services.forecast import DAYS, MOST_DAYS, forecast, sentence


@require_GET
def forecast_view(request: HttpRequest) -> HttpResponse:
    """For who may see payouts. `?days=` says how far; the processors are asked for their balances each time."""
    if not request.user.has_perm("payouts.view_payout"):
        raise PermissionDenied
    asked = request.GET.get("days", "")
    days = min(max(int(asked), 1), MOST_DAYS) if asked.isdecimal() and len(asked) <= len(str(MOST_DAYS)) else DAYS
    ahead = forecast(now=now(), days=days)
    context = {
        **admin.site.each_context(request),
        "title": "Top-ups at Stripe",
        "ahead": ahead,
        "days": days,
        "choices": (7, DAYS, 30, MOST_DAYS),
        "currencies": [(currency, sentence(currency)) for currency in ahead.currencies],
    }
    return TemplateResponse(request, "admin/payouts/forecast.html", context)
