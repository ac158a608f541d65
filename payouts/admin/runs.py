"""Payout runs: how far each is, and why it stopped."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin
from common.clock import now
from common.errors import DomainError
from payouts import services
from payouts.admin.display import STYLES, badge_of
from payouts.enums import RunStatus
from payouts.models import PayoutRun
from payouts.services.run import MAY_START


def start_page(request: HttpRequest) -> HttpResponse:
    """The button above the list: pays everybody what is due now. POST only."""
    if not request.user.has_perm(MAY_START):
        raise PermissionDenied
    if request.method != "POST":
        raise Http404
    try:
        run = services.request_payout(artisan_id=None, actor=f"staff:{request.user.pk}", now=now())
        messages.success(request, f"{run} has started. This page tells how far it is.")
    except DomainError as refusal:
        messages.warning(request, refusal.title)
    return HttpResponseRedirect(reverse("admin:payouts_payoutrun_changelist"))


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
    actions = ("resume",)  # type: ignore[assignment]  # the base has none
    change_list_template = "admin/payouts/payoutrun/change_list.html"

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutRun]:
        found: QuerySet[PayoutRun] = super().get_queryset(request)
        return found.annotate(
            waiting=Count("payouts", filter=Q(payouts__status="requested")),
            refused=Count("payouts", filter=Q(payouts__status="refused")),
        )

    def get_urls(self) -> list[URLPattern]:
        return [
            path("start/", self.admin_site.admin_view(start_page), name="payouts_payoutrun_start"),
            *super().get_urls(),
        ]

    def has_start_permission(self, request: HttpRequest) -> bool:
        """Asked for by Django for the action below."""
        return request.user.has_perm(MAY_START)

    @admin.action(permissions=["start"], description="Resume (after the balance was topped up, or a pause)")
    def resume(self, request: HttpRequest, chosen: QuerySet[PayoutRun]) -> None:
        stopped = [run for run in chosen if run.status == RunStatus.PARTIAL]
        for run in stopped:
            services.resume_by_hand(run_reference=run.public_id, now=now())
        self.message_user(request, f"{len(stopped)} resumed.", messages.SUCCESS if stopped else messages.WARNING)

    @admin.display(description="status", ordering="status")
    def badge(self, run: PayoutRun) -> SafeString:
        return badge_of(run.status, run.get_status_display())

    @admin.display(description="progress")
    def progress(self, run: PayoutRun) -> str:
        waiting, refused = getattr(run, "waiting", 0), getattr(run, "refused", 0)
        return f"{run.payout_count} payouts of {run.item_count} payables; {waiting} not through, {refused} refused"
