"""How artisans are paid, in Django admin: terms, pauses, and the switch. Each button is one call of a use case."""

import calendar
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from catalog.models import Artisan
from common.admin_display import ReadOnlyAdmin, money
from common.clock import now
from common.errors import DomainError
from common.money import Money, exponent
from payouts import services
from payouts.admin.display import STYLES, at, badge_of, links_to, person
from payouts.admin.pay_now import pay_artisan_page
from payouts.contracts import PolicyTerms, WhyNotPaid
from payouts.enums import PayoutSchedule
from payouts.models import ConnectedAccount, PayoutPolicy, PayoutSwitch, PolicyEvent
from payouts.models.policy import MOST_HOLD_DAYS, MOST_RESERVE_BPS, MOST_RESERVE_DAYS
from payouts.selectors import all_paused, policy_seen, why_not_paid

_WEEKDAYS = list(enumerate(calendar.day_name))
_MAY_CHANGE, _MAY_PAUSE = "payouts.change_payoutpolicy", "payouts.pause_payouts"


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}))


class TurnForm(ReasonForm):
    """`act` says what the page offered: a page that is out of date never turns a switch the other way."""

    act = forms.ChoiceField(choices=[("pause", "pause"), ("resume", "resume")], widget=forms.HiddenInput)


class TermsForm(forms.Form):
    """The terms of one artisan; amounts in major units, with the currency's digits."""

    hold_days = forms.IntegerField(
        min_value=0, max_value=MOST_HOLD_DAYS, label="Days on hold after delivery", help_text=f"0 to {MOST_HOLD_DAYS}."
    )
    schedule = forms.ChoiceField(choices=PayoutSchedule.choices, label="Paid")
    weekday = forms.TypedChoiceField(choices=_WEEKDAYS, coerce=int, label="Weekday, if once a week")
    month_day = forms.IntegerField(
        min_value=1,
        max_value=31,
        label="Day, if once a month",
        help_text="1 to 31; the last day where the month is shorter.",
    )
    reserve = forms.DecimalField(
        min_value=0,
        max_value=MOST_RESERVE_BPS // 100,
        max_digits=5,
        decimal_places=2,
        label="Reserve, per cent",
        help_text=f"Kept back of what is released, up to {MOST_RESERVE_BPS // 100}. 0: none.",
    )
    reserve_days = forms.IntegerField(
        min_value=0,
        max_value=MOST_RESERVE_DAYS,
        label="Reserve, for days",
        help_text=f"Until it is given back, up to {MOST_RESERVE_DAYS}. 0 if there is none.",
    )

    def __init__(self, artisan: Artisan, *args: Any, **kwargs: Any) -> None:
        terms, self._currency = policy_seen(artisan=artisan).terms, artisan.currency
        kwargs.setdefault(
            "initial",
            {
                "hold_days": terms.hold_days, "schedule": terms.schedule, "weekday": terms.weekday,
                "month_day": terms.month_day, "minimum": terms.minimum.major, "reserve_days": terms.reserve_days,
                "reserve": Decimal(terms.reserve_bps) / 100,
            },
        )  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["minimum"] = forms.DecimalField(
            min_value=0, max_digits=12, decimal_places=exponent(artisan.currency),
            label=f"Smallest payout, {artisan.currency}", help_text="Less is carried over to the next day. 0: none.",
        )  # fmt: skip

    def terms(self) -> PolicyTerms:
        """What was filled in; the form is valid."""
        data = self.cleaned_data
        return PolicyTerms(
            hold_days=data["hold_days"], schedule=PayoutSchedule(data["schedule"]), weekday=data["weekday"],
            month_day=data["month_day"],
            minimum=Money(int(data["minimum"].scaleb(exponent(self._currency))), self._currency),
            reserve_bps=int(data["reserve"] * 100), reserve_days=data["reserve_days"],
        )  # fmt: skip


def terms_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Changes the terms of one artisan."""
    policy = _policy(request, object_id, _MAY_CHANGE)
    form = TermsForm(policy.artisan, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_policy(artisan_id=policy.artisan_id, terms=form.terms(), now=now())
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, f"{policy.artisan.name} is paid by these terms from now on.")
            return _to_policy(policy)
    return _form_page(
        request, form, title=f"How {policy.artisan.name} is paid", button="Change the terms", row=policy,
        hint="What is held or kept back already stays as it is.",
    )  # fmt: skip


def pause_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Pauses the payouts to one artisan, or lets them go on."""
    policy = _policy(request, object_id, _MAY_PAUSE)
    is_paused, name = policy.paused_at is not None, policy.artisan.name

    def turn(how: str, reason: str) -> bool:
        act = services.resume_artisan if how == "resume" else services.pause_artisan
        return act(artisan_id=policy.artisan_id, reason=reason, now=now())

    done = _asked_why(request, turn, is_paused=is_paused, what=f"Payouts to {name}")
    if done is None:
        return _to_policy(policy)
    return _form_page(
        request, done, row=policy, title=f"Let payouts to {name} go on" if is_paused else f"Pause payouts to {name}",
        button="Let payouts go on" if is_paused else "Pause payouts",
        hint="The artisan gets a letter; the reason is for our own history."
        if is_paused
        else "The artisan gets a letter with this reason. Nothing is paid to them until somebody lets it go on.",
    )  # fmt: skip


def switch_page(request: HttpRequest) -> HttpResponse:
    """The switch for everybody: its state in large letters, and the button that turns it, with a reason."""
    if not request.user.has_perm("payouts.view_payoutswitch"):
        raise PermissionDenied
    may_turn = request.user.has_perm(_MAY_PAUSE)
    if request.method == "POST" and not may_turn:
        raise PermissionDenied
    switch = all_paused()

    def turn(how: str, reason: str) -> bool:
        act = services.resume_all if how == "resume" else services.pause_all
        return act(reason=reason, now=now())

    form = _asked_why(request, turn, is_paused=switch is not None, what="Payouts to everybody")
    if form is None:
        return HttpResponseRedirect(reverse("admin:payouts_payoutswitch_changelist"))
    context = {
        **admin.site.each_context(request),
        "title": "Payouts to everybody",
        "opts": PayoutSwitch._meta,
        "switch": switch,
        "form": form,
        "may_turn": may_turn,
        "paused_by": person(switch.paused_by) if switch is not None else "",
        "events": [told(event) for event in PolicyEvent.objects.filter(artisan__isnull=True).order_by("-id")[:20]],
        "media": forms.Media(css={"all": STYLES["all"]}),
    }
    return TemplateResponse(request, "admin/payouts/payoutswitch/switch.html", context)


def _asked_why(
    request: HttpRequest, turn: Callable[[str, str], bool], *, is_paused: bool, what: str
) -> TurnForm | None:
    """The form to show; None once it was filled in and it is done, or had been done by somebody else."""
    if request.method != "POST":
        return TurnForm(initial={"act": "resume" if is_paused else "pause"})
    form = TurnForm(request.POST)
    if not form.is_valid():
        return form
    how = form.cleaned_data["act"]
    state = "go on" if how == "resume" else "are paused"
    try:
        if turn(how, form.cleaned_data["reason"]):
            messages.success(request, f"{what} {state} from now on.")
        else:
            messages.warning(request, f"{what} {state} already; somebody was quicker. Nothing was changed.")
    except DomainError as refusal:
        form.add_error(None, refusal.detail)
        return form
    return None


def _policy(request: HttpRequest, object_id: int, permission: str) -> PayoutPolicy:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    policy = PayoutPolicy.objects.select_related("artisan").filter(id=object_id).first()
    if policy is None:
        raise Http404
    return policy


def _to_policy(policy: PayoutPolicy) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:payouts_payoutpolicy_change", args=[policy.pk]))


def _form_page(
    request: HttpRequest, form: forms.Form, *, title: str, button: str, hint: str, row: PayoutPolicy
) -> HttpResponse:
    context = {
        **admin.site.each_context(request), "title": title, "opts": PayoutPolicy._meta, "form": form, "hint": hint,
        "button": button, "row": row,
    }  # fmt: skip
    return TemplateResponse(request, "admin/payouts/payoutpolicy/form.html", context)


class PausedFilter(admin.SimpleListFilter):
    title = "payouts"
    parameter_name = "paused"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "paused"), ("no", "on")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PayoutPolicy]) -> QuerySet[PayoutPolicy]:
        wanted = {"yes": False, "no": True}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(paused_at__isnull=wanted)


@admin.register(PayoutPolicy)
class PayoutPolicyAdmin(ReadOnlyAdmin):
    list_display = (
        "artisan", "badge", "shown_schedule", "next_payout_date", "shown_hold", "shown_minimum", "shown_reserve",
    )  # fmt: skip
    list_filter = ("schedule", PausedFilter, "next_payout_date")
    list_select_related = ("artisan",)
    search_fields = ("artisan__name", "artisan__public_id")
    fields = (
        "artisan", "badge", "shown_pause", "reasons", "shown_schedule", "next_payout_date", "shown_hold",
        "shown_minimum", "shown_reserve", "account", "history", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "badge", "shown_pause", "reasons", "shown_schedule", "shown_hold", "shown_minimum", "shown_reserve", "account",
        "history",
    )  # fmt: skip
    change_form_template = "admin/payouts/payoutpolicy/change_form.html"

    class Media:
        css = STYLES

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:object_id>/terms/", page(terms_page), name="payouts_payoutpolicy_terms"),
            path("<int:object_id>/pause/", page(pause_page), name="payouts_payoutpolicy_pause"),
            path("<int:object_id>/pay-now/", page(pay_artisan_page), name="payouts_payoutpolicy_pay_now"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutPolicy]:
        found: QuerySet[PayoutPolicy] = super().get_queryset(request)
        return found.select_related("artisan")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        services.ensure_policies(now=now())
        return super().changelist_view(request, extra_context)

    @admin.display(description="payouts", ordering="paused_at")
    def badge(self, policy: PayoutPolicy) -> SafeString:
        return badge_of("waiting", "paused") if policy.paused_at else badge_of("succeeded", "on")

    @admin.display(description="pause")
    def shown_pause(self, policy: PayoutPolicy) -> str:
        if policy.paused_at is None:
            return "none"
        return f"since {at(policy.paused_at)} by {person(policy.paused_by)}: {policy.paused_reason}"

    @admin.display(description="why nothing is paid now")
    def reasons(self, policy: PayoutPolicy) -> str:
        return (
            "\n".join(in_words(why) for why in why_not_paid(artisan=policy.artisan, now=now())) or "the next run pays"
        )

    @admin.display(description="paid", ordering="schedule")
    def shown_schedule(self, policy: PayoutPolicy) -> str:
        match PayoutSchedule(policy.schedule):
            case PayoutSchedule.WEEKLY:
                return f"once a week, on {calendar.day_name[policy.weekday]}"
            case PayoutSchedule.MONTHLY:
                return f"once a month, on day {policy.month_day}"
            case schedule:
                return str(schedule.label)

    @admin.display(description="on hold", ordering="hold_days")
    def shown_hold(self, policy: PayoutPolicy) -> str:
        return f"{days(policy.hold_days)} after delivery"

    @admin.display(description="smallest payout", ordering="minimum_minor")
    def shown_minimum(self, policy: PayoutPolicy) -> str:
        return money(policy.minimum_minor, policy.artisan.currency) if policy.minimum_minor else "none"

    @admin.display(description="reserve", ordering="reserve_bps")
    def shown_reserve(self, policy: PayoutPolicy) -> str:
        return f"{policy.reserve_bps / 100:g} % for {days(policy.reserve_days)}" if policy.reserve_bps else "none"

    @admin.display(description="account at the processor")
    def account(self, policy: PayoutPolicy) -> str | SafeString:
        account = ConnectedAccount.objects.filter(artisan_id=policy.artisan_id).first()
        return "none" if account is None else links_to([(account, str(account), account.get_state_display())])

    @admin.display(description="history")
    def history(self, policy: PayoutPolicy) -> str:
        events = PolicyEvent.objects.filter(artisan_id=policy.artisan_id).select_related("artisan").order_by("-id")
        return "\n".join(told(event) for event in events[:20]) or "no changes"


_NAMES = {
    "hold_days": "days on hold",
    "schedule": "paid",
    "weekday": "weekday",
    "month_day": "day of the month",
    "minimum_minor": "smallest payout",
    "reserve_bps": "reserve",
    "reserve_days": "days of the reserve",
}


def told(event: PolicyEvent) -> str:
    """One change in one line."""
    what = str(event.get_event_display())
    if event.field:
        old, new = (_value(event, value) for value in (event.old_value, event.new_value))
        what = f"{_NAMES.get(event.field, event.field)}: {old} → {new}"
    return f"{at(event.occurred_at)}, {person(event.actor)}: {what}{f' ({event.reason})' if event.reason else ''}"


def _value(event: PolicyEvent, value: str) -> str:
    """As staff know it, with its unit; as it was written down where it is none that is known."""
    if event.field == "schedule" and value in PayoutSchedule:
        return str(PayoutSchedule(value).label)
    if not value.isdecimal():
        return value
    match event.field:
        case "weekday":
            return calendar.day_name[int(value) % 7]
        case "minimum_minor" if event.artisan is not None:
            return money(int(value), event.artisan.currency)
        case "reserve_bps":
            return f"{int(value) / 100:g} %"
    return value


def in_words(why: WhyNotPaid) -> str:
    """One reason with what is known about it."""
    words = str(why.reason.label)
    if why.released is not None and why.minimum is not None:
        words = f"{words}: {why.released} of {why.minimum}"
    if why.until is not None:
        words = f"{words}: {why.until:%d %b %Y}"
    return f"{words} ({why.note})" if why.note else words


def days(count: int) -> str:
    return f"{count} {'day' if count == 1 else 'days'}"


@admin.register(PayoutSwitch)
class PayoutSwitchAdmin(ReadOnlyAdmin):
    """One page: the switch."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return switch_page(request)
