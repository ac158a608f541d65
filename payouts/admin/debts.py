"""What refunds and disputes took from artisans, and what artisans owe us.

Nothing is changed but a debt that is written off, or that the artisan has paid to our bank account.
"""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from common.errors import DomainError
from payouts import services
from payouts.admin.display import STYLES, amount_of, badge_of, entries_of, links_to, person
from payouts.admin.policies import ReasonForm
from payouts.admin.repayments import repay_page
from payouts.models import DebtRecovery, DebtWriteOff, Payable, SellerDebt, ShareCredit, ShareDebit, TransferReversal
from payouts.services.books import (
    recovery_reference,
    repayment_reference,
    repayment_undone_reference,
    reversal_reference,
    write_off_reference,
)


class ShareCreditInline(ReadOnlyInline):
    model = ShareCredit
    verbose_name_plural = "given back"
    fields = ("created_at", "reference", "shown_amount", "on_hold", "released", "reserved", "not_owed")
    readonly_fields = ("shown_amount", "on_hold", "released", "reserved", "not_owed")
    ordering = ("id",)
    shown_amount = amount_of("amount_minor", "amount", of="debit.currency")
    on_hold = amount_of("held_minor", "on hold", of="debit.currency")
    released = amount_of("payable_minor", "released", of="debit.currency")
    reserved = amount_of("reserved_minor", "reserve", of="debit.currency")
    not_owed = amount_of("receivable_minor", "no longer owed", of="debit.currency")


@admin.register(ShareDebit)
class ShareDebitAdmin(ReadOnlyAdmin):
    list_display = ("reference", "shown_amount", "shown_credited", "artisan", "seller_order_reference", "created_at")
    list_filter = ("currency", "created_at")
    list_select_related = ("artisan",)
    search_fields = ("reference", "seller_order_reference", "artisan__name", "artisan__public_id")
    date_hierarchy = "created_at"
    inlines: ClassVar = [ShareCreditInline]
    fields = (
        "reference", "seller_order_reference", "artisan", "shown_amount", "shown_places", "shown_credited", "payables",
        "shown_debt", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("shown_amount", "shown_places", "shown_credited", "payables", "shown_debt")

    @admin.display(description="taken", ordering="amount_minor")
    def shown_amount(self, debit: ShareDebit) -> str:
        return money(debit.amount_minor, debit.currency)

    @admin.display(description="given back", ordering="credited_minor")
    def shown_credited(self, debit: ShareDebit) -> str:
        return money(debit.credited_minor, debit.currency)

    @admin.display(description="taken from")
    def shown_places(self, debit: ShareDebit) -> str:
        places = {
            "on hold": debit.held_minor,
            "released": debit.payable_minor,
            "reserve": debit.reserved_minor,
            "left already": debit.receivable_minor,
        }
        return ", ".join(f"{money(minor, debit.currency)} {place}" for place, minor in places.items() if minor)

    @admin.display(description="payables of the part")
    def payables(self, debit: ShareDebit) -> SafeString:
        found = Payable.objects.filter(seller_order_reference=debit.seller_order_reference).order_by("id")
        return links_to((payable, str(payable), payable.get_status_display()) for payable in found)

    @admin.display(description="debt")
    def shown_debt(self, debit: ShareDebit) -> str | SafeString:
        debt: SellerDebt | None = getattr(debit, "debt", None)
        return "none" if debt is None else links_to([(debt, str(debt), f"{_open(debt)} open of {debt.amount}")])


class OpenFilter(admin.SimpleListFilter):
    """Debts of which something is still owed."""

    title = "open"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: object) -> Sequence[tuple[str, str]]:
        return [("yes", "still owed"), ("no", "settled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SellerDebt]) -> QuerySet[SellerDebt]:
        settled = {"amount_minor": F("recovered_minor") + F("forgiven_minor")}
        match self.value():
            case "yes":
                return queryset.exclude(**settled)
            case "no":
                return queryset.filter(**settled)
        return queryset


class DebtRecoveryInline(ReadOnlyInline):
    model = DebtRecovery
    verbose_name_plural = "recovered"
    fields = ("occurred_at", "shown_amount", "payable", "reversal", "repayment")
    readonly_fields = ("shown_amount",)
    shown_amount = amount_of("amount_minor", "amount", of="debt.currency")
    ordering = ("id",)


class DebtWriteOffInline(ReadOnlyInline):
    model = DebtWriteOff
    verbose_name_plural = "written off"
    fields = ("occurred_at", "shown_amount", "reason", "who")
    readonly_fields = ("shown_amount", "who")
    shown_amount = amount_of("amount_minor", "amount", of="debt.currency")
    ordering = ("id",)

    @admin.display(description="by")
    def who(self, row: DebtWriteOff) -> str:
        return person(row.actor)


def write_off_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Asks for the reason, with the permission `payouts.write_off_debt`."""
    if not request.user.has_perm("payouts.write_off_debt"):
        raise PermissionDenied
    debt = SellerDebt.objects.select_related("artisan").filter(id=object_id).first()
    if debt is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            amount = services.write_off_debt(
                debt_reference=debt.public_id, reason=form.cleaned_data["reason"], now=now()
            )
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, f"{amount} of {debt.public_id} are written off.")
            return HttpResponseRedirect(reverse("admin:payouts_sellerdebt_change", args=[debt.pk]))
    context = {
        **admin.site.each_context(request),
        "title": f"Write {debt.public_id} off",
        "opts": SellerDebt._meta,
        "debt": debt,
        "open": _open(debt),
        "form": form,
    }
    return TemplateResponse(request, "admin/payouts/sellerdebt/write_off.html", context)


@admin.register(SellerDebt)
class SellerDebtAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "badge", "shown_amount", "artisan", "reference", "order_reference", "created_at")
    list_filter = (OpenFilter, "collects", "currency", "created_at")
    list_select_related = ("artisan",)
    search_fields = (
        "public_id", "reference", "order_reference", "seller_order_reference", "artisan__name", "artisan__public_id",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [DebtRecoveryInline, DebtWriteOffInline]
    change_form_template = "admin/payouts/sellerdebt/change_form.html"
    fields = (
        "public_id", "badge", "artisan", "reference", "order_reference", "seller_order_reference", "shown_amount",
        "shown_recovered", "shown_forgiven", "how", "reminded_at", "shown_debit", "reversals", "entries",
        "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "badge", "shown_amount", "shown_recovered", "shown_forgiven", "how", "shown_debit", "reversals", "entries",
    )  # fmt: skip

    class Media:
        css = STYLES

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(write_off_page)
        repay = self.admin_site.admin_view(repay_page)
        return [
            path("<int:object_id>/write-off/", page, name="payouts_sellerdebt_write_off"),
            path("<int:object_id>/repayment/", repay, name="payouts_sellerdebt_repay"),
            *super().get_urls(),
        ]

    @admin.display(description="owed", ordering="amount_minor")
    def shown_amount(self, debt: SellerDebt) -> str:
        return money(debt.amount_minor, debt.currency)

    @admin.display(description="recovered", ordering="recovered_minor")
    def shown_recovered(self, debt: SellerDebt) -> str:
        return money(debt.recovered_minor, debt.currency)

    @admin.display(description="no longer owed", ordering="forgiven_minor")
    def shown_forgiven(self, debt: SellerDebt) -> str:
        return money(debt.forgiven_minor, debt.currency)

    @admin.display(description="open")
    def badge(self, debt: SellerDebt) -> SafeString:
        return badge_of("waiting", _open(debt)) if debt.open_minor else badge_of("succeeded", "settled")

    @admin.display(description="how it is got back")
    def how(self, debt: SellerDebt) -> str:
        if debt.collects:
            return "brought back from the artisan's account, and kept from later sales and reserves"
        return "kept from later sales and reserves only, until what it is for is decided"

    @admin.display(description="debit")
    def shown_debit(self, debt: SellerDebt) -> SafeString:
        return links_to([(debt.debit, str(debt.debit), str(debt.debit.amount))])

    @admin.display(description="transfer reversals")
    def reversals(self, debt: SellerDebt) -> SafeString:
        made = TransferReversal.objects.filter(debt=debt).order_by("id")
        return links_to((one, str(one), f"{one.amount}, {one.get_status_display()}") for one in made)

    @admin.display(description="ledger entries")
    def entries(self, debt: SellerDebt) -> SafeString:
        recoveries = debt.recoveries.select_related("payable", "reversal", "repayment").order_by("id")
        gone = debt.write_offs.order_by("id")
        return entries_of(
            [
                *(_source(debt, recovery) for recovery in recoveries),
                *(write_off_reference(write_off, debt) for write_off in gone),
            ]
        )


def _source(debt: SellerDebt, recovery: DebtRecovery) -> str:
    if recovery.payable is not None:
        recovery.debt = debt
        return recovery_reference(recovery, recovery.payable)
    if recovery.repayment is not None:
        is_undone = recovery.amount_minor < 0
        return (repayment_undone_reference if is_undone else repayment_reference)(recovery.repayment)
    assert recovery.reversal is not None  # noqa: S101 PostgreSQL keeps it so
    return reversal_reference(recovery.reversal)


def _open(debt: SellerDebt) -> str:
    return money(debt.open_minor, debt.currency)
