"""Payout runs: how far each is, and why it stopped."""

from collections.abc import Iterator, Sequence

from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, money
from common.clock import now
from common.money import Money
from payouts import services
from payouts.admin.confirm import Chosen, Question, agreed, asked, count_of
from payouts.admin.display import STYLES, badge_of, person
from payouts.admin.pay_now import pay_everybody_page
from payouts.enums import PayoutStatus, RunStatus
from payouts.models import Payout, PayoutRun
from payouts.selectors import all_paused
from payouts.services.run import MAY_START


@admin.register(PayoutRun)
class PayoutRunAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "badge", "shown_sums", "progress", "note", "whom", "kind", "created_at")
    list_filter = ("status", "kind", "for_date")
    list_select_related = ("artisan",)
    search_fields = ("public_id", "artisan__name", "artisan__public_id")
    date_hierarchy = "created_at"
    fields = (
        "public_id", "badge", "note", "shown_sums", "progress", "payouts", "kind", "for_date", "whom", "starter",
        "created_at", "updated_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("badge", "shown_sums", "progress", "payouts", "whom", "starter")
    actions = ("resume",)  # type: ignore[assignment]  # the base has none
    change_list_template = "admin/payouts/payoutrun/change_list.html"

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutRun]:
        found: QuerySet[PayoutRun] = super().get_queryset(request)
        return found.annotate(
            waiting=Count("payouts", filter=Q(payouts__status="requested")),
            refused=Count("payouts", filter=Q(payouts__status="refused")),
            sums=ArraySubquery(
                Payout.objects.filter(run=OuterRef("pk"))
                .exclude(status=PayoutStatus.REFUSED)
                .order_by("currency")
                .values("currency")
                .annotate(minor=Sum("amount_minor"))
                .values(sum=JSONObject(currency="currency", minor="minor"))
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        return [
            path("start/", self.admin_site.admin_view(pay_everybody_page), name="payouts_payoutrun_start"),
            *super().get_urls(),
        ]

    def has_start_permission(self, request: HttpRequest) -> bool:
        """Asked for by Django for the action below."""
        return request.user.has_perm(MAY_START)

    @admin.action(permissions=["start"], description="Resume (after the balance was topped up, or a pause)")
    def resume(self, request: HttpRequest, chosen: QuerySet[PayoutRun]) -> TemplateResponse | None:
        """Asks first. The second time round it is done."""
        stopped = [run for run in chosen if run.status == RunStatus.PARTIAL]
        question = _about_resuming(stopped, len(chosen) - len(stopped))
        if stopped and not agreed(request, question):
            return asked(request, question)
        for run in stopped:
            services.resume_by_hand(run_reference=run.public_id, now=now())
        if stopped:
            self.message_user(request, f"{len(stopped)} resumed: {', '.join(map(str, stopped))}.", messages.SUCCESS)
        if left := [run for run in chosen if run not in stopped]:
            words = f"{', '.join(map(str, left))}: not stopped, so there is nothing to resume."
            self.message_user(request, words, messages.WARNING)
        if stopped and all_paused() is not None:
            self.message_user(request, "All payouts are paused: they stop again at once.", messages.WARNING)
        return None

    @admin.display(description="status", ordering="status")
    def badge(self, run: PayoutRun) -> SafeString:
        return badge_of(run.status, run.get_status_display())

    @admin.display(description="progress")
    def progress(self, run: PayoutRun) -> str:
        waiting, refused = getattr(run, "waiting", 0), getattr(run, "refused", 0)
        made = f"{run.payout_count} {'payout' if run.payout_count == 1 else 'payouts'}"
        shares = f"{run.item_count} {'share' if run.item_count == 1 else 'shares'}"
        return f"{made} of {shares}; {waiting} not sent yet, {refused} refused"

    @admin.display(description="paid in it")
    def shown_sums(self, run: PayoutRun) -> str:
        """By currency, without what was refused."""
        return ", ".join(money(one["minor"], one["currency"]) for one in getattr(run, "sums", [])) or "nothing"

    @admin.display(description="payouts")
    def payouts(self, run: PayoutRun) -> SafeString:
        address = f"{reverse('admin:payouts_payout_changelist')}?run__id__exact={run.pk}"
        return format_html('<a href="{}">Payouts of this run</a>', address)

    @admin.display(description="for", ordering="artisan__name")
    def whom(self, run: PayoutRun) -> str:
        return run.artisan.name if run.artisan is not None else "everybody"

    @admin.display(description="started by")
    def starter(self, run: PayoutRun) -> str:
        return person(run.started_by)


def _about_resuming(stopped: Sequence[PayoutRun], left: int) -> Question:
    unsent: dict[int, list[Money]] = {run.pk: [] for run in stopped}
    waiting = Payout.objects.filter(run__in=stopped, status=PayoutStatus.REQUESTED)
    for run_id, currency, minor in waiting.values_list("run_id", "currency").annotate(Sum("amount_minor")).order_by():
        unsent[run_id].append(Money(minor, currency))
    return Question(
        action="resume",
        title="Resume payout runs",
        button=f"Resume {count_of(len(stopped), 'run')}",
        words="A worker goes on at once: it sends what is written down and was not sent yet, which is the amount here, "
        "and pays whoever else is due by then in such a run. Nobody is paid twice.",
        rows=[
            Chosen(run, run.artisan.name if run.artisan is not None else "everybody", unsent[run.pk], run.note)
            for run in stopped
        ],
        left_alone=f"{count_of(left, 'run')} of your choice did not stop, so there is nothing to resume."
        if left
        else "",
        in_the_way=list(_why_runs_stop_again(stopped)),
    )


def _why_runs_stop_again(stopped: Sequence[PayoutRun]) -> Iterator[str]:
    if (switch := all_paused()) is not None:
        yield f"Payouts to everybody are paused ({switch.paused_reason}): the runs stop again at once."
    if short := sorted({currency for run in stopped for currency in run.short_of}):
        yield f"Our balance at the processor was too low in {', '.join(short)}: if it still is, they stop again there."
