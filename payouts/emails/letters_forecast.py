"""The letter to staff when the next scheduled run is not covered by what is available at Stripe."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from common import outbox
from common.letters import send_letter
from identity.models import User
from identity.selectors import staff_who_may
from payouts.services.forecast import CurrencyAhead, Forecast, forecast

_MAY_RUN = "payouts.start_payout_run"


def announce_uncovered_run(*, now: dt.datetime) -> int:
    """One message a day for each of staff who may start runs, if the next one is not covered. Not in a transaction.

    While everybody is paused there is no next one: it is about what will be missing once payouts go on. Returns how
    many currencies are short.
    """
    short = _short(forecast(now=now))
    if short:
        with transaction.atomic():
            for person in staff_who_may(_MAY_RUN):
                outbox.enqueue(
                    task="payouts.tasks.send_top_up_letter",
                    kwargs={"user_id": person.pk},
                    key=f"top-up:{now:%Y-%m-%d}:{person.pk}",
                )
    return len(short)


def send_top_up_letter(*, user_id: int, now: dt.datetime) -> None:
    """To one of staff: how much, in which currency, by when. Nothing, if it has been topped up meanwhile."""
    ahead = forecast(now=now)
    short = _short(ahead)
    if not short:
        return
    send_letter(
        "payouts/email/top_up",
        to=User.objects.get(id=user_id).email,
        subject=f"Please top up at Stripe{', before payouts go on' if ahead.paused_at else ''}: "
        + ", ".join(str(currency.to_cover.next_missing) for currency in short),
        context={
            "short": short,
            "paused_at": ahead.paused_at,
            "paused_reason": ahead.paused_reason,
            "admin_url": settings.SITE_URL + reverse("admin:payouts_forecast"),
        },
    )


def _short(ahead: Forecast) -> list[CurrencyAhead]:
    return [currency for currency in ahead.currencies if currency.to_cover.next_missing]
