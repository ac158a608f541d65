"""What artisans are owed and were sent, in Django admin. Nothing is changed here but the end of a hold."""

from collections.abc import Iterable
from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from ledger.selectors import entry_by_source
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts import services
from payouts.enums import PayableStatus
from payouts.models import ConnectedAccount, Payable, PayableEvent, Transfer, TransferEvent
from payouts.services.books import references_of

_STYLES = {"all": ["payouts/admin.css"]}


class PayableEventInline(ReadOnlyInline):
    model = PayableEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "from_status", "event", "to_status", "note", "actor", "trace_id")
    ordering = ("id",)


class TransferEventInline(ReadOnlyInline):
    model = TransferEvent
    verbose_name_plural = "history"
    fields = ("occurred_at", "attempt", "from_status", "event", "to_status", "note", "actor", "trace_id")
    ordering = ("id",)


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(ReadOnlyAdmin):
    list_display = ("artisan", "processor_account_id", "country", "transfers_enabled", "updated_at")
    list_filter = ("transfers_enabled", "country", "processor")
    list_select_related = ("artisan",)
    search_fields = ("artisan__name", "artisan__public_id", "processor_account_id")


@admin.register(Payable)
class PayableAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "order_reference", "artisan", "shown_amount", "badge", "waits", "hold_until")
    list_filter = ("status", "currency", "processor", "created_at", "artisan")
    list_select_related = ("artisan__connected_account",)
    search_fields = (
        "public_id", "order_reference", "seller_order_reference", "artisan__name", "artisan__public_id",
        "source_charge_id", "transfer__public_id", "transfer__processor_transfer_id",
    )  # fmt: skip
    date_hierarchy = "created_at"
    actions = ("release_now",)  # type: ignore[assignment]  # the base has none
    inlines: ClassVar = [PayableEventInline]
    fields = (
        "public_id", "badge", "waits", "artisan", "order_reference", "seller_order_reference", "shown_amount",
        "hold_until", "released_at", "next_transfer_at", "transferred_at", "refusals", "failure_code", "shown_transfer",
        "entries", "processor", "source_charge_id", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "waits", "shown_amount", "shown_transfer", "entries")

    class Media:
        css = _STYLES

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Asked for by Django for the action below."""
        return request.user.has_perm("payouts.release_payable")

    @admin.action(permissions=["release"], description="Release now (ends the hold, or the pause after a refusal)")
    def release_now(self, request: HttpRequest, chosen: QuerySet[Payable]) -> None:
        payable_ids = list(chosen.values_list("id", flat=True))
        released = services.release_now(payable_ids=payable_ids, now=now())
        if released:
            self.message_user(request, f"Released {released}. The transfers are sent in a moment.", messages.SUCCESS)
        if released < len(payable_ids):
            left = len(payable_ids) - released
            self.message_user(request, f"{left} were not waiting for anything and were left as they are.")

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, payable: Payable) -> str:
        return money(payable.amount_minor, payable.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, payable: Payable) -> SafeString:
        return _badge(payable.status, payable.get_status_display())

    @admin.display(description="waits for")
    def waits(self, payable: Payable) -> str | SafeString:
        """Why a released one has not been sent; empty for any other."""
        if payable.status != PayableStatus.RELEASED:
            return ""
        account: ConnectedAccount | None = getattr(payable.artisan, "connected_account", None)
        if account is None:
            return _badge("waiting", "the artisan has no connected account")
        if not account.transfers_enabled:
            return _badge("waiting", "the artisan's account can't receive yet")
        if payable.failure_code and payable.next_transfer_at is not None:
            again = timezone.localtime(payable.next_transfer_at).strftime("%d %b %H:%M")
            return _badge("refused", f"refused: {payable.failure_code}; tried again {again}")
        return "the next run"

    @admin.display(description="transfer")
    def shown_transfer(self, payable: Payable) -> str | SafeString:
        transfer: Transfer | None = getattr(payable, "transfer", None)
        return "none yet" if transfer is None else _links([(transfer, str(transfer), transfer.get_status_display())])

    @admin.display(description="ledger entries")
    def entries(self, payable: Payable) -> SafeString:
        return _entries(payable, getattr(payable, "transfer", None))


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "order", "artisan", "shown_amount", "badge", "processor_transfer_id", "created_at")
    list_filter = ("status", "currency", "processor", "created_at", "payable__artisan")
    list_select_related = ("payable__artisan",)
    search_fields = (
        "public_id", "processor_transfer_id", "destination_account_id", "payable__public_id",
        "payable__order_reference", "payable__seller_order_reference", "payable__artisan__name",
        "payable__artisan__public_id", "payable__source_charge_id",
    )  # fmt: skip
    date_hierarchy = "created_at"
    inlines: ClassVar = [TransferEventInline]
    fields = (
        "public_id", "badge", "shown_payable", "artisan", "order", "shown_amount", "destination_account_id",
        "processor", "processor_transfer_id", "attempt", "failure_code", "requests", "entries", "created_at",
        "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "shown_payable", "artisan", "order", "shown_amount", "requests", "entries")

    class Media:
        css = _STYLES

    @admin.display(description="order", ordering="payable__order_reference")
    def order(self, transfer: Transfer) -> str:
        return transfer.payable.order_reference

    @admin.display(description="artisan", ordering="payable__artisan__name")
    def artisan(self, transfer: Transfer) -> str:
        return transfer.payable.artisan.name

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, transfer: Transfer) -> str:
        return money(transfer.amount_minor, transfer.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, transfer: Transfer) -> SafeString:
        return _badge(transfer.status, transfer.get_status_display())

    @admin.display(description="payable")
    def shown_payable(self, transfer: Transfer) -> SafeString:
        return _links([(transfer.payable, str(transfer.payable), transfer.payable.get_status_display())])

    @admin.display(description="requests to the processor")
    def requests(self, transfer: Transfer) -> SafeString:
        made = ProcessorRequest.objects.filter(kind=RequestKind.TRANSFER, subject=transfer.public_id).order_by("id")
        return _links(
            (
                request,
                request.idempotency_key,
                f"{request.get_state_display()} {request.error_code}".strip(),
            )
            for request in made
        )

    @admin.display(description="ledger entries")
    def entries(self, transfer: Transfer) -> SafeString:
        return _entries(transfer.payable, transfer)


def _badge(name: str, words: str) -> SafeString:
    return format_html('<span class="payouts-badge payouts-badge--{}">{}</span>', name, words)


def _links(rows: Iterable[tuple[Model, str, str]]) -> SafeString:
    """One line per object: a link to its page, and a word on it."""
    return format_html_join(
        mark_safe("<br>"),
        '<a href="{}">{}</a>: {}',
        (
            (reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]), name, words)
            for row, name, words in rows
        ),
    )


def _entries(payable: Payable, transfer: Transfer | None) -> SafeString:
    found = (entry_by_source(reference) for reference in references_of(payable, transfer))
    return format_html_join(
        mark_safe("<br>"),
        '<a href="{}">{}</a>: {}',
        (
            (reverse("admin:ledger_journalentry_change", args=[entry.id]), entry.source_reference, entry.description)
            for entry in found
            if entry is not None
        ),
    )
