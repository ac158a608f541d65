"""What refunds and disputes took from artisans, and what artisans owe us. To be read only."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from payouts.admin.display import STYLES, badge_of, entries_of, links_to
from payouts.models import DebtRecovery, Payable, SellerDebt, ShareCredit, ShareDebit, TransferReversal
from payouts.services.books import recovery_reference, reversal_reference


class ShareCreditInline(ReadOnlyInline):
    model = ShareCredit
    verbose_name_plural = "given back"
    fields = ("created_at", "reference", "amount_minor", "held_minor", "payable_minor", "receivable_minor")
    ordering = ("id",)


@admin.register(ShareDebit)
class ShareDebitAdmin(ReadOnlyAdmin):
    list_display = ("reference", "seller_order_reference", "artisan", "shown_amount", "shown_credited", "created_at")
    list_filter = ("currency", "created_at", "artisan")
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
        places = {"on hold": debit.held_minor, "released": debit.payable_minor, "left already": debit.receivable_minor}
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
    fields = ("occurred_at", "amount_minor", "payable", "reversal")
    ordering = ("id",)


@admin.register(SellerDebt)
class SellerDebtAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "artisan", "reference", "order_reference", "shown_amount", "badge", "created_at")
    list_filter = (OpenFilter, "collects", "currency", "created_at", "artisan")
    list_select_related = ("artisan",)
    search_fields = (
        "public_id", "reference", "order_reference", "seller_order_reference", "artisan__name", "artisan__public_id",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [DebtRecoveryInline]
    fields = (
        "public_id", "badge", "artisan", "reference", "order_reference", "seller_order_reference", "shown_amount",
        "shown_recovered", "shown_forgiven", "collects", "shown_debit", "reversals", "entries", "created_at",
        "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "badge", "shown_amount", "shown_recovered", "shown_forgiven", "shown_debit", "reversals", "entries",
    )  # fmt: skip

    class Media:
        css = STYLES

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

    @admin.display(description="debit")
    def shown_debit(self, debt: SellerDebt) -> SafeString:
        return links_to([(debt.debit, str(debt.debit), str(debt.debit.amount))])

    @admin.display(description="transfer reversals")
    def reversals(self, debt: SellerDebt) -> SafeString:
        made = TransferReversal.objects.filter(debt=debt).order_by("id")
        return links_to((one, str(one), f"{one.amount}, {one.get_status_display()}") for one in made)

    @admin.display(description="ledger entries")
    def entries(self, debt: SellerDebt) -> SafeString:
        recoveries = debt.recoveries.select_related("payable", "reversal").order_by("id")
        return entries_of(_source(debt, recovery) for recovery in recoveries)


def _source(debt: SellerDebt, recovery: DebtRecovery) -> str:
    if recovery.payable is not None:
        recovery.debt = debt
        return recovery_reference(recovery, recovery.payable)
    assert recovery.reversal is not None  # noqa: S101 PostgreSQL keeps it so
    return reversal_reference(recovery.reversal)


def _open(debt: SellerDebt) -> str:
    return money(debt.open_minor, debt.currency)
