"""What is kept back of artisans' shares. Nothing is changed here but the end of a reserve, after a page that asks."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from payouts import services
from payouts.admin.confirm import Chosen, Question, agreed, asked, count_of, why_artisans_wait
from payouts.admin.display import STYLES, amount_of, at, badge_of, entries_of, links_to
from payouts.enums import ReserveStatus
from payouts.models import Reserve, ReserveDebit, ReserveRelease
from payouts.services.books import reserve_released_reference, withheld_reference


class ReserveReleaseInline(ReadOnlyInline):
    model = ReserveRelease
    verbose_name_plural = "due again"
    fields = ("occurred_at", "shown_amount", "reason", "reference", "payable")
    readonly_fields = ("shown_amount",)
    shown_amount = amount_of("amount_minor", "amount", of="reserve.currency")
    ordering = ("id",)


class ReserveDebitInline(ReadOnlyInline):
    model = ReserveDebit
    verbose_name_plural = "taken for refunds and disputes, and put back"
    fields = ("occurred_at", "shown_amount", "reference", "debit")
    readonly_fields = ("shown_amount",)
    shown_amount = amount_of("amount_minor", "amount", of="reserve.currency")
    ordering = ("id",)


@admin.register(Reserve)
class ReserveAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "badge", "shown_left", "shown_amount", "artisan", "release_at", "created_at")
    list_filter = ("status", "currency", "release_at")
    list_select_related = ("artisan", "payable")
    search_fields = (
        "public_id", "artisan__name", "artisan__public_id", "payable__public_id", "payable__order_reference",
    )  # fmt: skip
    date_hierarchy = "created_at"
    actions = ("end_early",)  # type: ignore[assignment]  # the base has none
    inlines: ClassVar = [ReserveReleaseInline, ReserveDebitInline]
    fields = (
        "public_id", "badge", "artisan", "of", "shown_amount", "shown_left", "release_at", "entries", "created_at",
        "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "of", "shown_amount", "shown_left", "entries")

    class Media:
        css = STYLES

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Asked for by Django for the action below."""
        return request.user.has_perm("payouts.end_reserve")

    @admin.action(permissions=["end"], description="End now: what is kept back is due to the artisan")
    def end_early(self, request: HttpRequest, chosen: QuerySet[Reserve]) -> TemplateResponse | None:
        """Asks first. The second time round it is done."""
        reserves = list(chosen)
        question = _about_end(reserves)
        if question.rows and not agreed(request, question):
            return asked(request, question)
        ended = services.end_reserves(reserve_ids=[reserve.pk for reserve in reserves], now=now())
        if ended:
            self.message_user(request, f"Ended {ended}. It is paid with the next payout.", messages.SUCCESS)
        if ended < len(reserves):
            self.message_user(request, f"{len(reserves) - ended} had ended before.")
        return None

    @admin.display(description="kept back", ordering="amount_minor")
    def shown_amount(self, reserve: Reserve) -> str:
        return money(reserve.amount_minor, reserve.currency)

    @admin.display(description="left of it")
    def shown_left(self, reserve: Reserve) -> str:
        return money(reserve.left.amount_minor, reserve.currency)

    @admin.display(description="status", ordering="status")
    def badge(self, reserve: Reserve) -> SafeString:
        look = "waiting" if reserve.status == ReserveStatus.HELD else "succeeded"
        return badge_of(look, reserve.get_status_display() if reserve.status == ReserveStatus.HELD else "ended")

    @admin.display(description="of")
    def of(self, reserve: Reserve) -> SafeString:
        payable = reserve.payable
        return links_to([(payable, str(payable), f"{payable.amount} of {payable.order_reference}")])

    @admin.display(description="ledger entries")
    def entries(self, reserve: Reserve) -> SafeString:
        releases = reserve.releases.order_by("id")
        return entries_of([withheld_reference(reserve), *(reserve_released_reference(one) for one in releases)])


def _about_end(reserves: Sequence[Reserve]) -> Question:
    rows = [reserve for reserve in reserves if reserve.status == ReserveStatus.HELD]
    left = len(reserves) - len(rows)
    return Question(
        action="end_early",
        title="End reserves now",
        button=f"End {count_of(len(rows), 'reserve')} now",
        words="What is left of these reserves is due to the artisans at once and is paid with their next payout; what "
        "they owe us is kept of it before. It is no longer there for refunds and disputes, and does not come back.",
        rows=[Chosen(row, row.artisan.name, [row.left], f"kept back until {at(row.release_at)}") for row in rows],
        left_alone=f"{count_of(left, 'reserve')} of your choice ended before." if left else "",
        in_the_way=list(why_artisans_wait(row.artisan_id for row in rows)),
    )
