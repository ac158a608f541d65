"""The instant stop: of payouts to one artisan, or to everybody. Runs look at both before they compose each payout."""

import datetime as dt

from django.db import transaction

from common import audit, context, outbox
from payouts.contracts import ReasonMissing
from payouts.enums import PolicyEventKind
from payouts.models import PayoutPolicy, PayoutSwitch, PolicyEvent
from payouts.services.policies import lock_policy, note_change

_REASON_LENGTH = 300


def pause_artisan(*, artisan_id: int, reason: str, now: dt.datetime) -> bool:
    """Nothing is paid to this artisan from now on; they get a letter with the reason. False if it was so already.

    What is on its way to the processor stays on its way; what is released waits. The caller has checked the
    permission `payouts.pause_payouts`. Raises ReasonMissing and UnknownArtisan.
    """
    with audit.refusals(event_type="payout_policy.pause_refused", command="pause_artisan"), transaction.atomic():
        words = _checked(reason)
        policy = lock_policy(artisan_id=artisan_id, now=now)
        if policy.paused_at is not None:
            return False
        _set(policy, now, paused_at=now, reason=words, by=context.current().actor)
        _tell(note_change(policy.artisan, PolicyEventKind.PAUSED, now=now, reason=words))
    return True


def resume_artisan(*, artisan_id: int, reason: str, now: dt.datetime) -> bool:
    """Payouts to this artisan go on with the next run; they are told. False if they were not paused.

    Permission and errors as of `pause_artisan`. The reason is for our own history.
    """
    with audit.refusals(event_type="payout_policy.resume_refused", command="resume_artisan"), transaction.atomic():
        words = _checked(reason)
        policy = lock_policy(artisan_id=artisan_id, now=now)
        if policy.paused_at is None:
            return False
        _set(policy, now, paused_at=None, reason="", by="")
        _tell(note_change(policy.artisan, PolicyEventKind.RESUMED, now=now, reason=words))
    return True


def pause_all(*, reason: str, now: dt.datetime) -> bool:
    """Nothing is paid to anybody from now on, also by a run that is under way. False if it was so already.

    Permission and errors as of `pause_artisan`.
    """
    with audit.refusals(event_type="payout_policy.pause_refused", command="pause_all"), transaction.atomic():
        words = _checked(reason)
        switch = lock_switch(now)
        if switch.paused_at is not None:
            return False
        _set(switch, now, paused_at=now, reason=words, by=context.current().actor)
        note_change(None, PolicyEventKind.PAUSED, now=now, reason=words)
    return True


def resume_all(*, reason: str, now: dt.datetime) -> bool:
    """Payouts go on, but for artisans who are paused themselves. False if they were not paused."""
    with audit.refusals(event_type="payout_policy.resume_refused", command="resume_all"), transaction.atomic():
        words = _checked(reason)
        switch = lock_switch(now)
        if switch.paused_at is None:
            return False
        _set(switch, now, paused_at=None, reason="", by="")
        note_change(None, PolicyEventKind.RESUMED, now=now, reason=words)
    return True


def lock_pauses() -> bool:
    """For a run, in the transaction in which it composes: whether everybody is paused.

    The switch is share-locked until the transaction ends, so that after `pause_all` has returned nothing is composed
    any more by a run that had looked before. Where nobody has ever used the switch there is no row, and no pause.
    """
    switch = PayoutSwitch.objects.raw("SELECT * FROM payouts_payoutswitch WHERE id = 1 FOR SHARE")
    return any(row.paused_at is not None for row in switch)


def _checked(reason: str) -> str:
    words = " ".join(reason.split())
    if not 0 < len(words) <= _REASON_LENGTH:
        raise ReasonMissing()
    return words


def lock_switch(now: dt.datetime) -> PayoutSwitch:
    """The one row, made if it is missing, locked: who turns it and who starts a run for everybody take turns."""
    PayoutSwitch.objects.bulk_create([PayoutSwitch(id=1, updated_at=now)], ignore_conflicts=True)
    return PayoutSwitch.objects.select_for_update().get(id=1)


def _set(
    row: PayoutPolicy | PayoutSwitch, now: dt.datetime, *, paused_at: dt.datetime | None, reason: str, by: str
) -> None:
    row.paused_at, row.paused_reason, row.paused_by, row.updated_at = paused_at, reason, by, now
    row.save(update_fields=["paused_at", "paused_reason", "paused_by", "updated_at"])


def _tell(event: PolicyEvent) -> None:
    outbox.enqueue(
        task="payouts.tasks.send_pause_letter",
        kwargs={"policy_event_id": event.pk},
        key=f"payout-pause:{event.pk}",
    )
