"""The queue of exceptions: both sides beside each other, the journal that would book it, and four eyes."""

import datetime as dt
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.functions import Abs
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from common.errors import DomainError
from ledger.contracts import Line
from ledger.selectors import entry_by_source
from reconciliation import services
from reconciliation.admin.rows import STYLES, badge
from reconciliation.enums import ExceptionStatus, JournalName, ProposalStatus, Source
from reconciliation.models import ExceptionEvent, JournalProposal, PlatformPayout, ReconciliationException
from reconciliation.selectors.bank import lines_about
from reconciliation.selectors.matching import evidence

_AGES = {"1": "older than a day", "7": "older than a week", "30": "older than a month"}
_AMOUNTS = {"1": "below 1.00", "100": "1.00 to 100.00", "more": "above 100.00"}


class AgeFilter(admin.SimpleListFilter):
    title = "age"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(_AGES.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReconciliationException]
    ) -> QuerySet[ReconciliationException]:
        value = self.value()
        return queryset.filter(found_at__lt=now() - dt.timedelta(days=int(value))) if value in _AGES else queryset


class AmountFilter(admin.SimpleListFilter):
    """By the size of the effect, in hundreds of minor units whatever the currency."""

    title = "amount"
    parameter_name = "size"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(_AMOUNTS.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReconciliationException]
    ) -> QuerySet[ReconciliationException]:
        sized = queryset.annotate(size=Abs("effect_minor"))
        match self.value():
            case "1":
                return sized.filter(size__lt=100)
            case "100":
                return sized.filter(size__gte=100, size__lte=10_000)
            case "more":
                return sized.filter(size__gt=10_000)
        return queryset


class ExceptionEventInline(ReadOnlyInline):
    model = ExceptionEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "actor", "note")
    ordering = ("id",)
    verbose_name_plural = "history"


class JournalProposalInline(ReadOnlyInline):
    model = JournalProposal
    fields = ("created_at", "shown_journal", "effect", "note", "proposer", "status", "approver", "decision_note")
    readonly_fields = ("effect", "shown_journal")
    ordering = ("id",)
    verbose_name_plural = "proposals"

    @admin.display(description="journal")
    def shown_journal(self, proposal: JournalProposal) -> str:
        return JournalName(proposal.journal).words

    @admin.display(description="amount")
    def effect(self, proposal: JournalProposal) -> str:
        return money(proposal.amount_minor, proposal.currency)


@admin.register(ReconciliationException)
class ReconciliationExceptionAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id", "shown_effect", "difference", "waits", "shown_status", "source", "movement_kind", "subject_key",
        "found_at",
    )  # fmt: skip
    list_filter = ("status", "difference", AgeFilter, AmountFilter, "source", "currency")
    search_fields = ("public_id", "subject_key")
    search_help_text = "rex_..., or what it is about there: ch_, re_, du_, tr_, po_, a PayPal transaction"
    inlines: ClassVar = [JournalProposalInline, ExceptionEventInline]
    change_form_template = "admin/reconciliation/reconciliationexception/change_form.html"
    fields = (
        "public_id", "shown_status", "source", "difference", "subject_key", "movement_kind", "occurred_at", "found_at",
        "found_in", "closed_at",
    )  # fmt: skip
    readonly_fields = ("shown_status",)

    class Media:
        css = STYLES

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Open ones first, the oldest of them first."""
        return (F("closed_at").desc(nulls_first=True), "found_at", "id")

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(require_POST(self.act_view))
        return [
            path("<int:object_id>/act/", act, name="reconciliation_reconciliationexception_act"),
            *super().get_urls(),
        ]

    @admin.display(description="status", ordering="status")
    def shown_status(self, row: ReconciliationException) -> SafeString:
        return badge(row.status, row.get_status_display())

    @admin.display(description="theirs less ours", ordering="effect_minor")
    def shown_effect(self, row: ReconciliationException) -> str:
        return money(row.effect_minor, row.currency)

    @admin.display(description="proposal")
    def waits(self, row: ReconciliationException) -> str | SafeString:
        waits = any(one.status == ProposalStatus.WAITING for one in row.proposals.all())
        return badge("running", "waits for approval") if waits else "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReconciliationException]:
        return super().get_queryset(request).prefetch_related("proposals")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        extra = _page_of(request, row) if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def act_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose, approve, reject or dismiss: one use case each, and its refusal in its own words."""
        row = get_object_or_404(ReconciliationException, id=object_id)
        action = next((name for name in _ACTIONS if name in request.POST), "")
        if not action or not request.user.has_perm(f"reconciliation.{_ACTIONS[action]}"):
            raise PermissionDenied
        try:
            messages.success(request, _act(request, row, action))
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        return HttpResponseRedirect(reverse("admin:reconciliation_reconciliationexception_change", args=[row.pk]))


# What is done -> the permission for it. Who has proposed may take it back; who may approve may refuse.
_ACTIONS = {
    "propose": "propose_journal",
    "approve": "approve_journal",
    "reject": "approve_journal",
    "withdraw": "propose_journal",
    "dismiss": "propose_journal",
}


def _act(request: HttpRequest, row: ReconciliationException, action: str) -> str:
    """What was done, in words. Raises the refusals of the use cases."""
    given, by = request.POST, request.user.pk
    version = int(given["version"]) if given.get("version", "").isdecimal() else 0
    if action == "propose":
        journal = given.get("journal", "")
        if journal not in {name.value for name in services.choices_for(row)}:
            raise PermissionDenied
        services.propose(
            exception_id=row.pk, version=version, journal=JournalName(journal), note=given.get("note", ""),
            proposer_id=by, now=now(),
        )  # fmt: skip
        return "Proposed. Somebody else has to approve it."
    if action == "dismiss":
        services.dismiss(exception_id=row.pk, version=version, reason=given.get("note", ""), now=now())
        return "Dismissed. It is named again if its figures change."
    number = given[action]
    if not number.isdecimal():
        raise Http404
    proposal = get_object_or_404(JournalProposal, id=int(number), exception=row)
    if action == "approve":
        services.approve(proposal_id=proposal.pk, approver_id=by, now=now())
        return "Approved and posted."
    if action == "withdraw" and proposal.proposer_id != by:
        raise PermissionDenied
    services.reject(proposal_id=proposal.pk, decider_id=by, reason=given.get("note", ""), now=now())
    return "Taken back: nothing was posted." if action == "withdraw" else "Rejected: nothing was posted."


def _page_of(request: HttpRequest, row: ReconciliationException) -> dict[str, Any]:
    """What the page shows above the plain fields."""
    bank = lines_about(row.subject_key)
    processor = _processor_of(row)
    theirs, ours = evidence(processor, [row.subject_key])
    proposal = row.proposals.filter(status=ProposalStatus.WAITING).select_related("proposer").first()
    is_open = row.status == ExceptionStatus.OPEN
    entry = entry_by_source(row.journal_reference)
    journal = JournalName(proposal.journal) if proposal is not None else _suggested(row)
    return {
        "theirs": [
            (f"{line.kind} {line.external_id}", line.occurred_at, money(line.gross_minor, line.currency),
             money(line.fee_minor, line.currency))
            for line in theirs[row.subject_key]
        ],
        "ours": [
            (_link(entry.source_reference), entry.effective_at, money(entry.gross_minor, entry.currency),
             money(entry.fee_minor, entry.currency))
            for entry in ours[row.subject_key]
        ],
        "processor": Source(processor).label,
        "bank": [
            (line.external_id, line.description, line.occurred_at, money(line.gross_minor, line.currency))
            for line in bank
        ],
        "shows_bank": bool(bank) or row.source == Source.BANK,
        "figures": [
            ("there", money(row.theirs_gross_minor, row.currency), money(row.theirs_fee_minor, row.currency),
             money(row.theirs_gross_minor - row.theirs_fee_minor, row.currency)),
            ("in our books", money(row.ours_gross_minor, row.currency), money(row.ours_fee_minor, row.currency),
             money(row.ours_gross_minor - row.ours_fee_minor, row.currency)),
        ],
        "effect": row.effect,
        "is_open": is_open,
        "journal": journal,
        "journal_lines": _lines(services.lines_of(row, journal)) if journal and row.effect_minor and is_open else [],
        "choices": services.choices_for(row) if is_open else [],
        "proposal": proposal,
        "is_own": proposal is not None and proposal.proposer_id == request.user.pk,
        "may_propose": is_open and request.user.has_perm("reconciliation.propose_journal"),
        "may_approve": is_open and request.user.has_perm("reconciliation.approve_journal"),
        "entry_address": reverse("admin:ledger_journalentry_change", args=[entry.id]) if entry is not None else "",
        "entry_name": row.journal_reference,
    }  # fmt: skip


def _processor_of(row: ReconciliationException) -> str:
    """Of a payout that the bank should show, the one that has sent it."""
    if row.source != Source.BANK:
        return row.source
    payout = PlatformPayout.objects.filter(processor_payout_id=row.subject_key).first()
    return payout.processor if payout is not None else Source.STRIPE


def _suggested(row: ReconciliationException) -> JournalName | None:
    return JournalName(row.suggestion) if row.suggestion else None


def _link(source_reference: str) -> tuple[str, str]:
    """Name and address of an entry."""
    entry = entry_by_source(source_reference)
    return source_reference, reverse("admin:ledger_journalentry_change", args=[entry.id]) if entry is not None else ""


def _lines(lines: tuple[Line, ...]) -> list[tuple[str, str, str]]:
    """Account, debit, credit."""
    return [
        (line.code, str(line.amount) if line.amount.amount_minor > 0 else "",
         str(-line.amount) if line.amount.amount_minor < 0 else "")
        for line in lines
    ]  # fmt: skip
