"""What each artisan got from each run: its items, its transfer, its history. To be read only."""

from typing import ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from payouts.admin.bank import BankPayoutInline
from payouts.admin.display import STYLES, badge_of, links_to
from payouts.models import Payout, PayoutEvent, PayoutItem


class PayoutItemInline(ReadOnlyInline):
    model = PayoutItem
    verbose_name_plural = "what it is made of"
    fields = ("payable", "order", "shown_amount", "shown_back")
    readonly_fields = ("order", "shown_amount", "shown_back")
    ordering = ("id",)

    @admin.display(description="order")
    def order(self, item: PayoutItem) -> str:
        return item.payable.order_reference

    @admin.display(description="amount")
    def shown_amount(self, item: PayoutItem) -> str:
        return money(item.amount_minor, item.payout.currency)

    @admin.display(description="came back")
    def shown_back(self, item: PayoutItem) -> str:
        return money(item.brought_back_minor, item.payout.currency)


class PayoutEventInline(ReadOnlyInline):
    model = PayoutEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "from_status", "event", "to_status", "note", "actor", "trace_id")
    ordering = ("id",)


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "artisan", "shown_amount", "badge", "failure_code", "run", "created_at")
    list_filter = ("status", "failure_code", "currency", "created_at", "artisan")
    list_select_related = ("artisan", "run")
    search_fields = (
        "public_id", "run__public_id", "transfer__public_id", "transfer__processor_transfer_id",
        "destination_account_id", "artisan__name", "artisan__public_id", "items__payable__order_reference",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [PayoutItemInline, BankPayoutInline, PayoutEventInline]
    fields = (
        "public_id", "badge", "artisan", "shown_amount", "shown_run", "shown_transfer", "destination_account_id",
        "processor", "failure_code", "created_at", "updated_at", "transferred_at", "paid_at",
    )  # fmt: skip
    readonly_fields = ("badge", "shown_amount", "shown_run", "shown_transfer")

    class Media:
        css = STYLES

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, payout: Payout) -> str:
        return money(payout.amount_minor, payout.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, payout: Payout) -> SafeString:
        return badge_of(payout.status, payout.get_status_display())

    @admin.display(description="run")
    def shown_run(self, payout: Payout) -> SafeString:
        return links_to([(payout.run, str(payout.run), payout.run.get_status_display())])

    @admin.display(description="transfer")
    def shown_transfer(self, payout: Payout) -> SafeString:
        return links_to([(payout.transfer, str(payout.transfer), payout.transfer.get_status_display())])
