"""Paid at once, by staff: one artisan or everybody, whatever the schedules say. A second press pays nothing more."""

import datetime as dt

from django.db import transaction

from common import audit
from payouts.contracts import NothingToPay, PayoutNotPossible
from payouts.enums import RunStatus
from payouts.models import PayoutRun
from payouts.selectors import newest_run, pays_now, why_not_paid
from payouts.services.pauses import lock_switch
from payouts.services.policies import lock_policy
from payouts.services.run import request_payout


def pay_artisan_now(*, artisan_id: int, after: str, actor: str, now: dt.datetime) -> PayoutRun:
    """A run for this artisan alone, carried out right after commit, or by the schedule. Nothing is sent here.

    `after` is the artisan's newest run when the page was made on which staff confirm (empty for none): pressed twice,
    also at once, it is the run of the first press. The caller has checked the permission `payouts.start_payout_run`. A
    pause, a smallest payout and an account that can't receive hold here too. Raises PayoutNotPossible with what stands
    in the way, and UnknownArtisan.
    """
    with (
        audit.refusals(event_type="payout_run.request_refused", command="pay_artisan_now"),
        transaction.atomic(),
    ):
        artisan = lock_policy(artisan_id=artisan_id, now=now).artisan
        known = _known(artisan_id, after)
        if known is not None:
            return known
        in_the_way = [why for why in why_not_paid(artisan=artisan, now=now) if not why.is_schedule]
        if not any(one.pays for one in pays_now(artisan=artisan, now=now)) or any(
            why.stops_everything for why in in_the_way
        ):
            words = "; ".join(str(why.reason.label) for why in in_the_way) or "all of it is kept for what is owed to us"
            raise PayoutNotPossible(f"{artisan.name} can't be paid now: {words}.")
        try:
            return request_payout(artisan_id=artisan_id, actor=actor, now=now)
        except NothingToPay as refusal:
            # A run that took it has committed since it was looked at.
            raise PayoutNotPossible(f"{artisan.name} can't be paid now: nothing is released.") from refusal


def pay_everybody_now(*, after: str, actor: str, now: dt.datetime) -> PayoutRun:
    """A run for everybody who is due, as `pay_artisan_now`. Raises NothingToPay: nobody is due, or all are paused."""
    with (
        audit.refusals(event_type="payout_run.request_refused", command="pay_everybody_now"),
        transaction.atomic(),
    ):
        lock_switch(now)
        return _known(None, after) or request_payout(artisan_id=None, actor=actor, now=now)


def _known(artisan_id: int | None, after: str) -> PayoutRun | None:
    """A run that was asked for since, or that is under way."""
    newest = newest_run(artisan_id=artisan_id)
    if newest is not None and (newest.public_id != after or newest.status == RunStatus.RUNNING):
        return newest
    return None
