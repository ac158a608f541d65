"""Disputes in Django admin: those that are due first, what is at stake, the answer, the history, the journals."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from ledger.selectors import entry_by_source
from orders.admin.dispute_answer import answer_page
from orders.selectors.disputes import allocations_of, order_of
from payments.models import Dispute, DisputeEvent, ProcessorRequest

_KINDS = (
    "dispute_opened", "dispute_fee", "dispute_held", "dispute_released", "dispute_won", "dispute_fee_returned",
    "dispute_lost", "dispute_regained",
)  # fmt: skip
_MOST_OF_A_KIND = 9


class DisputeEventInline(ReadOnlyInline):
    model = DisputeEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "source", "trace_id")
    ordering = ("id",)
    verbose_name_plural = "history"


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id", "due", "status", "shown_amount", "reason", "liability", "order_reference", "processor",
        "opened_at",
    )  # fmt: skip
    list_filter = ("status", "reason", "liability", "processor", "currency", "opened_at")
    list_select_related = ("capture__payment",)
    search_fields = (
        "public_id", "processor_dispute_id", "capture__payment__order_reference", "capture__processor_charge_id",
    )  # fmt: skip
    inlines: ClassVar = [DisputeEventInline]
    fields = (
        "public_id", "status", "due", "order_reference", "processor", "processor_dispute_id", "reason",
        "processor_reason", "liability", "shown_amount", "shown_withdrawn", "shown_reinstated", "shown_lost",
        "shown_fee", "parts", "requests", "entries", "opened_at", "submitted_at", "closed_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "due", "order_reference", "shown_amount", "shown_withdrawn", "shown_reinstated", "shown_lost", "shown_fee",
        "parts", "requests", "entries",
    )  # fmt: skip
    change_form_template = "admin/orders/dispute/change_form.html"

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Open ones first, of these the ones that are due next."""
        return (F("closed_at").desc(nulls_first=True), F("evidence_due_at").asc(nulls_last=True), "-id")

    def get_urls(self) -> list[URLPattern]:
        answer = path(
            "<int:object_id>/answer/", self.admin_site.admin_view(answer_page), name="payments_dispute_answer"
        )
        return [answer, *super().get_urls()]

    @admin.display(description="answer due", ordering="evidence_due_at")
    def due(self, dispute: Dispute) -> str:
        if not dispute.can_be_answered or dispute.evidence_due_at is None:
            return "–"
        return f"{dispute.evidence_due_at:%d %b %Y %H:%M} UTC"

    @admin.display(description="order")
    def order_reference(self, dispute: Dispute) -> SafeString:
        order = order_of(dispute)
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:orders_order_change", args=[order.pk]), order.public_id
        )

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, dispute: Dispute) -> str:
        return money(dispute.amount_minor, dispute.currency)

    @admin.display(description="withdrawn")
    def shown_withdrawn(self, dispute: Dispute) -> str:
        return money(dispute.withdrawn_minor, dispute.currency)

    @admin.display(description="given back")
    def shown_reinstated(self, dispute: Dispute) -> str:
        return money(dispute.reinstated_minor, dispute.currency)

    @admin.display(description="lost")
    def shown_lost(self, dispute: Dispute) -> str:
        return money(dispute.lost_minor, dispute.currency)

    @admin.display(description="fee")
    def shown_fee(self, dispute: Dispute) -> str:
        return money(dispute.fee_minor, dispute.currency)

    @admin.display(description="at stake")
    def parts(self, dispute: Dispute) -> SafeString | str:
        rows = [
            (
                row.seller_order.artisan.name if row.seller_order is not None else "late payment",
                money(row.amount_minor, row.currency),
                money(row.share_minor, row.currency),
                money(row.commission_minor, row.currency),
                "undecided" if row.lost_at is None and row.left_minor else "lost" if row.left_minor else "given back",
                money(row.returned_share_minor, row.currency),
            )
            for row in allocations_of(dispute)
        ]
        line = "{}: {} (share {}, commission {}), {}; the artisan has {} of the share back"
        return format_html_join(mark_safe("<br>"), line, rows) or "nothing is kept back"

    @admin.display(description="answers to the processor")
    def requests(self, dispute: Dispute) -> str:
        made = ProcessorRequest.objects.filter(subject=dispute.public_id).order_by("id")
        return "; ".join(f"{row.kind} #{row.attempt}: {row.state} {row.error_code}".strip() for row in made) or "–"

    @admin.display(description="ledger entries")
    def entries(self, dispute: Dispute) -> SafeString:
        names = [
            f"{kind}:{dispute.public_id}" + (f":{number}" if number > 1 else "")
            for kind in _KINDS
            for number in range(1, _MOST_OF_A_KIND + 1)
        ]
        found = (entry for entry in map(entry_by_source, names) if entry is not None)
        rows = (
            (reverse("admin:ledger_journalentry_change", args=[entry.id]), entry.source_reference)
            for entry in sorted(found, key=lambda entry: entry.id)
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', rows)
