"""What an artisan will be paid next: what is available now, and what becomes so before the day of the payout."""

import datetime as dt
from collections import defaultdict

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum

from catalog.models import Artisan
from common.money import Money
from orders.contracts.next_payout import Expected, ExpectedItem, NextPayout
from payouts.contracts import PolicySeen
from payouts.enums import NotPaid, PayableStatus, PayoutSchedule, ReserveStatus, RunKind, RunStatus
from payouts.models import STILL_OWED, Payable, PayoutRun, Reserve, SellerDebt
from payouts.selectors import policy_seen, why_not_paid
from payouts.services import next_payout_date

_SHOWN = 20
# What time alone, or asking, takes away.
_PASSING = frozenset({NotPaid.WAITS_FOR_DATE, NotPaid.WAITS_FOR_REQUEST})
_LEFT = F("amount_minor") - F("debited_minor")


def next_payout(artisan: Artisan, *, now: dt.datetime) -> NextPayout:
    """Eleven queries over this artisan's rows that are open; seven more on a day whose run is over."""
    seen = policy_seen(artisan=artisan)
    why_not = tuple(why_not_paid(artisan=artisan, now=now))
    date, until = _when(artisan, seen, now)
    return NextPayout(
        terms=seen.terms,
        date=date,
        can_be_asked_for=date is None and all(why.reason in _PASSING for why in why_not),
        why_not=why_not,
        expected=tuple(_expected(artisan, seen, until)),
    )


def _when(artisan: Artisan, seen: PolicySeen, now: dt.datetime) -> tuple[dt.date | None, dt.datetime]:
    """The day on which money goes next, None where it is asked for, and up to when what becomes available is in it.

    A day stays the artisan's until its evening: after its run only what is there by the closing run is paid on it, to
    who has a policy. Where that is too little, or nothing, the next day of the schedule is the one.
    """
    today, due = now.date(), seen.next_payout_date
    if seen.terms.schedule == PayoutSchedule.MANUAL:
        return None, now
    over = set(
        PayoutRun.objects.filter(
            for_date=today, kind__in=(RunKind.SCHEDULED, RunKind.CLOSING), status=RunStatus.DONE
        ).values_list("kind", flat=True)
    )
    if not over or (due is not None and due > today):
        day = max(due or today, today)
        return day, max(_beginning_of(day), now)
    closes = max(_beginning_of(today) + dt.timedelta(hours=settings.PAYOUT_CLOSING_HOUR), now)
    is_open = due is not None and RunKind.CLOSING not in over
    if is_open and any(_is_enough(one, seen) for one in _expected(artisan, seen, closes)):
        return today, closes
    following = next_payout_date(seen.terms, today)
    return following, now if following is None else _beginning_of(following)


def _beginning_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _is_enough(one: Expected, seen: PolicySeen) -> bool:
    """Whether a run would pay it. The smallest payout is in one currency; in the others there is none."""
    minimum = seen.terms.minimum
    return bool(one.amount) and (one.currency != minimum.currency or one.amount >= minimum)


def _expected(artisan: Artisan, seen: PolicySeen, until: dt.datetime) -> list[Expected]:
    """By currency, the artisan's own first; nothing where nothing is or becomes available."""
    due = Payable.objects.filter(artisan=artisan).filter(
        Q(status=PayableStatus.RELEASED) | Q(status=PayableStatus.HELD, hold_until__lte=until)
    )
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for currency, status, minor in due.values_list("currency", "status").annotate(together=Sum(_LEFT)).order_by():
        sums[currency]["available" if status == PayableStatus.RELEASED else "coming"] += minor
    ending = Reserve.objects.filter(artisan=artisan, status=ReserveStatus.HELD, release_at__lte=until)
    for reserve in ending:
        sums[reserve.currency]["reserves_ending"] += reserve.left.amount_minor
    open_debts = SellerDebt.objects.filter(artisan=artisan).annotate(open=STILL_OWED).filter(open__gt=0)
    for currency, minor in open_debts.values_list("currency").annotate(together=Sum(STILL_OWED)).order_by():
        sums[currency]["debts"] += minor
    order = sorted(sums, key=lambda currency: (currency != artisan.currency, currency))
    found = [_in_currency(currency, sums[currency], seen, due.filter(currency=currency)) for currency in order]
    return [one for one in found if one.available or one.coming or one.reserves_ending]


def _in_currency(currency: str, sums: dict[str, int], seen: PolicySeen, due: "QuerySet[Payable]") -> Expected:
    available, coming, ending = (sums[name] for name in ("available", "coming", "reserves_ending"))
    # As when it is released: debts first, the reserve of what is left then.
    debts = min(sums["debts"], available + coming + ending)
    reserve = max(coming - max(debts - available - ending, 0), 0) * seen.terms.reserve_bps // 10_000
    first = list(due.order_by("-status", "hold_until", "id")[:_SHOWN])
    return Expected(
        currency=currency,
        available=Money(available, currency),
        coming=Money(coming, currency),
        reserves_ending=Money(ending, currency),
        reserve=Money(reserve, currency),
        debts=Money(debts, currency),
        amount=Money(available + coming + ending - reserve - debts, currency),
        items=tuple(
            ExpectedItem(
                part_reference=payable.seller_order_reference,
                amount=payable.left,
                is_available=payable.status == PayableStatus.RELEASED,
                hold_until=payable.hold_until,
            )
            for payable in first
        ),
        item_count=due.count(),
    )
