"""What was sent to artisans, and what of it came back."""

from typing import ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from payments.enums import RequestKind
from payouts.admin.display import STYLES, badge_of, entries_of, links_to, requests_of
from payouts.models import Payable, Transfer, TransferEvent, TransferReversal, TransferReversalEvent
from payouts.services.books import references_of_reversal, references_of_transfer


class TransferEventInline(ReadOnlyInline):
    model = TransferEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "attempt", "from_status", "event", "to_status", "note", "actor", "trace_id")
    ordering = ("id",)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "badge", "shown_amount", "artisan", "processor_transfer_id", "created_at")
    list_filter = ("status", "currency", "processor", "created_at")
    list_select_related = ("payout__artisan",)
    search_fields = (
        "public_id", "processor_transfer_id", "destination_account_id", "payout__public_id",
        "payout__artisan__name", "payout__artisan__public_id",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [TransferEventInline]
    fields = (
        "public_id", "badge", "shown_payout", "artisan", "shown_amount", "shown_reversed", "reversals",
        "destination_account_id", "processor", "processor_transfer_id", "attempt", "failure_code", "requests",
        "entries", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "badge", "shown_payout", "artisan", "shown_amount", "shown_reversed", "reversals", "requests", "entries",
    )  # fmt: skip

    class Media:
        css = STYLES

    @admin.display(description="artisan", ordering="payout__artisan__name")
    def artisan(self, transfer: Transfer) -> str:
        return transfer.payout.artisan.name

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, transfer: Transfer) -> str:
        return money(transfer.amount_minor, transfer.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, transfer: Transfer) -> SafeString:
        return badge_of(transfer.status, transfer.get_status_display())

    @admin.display(description="payout")
    def shown_payout(self, transfer: Transfer) -> SafeString:
        return links_to([(transfer.payout, str(transfer.payout), transfer.payout.get_status_display())])

    @admin.display(description="came back")
    def shown_reversed(self, transfer: Transfer) -> str:
        return money(transfer.reversed_minor, transfer.currency)

    @admin.display(description="reversals")
    def reversals(self, transfer: Transfer) -> SafeString:
        made = transfer.reversals.order_by("id")
        return links_to((one, str(one), f"{one.amount}, {one.get_status_display()}") for one in made)

    @admin.display(description="requests to the processor")
    def requests(self, transfer: Transfer) -> SafeString:
        return requests_of(RequestKind.TRANSFER, transfer.public_id)

    @admin.display(description="ledger entries")
    def entries(self, transfer: Transfer) -> SafeString:
        return entries_of(references_of_transfer(transfer))


class TransferReversalEventInline(ReadOnlyInline):
    model = TransferReversalEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "from_status", "event", "to_status", "note", "actor", "trace_id")
    ordering = ("id",)


@admin.register(TransferReversal)
class TransferReversalAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "badge", "shown_amount", "artisan", "why", "processor_reversal_id", "created_at")
    list_filter = (
        "status",
        ("debt", admin.EmptyFieldListFilter),
        "currency",
        "created_at",
    )
    list_select_related = ("transfer__payout__artisan", "debt")
    search_fields = (
        "public_id", "processor_reversal_id", "transfer__public_id", "transfer__processor_transfer_id",
        "debt__public_id", "debt__reference", "debt__order_reference", "debt__seller_order_reference",
        "transfer__payout__public_id", "transfer__payout__artisan__name", "transfer__payout__artisan__public_id",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [TransferReversalEventInline]
    fields = (
        "public_id", "badge", "artisan", "shown_amount", "why", "shown_transfer", "shown_debt", "shown_payable",
        "processor_reversal_id", "failure_code", "requests", "entries", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "badge", "artisan", "shown_amount", "why", "shown_transfer", "shown_debt", "shown_payable", "requests",
        "entries",
    )  # fmt: skip

    class Media:
        css = STYLES

    @admin.display(description="artisan", ordering="transfer__payout__artisan__name")
    def artisan(self, reversal: TransferReversal) -> str:
        return reversal.transfer.payout.artisan.name

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, reversal: TransferReversal) -> str:
        return money(reversal.amount_minor, reversal.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, reversal: TransferReversal) -> SafeString:
        return badge_of(reversal.status, reversal.get_status_display())

    @admin.display(description="why")
    def why(self, reversal: TransferReversal) -> str | SafeString:
        """Money that came back without our asking is the artisan's until staff say otherwise: they have to see it."""
        if reversal.debt is None:
            return badge_of("waiting", "made at the processor, not asked for by us")
        return reversal.debt.reference

    @admin.display(description="transfer")
    def shown_transfer(self, reversal: TransferReversal) -> SafeString:
        return links_to([(reversal.transfer, str(reversal.transfer), reversal.transfer.get_status_display())])

    @admin.display(description="debt")
    def shown_debt(self, reversal: TransferReversal) -> str | SafeString:
        debt = reversal.debt
        return "none" if debt is None else links_to([(debt, str(debt), f"{debt.amount} for {debt.reference}")])

    @admin.display(description="given to the artisan as")
    def shown_payable(self, reversal: TransferReversal) -> str | SafeString:
        more = Payable.objects.filter(origin_reference=reversal.public_id)
        return links_to((payable, str(payable), payable.get_status_display()) for payable in more) or "nothing"

    @admin.display(description="requests to the processor")
    def requests(self, reversal: TransferReversal) -> SafeString:
        return requests_of(RequestKind.TRANSFER_REVERSAL, reversal.public_id)

    @admin.display(description="ledger entries")
    def entries(self, reversal: TransferReversal) -> SafeString:
        return entries_of(references_of_reversal(reversal))
