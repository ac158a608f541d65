"""How artisans are paid, in Django admin: terms, pauses, and the switch. Each button is one call of a use case."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
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
from payouts.admin.display import STYLES, badge_of
from payouts.contracts import PolicyTerms
from payouts.enums import PayoutSchedule
from payouts.models import PayoutPolicy, PayoutSwitch, PolicyEvent
from payouts.models.policy import MOST_HOLD_DAYS, MOST_RESERVE_BPS, MOST_RESERVE_DAYS
from payouts.selectors import all_paused, policy_seen, why_not_paid

_WEEKDAYS = [(number, name) for number, name in enumerate(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])]
_MAY_CHANGE, _MAY_PAUSE = "payouts.change_payoutpolicy", "payouts.pause_payouts"


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}))


class TermsForm(forms.Form):
    """The terms of one artisan; amounts in major units, with the currency's digits."""

    hold_days = forms.IntegerField(min_value=0, max_value=MOST_HOLD_DAYS, label="Days on hold after delivery")
    schedule = forms.ChoiceField(choices=PayoutSchedule.choices, label="Paid")
    weekday = forms.TypedChoiceField(choices=_WEEKDAYS, coerce=int, label="On which day, if once a week")
    month_day = forms.IntegerField(min_value=1, max_value=31, label="On which day, if once a month")
    reserve = forms.DecimalField(
        min_value=0, max_value=MOST_RESERVE_BPS // 100, max_digits=5, decimal_places=2, label="Reserve, per cent"
    )
    reserve_days = forms.IntegerField(min_value=0, max_value=MOST_RESERVE_DAYS, label="Reserve, for days")

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
            label=f"Smallest payout, {artisan.currency}",
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
    is_paused = policy.paused_at is not None
    done = _asked_why(
        request,
        pause=lambda reason: services.pause_artisan(artisan_id=policy.artisan_id, reason=reason, now=now()),
        resume=lambda reason: services.resume_artisan(artisan_id=policy.artisan_id, reason=reason, now=now()),
    )
    if done is None:
        return _to_policy(policy)
    name = policy.artisan.name
    return _form_page(
        request, done, row=policy, title=f"Let payouts to {name} go on" if is_paused else f"Pause payouts to {name}",
        button="Let payouts go on" if is_paused else "Pause payouts", act="resume" if is_paused else "pause",
        hint="The artisan gets a letter." if is_paused else "The artisan gets a letter with this reason.",
    )  # fmt: skip


def switch_page(request: HttpRequest) -> HttpResponse:
    """The switch for everybody: its state in large letters, and the button that turns it, with a reason."""
    if not request.user.has_perm("payouts.view_payoutswitch"):
        raise PermissionDenied
    may_turn = request.user.has_perm(_MAY_PAUSE)
    if request.method == "POST" and not may_turn:
        raise PermissionDenied
    switch = all_paused()
    form = _asked_why(
        request,
        pause=lambda reason: services.pause_all(reason=reason, now=now()),
        resume=lambda reason: services.resume_all(reason=reason, now=now()),
    )
    if form is None:
        return HttpResponseRedirect(reverse("admin:payouts_payoutswitch_changelist"))
    context = {
        **admin.site.each_context(request),
        "title": "Payouts to everybody",
        "opts": PayoutSwitch._meta,
        "switch": switch,
        "form": form,
        "may_turn": may_turn,
        "events": PolicyEvent.objects.filter(artisan__isnull=True).order_by("-id")[:20],
        "media": forms.Media(css={"all": STYLES["all"]}),
    }
    return TemplateResponse(request, "admin/payouts/payoutswitch/switch.html", context)


def _asked_why(request: HttpRequest, **acts: Callable[[str], bool]) -> ReasonForm | None:
    """The form to show; None once it was filled in and the act is done.

    Which of the acts, says the page that was sent: after a second click, or somebody else's, what stands by now is not
    turned round. Each act says whether it changed anything.
    """
    form = ReasonForm(request.POST if request.method == "POST" else None)
    act = acts.get(request.POST.get("act", ""))
    if request.method == "POST" and act is not None and form.is_valid():
        try:
            is_done = act(form.cleaned_data["reason"])
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, "Done." if is_done else "It was so already.")
            return None
    return form


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
    request: HttpRequest, form: forms.Form, *, title: str, button: str, hint: str, row: PayoutPolicy, act: str = ""
) -> HttpResponse:
    context = {
        **admin.site.each_context(request), "title": title, "opts": PayoutPolicy._meta, "form": form, "hint": hint,
        "button": button, "row": row, "act": act,
    }  # fmt: skip
    return TemplateResponse(request, "admin/payouts/payoutpolicy/form.html", context)


@admin.register(PayoutPolicy)
class PayoutPolicyAdmin(ReadOnlyAdmin):
    list_display = (
        "artisan", "badge", "schedule", "next_payout_date", "hold_days", "shown_minimum", "shown_reserve",
    )  # fmt: skip
    list_filter = ("schedule", ("paused_at", admin.EmptyFieldListFilter), "next_payout_date")
    list_select_related = ("artisan",)
    search_fields = ("artisan__name", "artisan__public_id")
    fields = (
        "artisan", "badge", "paused_at", "paused_reason", "paused_by", "reasons", "hold_days", "schedule", "weekday",
        "month_day", "next_payout_date", "shown_minimum", "shown_reserve", "history", "updated_at",
    )  # fmt: skip
    readonly_fields = ("badge", "reasons", "shown_minimum", "shown_reserve", "history")
    change_form_template = "admin/payouts/payoutpolicy/change_form.html"

    class Media:
        css = STYLES

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:object_id>/terms/", page(terms_page), name="payouts_payoutpolicy_terms"),
            path("<int:object_id>/pause/", page(pause_page), name="payouts_payoutpolicy_pause"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        services.ensure_policies(now=now())
        return super().changelist_view(request, extra_context)

    @admin.display(description="state", ordering="paused_at")
    def badge(self, policy: PayoutPolicy) -> SafeString:
        return badge_of("waiting", "paused") if policy.paused_at else badge_of("succeeded", "paid")

    @admin.display(description="why nothing is paid now")
    def reasons(self, policy: PayoutPolicy) -> str:
        found = why_not_paid(artisan=policy.artisan, now=now())
        return "; ".join(str(why.reason.label) for why in found) or "the next run pays"

    @admin.display(description="smallest payout", ordering="minimum_minor")
    def shown_minimum(self, policy: PayoutPolicy) -> str:
        return money(policy.minimum_minor, policy.artisan.currency)

    @admin.display(description="reserve", ordering="reserve_bps")
    def shown_reserve(self, policy: PayoutPolicy) -> str:
        return f"{policy.reserve_bps / 100:g} % for {policy.reserve_days} days" if policy.reserve_bps else "none"

    @admin.display(description="history")
    def history(self, policy: PayoutPolicy) -> str:
        events = PolicyEvent.objects.filter(artisan_id=policy.artisan_id).order_by("-id")[:20]
        return "\n".join(told(event) for event in events) or "no changes"


def told(event: PolicyEvent) -> str:
    """One change in one line."""
    what = f"{event.field}: {event.old_value} -> {event.new_value}" if event.field else event.get_event_display()
    return f"{event.occurred_at:%Y-%m-%d %H:%M} {event.actor}: {what}{f' ({event.reason})' if event.reason else ''}"


@admin.register(PayoutSwitch)
class PayoutSwitchAdmin(ReadOnlyAdmin):
    """One page: the switch."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return switch_page(request)
