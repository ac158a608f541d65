"""Paid at once: a page that says what will be paid and what stands in the way, and one button."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from common.clock import now
from common.errors import DomainError
from payouts import services
from payouts.admin.confirm import desk_page
from payouts.models import PayoutPolicy, PayoutRun
from payouts.selectors import all_paused, artisans_due, newest_run, pays_now, why_not_paid
from payouts.services.run import MAY_START

_LONGEST = 40


def pay_artisan_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """One artisan, by the id of their policy; with the permission `payouts.start_payout_run`."""
    _check(request)
    policy = PayoutPolicy.objects.select_related("artisan").filter(id=object_id).first()
    if policy is None:
        raise Http404
    artisan = policy.artisan
    if request.method == "POST":
        back = reverse("admin:payouts_payoutpolicy_pay_now", args=[object_id])
        return _started(
            request,
            lambda after, actor: services.pay_artisan_now(
                artisan_id=artisan.pk, after=after, actor=actor, now=now()
            ),
            back,
        )  # fmt: skip
    amounts = pays_now(artisan=artisan, now=now())
    in_the_way = [why for why in why_not_paid(artisan=artisan, now=now()) if not why.is_schedule]
    return desk_page(
        request,
        "admin/payouts/payoutpolicy/pay_now.html",
        PayoutPolicy,
        title=f"Pay {artisan.name} now",
        row=policy,
        amounts=amounts,
        in_the_way=in_the_way,
        may_be_paid=any(one.pays for one in amounts) and not any(why.stops_everything for why in in_the_way),
        newest=newest_run(artisan_id=artisan.pk),
    )


def pay_everybody_page(request: HttpRequest) -> HttpResponse:
    """Everybody who is due, whatever their schedules say; permission as above."""
    _check(request)
    if request.method == "POST":
        return _started(
            request,
            lambda after, actor: services.pay_everybody_now(after=after, actor=actor, now=now()),
            reverse("admin:payouts_payoutrun_start"),
        )
    switch, sums = all_paused(), artisans_due(now=now())
    return desk_page(
        request,
        "admin/payouts/payoutrun/start.html",
        PayoutRun,
        title="Pay everybody what is due now",
        switch=switch,
        sums=sums,
        may_be_paid=bool(sums) and switch is None,
        newest=newest_run(artisan_id=None),
    )


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_START):
        raise PermissionDenied


def _started(request: HttpRequest, pay: Callable[[str, str], PayoutRun], back: str) -> HttpResponse:
    """Pressed twice, both answers show the same run."""
    try:
        run = pay(request.POST.get("after", "")[:_LONGEST], f"staff:{request.user.pk}")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return HttpResponseRedirect(back)
    messages.success(request, f"Started: {run}. This page says how far it is; load it again in a moment.")
    if not request.user.has_perm("payouts.view_payoutrun"):
        return HttpResponseRedirect(reverse("admin:index"))
    return HttpResponseRedirect(reverse("admin:payouts_payoutrun_change", args=[run.pk]))
