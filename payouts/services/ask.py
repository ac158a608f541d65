"""A payout that an artisan asks for, who is paid when they ask."""

import datetime as dt

from django.db import transaction

from common import audit
from payouts.contracts import PayoutNotPossible
from payouts.enums import NotPaid, RunKind, RunStatus
from payouts.models import PayoutRun
from payouts.selectors import why_not_paid
from payouts.services.policies import lock_policy
from payouts.services.run import request_payout


def ask_for_payout(*, artisan_id: int, now: dt.datetime) -> PayoutRun:
    """By the artisan: a run for them alone, carried out right after commit, or by the schedule. Nothing is sent here.

    Asked again while it is under way: the same run. Two at once take turns at the policy's row, so there is one.
    Raises PayoutNotPossible, also for an artisan who has a schedule, UnknownArtisan, and NothingToPay where it is not
    yet the time to try again.
    """
    with (
        audit.refusals(event_type="payout_run.request_refused", command="ask_for_payout"),
        transaction.atomic(),
    ):
        policy = lock_policy(artisan_id=artisan_id, now=now)
        running = PayoutRun.objects.filter(artisan_id=artisan_id, kind=RunKind.ON_DEMAND, status=RunStatus.RUNNING)
        known = running.order_by("id").first()
        if known is not None:
            return known
        reasons = [why.reason for why in why_not_paid(artisan=policy.artisan, now=now)]
        if NotPaid.WAITS_FOR_REQUEST not in reasons:
            raise PayoutNotPossible("You are paid by a schedule, so a payout can't be asked for.")
        for reason in reasons:
            if reason != NotPaid.WAITS_FOR_REQUEST:
                raise PayoutNotPossible(f"You can't be paid at this moment: {reason.label}.")
        return request_payout(artisan_id=artisan_id, actor=f"artisan:{artisan_id}", now=now)
