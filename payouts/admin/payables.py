"""What artisans are owed. Nothing is changed here but the end of a hold, after a page that asks."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import Exists, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from payouts import services
from payouts.admin.confirm import Chosen, Question, agreed, asked, count_of, why_artisans_wait
from payouts.admin.display import STYLES, amount_of, at, badge_of, entries_of, links_to
from payouts.enums import PayableStatus
from payouts.models import ConnectedAccount, Payable, PayableEvent, PayoutPolicy, PayoutSwitch, ShareDebit
from payouts.services.books import references_of


class PayableEventInline(ReadOnlyInline):
    model = PayableEvent
    verbose_name_plural = "history"
    fields = (
        "occurred_at", "from_status", "event", "to_status", "shown_amount", "reference", "note", "actor", "trace_id",
    )  # fmt: skip
    readonly_fields = ("shown_amount",)
    shown_amount = amount_of("amount_minor", "amount", of="payable.currency")
    ordering = ("id",)


@admin.register(Payable)
class PayableAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id", "badge", "shown_left", "waits", "artisan", "order_reference", "shown_amount", "hold_until",
    )  # fmt: skip
    list_filter = ("status", "currency", "processor", "created_at")
    list_select_related = ("artisan__connected_account", "artisan__payout_policy")
    search_fields = (
        "public_id", "order_reference", "seller_order_reference", "artisan__name", "artisan__public_id",
        "source_charge_id", "payout_items__payout__public_id", "origin_reference",
    )  # fmt: skip
    date_hierarchy = "created_at"
    actions = ("release_now",)  # type: ignore[assignment]  # the base has none
    inlines: ClassVar = [PayableEventInline]
    fields = (
        "public_id", "badge", "waits", "artisan", "order_reference", "seller_order_reference", "origin_reference",
        "shown_amount", "shown_left", "debits", "hold_until", "released_at", "next_transfer_at",
        "transferred_at", "refusals", "failure_code", "payouts", "entries", "processor",
        "source_charge_id", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "waits", "shown_amount", "shown_left", "debits", "payouts", "entries")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payable]:
        found: QuerySet[Payable] = super().get_queryset(request)
        return found.annotate(all_are_paused=Exists(PayoutSwitch.objects.filter(paused_at__isnull=False)))

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Asked for by Django for the action below."""
        return request.user.has_perm("payouts.release_payable")

    @admin.action(permissions=["release"], description="Release now (ends the hold, or the pause after a refusal)")
    def release_now(self, request: HttpRequest, chosen: QuerySet[Payable]) -> TemplateResponse | None:
        """Asks first. The second time round it is done."""
        payables = list(chosen)
        question = _about_release(payables, now())
        if question.rows and not agreed(request, question):
            return asked(request, question)
        released = services.release_now(payable_ids=[payable.pk for payable in payables], now=now())
        if released:
            self.message_user(request, f"Released {released}. The next run pays them.", messages.SUCCESS)
        if released < len(payables):
            left = len(payables) - released
            self.message_user(request, f"{left} were not waiting for anything and were left as they are.")
        return None

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, payable: Payable) -> str:
        return money(payable.amount_minor, payable.currency)

    @admin.display(description="left of it")
    def shown_left(self, payable: Payable) -> str:
        return money(payable.left.amount_minor, payable.currency)

    @admin.display(description="taken from this part")
    def debits(self, payable: Payable) -> SafeString:
        """By refunds and disputes, from all payables of the part; what had left before is a debt."""
        taken = ShareDebit.objects.filter(seller_order_reference=payable.seller_order_reference).order_by("id")
        return links_to(
            (
                debit,
                debit.reference,
                f"{debit.amount}, given back {money(debit.credited_minor, debit.currency)}",
            )
            for debit in taken
        )

    @admin.display(description="status", ordering="status")
    def badge(self, payable: Payable) -> SafeString:
        return badge_of(payable.status, payable.get_status_display())

    @admin.display(description="waits for")
    def waits(self, payable: Payable) -> str | SafeString:
        """What keeps one on hold or from being sent; empty for any other."""
        if payable.status == PayableStatus.HELD and payable.hold_until is None:
            return badge_of("waiting", "the artisan to send the goods")
        if payable.status != PayableStatus.RELEASED:
            return ""
        account: ConnectedAccount | None = getattr(payable.artisan, "connected_account", None)
        if account is None:
            return badge_of("waiting", "the artisan has no connected account")
        if not account.transfers_enabled:
            return badge_of("waiting", "the artisan's account can't receive yet")
        policy: PayoutPolicy | None = getattr(payable.artisan, "payout_policy", None)
        if getattr(payable, "all_are_paused", False):
            return badge_of("waiting", "all payouts are paused")
        if policy is not None and policy.paused_at is not None:
            return badge_of("waiting", "payouts to the artisan are paused")
        if payable.failure_code and payable.next_transfer_at is not None:
            again = timezone.localtime(payable.next_transfer_at).strftime("%d %b %H:%M")
            return badge_of("refused", f"refused: {payable.failure_code}; tried again {again}")
        if policy is not None and policy.next_payout_date is None:
            return "the artisan or staff to ask for it"
        today = now().date()
        if policy is not None and policy.next_payout_date is not None and policy.next_payout_date > today:
            return f"the run of {policy.next_payout_date:%d %b %Y}"
        return "the next run"

    @admin.display(description="payouts")
    def payouts(self, payable: Payable) -> str | SafeString:
        """More than one where a transfer was refused."""
        items = payable.payout_items.select_related("payout").order_by("id")
        return links_to((one.payout, str(one.payout), one.payout.get_status_display()) for one in items) or "none yet"

    @admin.display(description="ledger entries")
    def entries(self, payable: Payable) -> SafeString:
        return entries_of(references_of(payable))


def _about_release(payables: Sequence[Payable], moment: dt.datetime) -> Question:
    rows = [payable for payable in payables if services.waits_for_release(payable, now=moment)]
    left = len(payables) - len(rows)
    return Question(
        action="release_now",
        title="Release shares now",
        button=f"Release {count_of(len(rows), 'share')} now",
        words="A hold that is not over ends now, and so does the pause after a refused transfer: the shares are due, "
        "and the next run that pays these artisans pays them. What an artisan owes us is kept of it first, and of the "
        "rest the reserve that their terms ask for. A hold does not begin again.",
        rows=[Chosen(row, row.artisan.name, [row.left], _how_it_waits(row)) for row in rows],
        left_alone=_left_alone(left),
        in_the_way=[*_goods_not_sent(rows), *why_artisans_wait(row.artisan_id for row in rows)],
    )


def _left_alone(left: int) -> str:
    if not left:
        return ""
    what = "waits for nothing that this ends, and stays as it is"
    if left > 1:
        what = "wait for nothing that this ends, and stay as they are"
    return f"{count_of(left, 'share')} of your choice {what}."


def _how_it_waits(payable: Payable) -> str:
    if payable.status == PayableStatus.RELEASED:
        return f"refused: {payable.failure_code}; tried again {at(payable.next_transfer_at)}"
    return f"on hold until {at(payable.hold_until)}" if payable.hold_until else "the goods are not sent yet"


def _goods_not_sent(payables: Sequence[Payable]) -> Iterator[str]:
    """Nothing stops it, but who presses should know."""
    unsent = [one for one in payables if one.status == PayableStatus.HELD and one.hold_until is None]
    if unsent:
        yield f"The goods of {count_of(len(unsent), 'share')} are not sent yet: released, they are paid all the same."
