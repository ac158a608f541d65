"""A reconciliation that staff ask for, and a statement of our bank that they give."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from common.clock import now
from common.errors import DomainError
from reconciliation import services
from reconciliation.models import ReconciliationRun
from reconciliation.services.store import Stored

_MAY_RUN = "reconciliation.run_reconciliation"
# A year of a busy account; what is larger is read by `manage.py reconcile --bank`.
_MOST_MEGABYTES = 10


class StatementForm(forms.Form):
    statement = forms.FileField(
        label="Statement of our bank",
        help_text=f"CAMT.053 (XML), or CSV with the columns entry_id, booking_date, value_date, amount, currency,"
        f" reference, description. Up to {_MOST_MEGABYTES} MB. An entry that is known already is kept once.",
    )

    def clean_statement(self) -> "UploadedFile[Any]":
        given: UploadedFile[Any] = self.cleaned_data["statement"]
        if (given.size or 0) > _MOST_MEGABYTES * 1_000_000:
            raise forms.ValidationError(f"That is more than {_MOST_MEGABYTES} MB.")
        return given


def start_page(request: HttpRequest) -> HttpResponse:
    """The button above the list; POST only. Pressed twice in a minute, it is done once."""
    _check(request)
    services.ask_to_reconcile(now=now())
    messages.success(request, "It is compared now; the run is on top of this list in a moment.")
    return _to_list()


def bank_statement_page(request: HttpRequest) -> HttpResponse:
    """Takes the file, and has the books compared with it."""
    _check(request)
    form = StatementForm(request.POST, request.FILES) if request.method == "POST" else StatementForm()
    if request.method == "POST" and form.is_valid():
        try:
            stored = _added(form.cleaned_data["statement"])
        except DomainError as refusal:
            form.add_error("statement", refusal.detail)
        else:
            what = f"Entries read: {stored.read}, new: {stored.added}."
            messages.success(request, f"{what} It is compared now; the run is on top of this list in a moment.")
            return _to_list()
    context = {
        **admin.site.each_context(request),
        "title": "Add a statement of our bank",
        "opts": ReconciliationRun._meta,
        "form": form,
    }
    return TemplateResponse(request, "admin/reconciliation/reconciliationrun/bank_statement.html", context)


def _added(given: "UploadedFile[Any]") -> Stored:
    with NamedTemporaryFile(suffix=".statement") as file:
        for chunk in given.chunks():
            file.write(chunk)
        file.flush()
        return services.add_bank_statement(path=Path(file.name), name=given.name or "the file", now=now())


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(_MAY_RUN):
        raise PermissionDenied


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:reconciliation_reconciliationrun_changelist"))
