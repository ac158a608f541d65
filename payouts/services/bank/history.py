"""Transitions of payouts to banks with their history rows, for rows that the caller has locked."""

import datetime as dt

from common import context
from payouts.enums import BankPayoutEdge
from payouts.models import BankPayout, BankPayoutEvent
from payouts.services.history import NOTE_LENGTH
from payouts.transitions import bank_payout_after


def move_bank_payout(
    bank_payout: BankPayout, edge: BankPayoutEdge, *, now: dt.datetime, note: str = "", **values: object
) -> None:
    """Takes one attempt along an edge. Raises TransitionRefused."""
    work = context.current()
    target = bank_payout_after(bank_payout.status, edge)
    previous, wanted = bank_payout.status, {"status": target, "updated_at": now, **values}
    for name, value in wanted.items():
        setattr(bank_payout, name, value)
    bank_payout.save(update_fields=list(wanted))
    BankPayoutEvent.objects.create(
        bank_payout=bank_payout, event=edge, from_status=previous, to_status=target, actor=work.actor,
        note=note[:NOTE_LENGTH], trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip
