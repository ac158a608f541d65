"""Asking to sell: what it means, the form, what became of it."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Artisan
from common.clock import now
from common.errors import DomainError
from identity.models import User
from payouts.enums import ApplicationStatus
from payouts.forms import ApplicationForm, as_filled_in
from payouts.services.applications import (
    DetailsInvalid,
    EmailNotVerified,
    apply_to_sell,
    consent_text,
    latest_application,
    withdraw_application,
)


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """For everybody: what selling here is like."""
    context = {"commission": f"{settings.COMMISSION_BPS / 100:g} %", "hold_days": settings.HOLD_PERIOD.days}
    return render(request, "payouts/sell.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if Artisan.objects.filter(owner=user).exists():
        return redirect("catalog:goods")
    latest = latest_application(user)
    if latest is not None and latest.status == ApplicationStatus.WAITING:
        return render(request, "payouts/applied.html", {"application": latest})
    form = ApplicationForm(request.POST or None, initial=as_filled_in(latest) if latest else {"dispatch_days": 3})
    refused = latest if latest is not None and latest.status == ApplicationStatus.REJECTED else None
    if request.method == "POST" and form.is_valid():
        try:
            application = apply_to_sell(user=user, details=form.details(), consent_text=consent_text(), now=now())
        except EmailNotVerified:
            form.add_error(None, "Please confirm your e-mail address first; nothing you have written is lost.")
        except DetailsInvalid as refusal:
            form.add_error(refusal.field, refusal.detail)
        except DomainError as refusal:
            messages.error(request, refusal.detail)
            return redirect("selling:apply")
        else:
            if application.status == ApplicationStatus.APPROVED:
                messages.success(request, "Welcome! Your shop is open. Put your first piece on the shelf.")
                return redirect("catalog:goods")
            messages.success(request, "Thank you. Your application is with us.")
            return redirect("selling:apply")
    status = 400 if form.is_bound else 200
    return render(request, "payouts/apply.html", {"form": form, "refused": refused}, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    withdraw_application(user=cast(User, request.user), now=now())
    messages.success(request, "Your application is withdrawn. You can apply again at any time.")
    return redirect("selling:start")
