"""Transitions with their history rows, for rows that the caller has locked."""

import datetime as dt
from collections.abc import Sequence

from common import context
from payouts.enums import PayableEdge, TransferEdge
from payouts.models import Payable, PayableEvent, Transfer, TransferEvent
from payouts.transitions import payable_after, transfer_after

NOTE_LENGTH = 120


def move_payables(
    payables: Sequence[Payable], edge: PayableEdge, *, now: dt.datetime, note: str = "", **values: object
) -> None:
    """Takes payables along one edge and sets `values` on them: one UPDATE and one INSERT for all.

    `next_transfer_at` is cleared unless it is among the values. Raises TransitionRefused.
    """
    work = context.current()
    wanted = {"next_transfer_at": None, "updated_at": now, **values}
    rows = []
    for payable in payables:
        target = payable_after(payable.status, edge)
        rows.append(
            PayableEvent(
                payable=payable, event=edge, from_status=payable.status, to_status=target, actor=work.actor,
                note=note[:NOTE_LENGTH], trace_id=work.trace_id, occurred_at=now,
            )
        )  # fmt: skip
        wanted["status"] = target
        for name, value in wanted.items():
            setattr(payable, name, value)
    Payable.objects.filter(id__in=[payable.id for payable in payables]).update(**wanted)
    PayableEvent.objects.bulk_create(rows)


def move_transfer(
    transfer: Transfer, edge: TransferEdge, *, now: dt.datetime, note: str = "", **values: object
) -> None:
    """Takes one transfer along an edge. Raises TransitionRefused."""
    work = context.current()
    target = transfer_after(transfer.status, edge)
    previous, wanted = transfer.status, {"status": target, "updated_at": now, **values}
    for name, value in wanted.items():
        setattr(transfer, name, value)
    transfer.save(update_fields=list(wanted))
    TransferEvent.objects.create(
        transfer=transfer, event=edge, from_status=previous, to_status=target, attempt=transfer.attempt,
        actor=work.actor, note=note[:NOTE_LENGTH], trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip
