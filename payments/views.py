"""The page of saved ways to pay. Every look-up starts from the person who is logged in."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.clock import now
from common.errors import DomainError
from identity.models import User
from payments.contracts import ProcessorError, UnknownMethod
from payments.models import SavedMethod
from payments.selectors.saved import methods_of
from payments.services import saved


@never_cache
@login_required
@ensure_csrf_cookie
@require_GET
def methods_page(request: HttpRequest) -> HttpResponse:
    """The list. With `?setup=`, the buyer comes back from their bank or from PayPal: looked up, then shown."""
    user = cast(User, request.user)
    setup = request.GET.get("setup")
    if setup:
        return _come_back(request, user, setup)
    context = {
        "methods": methods_of(user.pk),
        "consent": saved.CONSENT,
        "takes_paypal": settings.PAYPAL_ENABLED,
    }
    return render(request, "payments/methods.html", context)


@login_required
@require_POST
def method_default(request: HttpRequest, public_id: str) -> HttpResponse:
    try:
        method = saved.make_default(user_id=cast(User, request.user).pk, public_id=public_id, now=now())
    except UnknownMethod as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, refusal.title)
    else:
        messages.success(request, f"{method.label} is offered first from now on.")
    return redirect("payments:methods")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def method_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Asks before it removes."""
    user = cast(User, request.user)
    method = _method_or_404(user, public_id)
    if request.method == "POST":
        saved.remove_method(user_id=user.pk, public_id=public_id, now=now())
        messages.success(request, f"{method.label} is removed.")
        return redirect("payments:methods")
    return render(request, "payments/method_remove.html", {"method": method})


def _come_back(request: HttpRequest, user: User, setup: str) -> HttpResponse:
    try:
        method = saved.complete_setup(user_id=user.pk, setup_reference=setup, now=now())
    except UnknownMethod as error:
        raise Http404 from error
    except ProcessorError:
        messages.warning(request, "We could not reach the payment service. What you saved appears here in a moment.")
    else:
        if method is None:
            messages.warning(
                request, "Nothing was saved and nothing was charged, because it was not confirmed. You can try again."
            )
        else:
            messages.success(request, f"{method.label} is saved.")
    return redirect("payments:methods")


def _method_or_404(user: User, public_id: str) -> SavedMethod:
    method = methods_of(user.pk).filter(public_id=public_id).first()
    if method is None:
        raise Http404
    return method
