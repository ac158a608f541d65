"""What artisans paid to our bank account: recorded from the page of a debt, undone on its own. One call each."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from common.errors import DomainError
from common.money import InvalidMoney, Money, exponent, parse_major
from payouts import services
from payouts.admin.display import STYLES, amount_of, at, badge_of, entries_of, person
from payouts.admin.policies import ReasonForm
from payouts.models import DebtRecovery, DebtRepayment, SellerDebt
from payouts.services.books import repayment_reference, repayment_undone_reference

_MAY_RECORD = "payouts.record_repayment"


class RepaymentForm(forms.Form):
    """One line of the bank's statement. `amount` is cleaned into Money of the debt's currency."""

    amount = forms.CharField(max_length=14, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    received_on = forms.DateField(
        label="Booked by the bank on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    bank_reference = forms.CharField(
        max_length=140,
        label="Reference of the bank's line",
        help_text="As it stands on our bank's statement: the bank's number of the entry, or the transfer's reference.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, owed: Money, *args: Any, **kwargs: Any) -> None:
        self._currency = owed.currency
        kwargs.setdefault("initial", {"amount": f"{owed.major:.{exponent(owed.currency)}f}", "received_on": now()})
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = f"Amount, {owed.currency}"

    def clean_amount(self) -> Money:
        try:
            return parse_major(self.cleaned_data["amount"], self._currency)
        except InvalidMoney:
            raise forms.ValidationError(f"Please give an amount of {self._currency}, such as 12.50.") from None


def repay_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Asks for the bank's line, with the permission `payouts.record_repayment`."""
    if not request.user.has_perm(_MAY_RECORD):
        raise PermissionDenied
    debt = SellerDebt.objects.select_related("artisan").filter(id=object_id).first()
    if debt is None:
        raise Http404
    owed = services.repayable_of(artisan_id=debt.artisan_id).get(debt.currency, Money.zero(debt.currency))
    form = RepaymentForm(owed, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            repayment = services.record_repayment(artisan_id=debt.artisan_id, now=now(), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, f"{repayment.amount} of {debt.artisan.name} are recorded.")
            return HttpResponseRedirect(reverse("admin:payouts_debtrepayment_change", args=[repayment.pk]))
    context = {
        **admin.site.each_context(request),
        "title": f"Record a bank transfer of {debt.artisan.name}",
        "opts": SellerDebt._meta,
        "debt": debt,
        "owed": owed,
        "form": form,
    }
    return TemplateResponse(request, "admin/payouts/sellerdebt/repay.html", context)


def undo_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Asks why it was a mistake, with the permission `payouts.record_repayment`."""
    if not request.user.has_perm(_MAY_RECORD):
        raise PermissionDenied
    repayment = DebtRepayment.objects.select_related("artisan").filter(id=object_id).first()
    if repayment is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.undo_repayment(
                repayment_reference=repayment.public_id, reason=form.cleaned_data["reason"], now=now()
            )
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, f"{repayment.amount} of {repayment.artisan.name} are owed again.")
            return HttpResponseRedirect(reverse("admin:payouts_debtrepayment_change", args=[repayment.pk]))
    context = {
        **admin.site.each_context(request),
        "title": f"Undo {repayment.public_id}",
        "opts": DebtRepayment._meta,
        "repayment": repayment,
        "form": form,
    }
    return TemplateResponse(request, "admin/payouts/debtrepayment/undo.html", context)


class RepaidDebtInline(ReadOnlyInline):
    model = DebtRecovery
    verbose_name_plural = "debts that it paid"
    fields = ("occurred_at", "debt", "shown_amount")
    readonly_fields = ("shown_amount",)
    shown_amount = amount_of("amount_minor", "amount", of="debt.currency")
    ordering = ("id",)


@admin.register(DebtRepayment)
class DebtRepaymentAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "badge", "shown_amount", "artisan", "received_on", "bank_reference")
    list_filter = ("status", "currency", "received_on")
    list_select_related = ("artisan",)
    search_fields = ("public_id", "bank_reference", "artisan__name", "artisan__public_id")
    date_hierarchy = "received_on"
    inlines: ClassVar = [RepaidDebtInline]
    change_form_template = "admin/payouts/debtrepayment/change_form.html"
    fields = (
        "public_id", "badge", "artisan", "shown_amount", "received_on", "bank_reference", "recorded", "undone",
        "entries",
    )  # fmt: skip
    readonly_fields = ("badge", "shown_amount", "recorded", "undone", "entries")

    class Media:
        css = STYLES

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(undo_page)
        return [path("<int:object_id>/undo/", page, name="payouts_debtrepayment_undo"), *super().get_urls()]

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, repayment: DebtRepayment) -> str:
        return money(repayment.amount_minor, repayment.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, repayment: DebtRepayment) -> SafeString:
        """In one word: why it was undone stands on its own page."""
        return badge_of("succeeded" if repayment.status == "recorded" else "failed", repayment.status)

    @admin.display(description="recorded")
    def recorded(self, repayment: DebtRepayment) -> str:
        return f"{at(repayment.created_at)} by {person(repayment.actor)}"

    @admin.display(description="undone")
    def undone(self, repayment: DebtRepayment) -> str:
        if repayment.undone_at is None:
            return "no"
        return f"{at(repayment.undone_at)} by {person(repayment.undone_by)}: {repayment.undone_reason}"

    @admin.display(description="ledger entries")
    def entries(self, repayment: DebtRepayment) -> SafeString:
        return entries_of([repayment_reference(repayment), repayment_undone_reference(repayment)])
