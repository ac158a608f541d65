"""How each artisan is paid: made with the shop's defaults, changed by staff, the schedule also by the artisan."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from catalog.models import Artisan
from common import audit, context
from common.money import Money
from payouts.contracts import PolicyTerms, TermsRefused, UnknownArtisan
from payouts.enums import PayoutSchedule, PolicyEventKind
from payouts.models import PayoutPolicy, PolicyEvent
from payouts.models.policy import MOST_HOLD_DAYS, MOST_RESERVE_BPS, MOST_RESERVE_DAYS
from payouts.services.schedule import next_payout_date

_DAY = dt.timedelta(days=1)
_ENSURE = (
    "INSERT INTO payouts_payoutpolicy (artisan_id, hold_days, schedule, weekday, month_day, minimum_minor, reserve_bps,"
    " reserve_days, next_payout_date, paused_reason, paused_by, updated_at)"
    " SELECT artisan.id, %s, 'daily', 0, 1, 0, 0, 0, %s, '', '', %s FROM catalog_artisan artisan"
    " WHERE NOT EXISTS (SELECT 1 FROM payouts_payoutpolicy known WHERE known.artisan_id = artisan.id){only}"
    " ON CONFLICT (artisan_id) DO NOTHING"
)


def ensure_policies(*, now: dt.datetime, artisan_ids: Iterable[int] | None = None) -> int:
    """Gives every artisan without a policy (or those of these without one) the shop's defaults; returns how many.

    One statement. The defaults are the hold period of the settings, a payout every day, no minimum and no reserve.
    """
    params: list[Any] = [settings.HOLD_PERIOD.days, now.date(), now]
    if artisan_ids is not None:
        params.append(sorted(artisan_ids))
    with connection.cursor() as cursor:
        cursor.execute(_ENSURE.format(only="" if artisan_ids is None else " AND artisan.id = ANY(%s)"), params)
        return int(cursor.rowcount)


def policies_of(*, artisan_ids: Iterable[int], now: dt.datetime) -> Mapping[int, PayoutPolicy]:
    """The policies of these artisans by their ids; missing ones are made. One statement where none is missing."""
    wanted = set(artisan_ids)
    found = {policy.artisan_id: policy for policy in PayoutPolicy.objects.filter(artisan_id__in=sorted(wanted))}
    missing = wanted - found.keys()
    if missing:
        ensure_policies(now=now, artisan_ids=missing)
        made = PayoutPolicy.objects.filter(artisan_id__in=sorted(missing))
        found |= {policy.artisan_id: policy for policy in made}
    return found


def policy_of(*, artisan_id: int, now: dt.datetime) -> PayoutPolicy:
    """As `policies_of`, for one. Raises UnknownArtisan."""
    policies = policies_of(artisan_ids=[artisan_id], now=now)
    if artisan_id not in policies:
        raise UnknownArtisan()
    return policies[artisan_id]


def change_policy(*, artisan_id: int, terms: PolicyTerms, now: dt.datetime) -> PayoutPolicy:
    """By staff with the permission `payouts.change_payoutpolicy`, which the caller has checked.

    What is held or kept back already stays as it is: other hold days apply to parts that are sent or arrive from now
    on, another reserve to shares that are released from now on. Raises TermsRefused and UnknownArtisan.
    """
    with audit.refusals(event_type="payout_policy.change_refused", command="change_policy"), transaction.atomic():
        policy = lock_policy(artisan_id=artisan_id, now=now)
        _check(terms, policy)
        _apply(policy, terms, now)
    return policy


def choose_schedule(
    *, artisan_id: int, schedule: PayoutSchedule, weekday: int, month_day: int, minimum: Money, now: dt.datetime
) -> PayoutPolicy:
    """By the artisan: when they are paid and from which amount on; nothing else is theirs to choose.

    The caller has made sure that it is the artisan. Raises as `change_policy`.
    """
    with audit.refusals(event_type="payout_policy.change_refused", command="choose_schedule"), transaction.atomic():
        policy = lock_policy(artisan_id=artisan_id, now=now)
        terms = PolicyTerms(
            hold_days=policy.hold_days, schedule=schedule, weekday=weekday, month_day=month_day, minimum=minimum,
            reserve_bps=policy.reserve_bps, reserve_days=policy.reserve_days,
        )  # fmt: skip
        _check(terms, policy)
        _apply(policy, terms, now)
    return policy


def had_their_turn(
    *, policies: Iterable[PayoutPolicy], for_date: dt.date, now: dt.datetime, again: Collection[int] = ()
) -> None:
    """After a scheduled run for a day: sets the next payout date of policies that the caller has locked.

    Those whose date is later than that day already, and manual ones, stay as they are. The artisans `again` are due
    the day after, whatever their schedules. One statement.
    """
    moved = []
    for policy in policies:
        if policy.next_payout_date is not None and policy.next_payout_date <= for_date:
            tomorrow = for_date + _DAY if policy.artisan_id in again else None
            policy.next_payout_date, policy.updated_at = tomorrow or next_payout_date(policy, for_date), now
            moved.append(policy)
    if moved:
        PayoutPolicy.objects.bulk_update(moved, ["next_payout_date", "updated_at"])


def lock_policy(*, artisan_id: int, now: dt.datetime) -> PayoutPolicy:
    """The artisan's policy with its artisan, locked; made if it is missing. Raises UnknownArtisan."""
    policy_of(artisan_id=artisan_id, now=now)
    return (
        PayoutPolicy.objects.select_for_update(of=("self",)).select_related("artisan__owner").get(artisan_id=artisan_id)
    )


def note_change(
    artisan: Artisan | None,
    event: PolicyEventKind,
    *,
    now: dt.datetime,
    field: str = "",
    old: object = "",
    new: object = "",
    reason: str = "",
) -> PolicyEvent:
    """The history row and the audit row of one change; without an artisan it is about everybody."""
    work = context.current()
    values = f"{field}: {old} -> {new}" if field else "all payouts" if artisan is None else "payouts of one artisan"
    audit.record(
        event_type=f"payout_policy.{event}", outcome="succeeded",
        subject=artisan.public_id if artisan is not None else "everybody",
        artisan=artisan.public_id if artisan is not None else "", command=values[:80],
    )  # fmt: skip
    return PolicyEvent.objects.create(
        artisan=artisan, event=event, field=field, old_value=str(old), new_value=str(new), reason=reason,
        actor=work.actor, trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip


def _check(terms: PolicyTerms, policy: PayoutPolicy) -> None:
    bounds = {
        "days on hold": (terms.hold_days, 0, MOST_HOLD_DAYS),
        "weekday": (terms.weekday, 0, 6),
        "day of the month": (terms.month_day, 1, 31),
        "reserve in basis points": (terms.reserve_bps, 0, MOST_RESERVE_BPS),
        "reserve in days": (terms.reserve_days, 0, MOST_RESERVE_DAYS),
    }
    for name, (value, least, most) in bounds.items():
        if not least <= value <= most:
            raise TermsRefused(f"The {name} must be between {least} and {most}.")
    if bool(terms.reserve_bps) != bool(terms.reserve_days):
        raise TermsRefused("A reserve needs both a share and a number of days.")
    if terms.minimum.currency != policy.artisan.currency:
        raise TermsRefused(f"The smallest payout is in {policy.artisan.currency}.")
    if terms.minimum.amount_minor < 0:
        raise TermsRefused("The smallest payout can't be below zero.")


def _apply(policy: PayoutPolicy, terms: PolicyTerms, now: dt.datetime) -> None:
    values: dict[str, int | str] = {
        "hold_days": terms.hold_days,
        "schedule": terms.schedule.value,
        "weekday": terms.weekday,
        "month_day": terms.month_day,
        "minimum_minor": terms.minimum.amount_minor,
        "reserve_bps": terms.reserve_bps,
        "reserve_days": terms.reserve_days,
    }
    changed = {name: value for name, value in values.items() if getattr(policy, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        note_change(policy.artisan, PolicyEventKind.CHANGED, now=now, field=name, old=getattr(policy, name), new=value)
        setattr(policy, name, value)
    if changed.keys() & {"schedule", "weekday", "month_day"}:
        # Today counts: who is due today by the new schedule need not wait for its next turn.
        policy.next_payout_date = next_payout_date(policy, now.date() - _DAY)
    policy.updated_at = now
    policy.save(update_fields=[*changed, "next_payout_date", "updated_at"])
