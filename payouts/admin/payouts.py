"""What each artisan got from each run: its items, its transfer, its history. To be read only."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from payouts.admin.bank import BankPayoutInline, attempt_to_retry
from payouts.admin.display import STYLES, badge_of, links_to
from payouts.enums import PayoutStatus
from payouts.models import Payout, PayoutEvent, PayoutItem
from payouts.services.bank import reason_of


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
    list_display = ("public_id", "badge", "shown_amount", "artisan", "why_not", "run", "created_at")
    list_filter = ("status", "failure_code", "currency", "created_at")
    list_select_related = ("artisan", "run")
    search_fields = (
        "public_id", "run__public_id", "transfer__public_id", "transfer__processor_transfer_id",
        "destination_account_id", "artisan__name", "artisan__public_id", "items__payable__order_reference",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [PayoutItemInline, BankPayoutInline, PayoutEventInline]
    fields = (
        "public_id", "badge", "why_not", "artisan", "shown_amount", "shown_run", "shown_transfer",
        "destination_account_id", "processor", "created_at", "updated_at", "transferred_at", "paid_at",
    )  # fmt: skip
    readonly_fields = ("badge", "why_not", "shown_amount", "shown_run", "shown_transfer")
    change_form_template = "admin/payouts/payout/change_form.html"

    class Media:
        css = STYLES

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, payout: Payout) -> str:
        return money(payout.amount_minor, payout.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, payout: Payout) -> SafeString:
        return badge_of(payout.status, payout.get_status_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        attempt = attempt_to_retry(request, int(object_id)) if object_id.isdecimal() else None
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "attempt": attempt})

    @admin.display(description="why not", ordering="failure_code")
    def why_not(self, payout: Payout) -> str:
        """What became of the last failure or refusal; nothing any more once it is paid."""
        if payout.status == PayoutStatus.BANK_FAILED:
            return reason_of(payout.failure_code).happened
        return payout.failure_code if payout.status == PayoutStatus.REFUSED else "–"

    @admin.display(description="run")
    def shown_run(self, payout: Payout) -> SafeString:
        return links_to([(payout.run, str(payout.run), payout.run.get_status_display())])

    @admin.display(description="transfer")
    def shown_transfer(self, payout: Payout) -> SafeString:
        return links_to([(payout.transfer, str(payout.transfer), payout.transfer.get_status_display())])
