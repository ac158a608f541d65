"""Runs, statement lines and payouts to our bank: to be read, never changed."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from reconciliation.admin.start import bank_statement_page, start_page
from reconciliation.models import PlatformPayout, PlatformPayoutEvent, ReconciliationRun, StatementLine

STYLES = {"all": ("reconciliation/admin.css",)}


def badge(status: str, words: str) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', status, words)


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id", "shown_status", "period", "sources", "fetched", "added", "matched", "healed", "open_exceptions",
        "started_at",
    )  # fmt: skip
    list_filter = ("status", "started_by", "started_at")
    search_fields = ("public_id",)
    ordering = ("-id",)
    change_form_template = "admin/reconciliation/reconciliationrun/change_form.html"
    change_list_template = "admin/reconciliation/reconciliationrun/change_list.html"
    fields = (
        "public_id", "shown_status", "period", "sources", "started_by", "started_at", "finished_at", "fetched", "added",
        "matched", "healed", "open_exceptions", "error",
    )  # fmt: skip
    readonly_fields = ("shown_status", "period", "sources")

    class Media:
        css = STYLES

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("start/", page(require_POST(start_page)), name="reconciliation_reconciliationrun_start"),
            path("bank-statement/", page(bank_statement_page), name="reconciliation_reconciliationrun_bank"),
            *super().get_urls(),
        ]

    @admin.display(description="status", ordering="status")
    def shown_status(self, run: ReconciliationRun) -> SafeString:
        return badge(run.status, run.get_status_display())

    @admin.display(description="period", ordering="since")
    def period(self, run: ReconciliationRun) -> str:
        return f"{run.since:%d %b %Y %H:%M} – {run.until:%d %b %Y %H:%M} UTC"

    @admin.display(description="compared with")
    def sources(self, run: ReconciliationRun) -> str:
        return ", ".join(run.processors)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        tables = _tables(run) if run is not None else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tables": tables})


def _tables(run: ReconciliationRun) -> list[dict[str, Any]]:
    """What was printed at its end: one table for each source and currency."""
    tables = []
    for source, told in run.report.items():
        rows_of: dict[str, list[dict[str, Any]]] = {currency: [] for currency in told["opening"]}
        for row in told["kinds"]:
            rows_of.setdefault(row["currency"], []).append(row)
        for currency, rows in sorted(rows_of.items()):
            opening = told["opening"].get(currency, 0)
            tables.append({
                "title": f"{source} {currency}",
                "rows": [
                    {
                        "kind": row["kind"].replace("_", " "), "lines": row["lines"],
                        "gross": money(row["gross_minor"], currency), "fee": money(row["fee_minor"], currency),
                        "net": money(row["net_minor"], currency), "booked": money(row["booked_minor"], currency),
                        "differs": row["net_minor"] != row["booked_minor"],
                    }
                    for row in rows
                ],
                "opening": money(opening, currency),
                "closing": money(opening + sum(row["net_minor"] for row in rows), currency),
                "booked": money(opening + sum(row["booked_minor"] for row in rows), currency),
            })  # fmt: skip
        if told["healed"] or told["in_flight"]:
            tables.append({"title": f"{source}: notices", "healed": told["healed"], "in_flight": told["in_flight"]})
    return tables


@admin.register(StatementLine)
class StatementLineAdmin(ReadOnlyAdmin):
    list_display = (
        "external_id", "source", "kind", "shown_gross", "shown_fee", "shown_net", "occurred_at", "subject_key",
        "raw_type",
    )  # fmt: skip
    list_filter = ("source", "kind", "currency", "occurred_at")
    search_fields = ("external_id", "subject_key", "related_id")
    search_help_text = "Ids of the movement or of what it is about: txn_, ch_, re_, tr_, po_, a PayPal transaction"
    ordering = ("-occurred_at", "-id")
    show_full_result_count = False
    readonly_fields = ("shown_gross", "shown_fee", "shown_net")
    fields = (
        "source", "external_id", "kind", "raw_type", "shown_gross", "shown_fee", "shown_net", "occurred_at",
        "available_on", "subject_key", "related_id", "payout_id", "description", "origin", "recorded_at",
    )  # fmt: skip

    @admin.display(description="gross", ordering="gross_minor")
    def shown_gross(self, line: StatementLine) -> str:
        return money(line.gross_minor, line.currency)

    @admin.display(description="fee", ordering="fee_minor")
    def shown_fee(self, line: StatementLine) -> str:
        return money(line.fee_minor, line.currency)

    @admin.display(description="net", ordering="net_minor")
    def shown_net(self, line: StatementLine) -> str:
        return money(line.net_minor, line.currency)


class PlatformPayoutEventInline(ReadOnlyInline):
    model = PlatformPayoutEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "trace_id")
    ordering = ("id",)
    verbose_name_plural = "history"


@admin.register(PlatformPayout)
class PlatformPayoutAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "processor", "shown_amount", "shown_status", "sent_at", "arrival_date", "bank_line")
    list_filter = ("status", "processor", "currency", "sent_at")
    search_fields = ("public_id", "processor_payout_id")
    ordering = ("-id",)
    inlines: ClassVar = [PlatformPayoutEventInline]
    readonly_fields = ("shown_amount", "shown_status")
    fields = (
        "public_id", "processor", "processor_payout_id", "shown_amount", "shown_status", "sent_at", "arrival_date",
        "bank_line", "failure_code", "updated_at",
    )  # fmt: skip

    class Media:
        css = STYLES

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, payout: PlatformPayout) -> str:
        return money(payout.amount_minor, payout.currency)

    @admin.display(description="status", ordering="status")
    def shown_status(self, payout: PlatformPayout) -> SafeString:
        return badge(payout.status, payout.get_status_display())
