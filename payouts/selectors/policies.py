"""Reads of how artisans are paid, and why one is not paid at this moment."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import F, Max, Min, Sum

from catalog.models import Artisan
from common.money import Money
from payouts.contracts import PolicySeen, PolicyTerms, WhyNotPaid
from payouts.enums import NotPaid, PayableStatus, PayoutSchedule
from payouts.models import ConnectedAccount, Payable, PayoutPolicy, PayoutSwitch


def all_paused() -> PayoutSwitch | None:
    """The switch while it stops all payouts, else None. One query."""
    return PayoutSwitch.objects.filter(id=1, paused_at__isnull=False).first()


def policy_seen(*, artisan: Artisan) -> PolicySeen:
    """How an artisan is paid; the shop's defaults for one who has no policy yet. One query."""
    policy = PayoutPolicy.objects.filter(artisan=artisan).first()
    if policy is None:
        policy = PayoutPolicy(artisan=artisan, hold_days=settings.HOLD_PERIOD.days)
    return PolicySeen(
        terms=PolicyTerms(
            hold_days=policy.hold_days, schedule=PayoutSchedule(policy.schedule), weekday=policy.weekday,
            month_day=policy.month_day, minimum=Money(policy.minimum_minor, artisan.currency),
            reserve_bps=policy.reserve_bps, reserve_days=policy.reserve_days,
        ),
        next_payout_date=policy.next_payout_date,
        is_paused=policy.paused_at is not None,
        paused_reason=policy.paused_reason,
    )  # fmt: skip


def why_not_paid(*, artisan: Artisan, now: dt.datetime) -> list[WhyNotPaid]:
    """Everything that stands between the artisan and a payout at this moment, the weightiest first.

    Empty: the next run pays. The smallest payout is in the currency of the artisan's shop; released shares in another
    one have none. Four queries.
    """
    return list(_reasons(artisan, now))


def _reasons(artisan: Artisan, now: dt.datetime) -> Iterator[WhyNotPaid]:
    switch = all_paused()
    if switch is not None:
        yield WhyNotPaid(NotPaid.ALL_PAUSED, note=switch.paused_reason)
    seen = policy_seen(artisan=artisan)
    if seen.is_paused:
        yield WhyNotPaid(NotPaid.PAUSED, note=seen.paused_reason)
    account = ConnectedAccount.objects.filter(artisan=artisan).first()
    if account is None:
        yield WhyNotPaid(NotPaid.NO_ACCOUNT)
    elif not account.transfers_enabled:
        yield WhyNotPaid(NotPaid.REQUIREMENTS_DUE)
    yield from _about_money(artisan, seen, now)
    if seen.terms.schedule == PayoutSchedule.MANUAL:
        yield WhyNotPaid(NotPaid.WAITS_FOR_REQUEST)
    elif seen.next_payout_date is not None and seen.next_payout_date > now.date():
        yield WhyNotPaid(NotPaid.WAITS_FOR_DATE, until=seen.next_payout_date)


def _about_money(artisan: Artisan, seen: PolicySeen, now: dt.datetime) -> Iterator[WhyNotPaid]:
    payables = Payable.objects.filter(artisan=artisan, status=PayableStatus.RELEASED)
    sums = list(
        payables.values_list("currency")
        .annotate(
            together=Sum(F("amount_minor") - F("debited_minor")),
            again=Min("next_transfer_at"),
            code=Max("failure_code"),
        )
        .order_by("currency")
    )
    if not sums:
        yield WhyNotPaid(NotPaid.NOTHING_RELEASED)
    for currency, together_minor, again, code in sums:
        released, minimum = Money(together_minor, currency), seen.terms.minimum
        if currency == minimum.currency and released < minimum:
            yield WhyNotPaid(NotPaid.BELOW_MINIMUM, released=released, minimum=minimum)
        elif again is not None and again > now:
            yield WhyNotPaid(NotPaid.REFUSED, note=code, released=released, until=again.date())
