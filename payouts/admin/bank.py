"""Payouts on their way to artisans' banks, attempt by attempt; staff send what failed again."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from common.errors import DomainError
from payments.enums import RequestKind
from payouts.admin.display import STYLES, badge_of, links_to, requests_of
from payouts.admin.forecast import forecast_view
from payouts.enums import BankPayoutStatus, PayoutStatus
from payouts.models import BankPayout, BankPayoutEvent, Payout
from payouts.services.bank import reason_of, retry_payout

_MAY_RETRY = "payouts.retry_payout"
_OPEN = (BankPayoutStatus.REQUESTED, BankPayoutStatus.UNKNOWN, BankPayoutStatus.PENDING)
# What has failed and was not sent again is on top, then what is under way.
_RANK = Case(
    When(status__in=[BankPayoutStatus.FAILED, BankPayoutStatus.CANCELED], payout__status=PayoutStatus.BANK_FAILED,
         then=Value(0)),
    When(status__in=_OPEN, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)  # fmt: skip


class BankPayoutInline(ReadOnlyInline):
    """For the page of the payout."""

    model = BankPayout
    verbose_name_plural = "attempts to send it to the bank"
    fields = ("attempt", "public_id", "shown_amount", "status", "arrival_date", "shown_reason", "created_at")
    readonly_fields = ("shown_amount", "shown_reason")
    ordering = ("attempt",)
    show_change_link = True

    @admin.display(description="amount")
    def shown_amount(self, bank_payout: BankPayout) -> str:
        return money(bank_payout.amount_minor, bank_payout.currency)

    @admin.display(description="why not")
    def shown_reason(self, bank_payout: BankPayout) -> str:
        return why_not(bank_payout)


class BankPayoutEventInline(ReadOnlyInline):
    model = BankPayoutEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "from_status", "event", "to_status", "note", "actor", "trace_id")
    ordering = ("id",)


class RetryForm(forms.Form):
    reason = forms.CharField(
        max_length=110,
        strip=True,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text="Why it will arrive now. It stays in the payout's history.",
    )


@admin.register(BankPayout)
class BankPayoutAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id", "badge", "shown_amount", "why_not_here", "artisan", "arrival_date",
    )  # fmt: skip
    list_filter = ("status", "failure_code", "currency", "arrival_date", "created_at")
    list_select_related = ("payout__artisan",)
    search_fields = (
        "public_id", "processor_payout_id", "processor_account_id", "payout__public_id", "payout__artisan__name",
        "payout__artisan__public_id",
    )  # fmt: skip
    ordering = (_RANK, "-id")
    show_full_result_count = False
    inlines: ClassVar = [BankPayoutEventInline]
    fields = (
        "public_id", "badge", "why_not_here", "next_step", "failure_message", "artisan", "shown_amount", "shown_payout",
        "attempt", "arrival_date", "processor_payout_id", "processor_account_id", "requests", "created_at",
        "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "why_not_here", "next_step", "artisan", "shown_amount", "shown_payout", "requests")
    change_list_template = "admin/payouts/bankpayout/change_list.html"
    change_form_template = "admin/payouts/bankpayout/change_form.html"

    class Media:
        css = STYLES

    @admin.display(description="artisan", ordering="payout__artisan__name")
    def artisan(self, bank_payout: BankPayout) -> str:
        return bank_payout.payout.artisan.name

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, bank_payout: BankPayout) -> str:
        return money(bank_payout.amount_minor, bank_payout.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, bank_payout: BankPayout) -> SafeString:
        return badge_of(bank_payout.status, BankPayoutStatus(bank_payout.status).value.replace("_", " "))

    @admin.display(description="why not", ordering="failure_code")
    def why_not_here(self, bank_payout: BankPayout) -> str:
        return why_not(bank_payout)

    @admin.display(description="what the artisan was told to do")
    def next_step(self, bank_payout: BankPayout) -> str:
        return reason_of(bank_payout.failure_code).to_do if bank_payout.failure_code else "–"

    @admin.display(description="payout")
    def shown_payout(self, bank_payout: BankPayout) -> SafeString:
        payout = bank_payout.payout
        return links_to([(payout, str(payout), f"{payout.amount}, {payout.get_status_display()}")])

    @admin.display(description="requests to the processor")
    def requests(self, bank_payout: BankPayout) -> SafeString:
        return requests_of(RequestKind.CREATE_PAYOUT, bank_payout.public_id)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/retry/", view(self.retry_view), name="payouts_bankpayout_retry"),
            path("top-ups/", view(forecast_view), name="payouts_forecast"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        this = BankPayout.objects.filter(id=int(object_id)).first() if object_id.isdecimal() else None
        may_retry = this is not None and attempt_to_retry(request, this.payout_id) == this
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_retry": may_retry})

    def retry_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Asks for the reason and has the payout sent again; a second click finds it on its way."""
        if not request.user.has_perm(_MAY_RETRY):
            raise PermissionDenied
        bank_payout = get_object_or_404(BankPayout.objects.select_related("payout__artisan"), id=object_id)
        last = bank_payout.payout.bank_payouts.order_by("-attempt")[0]
        if last != bank_payout:
            messages.warning(request, f"It was sent again already: this is attempt {last.attempt}.")
            return HttpResponseRedirect(reverse("admin:payouts_bankpayout_change", args=[last.pk]))
        form = RetryForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._retry(request, bank_payout.payout, form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request), "title": f"Send {bank_payout.payout} to the bank again",
            "form": form, "bank_payout": bank_payout, "payout": bank_payout.payout,
            "reason": reason_of(bank_payout.failure_code), "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "admin/payouts/bankpayout/retry.html", context)

    def _retry(self, request: HttpRequest, payout: Payout, reason: str) -> HttpResponse:
        try:
            payout = retry_payout(payout_id=payout.pk, reason=reason, now=now())
        except DomainError as refusal:
            messages.error(request, f"{refusal.title}: {refusal.detail}.")
        else:
            words = (
                "Nothing is left of it: it is over." if payout.status == PayoutStatus.BROUGHT_BACK else "It is sent."
            )
            messages.success(request, words)
        last = payout.bank_payouts.order_by("-attempt").values_list("id", flat=True)[0]
        return HttpResponseRedirect(reverse("admin:payouts_bankpayout_change", args=[last]))


def why_not(bank_payout: BankPayout) -> str:
    """In plain words; a dash for what has not failed."""
    return reason_of(bank_payout.failure_code).happened if bank_payout.failure_code else "–"


def attempt_to_retry(request: HttpRequest, payout_id: int) -> BankPayout | None:
    """The last attempt of a payout that has failed and waits, for who may send it again; else None."""
    if not request.user.has_perm(_MAY_RETRY):
        return None
    last = BankPayout.objects.filter(payout_id=payout_id).select_related("payout").order_by("-attempt").first()
    has_failed = last is not None and last.status in (BankPayoutStatus.FAILED, BankPayoutStatus.CANCELED)
    return last if last is not None and has_failed and last.payout.status == PayoutStatus.BANK_FAILED else None
