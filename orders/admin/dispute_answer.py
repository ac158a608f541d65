"""Answering a dispute in Django admin: complete the draft, look at it, send it once; or give in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from common.clock import now
from common.errors import DomainError
from orders.contracts.dispute import FILES, MAX_FILES_BYTES, MAX_TEXT_LENGTH, TEXTS, EvidenceRefused
from orders.services import accept_dispute, attach_file, remove_file, save_draft, submit_evidence
from payments.enums import EvidenceKind
from payments.models import Dispute, DisputeEvidence
from payments.services import last_answer, open_answer

_LONG = (EvidenceKind.PRODUCT_DESCRIPTION, EvidenceKind.REFUND_POLICY, EvidenceKind.EXPLANATION)
_ACTIONS = ("save", "submit", "accept", "confirm_submit", "confirm_accept", "remove")


class EvidenceForm(forms.Form):
    """A field for each text and each file; what is refused is said by the use case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in TEXTS:
            widget = (
                forms.Textarea(attrs={"rows": 8, "cols": 90}) if kind in _LONG else forms.TextInput(attrs={"size": 90})
            )
            self.fields[kind.value] = forms.CharField(
                required=False, max_length=MAX_TEXT_LENGTH, label=kind.label.capitalize(), widget=widget, strip=True
            )
        for kind in FILES:
            self.fields[f"file_{kind.value}"] = forms.FileField(required=False, label=kind.label.capitalize())

    @property
    def texts(self) -> dict[str, str]:
        return {kind.value: self.cleaned_data[kind.value] for kind in TEXTS}

    @property
    def uploads(self) -> dict[str, Any]:
        return {kind.value: file for kind in FILES if (file := self.cleaned_data.get(f"file_{kind.value}"))}


def answer_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """One address for all of it, with the permission `payments.answer_dispute`; `?file=kind` shows a file."""
    if not request.user.has_perm("payments.answer_dispute"):
        raise PermissionDenied
    dispute = Dispute.objects.select_related("capture__payment").filter(id=object_id).first()
    if dispute is None:
        raise Http404
    if "file" in request.GET:
        return _file(dispute, request.GET["file"])
    action = next((name for name in _ACTIONS if name in request.POST), "")
    try:
        if action in ("confirm_submit", "confirm_accept"):
            return _send(request, dispute, action)
        if action == "remove":
            remove_file(dispute_id=dispute.id, kind=request.POST["remove"], now=now())
        elif action in ("save", "submit", "accept"):
            return _saved(request, dispute, action)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return _shown(request, dispute, None, "")


def _saved(request: HttpRequest, dispute: Dispute, action: str) -> HttpResponse:
    """Giving in needs no evidence, so what was filled in is not looked at."""
    if action == "accept":
        return _shown(request, dispute, None, "accept")
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, dispute, form, "")
    try:
        save_draft(dispute_id=dispute.id, texts=form.texts, now=now())
        for kind, file in form.uploads.items():
            # One byte more than is taken tells that it is too large.
            content = file.read(MAX_FILES_BYTES + 1)
            attach_file(dispute_id=dispute.id, kind=kind, name=file.name or "", content=content, now=now())
    except EvidenceRefused as refusal:
        field = f"file_{refusal.kind_of_evidence}" if refusal.kind_of_evidence in FILES else refusal.kind_of_evidence
        form.add_error(field or None, refusal.detail)
        return _shown(request, dispute, form, "")
    if action == "submit":
        return _shown(request, dispute, None, "submit")
    messages.success(request, "The draft is kept. Nothing was sent.")
    return HttpResponseRedirect(reverse("admin:payments_dispute_answer", args=[dispute.id]))


def _send(request: HttpRequest, dispute: Dispute, action: str) -> HttpResponse:
    if action == "confirm_submit":
        submit_evidence(dispute_id=dispute.id, now=now())
        messages.success(request, "The answer is being sent. It can't be changed any more.")
    else:
        accept_dispute(dispute_id=dispute.id, now=now())
        messages.success(request, "The processor is being told that we give in.")
    return HttpResponseRedirect(reverse("admin:payments_dispute_change", args=[dispute.id]))


def _shown(request: HttpRequest, dispute: Dispute, form: EvidenceForm | None, asks: str) -> HttpResponse:
    """`asks`: what is to be confirmed, if anything."""
    rows = list(DisputeEvidence.objects.filter(dispute=dispute).order_by("kind"))
    texts = {row.kind: row.text for row in rows if row.content is None}
    on_its_way = open_answer(dispute)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Answer {dispute.public_id}",
        "opts": Dispute._meta,
        "dispute": dispute,
        "form": form or EvidenceForm(initial=texts),
        "rows": rows,
        "asks": asks,
        "on_its_way": on_its_way,
        "last": last_answer(dispute),
        "can_be_answered": dispute.can_be_answered and on_its_way is None,
    }
    return TemplateResponse(request, "admin/orders/dispute/answer.html", context)


def _file(dispute: Dispute, kind: str) -> HttpResponse:
    """To be kept, never to be opened in our pages."""
    row = DisputeEvidence.objects.filter(dispute=dispute, kind=kind, content__isnull=False).first()
    if row is None or row.content is None:
        raise Http404
    return HttpResponse(
        bytes(row.content),
        content_type=row.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{row.file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
