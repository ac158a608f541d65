"""End of the hold: the artisan's share becomes due."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from common import audit
from common.models import AuditRecord
from payouts.enums import PayableEdge, PayableStatus
from payouts.models import Payable
from payouts.services import books
from payouts.services.history import move_payables
from payouts.services.locking import lock_held_payables, lock_payables
from payouts.services.net import net_debts
from payouts.services.reserves import withhold
from payouts.services.turns import in_turns


def release_due(*, now: dt.datetime, limit: int = 200) -> int:
    """Releases held payables whose hold is over, with their journals, `limit` in a transaction; returns how many.

    What their artisans owe us is kept from them at once, and of the rest the reserve that their policies ask for.
    Payables that somebody else has in hand are left to the next run. Artisans who can't receive yet have theirs
    released too: it is theirs, and staff see it wait.
    """

    def step() -> int:
        with transaction.atomic():
            payables = lock_held_payables(now=now, limit=limit)
            if payables:
                _release(payables, PayableEdge.HOLD_OVER, now)
        return len(payables)

    return in_turns(step, chunk=limit)


def release_now(*, payable_ids: Sequence[int], now: dt.datetime) -> int:
    """By staff: ends the hold of these payables at once, or the pause after a refused transfer; returns how many.

    Payables in any other status are left alone. They are in the next run that pays their artisan. The caller has
    checked the permission `payouts.release_payable`.
    """
    with transaction.atomic():
        payables = lock_payables(payable_ids=payable_ids)
        held = [payable for payable in payables if payable.status == PayableStatus.HELD]
        pausing = [payable for payable in payables if _is_pausing(payable, now=now)]
        if held:
            _release(held, PayableEdge.RELEASED_EARLY, now)
        if pausing:
            Payable.objects.filter(id__in=[payable.id for payable in pausing]).update(
                next_transfer_at=now, updated_at=now
            )
            audit.record_all([_fact(payable, "payable.pause_ended", "release_now") for payable in pausing])
    return len(held) + len(pausing)


def _is_pausing(payable: Payable, *, now: dt.datetime) -> bool:
    """True while it waits for its next try, after a refused transfer."""
    again = payable.next_transfer_at
    return payable.status == PayableStatus.RELEASED and again is not None and again > now


def waits_for_release(payable: Payable, *, now: dt.datetime) -> bool:
    """True for what `release_now` would change."""
    return payable.status == PayableStatus.HELD or _is_pausing(payable, now=now)


def _release(payables: list[Payable], edge: PayableEdge, now: dt.datetime) -> None:
    move_payables(payables, edge, now=now, released_at=now, next_transfer_at=now)
    entries = [books.release_entry(payable, now=now) for payable in payables]
    audit.record_all([_fact(payable, "payable.released", f"release:{edge}") for payable in payables])
    # What is owed to us comes first: a reserve is kept of what would be paid out.
    entries += net_debts(payables, now=now).entries
    entries += withhold(payables, now=now)
    books.post(entries)


def _fact(payable: Payable, event_type: str, command: str) -> AuditRecord:
    return audit.entry(
        event_type=event_type, outcome="succeeded", subject=payable.public_id, amount=payable.left,
        artisan=payable.artisan.public_id, command=command,
    )  # fmt: skip
