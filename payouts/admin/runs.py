"""Payout runs: how far each is, and why it stopped."""

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin
from payouts.admin.display import STYLES, badge_of
from payouts.models import PayoutRun


@admin.register(PayoutRun)
class PayoutRunAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "kind", "for_date", "artisan", "badge", "progress", "note", "created_at")
    list_filter = ("status", "kind", "for_date")
    list_select_related = ("artisan",)
    search_fields = ("public_id", "artisan__name", "artisan__public_id")
    date_hierarchy = "created_at"
    fields = (
        "public_id", "badge", "kind", "for_date", "artisan", "progress", "note", "started_by", "created_at",
        "updated_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("badge", "progress")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutRun]:
        found: QuerySet[PayoutRun] = super().get_queryset(request)
        return found.annotate(
            waiting=Count("payouts", filter=Q(payouts__status="requested")),
            refused=Count("payouts", filter=Q(payouts__status="refused")),
        )

    @admin.display(description="status", ordering="status")
    def badge(self, run: PayoutRun) -> SafeString:
        return badge_of(run.status, run.get_status_display())

    @admin.display(description="progress")
    def progress(self, run: PayoutRun) -> str:
        waiting, refused = getattr(run, "waiting", 0), getattr(run, "refused", 0)
        return f"{run.payout_count} payouts of {run.item_count} payables; {waiting} not through, {refused} refused"
