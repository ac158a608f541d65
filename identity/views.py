"""Account pages. Every look-up starts from the person who is logged in."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from identity.forms import AddressForm, ProfileForm
from identity.models import Address, User
from identity.selectors import address_of, addresses_of
from identity.services import AddressBookFull, change_address, delete_address, save_address


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is saved.")
        return redirect("identity:overview")
    return render(request, "identity/overview.html", {"form": form, "addresses": addresses_of(user)})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def address_add(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = AddressForm(request.POST or None, initial={"name": user.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            save_address(user=user, **form.values())
        except AddressBookFull as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, "The address is saved.")
            return redirect("identity:overview")
    return render(request, "identity/address.html", {"form": form, "address": None})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def address_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    address = _address_or_404(request, public_id)
    form = AddressForm(request.POST or None, instance=address)
    if request.method == "POST" and form.is_valid():
        change_address(address=address, **form.values())
        messages.success(request, "The address is saved.")
        return redirect("identity:overview")
    return render(request, "identity/address.html", {"form": form, "address": address})


@login_required
@require_POST
def address_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    delete_address(address=_address_or_404(request, public_id))
    messages.success(request, "The address is deleted. Orders that were sent there keep it.")
    return redirect("identity:overview")


def _user(request: HttpRequest) -> User:
    """The person behind a request that `login_required` has let through."""
    return cast(User, request.user)


def _address_or_404(request: HttpRequest, public_id: str) -> Address:
    try:
        return address_of(_user(request), public_id=public_id)
    except Address.DoesNotExist as error:
        raise Http404 from error
