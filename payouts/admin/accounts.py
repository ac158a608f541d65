"""Who would like to sell, and where artisans stand with the processor that pays them."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline
from common.clock import now
from common.errors import DomainError
from payments.enums import RequestKind
from payouts import services
from payouts.admin.display import STYLES, badge_of, requests_of
from payouts.enums import SELLER_COUNTRIES, ApplicationStatus
from payouts.models import ConnectedAccount, ConnectedAccountEvent, SellerApplication
from payouts.services.accounts import MAY_ASK
from payouts.services.applications import MAY_REVIEW
from payouts.services.guidance import asked_of, being_checked


class RejectForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        label="Why not? The applicant reads this.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
    )


def approve_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """The button on an application's page; POST only."""
    _check(request, object_id)
    if request.method != "POST":
        raise Http404
    try:
        application = services.approve_application(application_id=object_id, now=now())
        messages.success(request, f"{application.name} is open; the applicant has a letter.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return _to(object_id)


def reject_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Asks for the reason."""
    application = _check(request, object_id)
    form = RejectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reject_application(application_id=object_id, reason=form.cleaned_data["reason"], now=now())
            messages.success(request, "It is not approved; the applicant has a letter with the reason.")
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        return _to(object_id)
    context = {
        **admin.site.each_context(request),
        "title": f"Do not approve {application.name}",
        "opts": SellerApplication._meta,
        "application": application,
        "form": form,
    }
    return TemplateResponse(request, "admin/payouts/sellerapplication/reject.html", context)


def _check(request: HttpRequest, object_id: int) -> SellerApplication:
    if not request.user.has_perm(MAY_REVIEW):
        raise PermissionDenied
    application = SellerApplication.objects.filter(id=object_id).first()
    if application is None:
        raise Http404
    return application


def _to(object_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:payouts_sellerapplication_change", args=[object_id]))


@admin.register(SellerApplication)
class SellerApplicationAdmin(ReadOnlyAdmin):
    list_display = ("name", "badge", "where", "currency", "user", "created_at", "reviewed_at")
    list_filter = ("status", "country", "currency", "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "town", "public_id", "user__email")
    fields = (
        "public_id", "badge", "user", "name", "tagline", "story", "where", "currency", "shipping", "dispatched",
        "consent_text", "consented_at", "created_at", "reviewed_at", "reviewed_by", "reason", "shop",
    )  # fmt: skip
    readonly_fields = ("badge", "where", "shipping", "dispatched", "shop")
    change_form_template = "admin/payouts/sellerapplication/change_form.html"

    class Media:
        css = STYLES

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:object_id>/approve/", page(approve_page), name="payouts_sellerapplication_approve"),
            path("<int:object_id>/reject/", page(reject_page), name="payouts_sellerapplication_reject"),
            *super().get_urls(),
        ]

    @admin.display(description="status", ordering="status")
    def badge(self, application: SellerApplication) -> SafeString:
        looks = {ApplicationStatus.APPROVED: "succeeded", ApplicationStatus.WAITING: "waiting"}
        look = looks.get(ApplicationStatus(application.status), "")
        return badge_of(look or application.status, application.get_status_display())

    @admin.display(description="where")
    def where(self, application: SellerApplication) -> str:
        return f"{application.town}, {SELLER_COUNTRIES.get(application.country, application.country)}"

    @admin.display(description="shipping")
    def shipping(self, application: SellerApplication) -> str:
        return f"{application.shipping_first_item}, then {application.shipping_additional_item} for each further piece"

    @admin.display(description="leaves within")
    def dispatched(self, application: SellerApplication) -> str:
        return f"{application.dispatch_days} working {'day' if application.dispatch_days == 1 else 'days'}"

    @admin.display(description="shop")
    def shop(self, application: SellerApplication) -> str | SafeString:
        artisan = application.artisan
        if artisan is None:
            return "none"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:catalog_artisan_change", args=[artisan.pk]), artisan.public_id
        )


class ConnectedAccountEventInline(ReadOnlyInline):
    model = ConnectedAccountEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "from_state", "to_state", "note", "source", "processor_account_id", "actor", "trace_id")
    ordering = ("id",)


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(ReadOnlyAdmin):
    list_display = ("artisan", "badge", "deadline_at", "country", "bank", "processor_account_id", "updated_at")
    list_filter = ("state", "transfers_enabled", "bank_is_usable", "country", "processor")
    list_select_related = ("artisan",)
    search_fields = ("artisan__name", "artisan__public_id", "processor_account_id", "events__processor_account_id")
    actions = ("ask_now",)  # type: ignore[assignment]  # the base has none
    inlines: ClassVar = [ConnectedAccountEventInline]
    fields = (
        "artisan", "badge", "state_since", "processor", "processor_account_id", "country", "asked", "checked",
        "deadline_at", "halt", "details_submitted", "transfers_enabled", "payouts_enabled", "bank", "bank_is_usable",
        "bank_changed_at", "requests", "next_look_at", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "asked", "checked", "bank", "requests")

    class Media:
        css = STYLES

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_ASK)

    @admin.action(description="Ask Stripe now", permissions=["ask"])
    def ask_now(self, request: HttpRequest, chosen: QuerySet[ConnectedAccount]) -> None:
        for account in chosen:
            try:
                services.settle_account(processor_account_id=account.processor_account_id, source="staff", now=now())
            except DomainError as refusal:
                messages.error(request, f"{account.artisan}: {refusal.detail}")
            else:
                account.refresh_from_db()
                messages.success(request, f"{account.artisan}: {account.get_state_display()}")

    @admin.display(description="state", ordering="state")
    def badge(self, account: ConnectedAccount) -> SafeString:
        return badge_of(account.state, account.get_state_display())

    @admin.display(description="asked for")
    def asked(self, account: ConnectedAccount) -> str | SafeString:
        return (
            format_html_join(
                mark_safe("<br>"),
                "{}{}{}",
                (
                    (one.what, " (overdue)" if one.is_overdue else "", f": {one.mend}" if one.mend else "")
                    for one in asked_of(account)
                ),
            )
            or "nothing"
        )

    @admin.display(description="being checked")
    def checked(self, account: ConnectedAccount) -> str:
        return ", ".join(being_checked(account)) or "nothing"

    @admin.display(description="bank")
    def bank(self, account: ConnectedAccount) -> str:
        return f"{account.bank_name} …{account.bank_last4} {account.bank_currency}" if account.bank_last4 else "none"

    @admin.display(description="requests")
    def requests(self, account: ConnectedAccount) -> SafeString:
        return requests_of(RequestKind.CREATE_ACCOUNT, account.artisan.public_id)
